import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { type Authenticator, createAuthenticator, type Twist } from '../helpers/authenticator.ts';
import { noChromium, openPage } from '../helpers/chromium.ts';
import { type Answer, call, logIn, newAdmin, newPerson, type Person, sendJson } from '../helpers/client.ts';
import { createMovingClock } from '../helpers/moving-clock.ts';
import { startService } from '../helpers/service.ts';
import { totpCode } from '../helpers/totp.ts';

const ORIGIN = 'https://intakt.example.org';
const clock = createMovingClock();
const service = await startService({ ...clock.env, PUBLIC_URL: ORIGIN });
after(() => service.stop());
const base = `${service.url}/v1`;
const admin = await newAdmin({ ...service, url: base });

type Json = Record<string, string>;

const MINUTE = 60;
let ahead = 0;
function advance(seconds: number): void {
  ahead += seconds;
  clock.advance(seconds);
}

const post = (path: string, body: object = {}) => sendJson(base + path, 'POST', body);

async function addPasskey(person: Person, device: Authenticator, name = 'a key', twist: Twist = {}): Promise<Answer> {
  const { body, status, text } = await person.post('/users/me/passkeys/options');
  assert.equal(status, 200, text);
  return person.post('/users/me/passkeys', { name, response: device.create(body, twist) });
}

async function logInBy(device: Authenticator, twist: Twist = {}): Promise<Answer> {
  const { body } = await post('/auth/passkey/options');
  return post('/auth/passkey', { response: device.get(body, twist) });
}

async function withPasskey(name?: string) {
  const person = await newPerson(base);
  const device = createAuthenticator(ORIGIN);
  const added = await addPasskey(person, device, name);
  assert.equal(added.status, 201, added.text);
  return { person, device, passkeyId: added.body.passkey_id as string };
}

function refusedWith({ status, body }: Answer, code: string, expected = 401): void {
  assert.deepEqual([status, body.code], [expected, code], JSON.stringify(body));
}

describe('a passkey', () => {
  test('is a login by itself, without a name', async () => {
    const { person, device } = await withPasskey();
    const { body } = await logInBy(device);
    assert.deepEqual(Object.keys(body).sort(), ['access_token', 'expires_in', 'refresh_token', 'token_type']);
    const headers = { authorization: `Bearer ${body.access_token}` };
    assert.equal((await call(`${base}/users/me`, { headers })).body.user_id, person.userId);
    const { items } = (await call(`${base}/sessions`, { headers })).body;
    assert.deepEqual(items.find(({ current }: { current: boolean }) => current).methods, ['passkey']);
  });

  test('is asked for as a browser takes it: this site, discoverable, with a finger or a PIN', async () => {
    const person = await newPerson(base);
    const { body } = await person.post('/users/me/passkeys/options');
    assert.equal(body.rp.id, 'intakt.example.org');
    assert.equal(body.attestation, 'none');
    assert.equal(body.authenticatorSelection.residentKey, 'required');
    assert.equal(body.authenticatorSelection.userVerification, 'required');
    assert.match(body.challenge, /^[\w-]{43}$/);
    assert.doesNotMatch(Buffer.from(body.user.id, 'base64url').toString(), new RegExp(person.username));
    const login = (await post('/auth/passkey/options')).body;
    assert.equal(login.rpId, 'intakt.example.org');
    assert.equal(login.userVerification, 'required');
    assert.deepEqual(login.allowCredentials, []);
  });

  test('is listed, renamed and removed by its owner alone', async () => {
    const { person, device, passkeyId } = await withPasskey('phone');
    const other = await newPerson(base);
    const [listed] = (await person.get('/users/me/passkeys')).body.items;
    assert.deepEqual([listed.name, listed.last_used_at], ['phone', null]);
    assert.deepEqual((await other.get('/users/me/passkeys')).body.items, []);
    refusedWith(await other.patch(`/users/me/passkeys/${passkeyId}`, { name: 'mine' }), 'passkey_not_found', 404);
    refusedWith(await other.delete(`/users/me/passkeys/${passkeyId}`), 'passkey_not_found', 404);
    assert.equal((await person.patch(`/users/me/passkeys/${passkeyId}`, { name: 'old phone' })).body.name, 'old phone');
    await logInBy(device);
    assert.ok((await person.get('/users/me/passkeys')).body.items[0].last_used_at);
    assert.equal((await person.delete(`/users/me/passkeys/${passkeyId}`)).status, 204);
    refusedWith(await logInBy(device), 'passkey_invalid');
  });

  test('is added and removed only with a proof of who it is that is no older than a quarter of an hour', async () => {
    const { person, device, passkeyId } = await withPasskey();
    advance(16 * MINUTE);
    refusedWith(await person.post('/users/me/passkeys/options'), 'confirmation_required', 403);
    refusedWith(await person.delete(`/users/me/passkeys/${passkeyId}`), 'confirmation_required', 403);
    const { body } = await post('/auth/passkey/options');
    assert.equal((await person.post('/auth/confirm', { passkey: device.get(body) })).status, 204);
    assert.equal((await person.delete(`/users/me/passkeys/${passkeyId}`)).status, 204);
  });

  test('of somebody else is no proof of who it is', async () => {
    const { device } = await withPasskey();
    const other = await newPerson(base);
    const { body } = await post('/auth/passkey/options');
    refusedWith(await other.post('/auth/confirm', { passkey: device.get(body) }), 'passkey_invalid');
    refusedWith(await other.post('/auth/confirm', {}), 'invalid_request', 400);
  });

  test('does not log in who was locked out', async () => {
    const { person, device } = await withPasskey();
    const boss = await logIn(base, admin.username);
    await boss.patch(`/users/${person.userId}`, { active: false });
    refusedWith(await logInBy(device), 'invalid_credentials');
  });

  test('is removed with the second factor by an administrator', async () => {
    const { person, device } = await withPasskey();
    const boss = await logIn(base, admin.username);
    assert.equal((await boss.delete(`/users/${person.userId}/second-factor`)).status, 204);
    refusedWith(await logInBy(device), 'passkey_invalid');
    assert.equal((await person.get('/users/me')).status, 401);
  });
});

