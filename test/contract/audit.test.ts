import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { inventedAadhaars } from '../helpers/aadhaar.ts';
import { call, logIn, newAdmin, newPerson, type Person, sendJson } from '../helpers/client.ts';
import { startService } from '../helpers/service.ts';

const service = await startService();
after(() => service.stop());
const base = `${service.url}/v1`;
const ROWS = 60;
const aadhaars = inventedAadhaars(ROWS);
const csv = `name,aadhaar,city\n${aadhaars.map((number, n) => `Person ${n + 1},${number},${n % 3 ? 'Pune' : 'Delhi'}`).join('\n')}\n`;

let admin: Person;
let member: Person;
let file: string;
let dataset: string;

interface Entry {
  entry_id: number;
  at: string;
  actor: string;
  actor_kind: string;
  address: string;
  action: string;
  target: string;
  // biome-ignore lint/suspicious/noExplicitAny: what it holds depends on the action.
  detail: any;
  previous_hash: string;
  hash: string;
}

before(async () => {
  admin = await newAdmin(service);
  member = await newPerson(base, 'member');
  const { body } = await member.parsed('people.csv', csv);
  assert.equal(body.status, 'ready');
  file = body.file_id;
  dataset = body.datasets[0].dataset_id;
  assert.equal(body.datasets[0].columns[1].sealed, true);
});

const find = async (query: string): Promise<Entry[]> => (await admin.get(`/audit?${query}`)).body.items;
const newest = async (query: string): Promise<Entry> => (await find(`${query}&limit=1`))[0]!;
const rowsOf = ({ detail }: Entry) => detail.reads?.[0]?.rows;

test('a login, a refused login, a change of a role, an upload, a download, a removal are entries: who, when, from where', async () => {
  const person = await newPerson(base, 'various');
  await sendJson(`${base}/auth/login`, 'POST', { username: person.username, password: 'not the right one' });
  const sent = (await person.parsed('plain.csv', 'city\nPune\n')).body;
  await fetch(`${base}/files/${sent.file_id}/download`, { headers: person.headers });
  await person.delete(`/files/${sent.file_id}`);
  await admin.patch(`/users/${person.userId}`, { role: 'viewer' });
  const ofPerson = await find(`actor_id=${person.userId}`);
  const done = ofPerson.map(({ action }) => action);
  for (const action of ['user.register', 'user.login', 'file.upload', 'file.download', 'file.delete'])
    assert.ok(done.includes(action), action);
  for (const { actor, address, at } of ofPerson) {
    assert.deepEqual([actor, address], [person.username, '127.0.0.1']);
    assert.ok(Math.abs(Date.parse(at) - Date.now()) < 60_000);
  }
  const refused = await newest(`action=user.login_refused&target=user:${person.userId}`);
  assert.deepEqual([refused.actor_kind, refused.address], ['nobody', '127.0.0.1']);
  const changed = await newest(`action=user.change&target=user:${person.userId}`);
  assert.deepEqual([changed.actor, changed.detail], [admin.username, { role: 'viewer' }]);
});

test('a plain read says which rows and columns were given, and why', async () => {
  await member.get(
    `/datasets/${dataset}/rows?level=plain&offset=10&limit=5&columns=name&columns=aadhaar&reason=payroll`,
  );
  const page = await newest(`action=dataset.reveal&target=dataset:${dataset}`);
  assert.deepEqual(rowsOf(page), [[11, 15]]);
  assert.deepEqual(
    [page.detail.columns, page.detail.sealed_columns, page.detail.reason],
    [['name', 'aadhaar'], ['aadhaar'], 'payroll'],
  );

  await member.get(`/datasets/${dataset}/rows?level=plain&offset=${ROWS - 2}&limit=100`);
  assert.deepEqual(rowsOf(await newest('action=dataset.reveal')), [[ROWS - 1, ROWS]]);

  const where = [{ column: 'city', op: 'eq', value: 'Delhi' }];
  const { body } = await member.post(`/datasets/${dataset}/query`, { level: 'plain', where, limit: 3 });
  assert.deepEqual(body.row_numbers, [1, 4, 7]);
  assert.deepEqual(rowsOf(await newest('action=dataset.reveal')), [
    [1, 1],
    [4, 4],
    [7, 7],
  ]);

  await call(`${base}/datasets/${dataset}/export?level=plain`, { headers: member.headers });
  const all = await newest('action=dataset.reveal');
  assert.deepEqual([all.detail.export, rowsOf(all)], ['csv', [[1, ROWS]]]);

  await fetch(`${base}/files/${file}/download`, { headers: member.headers });
  assert.deepEqual(rowsOf(await newest('action=file.download')), [[1, ROWS]]);
});

