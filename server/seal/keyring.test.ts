import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createSealer } from './create.ts';
import { createNodeSealer } from './fernet.ts';
import { createKeyring } from './keyring.ts';

const [NEW, OLD, OLDEST, FOREIGN] = Array.from({ length: 4 }, () => randomBytes(32)) as [
  Buffer,
  Buffer,
  Buffer,
  Buffer,
];

test('a keyring seals under its first key', () => {
  const tokens = createSealer([NEW, OLD]).seal(['a', 'b'], 0);
  assert.deepEqual(createNodeSealer(NEW).open(tokens), ['a', 'b']);
  assert.deepEqual(createNodeSealer(OLD).openEach(tokens), [null, null]);
});

test('a keyring opens a batch in which the tokens were sealed under different keys', () => {
  const keys = [NEW, OLD, OLDEST];
  const values = Array.from({ length: 100 }, (_, i) => `value ${i}`);
  const tokens = values.map((value, i) => createNodeSealer(keys[i % 3]!).seal([value], 0)[0]!);
  assert.deepEqual(createSealer(keys).open(tokens), values);
  assert.deepEqual(createKeyring(keys.map(createNodeSealer)).open(tokens), values);
});

test('a keyring names the first token that no key opens', () => {
  const tokens = [...createSealer([OLD]).seal(['a', 'b'], 0), ...createSealer([FOREIGN]).seal(['c'], 0)];
  assert.throws(() => createSealer([NEW, OLD]).open(tokens), { code: 'token_invalid', detail: /index 2 of 3/ });
});

test('a keyring without a key, or with a short one, is refused', () => {
  assert.throws(() => createSealer([]), { code: 'key_invalid' });
  assert.throws(() => createSealer([NEW, NEW.subarray(1)]), { code: 'key_invalid' });
});
