import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { inventedAadhaars } from '../helpers/aadhaar.ts';
import { type Answer, call, eventually, logIn, newAdmin, type Person, sendJson, untilOver } from '../helpers/client.ts';
import { RAW_FORM, rawForm } from '../helpers/raw-http.ts';
import { startService } from '../helpers/service.ts';
import { storedBlobs } from '../helpers/stored.ts';

const service = await startService();
after(() => service.stop());
const base = `${service.url}/v1`;
const csv = `name,aadhaar\n${inventedAadhaars(4)
  .map((number, n) => `Person ${n},${number}`)
  .join('\n')}\n`;

/** Whoever runs the service, in the default workspace. */
let operator: Person;
let people = 0;

before(async () => {
  operator = await newAdmin(service, 'operator');
});

const json = (person: Pick<Person, 'headers'>) => ({
  get: (path: string) => call(base + path, { headers: person.headers }),
  post: (path: string, body: object = {}) => sendJson(base + path, 'POST', body, person.headers),
  patch: (path: string, body: object) => sendJson(base + path, 'PATCH', body, person.headers),
  put: (path: string, body: object) => sendJson(base + path, 'PUT', body, person.headers),
  delete: (path: string) => call(base + path, { method: 'DELETE', headers: person.headers }),
});

/** A new workspace, and the operator as its administrator. */
async function newWorkspace(more: object = {}) {
  const made = await operator.post('/workspaces', { name: `Workspace ${++people}`, ...more });
  assert.equal(made.status, 201, made.text);
  const id: string = made.body.workspace_id;
  const { body } = await operator.post('/auth/workspace', { workspace_id: id });
  return { id, made: made.body, admin: { headers: { authorization: `Bearer ${body.access_token}` } } };
}

/** Somebody new in a workspace. */
async function newMember(admin: Pick<Person, 'headers'>, role = 'member', mayReveal = true): Promise<Person> {
  const invited = await json(admin).post('/invitations', { role, may_reveal: mayReveal });
  assert.equal(invited.status, 201, invited.text);
  const username = `${role}-${++people}`;
  const registration = { username, email: `${username}@example.org`, password: 'correct horse battery staple' };
  const joined = await sendJson(`${base}/auth/register`, 'POST', { ...registration, invitation: invited.body.token });
  assert.equal(joined.status, 201, joined.text);
  return logIn(base, username, joined.body.user_id);
}

const sent = ({ status, body }: Answer) => [status, body.code];

test('whoever runs the service makes workspaces and is their first administrator; nobody else makes any', async () => {
  const { id, made, admin } = await newWorkspace({ max_files: 10 });
  assert.deepEqual(made.quotas, { max_bytes: null, max_files: 10, max_rows: null, max_requests: null });
  assert.deepEqual([made.role, made.shared_files], ['admin', false]);
  const current = (await json(admin).get('/workspaces/current')).body;
  assert.deepEqual([current.workspace_id, current.usage], [id, { bytes: 0, files: 0, rows: 0, requests: null }]);
  const other = await newMember(admin, 'admin');
  for (const answer of [
    await other.post('/workspaces', { name: 'mine' }),
    await json(other).get('/workspaces?all=true'),
    await other.patch(`/workspaces/${id}`, { max_files: null }),
    await other.delete(`/workspaces/${id}`),
  ])
    assert.deepEqual(sent(answer), [403, 'forbidden']);
  const renamed = await other.patch('/workspaces/current', { name: 'Renamed', max_files: 99, role: 'admin' });
  assert.deepEqual([renamed.status, renamed.body.name, renamed.body.quotas.max_files], [200, 'Renamed', 10]);
  assert.deepEqual(sent(await other.patch('/workspaces/current', { max_files: 99 })), [400, 'invalid_request']);
  const all = (await operator.get('/workspaces?all=true&limit=1000')).body;
  assert.ok(
    all.items.some((one: { workspace_id: string; name: string }) => one.workspace_id === id && one.name === 'Renamed'),
  );
  const own = (await other.get('/workspaces')).body;
  assert.deepEqual([own.total, own.items[0].workspace_id, own.items[0].role], [1, id, 'admin']);
  const [entry] = (await json(admin).get('/audit?action=workspace.&limit=1')).body.items;
  assert.deepEqual([entry.action, entry.actor, entry.target], ['workspace.change', other.username, `workspace:${id}`]);
});