test('a comparison with a sealed column is an entry with the rows it found, and without the value', async () => {
  const where = [{ column: 'aadhaar', op: 'eq', value: aadhaars[16] }];
  const { body } = await member.post(`/datasets/${dataset}/query`, { where });
  assert.deepEqual(body.row_numbers, [17]);
  const entry = await newest('action=dataset.search');
  assert.deepEqual(rowsOf(entry), [[17, 17]]);
  assert.ok(!JSON.stringify(entry).includes(aadhaars[16]!));
});

test('whoever is refused is in the log: a reveal, an original, an act of administrators; the same again once a minute', async () => {
  const clerk = await newPerson(base, 'clerk');
  const sent = (await clerk.parsed('people.csv', csv)).body;
  await admin.patch(`/users/${clerk.userId}`, { may_reveal: false });
  const paths = [
    `/datasets/${sent.datasets[0].dataset_id}/rows?level=plain&reason=curious`,
    `/files/${sent.file_id}/download`,
    '/users',
    '/audit',
  ];
  for (const path of [...paths, ...paths]) assert.equal((await clerk.get(path)).status, 403, path);
  assert.equal((await clerk.patch(`/users/${clerk.userId}`, { role: 'admin' })).status, 403);
  const entries = (await find(`actor_id=${clerk.userId}&action=dataset.`)).concat(
    await find(`actor_id=${clerk.userId}&action=file.download_refused`),
    await find(`actor_id=${clerk.userId}&action=access.`),
  );
  assert.deepEqual(
    entries.map(({ action, target, detail }) => [action, target, detail.code]),
    [
      ['dataset.reveal_refused', `dataset:${sent.datasets[0].dataset_id}`, 'reveal_not_allowed'],
      ['file.download_refused', `file:${sent.file_id}`, 'reveal_not_allowed'],
      ['access.refused', 'route:PATCH /users/:user_id', 'forbidden'],
      ['access.refused', 'route:GET /audit', 'forbidden'],
      ['access.refused', 'route:GET /users', 'forbidden'],
    ],
  );
  assert.equal(entries[0]!.detail.reason, 'curious');
});

test('whoever may not ask what a token is good for is in the log', async () => {
  const clerk = await newPerson(base, 'clerk');
  const body = new URLSearchParams({ token: clerk.accessToken });
  const asked = await fetch(`${base}/introspect`, { method: 'POST', headers: clerk.headers, body });
  assert.equal(asked.status, 403);
  const [entry] = await find(`actor_id=${clerk.userId}&action=access.refused`);
  assert.deepEqual([entry?.target, entry?.detail.code], ['route:POST /introspect', 'forbidden']);
});

test('entries are found by what was done, to what, by whom, from where, and when; page after page', async () => {
  const all = await find('limit=1000');
  const ids = (entries: Entry[]) => entries.map(({ entry_id: id }) => id);
  assert.deepEqual(
    ids(all),
    ids(all).toSorted((a, b) => b - a),
  );
  const some = await find('action=file.&limit=1000');
  assert.ok(some.length > 1 && some.every(({ action }) => action.startsWith('file.')));
  assert.deepEqual(
    ids(await find(`actor_id=${member.userId}&limit=1000`)),
    ids(all.filter(({ actor }) => actor === member.username)),
  );
  assert.equal((await find('address=10.9.8.7')).length, 0);
  assert.equal((await find('address=127.0.0.1&limit=1000')).length, (await find('limit=1000')).length);
  const { at } = all[3]!;
  const later = ids(all.filter((entry) => entry.at >= at));
  assert.deepEqual(ids(await find(`from=${at}&limit=1000`)).slice(-later.length), later);
  assert.deepEqual(ids(await find(`to=${at}&limit=1000`)), ids(all.filter((entry) => entry.at < at)));
  assert.equal((await admin.get('/audit?from=yesterday')).body.code, 'invalid_request');

  const paged: number[] = [];
  for (let before = ''; ; before = `&before=${paged.at(-1)}`) {
    const page = await find(`limit=7&to=${at}${before}`);
    if (page.length === 0) break;
    paged.push(...ids(page));
  }
  assert.deepEqual(paged, ids(all.filter((entry) => entry.at < at)));
});

