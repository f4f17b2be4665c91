import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, hkdfSync, randomBytes, sign } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { call, newPerson, sendJson } from '../../test/helpers/client.ts';
import { createMovingClock } from '../../test/helpers/moving-clock.ts';
import { startService } from '../../test/helpers/service.ts';
import { createAccessTokens } from './tokens.ts';

const SECRET_KEY = randomBytes(48).toString('base64url');
const clock = createMovingClock();
const service = await startService({ SECRET_KEY, ...clock.env });
after(() => service.stop());
const person = await newPerson(service.url);
const [header, payload, signature] = person.accessToken
  .split('.')
  .map((part, index) => (index === 2 ? part : JSON.parse(Buffer.from(part, 'base64url').toString()))) as [
  Record<string, unknown>,
  Record<string, unknown>,
  string,
];

/** The key that the service signs with, as docs/security.md describes it. */
const key = Buffer.from(hkdfSync('sha256', SECRET_KEY, '', 'intakt access tokens v1', 32));
const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
const sealed = (head: object, claims: object, secret: Buffer = key, hash = 'sha256'): string => {
  const signed = `${encode(head)}.${encode(claims)}`;
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`;
};
const ask = (token: string) => call(`${service.url}/users/me`, { headers: { authorization: `Bearer ${token}` } });
const without = (object: Record<string, unknown>, name: string) =>
  Object.fromEntries(Object.entries(object).filter(([other]) => other !== name));

test('a token that this test signs itself is taken: the attacks below fail for what they change, and nothing else', async () => {
  assert.equal((await ask(sealed(header, payload))).status, 200);
});

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const asRs256 = () => {
  const signed = `${encode({ ...header, alg: 'RS256' })}.${encode(payload)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), rsa.privateKey).toString('base64url')}`;
};
const publicPem = Buffer.from(rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString());
const jwk = rsa.publicKey.export({ format: 'jwk' });
const symmetric = { kty: 'oct', k: Buffer.alloc(32, 1).toString('base64url') };
const own = Buffer.alloc(32, 1);

const ATTACKS: [what: string, token: () => string][] = [
  ['alg none, without a signature', () => `${encode({ ...header, alg: 'none' })}.${encode(payload)}.`],
  ['alg None in another case', () => `${encode({ ...header, alg: 'nOnE' })}.${encode(payload)}.`],
  [
    'alg none with the signature of before',
    () => `${encode({ ...header, alg: 'none' })}.${encode(payload)}.${signature}`,
  ],
  ['no alg', () => sealed(without(header, 'alg'), payload)],
  ['HS512 in place of HS256', () => sealed({ ...header, alg: 'HS512' }, payload, key, 'sha512')],
  ['HS384 in place of HS256', () => sealed({ ...header, alg: 'HS384' }, payload, key, 'sha384')],
  ['RS256 signed with a key of the attacker', asRs256],
  ['HS256 with a public key as the secret', () => sealed(header, payload, publicPem)],
  ['an empty secret', () => sealed(header, payload, Buffer.alloc(0))],
  ['SECRET_KEY itself as the secret', () => sealed(header, payload, Buffer.from(SECRET_KEY))],
  ['a key that the token brings (jwk)', () => sealed({ ...header, jwk: symmetric }, payload, own)],
  ['a public key that the token brings (jwk)', () => sealed({ ...header, jwk }, payload, publicPem)],
  ['an address of keys (jku)', () => sealed({ ...header, jku: 'http://127.0.0.1:9/keys' }, payload, own)],
  ['an address of a certificate (x5u)', () => sealed({ ...header, x5u: 'http://127.0.0.1:9/cert' }, payload, own)],
  ['a kid that names a file', () => sealed({ ...header, kid: '../../../../dev/null' }, payload, Buffer.alloc(0))],
  ['a kid of SQL', () => sealed({ ...header, kid: "x' UNION SELECT 'a" }, payload, Buffer.from('a'))],
  ['a kid of the prototype', () => sealed({ ...header, kid: '__proto__' }, payload, Buffer.alloc(0))],
  ['a kid that is an object', () => sealed({ ...header, kid: { toString: 1 } }, payload)],
  ['no kid', () => sealed(without(header, 'kid'), payload)],
  ['a header that must be understood (crit)', () => sealed({ ...header, crit: ['exp'] }, payload)],
  ['no typ', () => sealed(without(header, 'typ'), payload)],
  ['another typ', () => sealed({ ...header, typ: 'JWT' }, payload)],
  ['an id token', () => sealed({ ...header, typ: 'id+jwt' }, payload)],
  ['another issuer', () => sealed(header, { ...payload, iss: 'https://attacker.example' })],
  ['no issuer', () => sealed(header, without(payload, 'iss'))],
  ['another audience', () => sealed(header, { ...payload, aud: 'other' })],
  ['no audience', () => sealed(header, without(payload, 'aud'))],
  ['no exp', () => sealed(header, without(payload, 'exp'))],
  ['an exp that is text', () => sealed(header, { ...payload, exp: '9999999999' })],
  ['an exp that is null', () => sealed(header, { ...payload, exp: null })],
  ['no iat', () => sealed(header, without(payload, 'iat'))],
  ['an nbf to come', () => sealed(header, { ...payload, nbf: Math.floor(Date.now() / 1000) + 3600 })],
  ['no session', () => sealed(header, without(payload, 'sid'))],
  ['a session that is a list', () => sealed(header, { ...payload, sid: [payload.sid] })],
  ['a session that nobody has', () => sealed(header, { ...payload, sid: '00000000-0000-4000-8000-000000000000' })],
  ['a changed claim', () => `${encode(header)}.${encode({ ...payload, role: 'admin' })}.${signature}`],
  ['a cut signature', () => person.accessToken.slice(0, -2)],
  ['no signature', () => person.accessToken.replace(/[^.]*$/, '')],
  ['a signature with spare bits', () => spareBits(person.accessToken)],
  ['a fourth part', () => `${person.accessToken}.x`],
  ['five parts, as of an encrypted token', () => 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..a.b.c'],
  ['the refresh token', () => person.refreshToken],
  ['ten thousand characters', () => sealed(header, { ...payload, filler: 'x'.repeat(7000) })],
  ['not JSON', () => `${Buffer.from('{').toString('base64url')}.${encode(payload)}.${signature}`],
];

/** The same bytes written otherwise: the last character of 32 bytes in base64url carries two bits that mean nothing. */
function spareBits(token: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(token.at(-1)!);
  return token.slice(0, -1) + alphabet[last ^ 1];
}

describe('an access token is refused', () => {
  for (const [what, token] of ATTACKS) {
    test(what, async () => {
      const { status, body, headers } = await ask(token());
      assert.equal(status, 401);
      assert.equal(body.code, 'unauthorized');
      assert.match(headers.get('www-authenticate')!, /error="invalid_token"/);
    });
  }

  test('when it has expired, and that is said', async () => {
    const other = await newPerson(service.url);
    clock.advance(31 * 60);
    const { status, body, headers } = await ask(other.accessToken);
    assert.equal(status, 401);
    assert.equal(body.code, 'token_expired');
    assert.match(headers.get('www-authenticate')!, /expired/);
  });

  test('when it stands where it must not: in the query, in a cookie, in the body', async () => {
    const { accessToken } = await newPerson(service.url);
    const url = `${service.url}/users/me`;
    assert.equal((await call(`${url}?access_token=${accessToken}`)).status, 401);
    assert.equal((await call(url, { headers: { cookie: `access_token=${accessToken}` } })).status, 401);
    assert.equal((await call(url, { headers: { authorization: `Basic ${accessToken}` } })).status, 401);
  });

  test('as a refresh token', async () => {
    const { accessToken } = await newPerson(service.url);
    const { status, body } = await sendJson(`${service.url}/auth/refresh`, 'POST', { refresh_token: accessToken });
    assert.deepEqual([status, body.code], [401, 'refresh_token_invalid']);
  });
});

describe('a signing key is rotated', () => {
  const [old, fresh] = [randomBytes(48).toString('base64url'), randomBytes(48).toString('base64url')];
  const claims = { sessionId: 's', subject: 'u', workspaceId: 'w' };

  test('by putting a new one before it: tokens of both are taken, new ones are signed with the new key', async () => {
    const before = createAccessTokens([old], 30, Date.now);
    const during = createAccessTokens([fresh, old], 30, Date.now);
    const after = createAccessTokens([fresh], 30, Date.now);
    const token = await before.issue(claims);
    assert.deepEqual(await during.verify(token), claims);
    assert.deepEqual(await after.verify(await during.issue(claims)), claims);
    await assert.rejects(after.verify(token), { code: 'unauthorized' });
  });
});
