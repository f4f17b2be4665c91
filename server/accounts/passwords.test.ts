import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createPasswords, SHORTEST, toCompare } from './passwords.ts';

const passwords = createPasswords(10);
const refused = (password: string, names: string[] = []) =>
  assert.rejects(passwords.hash(password, names), { code: 'weak_password' }, password);
const listed = readFileSync(new URL('./common-passwords.txt', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n');

test('the list has the 10,000 commonest passwords that are long enough, each once and as it is compared', () => {
  assert.equal(new Set(listed).size, 10_000);
  assert.deepEqual(listed, listed.map(toCompare));
  assert.ok(listed.every((password) => [...password].length >= SHORTEST));
});

test('each of the commonest passwords is refused, in whatever case and width', async () => {
  for (const password of listed) await refused(password);
  for (const password of ['PassWord', 'ｐａｓｓｗｏｒｄ', ' password ', 'QWERTYUIOP']) await refused(password);
});

test('a password that is a name of its owner is refused', async () => {
  await refused('Zoe.Mueller', ['zoe.mueller', 'zoe@example.org']);
  await refused('ZOE@example.org', ['zoe.mueller', 'zoe@example.org']);
});

test('nothing is asked of a password but its length: letters, digits, spaces and other scripts are all fine', async () => {
  for (const password of [
    'aaaabaaa',
    '84712093',
    'zwölf laute Lärchen',
    'पासवर्ड नहीं',
    '🐟🐠🐡🦈🐙🦑🦐🦞',
    'x'.repeat(72),
  ])
    assert.equal(await passwords.matches(password, await passwords.hash(password, [])), true, password);
});

test('a password of 64 characters and more is taken whole, and one over 72 bytes is refused and never cut', async () => {
  const long = 'n'.repeat(71);
  const stored = await passwords.hash(`${long}a`, []);
  assert.equal(await passwords.matches(`${long}b`, stored), false);
  assert.equal(await passwords.matches(`${long}ab`, stored), false);
  await refused(`${long}ab`);
  await refused('ä'.repeat(37));
  const [one, other] = ['a', 'b'].map((letter) => `${'k'.repeat(89)}${letter}${'k'.repeat(10)}`);
  await refused(one!);
  assert.equal(await passwords.matches(other!, stored), false);
});

test('a NUL in a password ends nothing', async () => {
  const stored = await passwords.hash('half\0 of it', []);
  assert.equal(await passwords.matches('half\0 of this', stored), false);
  assert.equal(await passwords.matches('half', stored), false);
});

test('a letter with its accent apart is the same as in one piece', async () => {
  const stored = await passwords.hash('Lärchenwald'.normalize('NFD'), []);
  assert.equal(await passwords.matches('Lärchenwald'.normalize('NFC'), stored), true);
});
