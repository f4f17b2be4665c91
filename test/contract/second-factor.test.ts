import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { type Answer, call, logIn, newAdmin, newPerson, type Person, sendJson } from '../helpers/client.ts';
import { createMovingClock } from '../helpers/moving-clock.ts';
import { startService } from '../helpers/service.ts';
import { totpCode } from '../helpers/totp.ts';

const clock = createMovingClock();
const service = await startService(clock.env);
after(() => service.stop());
const base = `${service.url}/v1`;
const admin = await newAdmin({ ...service, url: base });

const MINUTE = 60;
let ahead = 0;
function advance(seconds: number): void {
  ahead += seconds;
  clock.advance(seconds);
}

const codeOf = (secret: string, steps = 0) => totpCode(secret, Date.now() / 1000 + ahead + steps * 30);
const logInWith = (person: Person, more: object = {}) =>
  sendJson(`${base}/auth/login`, 'POST', { username: person.username, password: person.password, ...more });
const secondStep = (challenge: string, code: string) =>
  sendJson(`${base}/auth/login/second-factor`, 'POST', { challenge, code });
const remove = (person: Person, path: string, body: object) => sendJson(base + path, 'DELETE', body, person.headers);

/** Turns the second factor on; the clock is a step further then, so that the next code is another. */
async function protect(person: Person): Promise<{ secret: string; codes: string[] }> {
  const { status, body } = await person.post('/users/me/totp');
  assert.equal(status, 201);
  const confirmed = await person.post('/users/me/totp/confirm', { code: codeOf(body.secret) });
  assert.equal(confirmed.status, 200, confirmed.text);
  advance(30);
  return { secret: body.secret, codes: confirmed.body.recovery_codes };
}

function refusedWith({ status, body }: Answer, code: string, expected = 401): void {
  assert.deepEqual([status, body.code], [expected, code], JSON.stringify(body));
}

async function methodsOf(pair: Answer): Promise<string[]> {
  assert.equal(pair.status, 200, pair.text);
  const headers = { authorization: `Bearer ${pair.body.access_token}` };
  const { body } = await call(`${base}/sessions`, { headers });
  return body.items.find(({ current }: { current: boolean }) => current).methods;
}

describe('an authenticator app', () => {
  test('is set up by its first code, which gives ten recovery codes once', async () => {
    const person = await newPerson(base);
    const started = await person.post('/users/me/totp');
    assert.match(started.body.secret, /^[A-Z2-7]{32}$/);
    assert.match(started.body.otpauth_url, /^otpauth:\/\/totp\/Intakt:.*secret=[A-Z2-7]{32}/);
    assert.equal((await logInWith(person)).status, 200, 'nothing is asked for before the first code');
    refusedWith(await person.post('/users/me/totp/confirm', { code: '000000' }), 'second_factor_invalid');
    const { body } = await person.post('/users/me/totp/confirm', { code: codeOf(started.body.secret) });
    assert.equal(new Set(body.recovery_codes).size, 10);
    const state = await person.get('/users/me/second-factor');
    assert.deepEqual(state.body, { totp: true, recovery_codes_left: 10 });
    assert.doesNotMatch(state.text, new RegExp(started.body.secret));
    refusedWith(await person.post('/users/me/totp'), 'second_factor_exists', 409);
    refusedWith(await person.post('/users/me/totp/confirm', { code: '000000' }), 'second_factor_not_found', 404);
  });

  test('that is set up anew before its first code makes the secret of before worthless', async () => {
    const person = await newPerson(base);
    const first = (await person.post('/users/me/totp')).body.secret;
    await person.post('/users/me/totp');
    refusedWith(await person.post('/users/me/totp/confirm', { code: codeOf(first) }), 'second_factor_invalid');
  });

  test('needs a proof of who it is that is no older than a quarter of an hour', async () => {
    const person = await newPerson(base);
    advance(16 * MINUTE);
    refusedWith(await person.post('/users/me/totp'), 'confirmation_required', 403);
    assert.equal((await person.post('/auth/confirm', { password: person.password })).status, 204);
    assert.equal((await person.post('/users/me/totp')).status, 201);
  });

  test('still works after ENCRYPTION_KEY was rotated and the old one dropped', async () => {
    const key = () =>
      Buffer.from(crypto.getRandomValues(new Uint8Array(32)))
        .toString('base64')
        .replaceAll('+', '-')
        .replaceAll('/', '_');
    const [older, newer] = [key(), key()];
    const first = await startService({ ENCRYPTION_KEY: older });
    const person = await newPerson(first.url);
    const { body } = await person.post('/users/me/totp');
    const now = Date.now() / 1000;
    assert.equal((await person.post('/users/me/totp/confirm', { code: totpCode(body.secret, now - 30) })).status, 200);
    await first.stop();
    for (const [keys, step] of [[`${newer},${older}`, 0] as const, [newer, 1] as const]) {
      const again = await startService({ ENCRYPTION_KEY: keys, DATA_DIR: first.dataDir });
      const { username, password } = person;
      const code = totpCode(body.secret, Date.now() / 1000 + step * 30);
      const login = await sendJson(`${again.url}/auth/login`, 'POST', { username, password, code });
      await again.stop();
      assert.equal(login.status, 200, login.text);
    }
  });
});

