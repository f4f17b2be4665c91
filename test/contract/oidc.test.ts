import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { type Answer, call, logIn, newAdmin, newPerson, type Person, sendJson } from '../helpers/client.ts';
import { createMovingClock } from '../helpers/moving-clock.ts';
import { CLIENT, createBrowser, type Lie, startLiar, startProvider } from '../helpers/openid-provider.ts';
import { startService } from '../helpers/service.ts';
import { totpCode } from '../helpers/totp.ts';

const accounts = {
  'sub-ada': { preferred_username: 'ada', name: 'Ada Example', email: 'ada@example.org', email_verified: true },
  'sub-blank': {},
  'sub-taken': { preferred_username: 'taken', email: 'TAKEN@example.org', email_verified: true },
  'sub-spaces': { preferred_username: 'two  words\u0000 here\u{FE0F}', email: 'spaces@example.org' },
  'sub-invited': { preferred_username: 'invited', email: 'invited@example.org' },
  'sub-linked': { preferred_username: 'linked', email: 'linked@example.org' },
  'sub-out': { preferred_username: 'out', email: 'out@example.org' },
};

const provider = await startProvider(accounts);
const clock = createMovingClock();
const settings = { OIDC_ISSUER: provider.issuer, OIDC_CLIENT_ID: CLIENT.id, OIDC_CLIENT_SECRET: CLIENT.secret };
const service = await startService({ ...clock.env, ...settings, OIDC_REGISTRATION: 'open', OIDC_NAME: 'The Works' });
after(() => Promise.all([service.stop(), provider.close()]));
const base = `${service.url}/v1`;
const CALLBACK = `${base}/auth/oidc/callback`;
provider.trust(CALLBACK);
const admin = await newAdmin({ ...service, url: base });

type Browser = ReturnType<typeof createBrowser>;
const JSON_ALONE = { headers: { accept: 'application/json' } };

/** An answer as `call` gives it, of a request that a browser sends. */
async function ask(browser: Browser, url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await browser.send(url, init);
  const text = await response.text();
  const json = /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text, text };
}

