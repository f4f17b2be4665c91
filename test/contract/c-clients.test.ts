import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Answer, call, eventually, logIn, newAdmin, newPerson, type Person, sendJson } from '../helpers/client.ts';
import { followWithHeader } from '../helpers/live.ts';
import { createMovingClock } from '../helpers/moving-clock.ts';
import { startService } from '../helpers/service.ts';
import { curl, noCurl } from '../helpers/tools.ts';

const clock = createMovingClock();
const service = await startService(clock.env);
after(() => service.stop());
const founder = await newAdmin(service);

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const ALL = ['files:read', 'files:write', 'reveal'];

/** Logged in anew, as what is asked here needs a proof that is not old. */
function administrator(base = service.url): Promise<Person> {
  return logIn(base, founder.username, founder.userId);
}

async function newClient(admin: Person, more: object = {}): Promise<Answer['body']> {
  const made = await admin.post('/clients', { name: 'nightly import', scopes: ALL, ...more });
  assert.equal(made.status, 201, made.text);
  return made.body;
}

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

for (const version of ['', '/v1']) {
  const base = service.url + version;
  const post = (path: string, body: unknown) => sendJson(base + path, 'POST', body);
  const enter = (client_key: string) => post('/login', { client_key });

  describe(`${version}/login with a client key`, () => {
    let admin: Person;
    before(async () => {
      admin = await administrator(base);
    });

    test('answers {access_token, refresh_token, user_id, token_type, expires_in}', async () => {
      const { client_id, client_key } = await newClient(admin);
      const { status, body } = await enter(client_key);
      assert.equal(status, 200);
      const names = ['access_token', 'expires_in', 'refresh_token', 'token_type', 'user_id'];
      assert.deepEqual(Object.keys(body).sort(), names);
      assert.equal(body.user_id, client_id);
      assert.equal(body.token_type, 'bearer');
      assert.equal(body.expires_in, 1800);
    });

    test('opens /secure-data and /me, which tell who asks', async () => {
      const { client_id, client_key } = await newClient(admin, { role: 'viewer', scopes: ['files:read'] });
      const { access_token: token } = (await enter(client_key)).body;
      const secure = await call(`${base}/secure-data`, bearer(token));
      assert.equal(secure.status, 200);
      assert.match(secure.body.message, /nightly import/);
      const { status, body } = await call(`${base}/me`, bearer(token));
      assert.equal(status, 200);
      assert.deepEqual(
        [body.kind, body.user_id, body.name, body.role, body.may_reveal, body.scopes],
        ['client', client_id, 'nightly import', 'viewer', false, ['files:read']],
      );
    });

    test('without a bearer token they answer 401 and ask for one', async () => {
      for (const path of ['/secure-data', '/me', '/profile']) {
        const { status, headers } = await call(base + path);
        assert.equal(status, 401);
        assert.equal(headers.get('www-authenticate'), 'Bearer realm="intakt"');
      }
      assert.equal((await call(`${base}/logout`, { method: 'POST' })).status, 401);
    });

    test('/refresh-token gives a new pair and spends the old refresh token', async () => {
      const first = (await enter((await newClient(admin)).client_key)).body;
      const { status, body } = await post('/refresh-token', { refresh_token: first.refresh_token });
      assert.equal(status, 200);
      assert.equal((await call(`${base}/me`, bearer(body.access_token))).status, 200);
      clock.advance(11);
      const reused = await post('/refresh-token', { refresh_token: first.refresh_token });
      assert.equal(reused.status, 401);
      assert.equal(reused.body.code, 'refresh_token_invalid');
      assert.equal((await call(`${base}/me`, bearer(body.access_token))).status, 401, 'the whole family has ended');
    });

    test('/logout ends the access token and its refresh family at once, and no other session', async () => {
      const { client_key } = await newClient(admin);
      const one = (await enter(client_key)).body;
      const other = (await enter(client_key)).body;
      assert.equal((await call(`${base}/logout`, { method: 'POST', ...bearer(one.access_token) })).status, 200);
      assert.equal((await call(`${base}/me`, bearer(one.access_token))).status, 401);
      assert.equal((await post('/refresh-token', { refresh_token: one.refresh_token })).status, 401);
      assert.equal((await call(`${base}/me`, bearer(other.access_token))).status, 200);
    });

    test('/login takes a username and password too, and /me tells of the user', async () => {
      const { username, password } = admin;
      const { status, body } = await post('/login', { username, password });
      assert.equal(status, 200);
      assert.equal(body.user_id, admin.userId);
      const me = await call(`${base}/me`, bearer(body.access_token));
      assert.deepEqual([me.body.kind, me.body.name], ['user', username]);
      for (const incomplete of [{}, { username }, { password }]) {
        assert.equal((await post('/login', incomplete)).status, 400);
      }
    });

    test('refuses a key that is none, one letter off, or cut, with 401 client_key_invalid', async () => {
      const { client_key: key } = await newClient(admin);
      const off = key.slice(0, -1) + (key.endsWith('A') ? 'B' : 'A');
      const answers = await Promise.all(['x', off, key.slice(0, -6), `${key}A`, ` ${key}`].map(enter));
      for (const { status, body } of answers) {
        assert.equal(status, 401);
        assert.equal(body.code, 'client_key_invalid');
      }
      assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
    });

    test(`curl logs in at ${version}/login as the document writes it`, { skip: noCurl }, async () => {
      const { client_key } = await newClient(admin);
      const json = ['-H', 'Content-Type: application/json', '-X', 'POST'];
      const login = await curl(`${base}/login`, ...json, '-d', JSON.stringify({ client_key }));
      assert.equal(login.status, 200);
      const { access_token: token } = JSON.parse(login.body);
      const secure = await curl(`${base}/secure-data`, '-H', `Authorization: Bearer ${token}`);
      assert.equal(JSON.parse(secure.body).kind, 'client');
    });
  });
}