describe('a login with a second factor', async () => {
  const person = await newPerson(base);
  const { secret, codes } = await protect(person);

  test('asks for it after the right password only', async () => {
    const asked = await logInWith(person);
    refusedWith(asked, 'second_factor_required');
    assert.match(asked.body.challenge, /^[\w-]{43}$/);
    assert.deepEqual(asked.body.methods, ['totp', 'recovery']);
    const wrong = await logInWith(person, { password: 'not it at all' });
    const nobody = await sendJson(`${base}/auth/login`, 'POST', {
      username: 'nobody_at_all',
      password: 'not it at all',
    });
    refusedWith(wrong, 'invalid_credentials');
    assert.deepEqual(wrong.body, nobody.body);
    const withCode = await logInWith(person, { password: 'not it at all', code: codeOf(secret) });
    assert.deepEqual(withCode.body, nobody.body);
  });

  test('goes on with challenge and code, and the session says how', async () => {
    advance(30);
    const { challenge } = (await logInWith(person)).body;
    refusedWith(await secondStep(challenge, '000000'), 'second_factor_invalid');
    assert.deepEqual(await methodsOf(await secondStep(challenge, codeOf(secret))), ['pwd', 'otp']);
    advance(30);
    refusedWith(await secondStep(challenge, codeOf(secret)), 'second_factor_invalid');
  });

  test('takes the code with the password at once', async () => {
    advance(30);
    const spaced = codeOf(secret).replace(/(...)/, '$1 ');
    assert.deepEqual(await methodsOf(await logInWith(person, { code: spaced })), ['pwd', 'otp']);
  });

  test('takes each code once, and of twenty at the same time one', async () => {
    advance(30);
    const code = codeOf(secret);
    const asked = await Promise.all(Array.from({ length: 20 }, async () => (await logInWith(person)).body.challenge));
    const answers = await Promise.all(asked.map((challenge) => secondStep(challenge, code)));
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    advance(5 * MINUTE);
  });

  test('holds for the password grant of OAuth 2.0, which takes the code as otp', async () => {
    const other = await newPerson(base);
    const factor = await protect(other);
    const { username, password } = other;
    const grant = async (more: Record<string, string>) => {
      const body = new URLSearchParams({ grant_type: 'password', username, password, ...more });
      const response = await fetch(`${base}/token`, { method: 'POST', body });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
    for (const otp of ['', '000000']) {
      const { status, body } = await grant({ otp });
      assert.deepEqual([status, body.error, body.access_token], [400, 'invalid_grant', undefined]);
    }
    const { status, body } = await grant({ otp: codeOf(factor.secret) });
    assert.equal(status, 200, JSON.stringify(body));
  });

  test('does not take a code from before the last one that was taken', async () => {
    advance(30);
    const [late, now] = [codeOf(secret, -1), codeOf(secret)];
    assert.equal((await logInWith(person, { code: now })).status, 200);
    refusedWith(await logInWith(person, { code: late }), 'second_factor_invalid');
  });

  test('takes each recovery code once, in whatever case', async () => {
    const { challenge } = (await logInWith(person)).body;
    const typed = codes[0]!.toUpperCase().replaceAll('-', ' ');
    assert.deepEqual(await methodsOf(await secondStep(challenge, typed)), ['pwd', 'recovery']);
    refusedWith(await logInWith(person, { code: codes[0] }), 'second_factor_invalid');
    assert.equal((await person.get('/users/me/second-factor')).body.recovery_codes_left, 9);
  });

  test('takes a challenge for five minutes', async () => {
    const { challenge } = (await logInWith(person)).body;
    advance(5 * MINUTE + 1);
    refusedWith(await secondStep(challenge, codeOf(secret)), 'second_factor_invalid');
  });

  test('takes no challenge of somebody else’s making', async () => {
    for (const challenge of ['x', 'A'.repeat(43), person.accessToken.slice(0, 100)])
      refusedWith(await secondStep(challenge, codeOf(secret)), 'second_factor_invalid');
  });

  test('does not go on when the password has changed meanwhile', async () => {
    const other = await newPerson(base);
    const factor = await protect(other);
    const { challenge } = (await logInWith(other)).body;
    const body = { current_password: other.password, new_password: 'another passphrase', code: factor.codes[0] };
    assert.equal((await sendJson(`${base}/users/me/password`, 'PUT', body, other.headers)).status, 200);
    refusedWith(await secondStep(challenge, codeOf(factor.secret)), 'second_factor_invalid');
  });

  test('does not tell who was locked out that the password was right', async () => {
    const other = await newPerson(base);
    await protect(other);
    const boss = await logIn(base, admin.username);
    await boss.patch(`/users/${other.userId}`, { active: false });
    refusedWith(await logInWith(other), 'invalid_credentials');
  });

  test('writes down the wrong code, without it', async () => {
    advance(30);
    refusedWith(await logInWith(person, { code: '123123' }), 'second_factor_invalid');
    const boss = await logIn(base, admin.username);
    const { body, text } = await boss.get(`/audit?action=user.login_refused&target=user:${person.userId}`);
    assert.equal(body.items[0].detail.reason, 'second_factor');
    assert.doesNotMatch(text, /123123/);
  });
});

describe('who has a second factor', () => {
  test('needs a code to prove anew who they are, and to change the password', async () => {
    const person = await newPerson(base);
    const { secret, codes } = await protect(person);
    const { password } = person;
    refusedWith(await person.post('/auth/confirm', { password }), 'second_factor_required');
    refusedWith(await person.post('/auth/confirm', { password, code: '000000' }), 'second_factor_invalid');
    assert.equal((await person.post('/auth/confirm', { password, code: codeOf(secret) })).status, 204);
    const change = { current_password: password, new_password: 'another passphrase' };
    const put = (body: object) => sendJson(`${base}/users/me/password`, 'PUT', body, person.headers);
    refusedWith(await put(change), 'second_factor_required');
    assert.deepEqual(await methodsOf(await put({ ...change, code: codes[3] })), ['pwd', 'recovery']);
  });

  test('turns it off with a code and a proof of who they are', async () => {
    const person = await newPerson(base);
    const { secret, codes } = await protect(person);
    refusedWith(await remove(person, '/users/me/totp', { code: '000000' }), 'second_factor_invalid');
    advance(16 * MINUTE);
    refusedWith(await remove(person, '/users/me/totp', { code: codeOf(secret) }), 'confirmation_required', 403);
    const { password } = person;
    await person.post('/auth/confirm', { password, code: codeOf(secret) });
    advance(30);
    assert.equal((await remove(person, '/users/me/totp', { code: codeOf(secret) })).status, 204);
    assert.equal((await logInWith(person)).status, 200);
    assert.deepEqual((await person.get('/users/me/second-factor')).body, { totp: false, recovery_codes_left: 0 });
    refusedWith(await remove(person, '/users/me/totp', { code: codes[0] }), 'second_factor_not_found', 404);
    refusedWith(await person.post('/users/me/recovery-codes'), 'second_factor_not_found', 404);
  });

  test('gets ten new recovery codes, and the old ones are worthless', async () => {
    const person = await newPerson(base);
    const { codes } = await protect(person);
    const renewed = (await person.post('/users/me/recovery-codes')).body.recovery_codes;
    assert.equal(renewed.length, 10);
    refusedWith(await logInWith(person, { code: codes[1] }), 'second_factor_invalid');
    assert.equal((await logInWith(person, { code: renewed[1] })).status, 200);
  });

  test('is helped by an administrator, which ends their sessions and is written down', async () => {
    const person = await newPerson(base);
    await protect(person);
    const other = await newPerson(base);
    const path = `/users/${person.userId}/second-factor`;
    refusedWith(await other.delete(path), 'forbidden', 403);
    const boss = await logIn(base, admin.username);
    refusedWith(await boss.delete(`/users/${boss.userId}/second-factor`), 'forbidden', 403);
    refusedWith(await boss.delete(`/users/${'0'.repeat(8)}/second-factor`), 'user_not_found', 404);
    assert.equal((await boss.delete(path)).status, 204);
    assert.equal((await person.get('/users/me')).status, 401);
    assert.equal((await logInWith(person)).status, 200);
    const { body } = await boss.get(`/audit?action=second_factor.reset&target=user:${person.userId}`);
    assert.deepEqual(body.items[0].detail, { totp: true, passkeys: 0 });
  });

  test('is guessed at more and more slowly, though the password was right each time', async () => {
    const person = await newPerson(base);
    await protect(person);
    const guesses = Array.from({ length: 8 }, (_, guess) => `00000${guess}`);
    const asked: string[] = [];
    for (const _ of guesses) asked.push((await logInWith(person)).body.challenge);
    const answers = await Promise.all(guesses.map((guess, at) => secondStep(asked[at]!, guess)));
    assert.ok(answers.some(({ status }) => status === 401));
    assert.ok(answers.some(({ body }) => body.code === 'rate_limited'));
  });
});

test('a session in another workspace is no fresh proof and lives no longer', async () => {
  const person = await newPerson(base);
  const { workspace_id } = (await person.get('/users/me')).body;
  const [before] = (await person.get('/sessions')).body.items;
  advance(16 * MINUTE);
  const { body } = await person.post('/auth/workspace', { workspace_id });
  const headers = { authorization: `Bearer ${body.access_token}` };
  refusedWith(await sendJson(`${base}/users/me/totp`, 'POST', {}, headers), 'confirmation_required', 403);
  const { items } = (await call(`${base}/sessions`, { headers })).body;
  assert.equal(items.find(({ current }: { current: boolean }) => current).expires_at, before.expires_at);
});
