import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as openid from 'openid-client';
import { type Answer, call, logIn, newAdmin, newPerson, type Person, sendJson } from '../helpers/client.ts';
import { createMovingClock } from '../helpers/moving-clock.ts';
import { startService } from '../helpers/service.ts';
import { curl, noCurl } from '../helpers/tools.ts';
import { totpCode } from '../helpers/totp.ts';

const clock = createMovingClock();
const service = await startService(clock.env);
after(() => service.stop());
const founder = await newAdmin(service);

const MINUTE = 60;

type Fields = Record<string, string> | [string, string][];

/** A form as OAuth 2.0 asks for it. What is refused must be refused in its words, RFC 6749, 5.2. */
async function send(url: string, fields: Fields, headers: Record<string, string> = {}) {
  const response = await fetch(url, { method: 'POST', headers, body: new URLSearchParams(fields) });
  const answer = {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Answer['body'],
  };
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  if (answer.status < 400) return answer;
  assert.deepEqual(Object.keys(answer.body), ['error', 'error_description']);
  assert.match(answer.body.error, /^[a-z_]+$/);
  assert.match(answer.body.error_description, /^[\x20-\x21\x23-\x5b\x5d-\x7e]{10,}$/);
  return answer;
}

async function newClient(admin: Person, more: object = {}): Promise<Answer['body']> {
  const made = await admin.post('/clients', { name: 'reports', scopes: ['files:read', 'files:write'], ...more });
  assert.equal(made.status, 201, made.text);
  return { ...made.body, basic: { authorization: `Basic ${btoa(`${made.body.client_id}:${made.body.client_key}`)}` } };
}

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

