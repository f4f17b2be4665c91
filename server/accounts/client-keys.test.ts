import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashOfKey, isClientKey, newClientKey } from './client-keys.ts';

test('a new key has the form of one, and its hash and hint are its own', () => {
  const { key, hash, hint } = newClientKey();
  assert.match(key, /^ik_[\w-]{49}$/);
  assert.ok(isClientKey(key) && key.startsWith(hint));
  assert.equal(hash, hashOfKey(key));
  assert.ok(!hash.includes(key.slice(3, 20)));
});

test('a thousand keys are a thousand different keys', () => {
  assert.equal(new Set(Array.from({ length: 1000 }, () => newClientKey().key)).size, 1000);
});

test('a key with any one character changed is none', () => {
  const { key } = newClientKey();
  for (let at = 0; at < key.length; at++) {
    const other = key[at] === 'x' ? 'y' : 'x';
    assert.equal(isClientKey(key.slice(0, at) + other + key.slice(at + 1)), false, `character ${at}`);
  }
});

test('what only looks like a key is none', () => {
  for (const text of ['', 'ik_', `ik_${'A'.repeat(49)}`, `ik_${'é'.repeat(49)}`, `${newClientKey().key}A`]) {
    assert.equal(isClientKey(text), false);
  }
});