test('no identifier of another workspace is there: 404, in no list, no search, no count', async () => {
  const mine = await newWorkspace();
  const theirs = await newWorkspace();
  const owner = await newMember(mine.admin);
  const file = (await owner.parsed('secret-plan.csv', csv)).body;
  const dataset = file.datasets[0].dataset_id;
  await owner.get(`/datasets/${dataset}/rows?level=plain`);
  const invitation = (await json(mine.admin).post('/invitations', { role: 'viewer', may_reveal: false })).body;
  const client = (await json(mine.admin).post('/clients', { name: 'job', role: 'member', scopes: ['files:read'] }))
    .body;
  const [session] = (await owner.get('/sessions')).body.items;
  const stranger = json(await newMember(theirs.admin, 'admin'));

  const calls: Record<string, Promise<Answer>> = {
    'GET file': stranger.get(`/files/${file.file_id}`),
    'GET progress': stranger.get(`/files/${file.file_id}/progress`),
    'GET download': stranger.get(`/files/${file.file_id}/download`),
    'GET events': stranger.get(`/files/${file.file_id}/events`),
    'POST cancel': stranger.post(`/files/${file.file_id}/cancel`),
    'POST parse': stranger.post(`/files/${file.file_id}/parse`),
    'DELETE file': stranger.delete(`/files/${file.file_id}`),
    'POST ticket': stranger.post('/tickets', { file_id: file.file_id }),
    'GET dataset': stranger.get(`/datasets/${dataset}`),
    'GET rows': stranger.get(`/datasets/${dataset}/rows?level=plain`),
    'GET export': stranger.get(`/datasets/${dataset}/export`),
    'GET rejects': stranger.get(`/datasets/${dataset}/rejects`),
    'POST query': stranger.post(`/datasets/${dataset}/query`, {}),
    'GET seen': stranger.get(`/audit/seen?dataset_id=${dataset}&row=1`),
    'POST seen': stranger.post('/audit/seen', { value: 'x', dataset_id: dataset }),
    'GET user': stranger.get(`/users/${owner.userId}`),
    'PATCH user': stranger.patch(`/users/${owner.userId}`, { role: 'viewer' }),
    'DELETE user': stranger.delete(`/users/${owner.userId}`),
    'DELETE sessions': stranger.delete(`/users/${owner.userId}/sessions`),
    'DELETE session': stranger.delete(`/sessions/${session.session_id}`),
    'DELETE invitation': stranger.delete(`/invitations/${invitation.invitation_id}`),
    'GET client': stranger.get(`/clients/${client.client_id}`),
    'PATCH client': stranger.patch(`/clients/${client.client_id}`, { name: 'theirs' }),
    'DELETE client': stranger.delete(`/clients/${client.client_id}`),
    'GET workspace': stranger.get(`/workspaces/${mine.id}`),
    'POST workspace': stranger.post('/auth/workspace', { workspace_id: mine.id }),
  };
  for (const [name, answer] of Object.entries(calls)) {
    const { status, body, text } = await answer;
    assert.equal(status, 404, `${name}: ${text}`);
    assert.match(body.code, /_not_found$/, name);
  }
  const lists = [
    '/files?owner=all',
    '/files/search?q=secret&owner=all',
    '/events',
    '/clients',
    '/invitations',
    '/workspaces',
  ];
  for (const path of [...lists, '/audit?limit=1000', '/users?limit=1000']) {
    const { status, text } = await stranger.get(path);
    assert.equal(status, 200, `${path}: ${text}`);
    for (const id of [
      file.file_id,
      dataset,
      owner.userId,
      client.client_id,
      invitation.invitation_id,
      mine.id,
      'secret-plan',
    ])
      assert.ok(!text.includes(id), `${path} tells of ${id}`);
  }
  assert.equal((await stranger.get('/files/stats?owner=all')).body.total_files, 0);
  const { body } = await stranger.post('/audit/seen', { value: inventedAadhaars(1)[0]! });
  assert.deepEqual([body.matches, body.total], [[], 0]);
  assert.equal((await owner.get(`/files/${file.file_id}`)).status, 200);
});