describe('a login by passkey is refused', async () => {
  const { person, device } = await withPasskey();
  const wrong: [what: string, twist: Twist][] = [
    ['from another site', { origin: 'https://intakt.example.com' }],
    ['over plain http', { origin: 'http://intakt.example.org' }],
    ['for another relying party', { rpId: 'example.org' }],
    ['to a challenge that we never gave', { challenge: 'A'.repeat(43) }],
    ['without a finger or a PIN', { verified: false }],
    ['that is signed by another key', { forged: true }],
    ['that says it is somebody else’s', { userHandle: Buffer.from(admin.userId).toString('base64url') }],
  ];
  for (const [what, twist] of wrong)
    test(what, async () => refusedWith(await logInBy(device, twist), 'passkey_invalid'));

  test('whose counter does not grow: there is a copy of the key', async () => {
    assert.equal((await logInBy(device, { counter: 1000 })).status, 200);
    for (const counter of [1000, 999, 0]) refusedWith(await logInBy(device, { counter }), 'passkey_invalid');
    assert.equal((await logInBy(device, { counter: 1001 })).status, 200);
  });

  test('when its challenge was answered before or has expired', async () => {
    const { body } = await post('/auth/passkey/options');
    const response = device.get(body, { counter: 2000 });
    assert.equal((await post('/auth/passkey', { response })).status, 200);
    refusedWith(await post('/auth/passkey', { response }), 'passkey_invalid');
    const late = (await post('/auth/passkey/options')).body;
    advance(5 * MINUTE + 1);
    refusedWith(await post('/auth/passkey', { response: device.get(late, { counter: 2001 }) }), 'passkey_invalid');
  });

  test('with the challenge of another step', async () => {
    const fresh = await logIn(base, person.username);
    const { body } = await fresh.post('/users/me/passkeys/options');
    const options = (await post('/auth/passkey/options')).body;
    const response = device.get({ ...options, challenge: body.challenge }, { counter: 3000 });
    refusedWith(await post('/auth/passkey', { response }), 'passkey_invalid');
  });

  test('when it is garbage, and with the same words', async () => {
    const { body } = await post('/auth/passkey/options');
    const good = device.get(body, { counter: 4000 }) as { id: string; response: Record<string, string> };
    const texts = new Set<string>();
    for (const part of ['clientDataJSON', 'authenticatorData', 'signature'])
      for (const value of ['AAAA', '!!', 'e30', Buffer.from('null').toString('base64url')]) {
        const answer = await post('/auth/passkey', {
          response: { ...good, response: { ...good.response, [part]: value } },
        });
        refusedWith(answer, 'passkey_invalid');
        texts.add(answer.text);
      }
    assert.equal(texts.size, 1);
    refusedWith(await post('/auth/passkey', { response: { ...good, id: 'AAAA', rawId: 'AAAA' } }), 'passkey_invalid');
    refusedWith(await post('/auth/passkey', { response: {} }), 'invalid_request', 400);
  });

  test('and written down', async () => {
    const boss = await logIn(base, admin.username);
    const { body } = await boss.get('/audit?action=user.login_refused&limit=1');
    assert.equal(body.items[0].detail.reason, 'passkey');
  });
});

