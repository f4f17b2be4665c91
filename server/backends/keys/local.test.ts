import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KeyContext } from '../../core/key-context.ts';
import { newKey } from '../../seal/envelope.ts';
import { createLocalRootKeys } from './local.ts';

const context: KeyContext = { kind: 'workspace', workspace: 'w1', id: 'w1' };

test('a key wrapped under an earlier root opens after a new root was put before it, and is no longer current', async () => {
  const [older, newer, key] = [newKey(), newKey(), newKey()];
  const before = createLocalRootKeys([older]);
  const wrapped = await before.wrap(key, context);
  assert.equal(before.isCurrent(wrapped), true);
  const after = createLocalRootKeys([newer, older]);
  assert.deepEqual(await after.unwrap(wrapped, context), key);
  assert.equal(after.isCurrent(wrapped), false);
  assert.equal(after.isCurrent(await after.wrap(key, context)), true);
});

test('a key under a root that is not there names the setting to mend', async () => {
  const wrapped = await createLocalRootKeys([newKey()]).wrap(newKey(), context);
  await assert.rejects(createLocalRootKeys([newKey()]).unwrap(wrapped, context), {
    code: 'key_invalid',
    message: /workspace w1.*ENCRYPTION_KEY/,
  });
});

test('a wrapped key does not open in another context, nor when it is no wrapped key', async () => {
  const root = createLocalRootKeys([newKey()]);
  const wrapped = await root.wrap(newKey(), context);
  await assert.rejects(root.unwrap(wrapped, { ...context, id: 'w2' }), { code: 'data_corrupt' });
  await assert.rejects(root.unwrap(new Uint8Array(3), context), { code: 'data_corrupt' });
});

test('no key at all, or one of the wrong size, is refused', () => {
  assert.throws(() => createLocalRootKeys([]), { code: 'config_invalid' });
  assert.throws(() => createLocalRootKeys([new Uint8Array(31)]), { code: 'key_invalid' });
});