/** RFC 8785 for what stands in entries: sorted members, no space. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_name, member) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );

test('the export has all it takes to verify the chain without the service', async () => {
  const response = await fetch(`${base}/audit/export`, { headers: admin.headers });
  assert.equal(response.headers.get('content-type'), 'application/x-ndjson');
  const lines = (await response.text()).trimEnd().split('\n');
  const entries = lines.map((line): Entry => JSON.parse(line));
  let previous = '';
  entries.forEach((entry, index) => {
    const { hash, ...content } = entry;
    assert.equal(entry.entry_id, index + 1);
    assert.equal(entry.previous_hash, previous);
    assert.equal(createHash('sha256').update(canonical(content)).digest('hex'), hash);
    previous = hash;
  });
  assert.equal(entries.at(-1)!.action, 'audit.export');
  assert.deepEqual((await admin.get('/audit/verify')).body, {
    entries: entries.length,
    intact: true,
    first_bad: null,
    head: previous,
  });
  const rest = await fetch(`${base}/audit/export?after=${entries.length - 1}`, { headers: admin.headers });
  assert.deepEqual(JSON.parse((await rest.text()).split('\n')[0]!), entries.at(-1));

  const table = await call(`${base}/audit/export?format=csv`, { headers: admin.headers });
  const [head, first] = table.text.split('\r\n');
  assert.equal(
    head,
    'entry_id,workspace_id,at,actor_kind,actor_id,actor,address,action,target,detail,previous_hash,hash',
  );
  assert.match(first!, /^1,[0-9a-f-]{36},.+,[0-9a-f]{64}$/);
});

test('who has seen a row is one question, whatever way it was given', async () => {
  const seen = async (row: number) =>
    (await admin.get(`/audit/seen?dataset_id=${dataset}&row=${row}`)).body.items.map((entry: Entry) => [
      entry.actor,
      entry.action,
    ]);
  const everywhere = [
    [member.username, 'file.download'],
    [member.username, 'dataset.reveal'],
  ];
  assert.deepEqual(await seen(2), everywhere, 'the original and the export');
  assert.deepEqual(await seen(12), [...everywhere, [member.username, 'dataset.reveal']], 'and the page');
  assert.deepEqual(await seen(17), [[member.username, 'dataset.search'], ...everywhere]);
  assert.deepEqual(await seen(ROWS + 1), []);
});

test('who has seen a value is one question, too; it is an entry itself, and the value is in no entry', async () => {
  const reader = await logIn(base, member.username, member.userId);
  const other = (
    await reader.parsed('more.csv', `who,number\nsomebody,${aadhaars[11]}\n`, { fields: { seal: 'number' } })
  ).body;
  const [{ dataset_id: second }] = other.datasets;
  await reader.get(`/datasets/${second}/rows?level=plain&columns=who`);
  const ask = async (value: string, more: object = {}) => admin.post('/audit/seen', { value, ...more });
  const { body } = await ask(aadhaars[11]!.replace(/(\d{4})/g, '$1 '));
  assert.equal(body.complete, true);
  assert.deepEqual(
    body.matches.filter((match: { dataset_id: string }) => [dataset, second].includes(match.dataset_id)),
    [
      { dataset_id: second, file_id: other.file_id, column: 'number', rows: [[1, 1]] },
      { dataset_id: dataset, file_id: file, column: 'aadhaar', rows: [[12, 12]] },
    ],
  );
  const actions = body.items.map((entry: Entry) => [entry.target, entry.action]);
  assert.ok(
    !actions.some(([target]: string[]) => target === `dataset:${second}`),
    'only another column was read there',
  );
  assert.equal(actions.filter(([target]: string[]) => target === `dataset:${dataset}`).length, 2);
  const nowhere = await ask('000000000000');
  assert.deepEqual([nowhere.body.matches, nowhere.body.total], [[], 0]);
  const [again] = (await ask(aadhaars[11]!, { dataset_id: dataset })).body.items;
  assert.deepEqual([again.action, again.actor], ['audit.seen', admin.username]);
  const log = await fetch(`${base}/audit/export`, { headers: admin.headers });
  const text = (await log.text()) + service.stdout() + service.stderr();
  assert.ok(aadhaars.every((number) => !text.includes(number)));
  assert.equal((await admin.get('/audit/verify')).body.intact, true);
});

test('only administrators ask the log, and for a value only those who may reveal', async () => {
  const calls = ['/audit', '/audit/export', '/audit/verify', `/audit/seen?dataset_id=${dataset}&row=1`];
  for (const path of calls) assert.equal((await member.get(path)).body.code, 'forbidden', path);
  assert.equal((await member.post('/audit/seen', { value: 'x' })).body.code, 'forbidden');
  const second = await newPerson(base, 'second');
  await admin.patch(`/users/${second.userId}`, { role: 'admin', may_reveal: false });
  assert.equal((await second.get('/audit')).status, 200);
  assert.equal((await second.post('/audit/seen', { value: 'x' })).body.code, 'reveal_not_allowed');
});

test('a dataset that nobody has is 404, and one that was removed still says who had seen it', async () => {
  const id = '00000000-0000-4000-8000-000000000000';
  assert.equal((await admin.get(`/audit/seen?dataset_id=${id}&row=1`)).body.code, 'dataset_not_found');
  assert.equal((await admin.post('/audit/seen', { value: 'x', dataset_id: id })).body.code, 'dataset_not_found');
  await member.delete(`/files/${file}`);
  const { body } = await admin.get(`/audit/seen?dataset_id=${dataset}&row=2`);
  assert.equal(body.total, 2);
});