const postFrom = (browser: Browser, path: string, body: object, headers: Record<string, string> = {}) =>
  ask(browser, base + path, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

/** Goes through the whole dance up to the return to us, which is still to be asked. */
async function goAndReturn(browser: Browser, login: string | null): Promise<string> {
  return browser.through(`${base}/auth/oidc`, login, CALLBACK);
}

async function codeFor(browser: Browser, login: string): Promise<string> {
  const back = await ask(browser, await goAndReturn(browser, login), JSON_ALONE);
  assert.equal(back.status, 200, back.text);
  return back.body.code;
}

async function signIn(login: string, browser = createBrowser()) {
  const pair = await postFrom(browser, '/auth/oidc/token', { code: await codeFor(browser, login) });
  assert.equal(pair.status, 200, pair.text);
  const headers = { authorization: `Bearer ${pair.body.access_token}` };
  return { headers, user: (await call(`${base}/users/me`, { headers })).body };
}

function refusedWith({ status, body }: Answer, code: string, expected = 401): void {
  assert.deepEqual([status, body.code], [expected, code], JSON.stringify(body));
}

describe('a login with an OpenID provider', () => {
  test('makes a user of who is new, and is the same user the next time', async () => {
    const { user, headers } = await signIn('sub-ada');
    assert.deepEqual(
      [user.username, user.full_name, user.email, user.role],
      ['ada', 'Ada Example', 'ada@example.org', 'member'],
    );
    const [session] = (await call(`${base}/sessions`, { headers })).body.items;
    assert.deepEqual(session.methods, ['fed']);
    assert.equal((await signIn('sub-ada')).user.user_id, user.user_id);
  });

  test('sends a browser back to the page with a code in the fragment, and no token in any address', async () => {
    const browser = createBrowser();
    const seen: string[] = [];
    const back = await goAndReturn(browser, 'sub-ada');
    const response = await browser.send(back, { headers: { accept: 'text/html,*/*' } });
    const to = new URL(response.headers.get('location')!);
    seen.push(back, to.href);
    assert.equal(response.status, 302);
    assert.equal(to.origin, service.url);
    assert.equal(to.search, '');
    assert.equal(response.headers.get('cache-control'), 'no-store');
    const code = new URLSearchParams(to.hash.slice(1)).get('oidc_code')!;
    const { status, body } = await postFrom(browser, '/auth/oidc/token', { code });
    assert.equal(status, 200);
    for (const url of seen) assert.ok(!url.includes(body.access_token) && !url.includes(body.refresh_token));
    assert.equal(browser.cookies(base).size, 0, 'the cookie is gone');
  });

  test('asks with PKCE, state and nonce, and keeps its secret in a cookie that scripts and other sites do not see', async () => {
    const { headers, status } = await call(`${base}/auth/oidc`);
    assert.equal(status, 302);
    const { searchParams } = new URL(headers.get('location')!);
    assert.equal(searchParams.get('code_challenge_method'), 'S256');
    for (const name of ['state', 'nonce', 'code_challenge']) assert.match(searchParams.get(name)!, /^[\w-]{43}$/);
    assert.equal(searchParams.get('redirect_uri'), CALLBACK);
    assert.match(headers.get('set-cookie')!, /^intakt_oidc=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600$/);
  });

  test('is told of before anybody logs in', async () => {
    assert.deepEqual((await call(`${base}/auth/options`)).body, {
      registration: 'open',
      oidc: { name: 'The Works', registration: 'open' },
    });
  });

  test('makes a user of who tells nothing but a subject, and of a name that cannot be one here', async () => {
    const { user } = await signIn('sub-blank');
    assert.equal(user.username, 'user');
    assert.match(user.email, /@unknown\.invalid$/);
    assert.equal((await signIn('sub-spaces')).user.username, 'twowordshere');
  });

  test('never finds a user by e-mail address', async () => {
    const registration = { username: 'owner', email: 'taken@example.org', password: 'a long passphrase' };
    await sendJson(`${base}/auth/register`, 'POST', registration);
    const browser = createBrowser();
    refusedWith(await ask(browser, await goAndReturn(browser, 'sub-taken'), JSON_ALONE), 'email_taken', 409);
    const page = await browser.send(await goAndReturn(browser, 'sub-taken'), { headers: { accept: 'text/html' } });
    assert.equal(new URL(page.headers.get('location')!).hash, '#oidc_problem=email_taken');
  });

  test('does not let in who was locked out', async () => {
    const { user } = await signIn('sub-out');
    const boss = await logIn(base, admin.username);
    await boss.patch(`/users/${user.user_id}`, { active: false });
    const browser = createBrowser();
    const code = await codeFor(browser, 'sub-out');
    refusedWith(await postFrom(browser, '/auth/oidc/token', { code }), 'invalid_credentials');
  });

  test('that was cancelled there is refused', async () => {
    const browser = createBrowser();
    refusedWith(await ask(browser, await goAndReturn(browser, null), JSON_ALONE), 'identity_refused');
  });

  test('gives no password: a login with one is refused as ever', async () => {
    const { username } = (await signIn('sub-ada')).user;
    const password = 'a long passphrase';
    refusedWith(await sendJson(`${base}/auth/login`, 'POST', { username, password }), 'invalid_credentials');
  });
});

describe('a user who came by the provider', () => {
  const set = (headers: Record<string, string>, body: object) =>
    sendJson(`${base}/users/me/password`, 'PUT', body, headers);
  const PASSWORD = 'a first passphrase';

  test('sets a first password, which ends all sessions and is a way to log in from then on', async () => {
    const [{ headers, user }, other] = [await signIn('sub-first'), await signIn('sub-first')];
    const { status, body, text } = await set(headers, { new_password: PASSWORD });
    assert.equal(status, 200, text);
    for (const old of [headers, other.headers]) {
      assert.equal((await call(`${base}/users/me`, { headers: old })).status, 401);
    }
    const fresh = { authorization: `Bearer ${body.access_token}` };
    assert.equal((await call(`${base}/users/me`, { headers: fresh })).status, 200);
    const login = { username: user.username, password: PASSWORD };
    assert.equal((await sendJson(`${base}/auth/login`, 'POST', login)).status, 200);
    assert.equal((await signIn('sub-first')).user.user_id, user.user_id);
    const [entry] = (await admin.get(`/audit?action=user.change_password&actor_id=${user.user_id}`)).body.items;
    assert.deepEqual(entry.detail, { first: true });
  });

  test('sets one only once: then the current one is asked for', async () => {
    const { headers } = await signIn('sub-once');
    const { body } = await set(headers, { new_password: PASSWORD });
    const fresh = { authorization: `Bearer ${body.access_token}` };
    refusedWith(await set(fresh, { new_password: 'another passphrase' }), 'invalid_request', 400);
    const { headers: again } = await signIn('sub-once');
    refusedWith(await set(again, { new_password: 'another passphrase' }), 'invalid_request', 400);
    const change = { current_password: PASSWORD, new_password: 'another passphrase' };
    assert.equal((await set(again, change)).status, 200);
  });

  test('sets none by guessing one that there is not, none that is weak, and none long after the login', async () => {
    const { headers } = await signIn('sub-careless');
    refusedWith(await set(headers, { current_password: 'none', new_password: PASSWORD }), 'invalid_credentials');
    refusedWith(await set(headers, { new_password: 'password1' }), 'weak_password', 422);
    clock.advance(16 * 60);
    refusedWith(await set(headers, { new_password: PASSWORD }), 'confirmation_required', 403);
    clock.advance(-16 * 60);
    assert.equal((await set(headers, { new_password: PASSWORD })).status, 200);
  });

  test('who has a second factor sends a code of it with the first password', async () => {
    const { headers } = await signIn('sub-factor');
    const post = (path: string, body: object = {}) => sendJson(base + path, 'POST', body, headers);
    const { secret } = (await post('/users/me/totp')).body;
    const codeAt = (seconds: number) => totpCode(secret, Date.now() / 1000 + seconds);
    assert.equal((await post('/users/me/totp/confirm', { code: codeAt(0) })).status, 200);
    clock.advance(30);
    refusedWith(await set(headers, { new_password: PASSWORD }), 'second_factor_invalid');
    refusedWith(await set(headers, { new_password: PASSWORD, code: '000000' }), 'second_factor_invalid');
    assert.equal((await set(headers, { new_password: PASSWORD, code: codeAt(30) })).status, 200);
    clock.advance(-30);
  });
});

describe('the return from the provider is refused', () => {
  test('a second time', async () => {
    const browser = createBrowser();
    const back = await goAndReturn(browser, 'sub-ada');
    assert.equal((await ask(browser, back, JSON_ALONE)).status, 200);
    refusedWith(await ask(browser, back, JSON_ALONE), 'identity_refused');
  });

  test('in another browser than the one it began in', async () => {
    const back = await goAndReturn(createBrowser(), 'sub-ada');
    const stranger = createBrowser();
    await stranger.send(`${base}/auth/oidc`);
    refusedWith(await ask(stranger, back, JSON_ALONE), 'identity_refused');
    const none = await goAndReturn(createBrowser(), 'sub-ada');
    refusedWith(await ask(createBrowser(), none, JSON_ALONE), 'identity_refused');
  });

  test('with another state, or none', async () => {
    const browser = createBrowser();
    const back = new URL(await goAndReturn(browser, 'sub-ada'));
    back.searchParams.set('state', 'A'.repeat(43));
    refusedWith(await ask(browser, back.href, JSON_ALONE), 'identity_refused');
    back.searchParams.delete('state');
    refusedWith(await ask(browser, back.href, JSON_ALONE), 'identity_refused');
    refusedWith(await ask(browser, CALLBACK, JSON_ALONE), 'identity_refused');
  });

  test('with the state of one login and the code of another', async () => {
    const browser = createBrowser();
    const other = createBrowser();
    const stolen = new URL(await goAndReturn(other, 'sub-ada')).searchParams.get('code')!;
    const back = new URL(await goAndReturn(browser, 'sub-blank'));
    back.searchParams.set('code', stolen);
    refusedWith(await ask(browser, back.href, JSON_ALONE), 'identity_refused');
  });

  test('from another issuer (RFC 9207)', async () => {
    const browser = createBrowser();
    const back = new URL(await goAndReturn(browser, 'sub-ada'));
    back.searchParams.set('iss', 'https://login.example.com');
    refusedWith(await ask(browser, back.href, JSON_ALONE), 'identity_refused');
  });

  test('after ten minutes', async () => {
    const browser = createBrowser();
    const back = await goAndReturn(browser, 'sub-ada');
    clock.advance(601);
    refusedWith(await ask(browser, back, JSON_ALONE), 'identity_refused');
    clock.advance(-601);
  });

  test('and written down', async () => {
    const boss = await logIn(base, admin.username);
    const { body } = await boss.get('/audit?action=user.login_refused&limit=1');
    assert.equal(body.items[0].detail.reason, 'identity_refused');
  });
});

describe('the code of a login is refused', () => {
  test('a second time, and of ten at the same time one is taken', async () => {
    const browser = createBrowser();
    const code = await codeFor(browser, 'sub-ada');
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => postFrom(browser, '/auth/oidc/token', { code })),
    );
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    refusedWith(await postFrom(browser, '/auth/oidc/token', { code }), 'identity_refused');
  });

  test('in another browser, so that nobody is logged in as somebody else unawares', async () => {
    const code = await codeFor(createBrowser(), 'sub-ada');
    const victim = createBrowser();
    await victim.send(`${base}/auth/oidc`);
    refusedWith(await postFrom(victim, '/auth/oidc/token', { code }), 'identity_refused');
  });

  test('after a minute', async () => {
    const browser = createBrowser();
    const code = await codeFor(browser, 'sub-ada');
    clock.advance(61);
    refusedWith(await postFrom(browser, '/auth/oidc/token', { code }), 'identity_refused');
    clock.advance(-61);
  });
});

