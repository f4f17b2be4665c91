import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { referenceToken } from '../../server/seal/fernet-reference.ts';
import { createOpener, IntaktError } from './client.ts';

const toKey = (bytes: Buffer) => bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
const isRefused = (code: string) => (error: unknown) => error instanceof IntaktError && error.code === code;

test('the token of the specification is opened with its key', async () => {
  const opener = await createOpener(['cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=']);
  const token = 'gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==';
  assert.equal(await opener.open(token), 'hello');
});

test('values of any length are opened, with whichever of the keys they were sealed', async () => {
  const keys = [randomBytes(32), randomBytes(32)];
  const opener = await createOpener(keys.map(toKey));
  for (const [n, value] of ['', 'x', '811345441619', 'é'.repeat(500), 'sixteen bytes ..'].entries()) {
    const token = referenceToken(keys[n % 2]!, { value: Buffer.from(value), time: 1 });
    assert.equal(await opener.open(token), value);
  }
});

test('a token that was changed, cut or sealed with another key, and what is none, are refused', async () => {
  const key = randomBytes(32);
  const opener = await createOpener([toKey(key)]);
  const token = referenceToken(key, { value: Buffer.from('secret'), time: 1 });
  const changed = `${token.slice(0, 40)}${token[40] === 'A' ? 'B' : 'A'}${token.slice(41)}`;
  const foreign = referenceToken(randomBytes(32), { value: Buffer.from('secret'), time: 1 });
  for (const wrong of [changed, token.slice(0, 96), foreign, '', 'gAAAAA', 'not base64 at all!'])
    await assert.rejects(opener.open(wrong), isRefused('token_invalid'), wrong);
  await assert.rejects(createOpener(['short']), isRefused('key_invalid'));
});
