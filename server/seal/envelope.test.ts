import assert from 'node:assert/strict';
import { createDecipheriv } from 'node:crypto';
import { test } from 'node:test';
import type { KeyContext } from '../core/key-context.ts';
import { deriveKey, newKey, unwrapKey, wrapKey, wrappingKey } from './envelope.ts';

const context: KeyContext = { kind: 'file', workspace: 'w1', id: 'f1' };

test('a wrapped key comes back under the same key and context', () => {
  const under = wrappingKey(newKey());
  const key = newKey();
  assert.deepEqual(unwrapKey(under, wrapKey(under, key, context), context), key);
});

test('a wrapped key has the documented form, which plain AES-256-GCM opens', () => {
  const secret = newKey();
  const key = newKey();
  const wrapped = Buffer.from(wrapKey(wrappingKey(secret), key, context));
  assert.equal(wrapped.length, 1 + 8 + 12 + 32 + 16);
  assert.equal(wrapped[0], 1);
  assert.deepEqual(wrapped.subarray(1, 9), Buffer.from(deriveKey(secret, 'key-id').subarray(0, 8)));
  const decipher = createDecipheriv('aes-256-gcm', secret, wrapped.subarray(9, 21));
  decipher.setAAD(Buffer.concat([wrapped.subarray(0, 9), Buffer.from('["file","w1","f1"]')]));
  decipher.setAuthTag(wrapped.subarray(-16));
  assert.deepEqual(Buffer.concat([decipher.update(wrapped.subarray(21, -16)), decipher.final()]), key);
});

test('a wrapped key opens for nothing but what it belongs to', () => {
  const under = wrappingKey(newKey());
  const wrapped = wrapKey(under, newKey(), context);
  const others: KeyContext[] = [
    { ...context, kind: 'dataset' },
    { ...context, workspace: 'w2' },
    { ...context, id: 'f2' },
    { kind: 'file', workspace: 'w1","f1', id: '' },
  ];
  for (const other of others) assert.throws(() => unwrapKey(under, wrapped, other), { code: 'data_corrupt' });
});

test('a wrapped key says when it was wrapped under another key', () => {
  const wrapped = wrapKey(wrappingKey(newKey()), newKey(), context);
  assert.throws(() => unwrapKey(wrappingKey(newKey()), wrapped, context), { code: 'key_invalid', message: /file f1/ });
});

test('a changed byte or a wrong length of a wrapped key is found', () => {
  const under = wrappingKey(newKey());
  const wrapped = wrapKey(under, newKey(), context);
  for (let i = 0; i < wrapped.length; i++) {
    const changed = Uint8Array.from(wrapped);
    changed[i]! ^= 1;
    assert.throws(() => unwrapKey(under, changed, context), {
      code: i >= 1 && i <= 8 ? 'key_invalid' : 'data_corrupt',
    });
    assert.throws(() => unwrapKey(under, wrapped.subarray(0, i), context), { code: 'data_corrupt' });
  }
});

test('derived keys are those of HKDF-SHA-256 and differ by purpose', () => {
  const key = Uint8Array.from({ length: 32 }, (_, i) => i);
  // Python cryptography: HKDF(SHA256(), 32, salt=None, info=b'intakt rows').derive(bytes(range(32)))
  assert.equal(
    Buffer.from(deriveKey(key, 'rows')).toString('hex'),
    '521103a08999396777e1c80714bbc960fc7043541ff26ad9d2bc05b4b3c8ea61',
  );
  assert.notDeepEqual(deriveKey(key, 'rows'), deriveKey(key, 'blind-index'));
});

test('a key of another size than 32 bytes is refused', () => {
  assert.throws(() => deriveKey(new Uint8Array(16), 'rows'), { code: 'key_invalid' });
  assert.throws(() => wrappingKey(new Uint8Array(31)), { code: 'key_invalid' });
});