test('files are their owners’, until a workspace shares them among its members', async () => {
  const { admin } = await newWorkspace();
  const [asha, ravi] = [await newMember(admin), await newMember(admin, 'viewer', false)];
  const file = (await asha.parsed('people.csv', csv)).body;
  assert.equal((await ravi.get(`/files/${file.file_id}`)).status, 404);
  for (const path of ['/files?owner=all', '/files/search?q=people&owner=all', '/files/stats?owner=all'])
    assert.deepEqual(sent(await ravi.get(path)), [403, 'forbidden'], path);
  const listed = (await json(admin).get('/files?owner=all')).body;
  assert.deepEqual([listed.total, listed.items[0].owner_id], [1, asha.userId]);
  assert.equal((await json(admin).get('/files')).body.total, 0, 'their own, unless they ask for all');

  assert.equal((await json(admin).patch('/workspaces/current', { shared_files: true })).status, 200);
  assert.equal((await ravi.get(`/files/${file.file_id}`)).status, 200);
  assert.equal((await ravi.get('/files?owner=all')).body.total, 1);
  assert.equal((await ravi.get('/files/search?q=people&owner=all')).body.total, 1);
  assert.equal((await ravi.get('/files/stats?owner=all')).body.total_rows, 4);
  assert.equal((await ravi.get('/files')).body.total, 0);
  assert.equal((await ravi.get(`/files/${file.file_id}?level=plain`)).body.code, 'reveal_not_allowed');
  assert.equal((await ravi.delete(`/files/${file.file_id}`)).status, 403);
  await json(admin).patch('/workspaces/current', { shared_files: false });
  assert.equal((await ravi.get(`/files/${file.file_id}`)).status, 404);
});

test('a change of nothing that can be changed is refused', async () => {
  const { id, admin } = await newWorkspace();
  const person = await newMember(admin);
  const { client_id: client } = (
    await json(admin).post('/clients', { name: 'job', role: 'member', scopes: ['files:read'] })
  ).body;
  const paths = [
    '/users/me',
    `/users/${person.userId}`,
    `/clients/${client}`,
    '/workspaces/current',
    `/workspaces/${id}`,
  ];
  for (const path of paths)
    assert.deepEqual(sent(await json(admin).patch(path, { operator: true })), [400, 'invalid_request'], path);
});

test('a quota of bytes is held while the upload streams, and to the byte', async () => {
  const { id, admin } = await newWorkspace({ max_bytes: 1000 });
  const person = await newMember(admin);
  const of = (bytes: number) => `a\n${'x'.repeat(bytes - 3)}\n`;
  assert.equal((await person.parsed('a.csv', of(600))).body.size, 600);
  assert.deepEqual(sent(await person.upload('b.csv', of(401))), [413, 'quota_exceeded']);
  assert.equal((await person.upload('c.csv', of(400))).status, 202);
  assert.deepEqual(sent(await person.upload('d.csv', of(3))), [413, 'quota_exceeded']);
  const { usage, quotas } = (await person.get('/workspaces/current')).body;
  assert.deepEqual([usage.bytes, usage.files, quotas.max_bytes], [1000, 2, 1000]);
  assert.deepEqual(sent(await operator.patch(`/workspaces/${id}`, { max_bytes: 0 })), [400, 'invalid_request']);
  assert.equal((await operator.patch(`/workspaces/${id}`, { max_bytes: null })).body.quotas.max_bytes, null);
  assert.equal((await person.upload('e.csv', of(5000))).status, 202);
});

test('what arrives at the same time counts together, and no more once it is broken off', async () => {
  const { admin } = await newWorkspace({ max_bytes: 300_000 });
  const person = await newMember(admin);
  const of = (bytes: number) => 'a,b\n1,2\n'.repeat(bytes / 8);
  const whole = rawForm([{ disposition: 'form-data; name="file"; filename="a.csv"', data: of(240_000) }]);
  const held = request(`${base}/files`, { method: 'POST', headers: { ...person.headers, 'content-type': RAW_FORM } });
  held.on('error', () => {});
  held.write(whole.subarray(0, 200_000));
  await eventually('it arrives', () => storedBlobs(service.dataDir).some((path) => path.startsWith('receiving/')));
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.deepEqual(sent(await person.upload('b.csv', of(160_000))), [413, 'quota_exceeded']);
  assert.equal((await person.upload('c.csv', of(16_000))).status, 202);
  held.destroy();
  await eventually('there is room', async () => (await person.upload('d.csv', of(160_000))).status === 202);
  // The tests that follow count what is stored.
  for (const { file_id: id } of (await person.get('/files')).body.items) await untilOver(person, id);
});