describe('a link to an identity', () => {
  async function link(person: Person, browser: Browser, login: string): Promise<Answer> {
    const { body, status, text } = await postFrom(browser, '/users/me/identities', {}, person.headers);
    assert.equal(status, 200, text);
    return ask(browser, await browser.through(body.authorization_url, login, CALLBACK), JSON_ALONE);
  }

  test('is made from a session, and then it is a way to log in', async () => {
    const person = await newPerson(base);
    assert.deepEqual((await link(person, createBrowser(), 'sub-linked')).body, { linked: true });
    const [identity] = (await person.get('/users/me/identities')).body.items;
    assert.deepEqual([identity.issuer, identity.subject], [provider.issuer, 'sub-linked']);
    assert.equal((await signIn('sub-linked')).user.user_id, person.userId);

    const other = await newPerson(base);
    refusedWith(await link(other, createBrowser(), 'sub-linked'), 'identity_taken', 409);
    refusedWith(await other.delete(`/users/me/identities/${identity.identity_id}`), 'identity_not_found', 404);

    assert.equal((await person.delete(`/users/me/identities/${identity.identity_id}`)).status, 204);
    assert.deepEqual((await person.get('/users/me/identities')).body.items, []);
    assert.notEqual((await signIn('sub-linked')).user.user_id, person.userId);
  });

  test('needs a proof of who it is, and a session that has not ended meanwhile', async () => {
    const person = await newPerson(base);
    const browser = createBrowser();
    const { body } = await postFrom(browser, '/users/me/identities', {}, person.headers);
    const back = await browser.through(body.authorization_url, 'sub-new', CALLBACK);
    await person.post('/auth/logout');
    refusedWith(await ask(browser, back, JSON_ALONE), 'unauthorized');
    const other = await newPerson(base);
    clock.advance(16 * 60);
    refusedWith(await other.post('/users/me/identities'), 'confirmation_required', 403);
    clock.advance(-16 * 60);
  });

  test('that is the only way in is not taken away', async () => {
    const { headers } = await signIn('sub-only');
    const [identity] = (await call(`${base}/users/me/identities`, { headers })).body.items;
    const path = `${base}/users/me/identities/${identity.identity_id}`;
    refusedWith(await call(path, { method: 'DELETE', headers }), 'last_way_in', 409);
    await signIn('sub-only');
  });
});