for (const version of ['', '/v1']) {
  const base = service.url + version;

  describe(`${version}/token`, () => {
    let person: Person;
    let admin: Person;
    before(async () => {
      admin = await logIn(base, founder.username, founder.userId);
      person = await newPerson(base);
    });
    const token = (fields: Record<string, string>, headers?: Record<string, string>) =>
      send(`${base}/token`, fields, headers);
    const byPassword = (more = {}) =>
      token({ grant_type: 'password', username: person.username, password: person.password, ...more });

    test('takes grant_type=password as a form and answers {access_token, token_type: "bearer", …}', async () => {
      const { status, body } = await byPassword();
      assert.equal(status, 200);
      assert.deepEqual(body, {
        access_token: body.access_token,
        token_type: 'bearer',
        expires_in: 1800,
        refresh_token: body.refresh_token,
        scope: 'files:read files:write reveal',
      });
      const profile = await call(`${base}/profile`, bearer(body.access_token));
      assert.deepEqual(profile.body, { user: person.username });
    });

    test('takes grant_type=refresh_token, and spends it', async () => {
      const first = (await byPassword()).body;
      const { status, body } = await token({ grant_type: 'refresh_token', refresh_token: first.refresh_token });
      assert.equal(status, 200);
      assert.equal((await call(`${base}/profile`, bearer(body.access_token))).status, 200);
      clock.advance(11);
      const reused = await token({ grant_type: 'refresh_token', refresh_token: first.refresh_token });
      assert.deepEqual([reused.status, reused.body.error], [400, 'invalid_grant']);
    });

    test('takes grant_type=client_credentials by HTTP Basic or in the form, and gives no refresh token', async () => {
      const { client_id, client_key, basic } = await newClient(admin);
      for (const answer of [
        await token({ grant_type: 'client_credentials' }, basic),
        await token({ grant_type: 'client_credentials', client_id, client_secret: client_key }),
      ]) {
        assert.equal(answer.status, 200);
        const { access_token, ...rest } = answer.body;
        assert.deepEqual(rest, { token_type: 'bearer', expires_in: 1800, scope: 'files:read files:write' });
        assert.equal((await call(`${base}/me`, bearer(access_token))).body.user_id, client_id);
      }
    });

    test('holds the session to the scope that is asked for', async () => {
      const { body } = await byPassword({ scope: 'files:read' });
      assert.equal(body.scope, 'files:read');
      assert.equal((await call(`${base}/files`, bearer(body.access_token))).status, 200);
      const form = new FormData();
      form.append('file', new Blob(['name\nAda\n']), 'people.csv');
      const sent = await call(`${base}/files`, { method: 'POST', ...bearer(body.access_token), body: form });
      assert.deepEqual([sent.status, sent.body.code], [403, 'insufficient_scope']);
      assert.match(sent.headers.get('www-authenticate')!, /^Bearer .*error="insufficient_scope"/);
      assert.equal((await call(`${base}/sessions`, bearer(body.access_token))).body.code, 'insufficient_scope');
      const refreshed = await token({ grant_type: 'refresh_token', refresh_token: body.refresh_token });
      assert.equal(refreshed.body.scope, 'files:read');
      const { basic } = await newClient(admin);
      const client = await token({ grant_type: 'client_credentials', scope: 'files:read' }, basic);
      assert.equal(client.body.scope, 'files:read');
    });

    test('gives a user through a client no more than the client may', async () => {
      const { basic } = await newClient(admin, { scopes: ['files:read'] });
      const fields = { grant_type: 'password', username: person.username, password: person.password };
      assert.equal((await token(fields, basic)).body.scope, 'files:read');
      const more = await token({ ...fields, scope: 'files:write' }, basic);
      assert.deepEqual([more.status, more.body.error], [400, 'invalid_scope']);
    });

    test('gives a user’s refresh token through a client only to that client', async () => {
      const [one, other] = [await newClient(admin), await newClient(admin)];
      const fields = { grant_type: 'password', username: person.username, password: person.password };
      const { refresh_token } = (await token(fields, one.basic)).body;
      const renew = { grant_type: 'refresh_token', refresh_token };
      for (const by of [other.basic, undefined]) {
        const { status, body } = await token(renew, by);
        assert.deepEqual([status, body.error], [400, 'invalid_grant']);
      }
      const elsewhere = await sendJson(`${base}/auth/refresh`, 'POST', { refresh_token });
      assert.deepEqual([elsewhere.status, elsewhere.body.code], [401, 'refresh_token_invalid']);
      const next = await token(renew, one.basic);
      assert.equal(next.status, 200);
      const profile = await call(`${base}/profile`, bearer(next.body.access_token));
      assert.deepEqual(profile.body, { user: person.username });
    });

    test('gives a user’s own refresh token to no client', async () => {
      const { basic } = await newClient(admin);
      const { refresh_token } = (await byPassword()).body;
      const renew = { grant_type: 'refresh_token', refresh_token };
      assert.equal((await token(renew, basic)).body.error, 'invalid_grant');
      assert.equal((await token(renew)).status, 200);
    });

    test('ends a user’s session through a client with the client, and holds it to what the client may now', async () => {
      const client = await newClient(admin);
      const fields = { grant_type: 'password', username: person.username, password: person.password };
      const { access_token, refresh_token } = (await token(fields, client.basic)).body;
      const own = (await byPassword()).body;
      const ask = (path: string) => call(base + path, bearer(access_token));
      await admin.patch(`/clients/${client.client_id}`, { scopes: ['files:write'] });
      assert.equal((await ask('/files')).body.code, 'insufficient_scope');
      assert.equal((await ask('/profile')).status, 200);
      await admin.patch(`/clients/${client.client_id}`, { networks: ['10.0.0.0/8'] });
      assert.equal((await ask('/profile')).status, 401, 'not from here');
      await admin.patch(`/clients/${client.client_id}`, { networks: [] });
      assert.equal((await ask('/profile')).status, 200);
      await admin.delete(`/clients/${client.client_id}`);
      assert.equal((await ask('/profile')).status, 401);
      const renewed = await token({ grant_type: 'refresh_token', refresh_token });
      assert.equal(renewed.body.error, 'invalid_grant');
      assert.equal((await call(`${base}/profile`, bearer(own.access_token))).status, 200, 'their own goes on');
    });

    test('ends a user’s session through a client with the user', async () => {
      const { basic } = await newClient(admin);
      const victim = await newPerson(base);
      const fields = { grant_type: 'password', username: victim.username, password: victim.password };
      const { access_token } = (await token(fields, basic)).body;
      await admin.patch(`/users/${victim.userId}`, { active: false });
      assert.equal((await call(`${base}/profile`, bearer(access_token))).status, 401);
    });

    const refused: [what: string, fields: Record<string, string>, status: number, error: string][] = [
      ['no grant_type', {}, 400, 'invalid_request'],
      ['a grant that there is not', { grant_type: 'authorization_code' }, 400, 'unsupported_grant_type'],
      ['a grant called as a thing of the language', { grant_type: 'constructor' }, 400, 'unsupported_grant_type'],
      ['no password', { grant_type: 'password', username: 'x' }, 400, 'invalid_request'],
      ['a wrong password', { grant_type: 'password', username: 'x', password: 'y' }, 400, 'invalid_grant'],
      ['no refresh token', { grant_type: 'refresh_token' }, 400, 'invalid_request'],
      ['a refresh token that is none', { grant_type: 'refresh_token', refresh_token: 'x' }, 400, 'invalid_grant'],
      ['no client', { grant_type: 'client_credentials' }, 401, 'invalid_client'],
      [
        'a client that there is not',
        { grant_type: 'client_credentials', client_id: 'x', client_secret: 'y' },
        401,
        'invalid_client',
      ],
      ['a key without its client', { grant_type: 'client_credentials', client_secret: 'y' }, 401, 'invalid_client'],
      [
        'a scope that there is not',
        { grant_type: 'password', username: 'x', password: 'y', scope: 'all' },
        400,
        'invalid_scope',
      ],
    ];
    for (const [what, fields, status, error] of refused) {
      test(`refuses ${what} with ${status} ${error}`, async () => {
        const answer = await token(fields);
        assert.deepEqual([answer.status, answer.body.error], [status, error]);
        if (status === 401) assert.match(answer.headers.get('www-authenticate') ?? '', /^Basic realm=/);
      });
    }

    test('refuses a client’s key for another client, and one that was revoked', async () => {
      const [one, other] = [await newClient(admin), await newClient(admin)];
      const crossed = { grant_type: 'client_credentials', client_id: one.client_id, client_secret: other.client_key };
      assert.equal((await token(crossed)).body.error, 'invalid_client');
      await admin.delete(`/clients/${one.client_id}`);
      const { status, body } = await token({ grant_type: 'client_credentials' }, one.basic);
      assert.deepEqual([status, body.error], [401, 'invalid_client']);
    });

    test('refuses a client’s refresh token to another client, and to one that may not come from here any more', async () => {
      const [one, other] = [await newClient(admin), await newClient(admin)];
      const { refresh_token } = (await sendJson(`${base}/login`, 'POST', { client_key: one.client_key })).body;
      const fields = { grant_type: 'refresh_token', refresh_token };
      assert.deepEqual((await token(fields, other.basic)).body.error, 'invalid_grant');
      const next = await token(fields, one.basic);
      assert.equal(next.status, 200);
      await admin.patch(`/clients/${one.client_id}`, { networks: ['10.0.0.0/8'] });
      const { status, body } = await token({ ...fields, refresh_token: next.body.refresh_token });
      assert.deepEqual([status, body.error], [400, 'invalid_grant']);
    });

    test('refuses a client more scope than it has, and a user a scope that they make nothing of', async () => {
      const { basic } = await newClient(admin);
      const client = await token({ grant_type: 'client_credentials', scope: 'admin' }, basic);
      assert.deepEqual([client.status, client.body.error], [400, 'invalid_scope']);
      const user = await byPassword({ scope: 'admin' });
      assert.deepEqual([user.status, user.body.error], [400, 'invalid_scope']);
      assert.equal((await byPassword({ scope: 'admin files:read' })).body.scope, 'files:read');
    });

    test('refuses a parameter that is given twice, two ways to be a client, and what is no form', async () => {
      const { client_id, client_key, basic } = await newClient(admin);
      const twice = await send(`${base}/token`, [
        ['grant_type', 'password'],
        ['grant_type', 'client_credentials'],
      ]);
      assert.deepEqual([twice.status, twice.body.error], [400, 'invalid_request']);
      const both = { grant_type: 'client_credentials', client_id, client_secret: client_key };
      assert.equal((await token(both, basic)).body.error, 'invalid_request');
      const json = await fetch(`${base}/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(both),
      });
      assert.deepEqual([json.status, ((await json.json()) as Answer['body']).error], [400, 'invalid_request']);
    });

    test('an expired and an invalid token are told apart in the 401', async () => {
      const { access_token } = (await byPassword()).body;
      clock.advance(31 * MINUTE);
      const expired = await call(`${base}/profile`, bearer(access_token));
      assert.deepEqual([expired.status, expired.body.code], [401, 'token_expired']);
      assert.match(expired.headers.get('www-authenticate') ?? '', /invalid_token.*expired/);
      const invalid = await call(`${base}/profile`, bearer(`${access_token}x`));
      assert.deepEqual([invalid.status, invalid.body.code], [401, 'unauthorized']);
      admin = await logIn(base, founder.username, founder.userId);
    });

    test('an administrator may delete a user, a user may not', async () => {
      const victim = await newPerson(base);
      const user = (await byPassword()).body.access_token;
      const { username, password } = admin;
      const boss = (await token({ grant_type: 'password', username, password })).body.access_token;
      const remove = (by: string) => call(`${base}/users/${victim.userId}`, { method: 'DELETE', ...bearer(by) });
      assert.equal((await remove(user)).status, 403);
      assert.equal((await remove(boss)).status, 204);
    });

    test(`curl asks ${version}/token as the document writes it`, { skip: noCurl }, async () => {
      const fields = ['grant_type=password', `username=${person.username}`];
      const form = [...fields.flatMap((field) => ['-d', field]), '--data-urlencode', `password=${person.password}`];
      const { status, body } = await curl(`${base}/token`, '-X', 'POST', ...form);
      assert.equal(status, 200);
      const header = `Authorization: Bearer ${JSON.parse(body).access_token}`;
      assert.equal(JSON.parse((await curl(`${base}/profile`, '-H', header)).body).user, person.username);
    });
  });
}

test('who has a second factor sends a code of it as otp', async () => {
  const clock = createMovingClock();
  const apart = await startService(clock.env);
  after(() => apart.stop());
  const person = await newAdmin(apart);
  const { secret } = (await person.post('/users/me/totp')).body;
  const codeAt = (seconds: number) => totpCode(secret, Date.now() / 1000 + seconds);
  assert.equal((await person.post('/users/me/totp/confirm', { code: codeAt(0) })).status, 200);
  clock.advance(30);
  const { username, password } = person;
  const ask = (otp: string) => send(`${apart.url}/token`, { grant_type: 'password', username, password, otp });
  for (const otp of ['', '000000']) {
    const { status, body } = await ask(otp);
    assert.deepEqual([status, body.error], [400, 'invalid_grant']);
    assert.match(body.error_description, otp ? /code/ : /as otp/);
  }
  assert.equal((await ask(codeAt(30))).status, 200);
  const wrong = await send(`${apart.url}/token`, { grant_type: 'password', username, password: 'wrong', otp: '' });
  assert.doesNotMatch(wrong.body.error_description, /factor/, 'nothing is told before the right password');
  clock.advance(30);
  const login = await sendJson(`${apart.url}/login`, 'POST', { username, password, code: codeAt(60) });
  assert.equal(login.status, 200, login.text);
});

describe('/revoke and /introspect', () => {
  let admin: Person;
  before(async () => {
    admin = await logIn(service.url, founder.username, founder.userId);
  });
  const revoke = (token: string, headers?: Record<string, string>) => send(`${service.url}/revoke`, { token }, headers);
  const introspect = (token: string, headers?: Record<string, string>) =>
    send(`${service.url}/introspect`, { token }, headers);

  test('either token of a pair ends both at once; a token that is none is no error', async () => {
    for (const which of ['accessToken', 'refreshToken'] as const) {
      const person = await newPerson(service.url);
      assert.equal((await revoke(person[which])).status, 200);
      assert.equal((await person.get('/profile')).status, 401);
      const refreshed = await send(`${service.url}/token`, {
        grant_type: 'refresh_token',
        refresh_token: person.refreshToken,
      });
      assert.equal(refreshed.body.error, 'invalid_grant');
      assert.equal((await revoke(person[which])).status, 200);
    }
    for (const token of ['x', 'a.b.c', `${crypto.randomUUID()}.${'A'.repeat(43)}`]) {
      assert.equal((await revoke(token)).status, 200);
    }
  });

  test('a client ends its own tokens, not another client’s, and none with a wrong key', async () => {
    const [one, other] = [await newClient(admin), await newClient(admin)];
    const { access_token } = (await send(`${service.url}/token`, { grant_type: 'client_credentials' }, one.basic)).body;
    assert.equal((await revoke(access_token, other.basic)).body.error, 'unauthorized_client');
    const wrong = { authorization: `Basic ${btoa(`${one.client_id}:${other.client_key}`)}` };
    assert.deepEqual((await revoke(access_token, wrong)).status, 401);
    assert.equal((await call(`${service.url}/me`, bearer(access_token))).status, 200);
    assert.equal((await revoke(access_token, one.basic)).status, 200);
    assert.equal((await call(`${service.url}/me`, bearer(access_token))).status, 401);
  });

  test('a client is told what a token is good for, and that it is not any more', async () => {
    const { client_id, basic } = await newClient(admin);
    const person = await newPerson(service.url);
    const { status, body } = await introspect(person.accessToken, basic);
    assert.equal(status, 200);
    assert.deepEqual(
      [body.active, body.sub, body.username, body.scope, body.token_type, body.exp - body.iat],
      [true, person.userId, person.username, 'files:read files:write reveal', 'bearer', 1800],
    );
    assert.equal('client_id' in body, false, 'no client has asked for it');
    const fields = { grant_type: 'password', username: person.username, password: person.password };
    const through = (await send(`${service.url}/token`, fields, basic)).body.access_token;
    const told = (await introspect(through, basic)).body;
    assert.deepEqual([told.username, told.client_id], [person.username, client_id]);
    assert.equal((await introspect(person.refreshToken, basic)).body.active, true);
    await person.post('/auth/refresh', { refresh_token: person.refreshToken });
    assert.deepEqual((await introspect(person.refreshToken, basic)).body, { active: false }, 'a spent one');
    await person.post('/logout');
    for (const token of [person.accessToken, person.refreshToken, 'x', 'a.b.c']) {
      assert.deepEqual((await introspect(token, basic)).body, { active: false });
    }
  });

  test('an administrator may ask with a bearer token; a member and nobody may not', async () => {
    const person = await newPerson(service.url);
    assert.equal((await introspect(person.accessToken, admin.headers)).body.active, true);
    const member = await introspect(person.accessToken, person.headers);
    assert.deepEqual([member.status, member.body.error], [403, 'insufficient_scope']);
    const nobody = await introspect(person.accessToken);
    assert.deepEqual([nobody.status, nobody.body.error], [401, 'invalid_client']);
    const stale = await introspect(person.accessToken, { authorization: 'Bearer x' });
    assert.deepEqual([stale.status, stale.body.error], [401, 'invalid_token']);
    assert.match(stale.headers.get('www-authenticate') ?? '', /^Bearer/);
  });

  test('a client’s token is active wherever whoever asks is', async () => {
    const asker = await newClient(admin);
    const { client_id, basic } = await newClient(admin, { networks: ['127.0.0.0/8'] });
    const { access_token } = (await send(`${service.url}/token`, { grant_type: 'client_credentials' }, basic)).body;
    const { body } = await introspect(access_token, asker.basic);
    assert.deepEqual([body.active, body.client_id, body.sub], [true, client_id, client_id]);
    clock.advance(31 * MINUTE);
    admin = await logIn(service.url, founder.username, founder.userId);
    assert.deepEqual((await introspect(access_token, asker.basic)).body, { active: false });
  });
});

describe('a foreign OAuth 2.0 client', () => {
  async function discover(id: string, authentication: openid.ClientAuth): Promise<openid.Configuration> {
    return openid.discovery(new URL(service.url), id, undefined, authentication, {
      algorithm: 'oauth2',
      execute: [openid.allowInsecureRequests],
    });
  }

  test('finds everything by discovery, and gets, inspects and ends a token of its own', async () => {
    const admin = await logIn(service.url, founder.username, founder.userId);
    const { client_id, client_key } = await newClient(admin);
    for (const way of [openid.ClientSecretBasic, openid.ClientSecretPost]) {
      const config = await discover(client_id, way(client_key));
      const tokens = await openid.clientCredentialsGrant(config, { scope: 'files:read' });
      assert.deepEqual([tokens.token_type, tokens.expires_in, tokens.scope], ['bearer', 1800, 'files:read']);
      assert.equal((await call(`${service.url}/files`, bearer(tokens.access_token))).status, 200);
      const told = await openid.tokenIntrospection(config, tokens.access_token);
      assert.deepEqual([told.active, told.client_id, told.scope], [true, client_id, 'files:read']);
      await openid.tokenRevocation(config, tokens.access_token);
      assert.equal((await openid.tokenIntrospection(config, tokens.access_token)).active, false);
    }
  });

  test('gets tokens for a password, and new ones for its refresh token', async () => {
    const person = await newPerson(service.url);
    const config = await discover('any name', openid.None());
    const { username, password } = person;
    const first = await openid.genericGrantRequest(config, 'password', { username, password });
    const next = await openid.refreshTokenGrant(config, first.refresh_token!);
    assert.notEqual(next.refresh_token, first.refresh_token);
    assert.equal((await call(`${service.url}/profile`, bearer(next.access_token))).body.user, username);
    await assert.rejects(
      openid.genericGrantRequest(config, 'password', { username, password: 'wrong' }),
      (error: openid.ResponseBodyError) => error.error === 'invalid_grant' && error.status === 400,
    );
  });

  test('with a wrong key is told so in a way it understands', async () => {
    const config = await discover(crypto.randomUUID(), openid.ClientSecretBasic('wrong'));
    await assert.rejects(
      openid.clientCredentialsGrant(config),
      (error: openid.WWWAuthenticateChallengeError) => error.cause[0]?.scheme === 'basic',
    );
  });
});

test('the metadata says where the calls are for whoever asks, as PUBLIC_URL or a trusted proxy says', async () => {
  const path = '/.well-known/oauth-authorization-server';
  const direct = await call(service.url + path);
  assert.equal(direct.body.issuer, service.url);
  assert.equal(direct.body.token_endpoint, `${service.url}/v1/token`);
  const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'intakt.example' };
  assert.equal((await call(service.url + path, { headers: forwarded })).body.issuer, service.url);
  const settings = { TRUST_PROXY: '127.0.0.1', OAUTH_PASSWORD_GRANT: 'false' };
  const proxied = await startService(settings);
  after(() => proxied.stop());
  const behind = (await call(proxied.url + path, { headers: forwarded })).body;
  assert.equal(behind.issuer, 'https://intakt.example');
  assert.deepEqual(behind.grant_types_supported, ['refresh_token', 'client_credentials']);
  const refused = await send(`${proxied.url}/token`, { grant_type: 'password', username: 'x', password: 'y' });
  assert.deepEqual([refused.status, refused.body.error], [400, 'unsupported_grant_type']);
  const named = await startService({ PUBLIC_URL: 'https://files.example.org/' });
  after(() => named.stop());
  const { issuer, introspection_endpoint } = (await call(named.url + path)).body;
  assert.deepEqual(
    [issuer, introspection_endpoint],
    ['https://files.example.org', 'https://files.example.org/v1/introspect'],
  );
});

test('too many wrong keys answer 429 in OAuth’s words and say when to come back', async () => {
  const limited = await startService({ LOGIN_LIMIT_PER_MINUTE: '3' });
  after(() => limited.stop());
  const fields = { grant_type: 'client_credentials', client_id: 'x', client_secret: 'y' };
  for (let i = 0; i < 3; i++) assert.equal((await send(`${limited.url}/token`, fields)).status, 401);
  const { status, body, headers } = await send(`${limited.url}/token`, fields);
  assert.deepEqual([status, body.error], [429, 'temporarily_unavailable']);
  assert.ok(Number(headers.get('retry-after')) > 0);
});

test('no key, password or token is in the log, however much is logged', async () => {
  const talkative = await startService({ LOG_LEVEL: 'trace' });
  after(() => talkative.stop());
  const admin = await newAdmin(talkative);
  const { client_id, client_key, basic } = await newClient(admin);
  const url = `${talkative.url}/token`;
  const { username, password } = admin;
  const tokens = [
    await send(url, { grant_type: 'client_credentials' }, basic),
    await send(url, { grant_type: 'client_credentials', client_id, client_secret: client_key }),
    await send(url, { grant_type: 'password', username, password }),
    await sendJson(`${talkative.url}/login`, 'POST', { client_key }),
  ];
  await send(`${talkative.url}/introspect`, { token: tokens[0]!.body.access_token }, basic);
  await send(url, { grant_type: 'refresh_token', refresh_token: tokens[2]!.body.refresh_token });
  await send(`${talkative.url}/revoke`, { token: tokens[1]!.body.access_token });
  const log = talkative.stdout() + talkative.stderr().replace(talkative.setupToken, '');
  assert.match(log, /"route":"\/token"/);
  const secrets = [client_key, basic.authorization.slice(6), password];
  for (const { body } of tokens) secrets.push(body.access_token, ...(body.refresh_token ? [body.refresh_token] : []));
  for (const secret of secrets) assert.ok(!log.includes(secret));
});