describe('a client', () => {
  let admin: Person;
  before(async () => {
    clock.advance(HOUR);
    admin = await administrator();
  });
  const enter = (client_key: string, headers = {}) => sendJson(`${service.url}/login`, 'POST', { client_key }, headers);
  const me = (token: string) => call(`${service.url}/me`, bearer(token));

  test('is told with its key once, and never again', async () => {
    const made = await newClient(admin, { expires_at: '2100-01-01T00:00:00Z', networks: ['127.0.0.0/8', '::1'] });
    assert.match(made.client_key, /^ik_[\w-]{49}$/);
    const told = await admin.get(`/clients/${made.client_id}`);
    const { client_key, ...rest } = made;
    assert.deepEqual(told.body, rest);
    assert.deepEqual(
      rest.keys.map(({ hint }: { hint: string }) => hint),
      [client_key.slice(0, 9)],
    );
    assert.equal(rest.expires_at, '2100-01-01T00:00:00.000Z');
    const list = await admin.get('/clients');
    assert.deepEqual(list.body.items[0], rest);
    const audit = await admin.get(`/audit?target=client:${made.client_id}`);
    for (const { text } of [told, list, audit]) assert.ok(!text.includes(client_key.slice(9)));
  });

  test('is made with a name alone, and rotated without saying more', async () => {
    const { status, body } = await admin.post('/clients', { name: 'bare' });
    assert.deepEqual([status, body.role, body.scopes], [201, 'member', ['files:read', 'files:write']]);
    const url = `${service.url}/clients/${body.client_id}/rotate`;
    const rotated = await call(url, { method: 'POST', headers: admin.headers });
    assert.equal(rotated.status, 200);
    for (const key of [body.client_key, rotated.body.client_key]) assert.equal((await enter(key)).status, 200);
  });

  test('acts with its scopes and no more: it uploads and reads its own files', async () => {
    const { client_key } = await newClient(admin, { scopes: ['files:read', 'files:write'] });
    const { access_token: token } = (await enter(client_key)).body;
    const form = new FormData();
    form.append('file', new Blob(['name,city\nAda,London\n']), 'people.csv');
    const sent = await call(`${service.url}/files`, {
      method: 'POST',
      headers: { ...bearer(token).headers, prefer: 'wait=20' },
      body: form,
    });
    assert.equal(sent.status, 200, sent.text);
    const { total } = (await call(`${service.url}/files`, bearer(token))).body;
    assert.equal(total, 1);
    const plain = await call(`${service.url}/files/${sent.body.file_id}?level=plain`, bearer(token));
    assert.deepEqual([plain.status, plain.body.code], [403, 'insufficient_scope']);
    for (const path of ['/users', '/audit', '/clients']) {
      const { status } = await call(service.url + path, bearer(token));
      assert.equal(status, 403, path);
    }
    assert.equal((await call(`${service.url}/users/me`, bearer(token))).body.code, 'user_not_found');
    assert.equal((await call(`${service.url}/sessions`, bearer(token))).body.code, 'insufficient_scope');
  });

  test('that is revoked is out at once, and its files stay for an administrator', async () => {
    const { client_id, client_key } = await newClient(admin, { name: 'short lived' });
    const { access_token: token, refresh_token } = (await enter(client_key)).body;
    const form = new FormData();
    form.append('file', new Blob(['name\nAda\n']), 'kept.csv');
    const sent = await call(`${service.url}/files`, { method: 'POST', ...bearer(token), body: form });
    assert.equal((await admin.delete(`/clients/${client_id}`)).status, 204);
    assert.equal((await me(token)).status, 401);
    assert.equal((await sendJson(`${service.url}/auth/refresh`, 'POST', { refresh_token })).status, 401);
    assert.equal((await enter(client_key)).body.code, 'client_key_invalid');
    const kept = await admin.get(`/files/${sent.body.file_id}`);
    assert.ok(kept.status < 300);
    assert.equal(kept.body.owner_id, client_id);
    assert.equal((await admin.get(`/clients/${client_id}`)).body.status, 'revoked');
    const again = [
      await admin.delete(`/clients/${client_id}`),
      await admin.patch(`/clients/${client_id}`, { name: 'x' }),
      await admin.post(`/clients/${client_id}/rotate`),
    ];
    for (const { status, body } of again) assert.deepEqual([status, body.code], [404, 'client_not_found']);
  });

  test('gets another key while the old one goes on for the overlap', async () => {
    const { client_id, client_key: old } = await newClient(admin);
    const before = (await enter(old)).body;
    const rotated = await admin.post(`/clients/${client_id}/rotate`, { overlap_hours: 2 });
    assert.equal(rotated.status, 200, rotated.text);
    const { client_key: fresh, keys } = rotated.body;
    assert.notEqual(fresh, old);
    assert.equal(keys.length, 2);
    assert.equal((await enter(old)).status, 200);
    const after = (await enter(fresh)).body;
    clock.advance(2 * HOUR + MINUTE);
    assert.equal((await enter(old)).body.code, 'client_key_invalid');
    assert.equal((await enter(fresh)).status, 200);
    const refresh = (refresh_token: string) => sendJson(`${service.url}/refresh-token`, 'POST', { refresh_token });
    assert.equal((await refresh(before.refresh_token)).status, 401, 'what the old key began ends with it');
    assert.equal((await refresh(after.refresh_token)).status, 200);
    admin = await administrator();
    assert.equal((await admin.get(`/clients/${client_id}`)).body.keys.length, 1);
  });

  test('that is rotated without overlap loses the old key and every session at once', async () => {
    const { client_id, client_key: old } = await newClient(admin);
    const { access_token: token } = (await enter(old)).body;
    const { client_key: fresh } = (await admin.post(`/clients/${client_id}/rotate`, { overlap_hours: 0 })).body;
    assert.equal((await me(token)).status, 401);
    assert.equal((await enter(old)).status, 401);
    assert.equal((await enter(fresh)).status, 200);
  });

  test('is out when it expires, whatever it holds', async () => {
    const soon = new Date(Date.now() + 30 * DAY * 1000).toISOString();
    const { client_id, client_key } = await newClient(admin, { expires_at: soon });
    const { access_token: token, refresh_token } = (await enter(client_key)).body;
    assert.equal((await admin.patch(`/clients/${client_id}`, { expires_at: '2020-01-01T00:00:00Z' })).status, 400);
    const told = (await admin.get(`/clients/${client_id}`)).body;
    const near = new Date(Date.parse((await admin.get('/audit?limit=1')).body.items[0].at) + 10_000).toISOString();
    assert.equal((await admin.patch(`/clients/${client_id}`, { expires_at: near })).status, 200);
    assert.equal((await me(token)).status, 200);
    clock.advance(11);
    assert.equal((await me(token)).status, 401);
    assert.equal((await sendJson(`${service.url}/refresh-token`, 'POST', { refresh_token })).status, 401);
    assert.equal((await enter(client_key)).body.code, 'client_key_invalid');
    assert.equal((await admin.get(`/clients/${client_id}`)).body.status, 'expired');
    assert.equal((await admin.patch(`/clients/${client_id}`, { expires_at: null })).body.expires_at, null);
    assert.equal((await enter(client_key)).status, 200);
    assert.equal(told.status, 'active');
  });

  test('that comes from outside its networks is refused as if its key were wrong, and the log says why', async () => {
    const { client_id, client_key } = await newClient(admin, { networks: ['10.0.0.0/8'] });
    const outside = await enter(client_key);
    const wrong = await enter(`ik_${'A'.repeat(49)}`);
    assert.deepEqual([outside.status, outside.text], [401, wrong.text]);
    const log = (await admin.get(`/audit?target=client:${client_id}&action=client.login_refused`)).body;
    assert.deepEqual(
      log.items.map(({ detail }: { detail: object }) => detail),
      [{ reason: 'network' }],
    );
    assert.equal((await admin.patch(`/clients/${client_id}`, { networks: ['127.0.0.1'] })).status, 200);
    const { access_token: token, refresh_token } = (await enter(client_key)).body;
    assert.equal((await admin.patch(`/clients/${client_id}`, { networks: ['10.0.0.0/8'] })).status, 200);
    assert.equal((await me(token)).status, 401);
    const refreshed = await sendJson(`${service.url}/auth/refresh`, 'POST', { refresh_token });
    assert.equal(refreshed.body.code, 'client_key_invalid');
    assert.equal((await admin.patch(`/clients/${client_id}`, { networks: ['10.0.0.0/33'] })).status, 400);
  });

  test('loses a scope at once when it is taken', async () => {
    const { client_id, client_key } = await newClient(admin);
    const { access_token: token } = (await enter(client_key)).body;
    assert.equal((await call(`${service.url}/files`, bearer(token))).status, 200);
    assert.equal((await admin.patch(`/clients/${client_id}`, { scopes: ['reveal'] })).status, 200);
    assert.equal((await call(`${service.url}/files`, bearer(token))).body.code, 'insufficient_scope');
  });

  test('has its last use told, by login and by refresh', async () => {
    const { client_id, client_key, last_used_at } = await newClient(admin);
    assert.equal(last_used_at, null);
    const { refresh_token } = (await enter(client_key)).body;
    const first = (await admin.get(`/clients/${client_id}`)).body.last_used_at;
    clock.advance(MINUTE);
    await sendJson(`${service.url}/refresh-token`, 'POST', { refresh_token });
    const second = (await admin.get(`/clients/${client_id}`)).body.last_used_at;
    assert.ok(Date.parse(second) - Date.parse(first) >= MINUTE * 1000);
  });

  const refused: [what: string, client: object][] = [
    ['no name', { name: undefined }],
    ['a name of spaces', { name: '  ' }],
    ['no scopes', { scopes: [] }],
    ['a scope that there is not', { scopes: ['everything'] }],
    ['a role that there is not', { role: 'owner' }],
    ['a scope that its role makes nothing of', { role: 'viewer', scopes: ['files:write'] }],
    ['a network that is none', { networks: ['10.0.0.0/99'] }],
    ['an end in the past', { expires_at: '2001-01-01T00:00:00Z' }],
    ['an end that is no time', { expires_at: 'tomorrow' }],
  ];
  for (const [what, client] of refused) {
    test(`is not made with ${what}`, async () => {
      const { status, body } = await admin.post('/clients', { name: 'x', scopes: ['files:read'], ...client });
      assert.deepEqual([status, body.code], [400, 'invalid_request']);
    });
  }

  test('is made, seen and changed by administrators alone', async () => {
    const { client_id } = await newClient(admin);
    const member = await newPerson(service.url);
    const asked = [
      await member.get('/clients'),
      await member.get(`/clients/${client_id}`),
      await member.post('/clients', { name: 'mine', scopes: ['files:read'] }),
      await member.patch(`/clients/${client_id}`, { name: 'mine' }),
      await member.post(`/clients/${client_id}/rotate`),
      await member.delete(`/clients/${client_id}`),
    ];
    for (const { status } of asked) assert.equal(status, 403);
    for (const id of ['x', '00000000-0000-4000-8000-000000000000']) {
      assert.equal((await admin.get(`/clients/${id}`)).body.code, 'client_not_found');
    }
  });

  test('gets nothing that its maker does not hold: neither at first, nor later, nor by a new key', async () => {
    const full = await newClient(admin);
    const other = await newPerson(service.url);
    await admin.patch(`/users/${other.userId}`, { role: 'admin', may_reveal: false });
    const wish = await other.post('/clients', { name: 'greedy', scopes: ['files:read', 'reveal'] });
    assert.deepEqual([wish.status, wish.body.code], [403, 'reveal_not_allowed']);
    const modest = await other.post('/clients', { name: 'modest', scopes: ['files:read'] });
    assert.equal(modest.status, 201);
    const later = await other.patch(`/clients/${modest.body.client_id}`, { scopes: ['files:read', 'reveal'] });
    assert.equal(later.body.code, 'reveal_not_allowed');
    const key = await other.post(`/clients/${full.client_id}/rotate`);
    assert.equal(key.body.code, 'reveal_not_allowed');

    const manager = await newClient(admin, { role: 'admin', scopes: ['admin', 'files:read'] });
    const { access_token } = (await enter(manager.client_key)).body;
    const made = await sendJson(
      `${service.url}/clients`,
      'POST',
      { name: 'child', role: 'admin', scopes: ['audit:read'] },
      bearer(access_token).headers,
    );
    assert.deepEqual([made.status, made.body.code], [403, 'insufficient_scope']);
  });

  test('is not made or rotated by who has not proved for a while who they are', async () => {
    const { client_id } = await newClient(admin);
    clock.advance(16 * MINUTE);
    for (const path of ['/clients', `/clients/${client_id}/rotate`]) {
      const { status, body } = await admin.post(path, { name: 'late', scopes: ['files:read'] });
      assert.deepEqual([status, body.code], [403, 'confirmation_required']);
    }
    assert.equal((await admin.delete(`/clients/${client_id}`)).status, 204, 'to end one never waits');
    admin = await administrator();
  });

  for (const [how, end] of [
    ['logs out', (_id: string, token: string) => call(`${service.url}/logout`, { method: 'POST', ...bearer(token) })],
    ['is revoked', (id: string) => admin.delete(`/clients/${id}`)],
    ['is rotated without overlap', (id: string) => admin.post(`/clients/${id}/rotate`, { overlap_hours: 0 })],
    ['may not come from here any more', (id: string) => admin.patch(`/clients/${id}`, { networks: ['10.0.0.0/8'] })],
  ] as const) {
    test(`that ${how} hears no more on an open socket within a second`, async () => {
      const { client_id, client_key } = await newClient(admin);
      const { headers } = bearer((await enter(client_key)).body.access_token);
      const form = new FormData();
      form.append('file', new Blob(['name\nAda\n']), 'followed.csv');
      const sent = await call(`${service.url}/files`, { method: 'POST', headers, body: form });
      const socket = await followWithHeader({ ...admin, headers }, `/ws/${sent.body.file_id}`);
      await eventually('the socket says something', () => socket.messages.length > 0);
      assert.ok((await end(client_id, headers.authorization.slice(7))).status < 300);
      const ended = performance.now();
      assert.equal(await socket.closed, 1008);
      assert.ok(performance.now() - ended < 1000);
    });
  }

  test('of another workspace does not exist, and its tokens are good for nothing there', async () => {
    const { client_id, client_key } = await newClient(admin);
    const { access_token: token } = (await enter(client_key)).body;
    const made = await admin.post('/workspaces', { name: 'elsewhere' });
    assert.equal(made.status, 201, made.text);
    const { workspace_id } = made.body;
    const { body: pair } = await admin.post('/auth/workspace', { workspace_id });
    const ask = (method: string, path: string, body?: object) =>
      sendJson(service.url + path, method, body, bearer(pair.access_token).headers);
    const own = await ask('POST', '/clients', { name: 'there', scopes: ['files:read'] });
    assert.equal(own.status, 201, own.text);
    const list = await call(`${service.url}/clients`, bearer(pair.access_token));
    assert.deepEqual([list.body.total, list.body.items[0].client_id], [1, own.body.client_id]);
    for (const [method, path, body] of [
      ['PATCH', `/clients/${client_id}`, { name: 'x' }],
      ['POST', `/clients/${client_id}/rotate`, {}],
      ['DELETE', `/clients/${client_id}`, {}],
    ] as const) {
      const answer = await ask(method, path, body);
      assert.deepEqual([answer.status, answer.body.code], [404, 'client_not_found'], path);
    }
    const introspect = async (by: string) => {
      const authorization = `Basic ${btoa(by)}`;
      const body = new URLSearchParams({ token });
      return (await fetch(`${service.url}/introspect`, { method: 'POST', headers: { authorization }, body })).json();
    };
    assert.deepEqual(await introspect(`${own.body.client_id}:${own.body.client_key}`), { active: false });
    assert.equal(((await introspect(`${client_id}:${client_key}`)) as { active: boolean }).active, true);
  });

  test('leaves its way in the audit log, without a key in it', async () => {
    const { client_id, client_key } = await newClient(admin);
    const { access_token: token } = (await enter(client_key)).body;
    await call(`${service.url}/logout`, { method: 'POST', ...bearer(token) });
    await admin.patch(`/clients/${client_id}`, { name: 'renamed' });
    await admin.post(`/clients/${client_id}/rotate`);
    await admin.delete(`/clients/${client_id}`);
    await enter(client_key);
    const { body, text } = await admin.get('/audit?limit=20');
    const mine = body.items.filter(
      (entry: { target: string; actor_id: string }) =>
        entry.target === `client:${client_id}` || entry.actor_id === client_id,
    );
    assert.deepEqual(mine.map(({ action }: { action: string }) => action).reverse(), [
      'client.create',
      'client.login',
      'client.logout',
      'client.change',
      'client.rotate',
      'client.revoke',
      'client.login_refused',
    ]);
    assert.equal(mine[0].detail.reason, 'revoked');
    assert.ok(!text.includes(client_key.slice(9)));
  });
});