test('a quota of files is held, also by uploads at the same time', async () => {
  const { admin } = await newWorkspace({ max_files: 3 });
  const person = await newMember(admin);
  const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => person.upload(`${n}.csv`, 'a\n1\n')));
  const codes = answers.map(({ status, body }) => `${status} ${body.code ?? ''}`.trim()).sort();
  assert.deepEqual(codes, [...Array(3).fill('202'), ...Array(5).fill('413 quota_exceeded')]);
  const { items } = (await person.get('/files')).body;
  assert.equal(items.length, 3);
  await untilOver(person, items[0].file_id);
  await person.delete(`/files/${items[0].file_id}`);
  assert.equal((await person.upload('again.csv', 'a\n1\n')).status, 202);
});

test('a file with more rows than there is room for fails and says so; nothing of it is left', async () => {
  const { id, admin } = await newWorkspace({ max_rows: 5 });
  const person = await newMember(admin);
  assert.equal((await person.parsed('four.csv', csv)).body.status, 'ready');
  const blobs = storedBlobs(service.dataDir).length;
  const { body } = await person.parsed('two.csv', 'a\n1\n2\n');
  assert.deepEqual([body.status, body.error.code, body.datasets], ['failed', 'quota_exceeded', []]);
  assert.equal(storedBlobs(service.dataDir).length, blobs + 1, 'the original alone');
  await operator.patch(`/workspaces/${id}`, { max_rows: 6 });
  await person.post(`/files/${body.file_id}/parse`);
  assert.equal((await untilOver(person, body.file_id)).body.status, 'ready');
  assert.equal((await person.get('/workspaces/current')).body.usage.rows, 6);
});

test('a quota of requests a minute is held, and told', async () => {
  const { admin } = await newWorkspace({ max_requests: 20 });
  const statuses: number[] = [];
  for (let n = 0; n < 25; n++) statuses.push((await json(admin).get('/workspaces/current')).status);
  assert.deepEqual(new Set(statuses.slice(0, 15)), new Set([200]));
  assert.equal(statuses.at(-1), 429);
});

test('a removed workspace is gone with its files, rows, keys, clients and members, and no other is touched', async () => {
  const kept = await newWorkspace();
  const keeper = await newMember(kept.admin);
  const keptFile = (await keeper.parsed('kept.csv', csv)).body;
  const blobs = storedBlobs(service.dataDir);
  const { id, admin } = await newWorkspace();
  const [member, other] = [await newMember(admin), await newMember(admin)];
  const invitation = (await json(kept.admin).post('/invitations', { role: 'viewer', may_reveal: false })).body;
  assert.ok((await other.post('/invitations/accept', { token: invitation.token })).status < 300);
  await member.parsed('people.csv', csv);
  await member.upload('long.csv', `a,b\n${'1,2\n'.repeat(50_000)}`);

  const { workspace_id: first } = (await operator.get('/users/me')).body;
  assert.deepEqual(sent(await operator.delete(`/workspaces/${first}`)), [409, 'workspace_in_use']);
  assert.deepEqual(sent(await json(admin).delete(`/workspaces/${id}`)), [409, 'workspace_in_use']);
  assert.equal((await operator.delete(`/workspaces/${id}`)).status, 204);

  await eventually('sessions end', async () => (await member.get('/users/me')).status === 401, 2);
  assert.equal((await json(admin).get('/users/me')).status, 401);
  const login = (username: string) =>
    sendJson(`${base}/auth/login`, 'POST', { username, password: 'correct horse battery staple' });
  assert.equal((await login(member.username)).status, 401, 'who was nowhere else');
  assert.equal((await login(other.username)).status, 200, 'who is in another one too');
  assert.deepEqual(sent(await operator.get(`/workspaces/${id}`)), [404, 'workspace_not_found']);
  assert.deepEqual(sent(await operator.delete(`/workspaces/${id}`)), [404, 'workspace_not_found']);
  await eventually('blobs are gone', () => storedBlobs(service.dataDir).join() === blobs.join());
  assert.equal((await keeper.get(`/files/${keptFile.file_id}?level=plain`)).body.total, 4);
  const [entry] = (await operator.get('/audit?action=workspace.remove')).body.items;
  const told = (await operator.get(`/audit?target=${entry.target}`)).body.items;
  assert.deepEqual(
    told.map(({ action }: { action: string }) => action).slice(0, 2),
    ['workspace.remove', 'workspace.close'],
    'that nobody gets in any more is told with it, before the files are removed',
  );
  assert.deepEqual([entry.target, entry.detail.files], [`workspace:${id}`, 2]);
});