/** A provider that says what the test wishes, and a service that believes it. */
async function startWithLiar(mode: string) {
  const liar = await startLiar();
  const one = await startService({ ...settings, OIDC_ISSUER: liar.issuer, OIDC_REGISTRATION: mode });
  after(() => Promise.all([one.stop(), liar.close()]));

  async function comeBack(browser: Browser, lie?: Lie, invitation?: string): Promise<Answer> {
    const body = JSON.stringify({ invitation });
    const headers = { 'content-type': 'application/json' };
    const started = await ask(browser, `${one.url}/v1/auth/oidc`, { method: 'POST', headers, body });
    const state = liar.prepare(started.body.authorization_url, lie).get('state')!;
    const query = new URLSearchParams({ code: 'x', state, iss: liar.issuer });
    return ask(browser, `${one.url}/v1/auth/oidc/callback?${query}`, JSON_ALONE);
  }
  return { one, comeBack };
}

describe('who is new', () => {
  test('does not become a user where that is closed', async () => {
    const { comeBack } = await startWithLiar('closed');
    refusedWith(await comeBack(createBrowser()), 'registration_closed', 403);
    refusedWith(await comeBack(createBrowser(), {}, 'A'.repeat(43)), 'registration_closed', 403);
  });

  test('becomes what they were invited as', async () => {
    const { one, comeBack } = await startWithLiar('invitation');
    const boss = await newAdmin(one);
    const { token } = (await boss.post('/invitations', { role: 'viewer' })).body;
    refusedWith(await comeBack(createBrowser()), 'registration_closed', 403);
    refusedWith(await comeBack(createBrowser(), {}, 'A'.repeat(43)), 'invitation_invalid');
    const browser = createBrowser();
    const body = JSON.stringify((await comeBack(browser, {}, token)).body);
    const headers = { 'content-type': 'application/json' };
    const pair = await ask(browser, `${one.url}/auth/oidc/token`, { method: 'POST', headers, body });
    const authorization = `Bearer ${pair.body.access_token}`;
    assert.equal((await call(`${one.url}/users/me`, { headers: { authorization } })).body.role, 'viewer');
  });
});