describe('a new passkey is refused', () => {
  const wrong: [what: string, twist: Twist][] = [
    ['from another site', { origin: 'https://intakt.example.com' }],
    ['for another relying party', { rpId: 'example.org' }],
    ['to a challenge that we never gave', { challenge: 'A'.repeat(43) }],
    ['without a finger or a PIN', { verified: false }],
    ['with a certificate, which could name an address to be asked', { certificate: Buffer.from('a certificate') }],
  ];
  for (const [what, twist] of wrong)
    test(what, async () => {
      const person = await newPerson(base);
      refusedWith(await addPasskey(person, createAuthenticator(ORIGIN), 'x', twist), 'passkey_invalid');
      assert.deepEqual((await person.get('/users/me/passkeys')).body.items, []);
    });

  test('to the challenge of another user', async () => {
    const [one, other] = [await newPerson(base), await newPerson(base)];
    const { body } = await one.post('/users/me/passkeys/options');
    const response = createAuthenticator(ORIGIN).create(body);
    refusedWith(await other.post('/users/me/passkeys', { name: 'x', response }), 'passkey_invalid');
  });
});

describe('a passkey as second factor', async () => {
  const { person, device } = await withPasskey();
  const { secret } = (await person.post('/users/me/totp')).body;
  await person.post('/users/me/totp/confirm', { code: totpCode(secret, Date.now() / 1000 + ahead) });
  const { username, password } = person;
  const ask = async () => (await post('/auth/login', { username, password })).body;

  test('answers the challenge of the login, also without a finger', async () => {
    const { challenge, methods, passkey } = await ask();
    assert.deepEqual(methods, ['totp', 'recovery', 'passkey']);
    assert.equal(passkey.challenge, challenge);
    const response = device.get(passkey, { verified: false });
    const { status, body, text } = await post('/auth/login/second-factor', { challenge, passkey: response });
    assert.equal(status, 200, text);
    const headers = { authorization: `Bearer ${body.access_token}` };
    const { items } = (await call(`${base}/sessions`, { headers })).body;
    assert.deepEqual(items.find(({ current }: { current: boolean }) => current).methods, ['pwd', 'passkey']);
    refusedWith(await post('/auth/login/second-factor', { challenge, passkey: response }), 'second_factor_invalid');
  });

  test('answers no other challenge, and is nobody else’s', async () => {
    const { challenge, passkey } = await ask();
    const other = await ask();
    const response = device.get(other.passkey);
    refusedWith(await post('/auth/login/second-factor', { challenge, passkey: response }), 'second_factor_invalid');
    const stranger = await withPasskey();
    const foreign = stranger.device.get({ ...passkey, allowCredentials: [] });
    refusedWith(await post('/auth/login/second-factor', { challenge, passkey: foreign }), 'second_factor_invalid');
    refusedWith(await post('/auth/login/second-factor', { challenge }), 'invalid_request', 400);
  });
});

test('a real browser makes a passkey and logs in with it', { skip: noChromium }, async () => {
  const local = await startService();
  after(() => local.stop());
  const person = await newPerson(`${local.url}/v1`);
  await using page = await openPage();
  await page.send('WebAuthn.enable');
  await page.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await page.open(`http://localhost:${new URL(local.url).port}/setup`);
  const { accessToken } = person;
  const made = await page.run(async (token: string) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const send = async (path: string, body: unknown = {}) =>
      (await fetch(`/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) })).json() as Promise<Json>;
    // biome-ignore lint/suspicious/noExplicitAny: Node's types do not have what a browser has.
    const { PublicKeyCredential: keys, navigator } = globalThis as any;
    const publicKey = keys.parseCreationOptionsFromJSON(await send('/users/me/passkeys/options'));
    const credential = await navigator.credentials.create({ publicKey });
    return send('/users/me/passkeys', { name: 'this browser', response: credential.toJSON() });
  }, accessToken);
  assert.equal(made.name, 'this browser', JSON.stringify(made));
  const pair = await page.run(async () => {
    const headers = { 'content-type': 'application/json' };
    const send = async (path: string, body: unknown = {}) =>
      (await fetch(`/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) })).json() as Promise<Json>;
    // biome-ignore lint/suspicious/noExplicitAny: Node's types do not have what a browser has.
    const { PublicKeyCredential: keys, navigator } = globalThis as any;
    const publicKey = keys.parseRequestOptionsFromJSON(await send('/auth/passkey/options'));
    const credential = await navigator.credentials.get({ publicKey });
    return send('/auth/passkey', { response: credential.toJSON() });
  });
  const headers = { authorization: `Bearer ${pair.access_token}` };
  assert.equal((await call(`${local.url}/v1/users/me`, { headers })).body.user_id, person.userId, JSON.stringify(pair));
});