describe('an ID token is refused', async () => {
  const { comeBack } = await startWithLiar('open');
  const comeWith = (lie: Lie) => comeBack(createBrowser(), lie);
  const now = Math.floor(Date.now() / 1000);

  test('only when something is wrong with it', async () => assert.equal((await comeWith({})).status, 200));

  const lies: [what: string, lie: Lie][] = [
    ['with another nonce', { claims: { nonce: 'A'.repeat(43) } }],
    ['without a nonce', { claims: { nonce: undefined } }],
    ['from another issuer', { claims: { iss: 'https://login.example.com' } }],
    ['for another client', { claims: { aud: 'somebody-else' } }],
    ['for several, of whom another was authorised', { claims: { aud: [CLIENT.id, 'b'], azp: 'b' } }],
    ['that has expired', { claims: { iat: now - 7200, exp: now - 3600 } }],
    ['without an end', { claims: { exp: undefined } }],
    ['without a subject', { claims: { sub: undefined } }],
    ['signed by another key', { forged: true }],
    ['signed by nobody', { unsigned: true }],
    ['that is not there', { noIdToken: true }],
  ];
  for (const [what, lie] of lies) test(what, async () => refusedWith(await comeWith(lie), 'identity_refused'));
});

test('without a provider its routes say so', async () => {
  const plain = await startService();
  after(() => plain.stop());
  refusedWith(await call(`${plain.url}/auth/oidc`), 'not_found', 404);
  assert.equal((await call(`${plain.url}/auth/options`)).body.oidc, null);
});

test('a provider that does not answer stops neither the start nor other logins', async () => {
  const one = await startService({ ...settings, OIDC_ISSUER: 'http://127.0.0.1:9' });
  after(() => one.stop());
  refusedWith(await call(`${one.url}/auth/oidc`), 'unavailable', 503);
  await newAdmin(one);
});

test('a provider over plain http elsewhere does not start', async () => {
  await assert.rejects(
    startService({ ...settings, OIDC_ISSUER: 'http://login.example.org' }),
    /must be an address that begins with https/,
  );
});
