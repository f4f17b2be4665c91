import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { newAdmin, newPerson, sendJson } from '../helpers/client.ts';
import { startService } from '../helpers/service.ts';

const service = await startService();
after(() => service.stop());
const admin = await newAdmin(service);
const path = '/workspaces/current/detection';
const put = (body: object) => sendJson(service.url + path, 'PUT', body, admin.headers);

const STAFF = { id: 'staff_number', title: 'Staff number', patterns: ['S-99999'], header: ['staff'] };
const CONTENT = `email,staff,pan\n${Array.from({ length: 20 }, (_, i) => `p${i}@example.org,S-${10_000 + i},ABCPD${1000 + i}F`).join('\n')}\n`;

interface Column {
  readonly name: string;
  readonly sealed: boolean;
  readonly sensitive: { readonly kind: string; readonly decision: string } | null;
}

async function columnsOf(filename: string): Promise<Record<string, Column>> {
  const { body } = await admin.parsed(filename, CONTENT);
  assert.equal(body.status, 'ready');
  return Object.fromEntries(body.datasets[0].columns.map((column: Column) => [column.name, column]));
}

test('what becomes of each kind is told, and at first is the usual', async () => {
  const { status, body } = await admin.get(path);
  assert.equal(status, 200);
  assert.deepEqual([body.policy, body.taught], [{}, []]);
  assert.equal(body.effective.pan, 'seal');
  assert.equal(body.effective.email, 'warn');
  const columns = await columnsOf('usual.csv');
  assert.deepEqual([columns.email!.sealed, columns.staff!.sealed, columns.pan!.sealed], [false, false, true]);
});

test('a policy and a taught kind act on files that are parsed from then on, and are written down', async () => {
  const set = await put({ policy: { email: 'seal', pan: 'leave' }, taught: [STAFF] });
  assert.equal(set.status, 200, set.text);
  assert.equal(set.body.effective.staff_number, 'seal');
  assert.deepEqual((await admin.get(path)).body, set.body);
  const columns = await columnsOf('by-policy.csv');
  assert.deepEqual([columns.email!.sealed, columns.staff!.sealed, columns.pan!.sealed], [true, true, false]);
  assert.equal(columns.staff!.sensitive!.kind, 'staff_number');
  const { body } = await admin.get('/audit?action=workspace.change_detection');
  assert.equal(body.total, 1);
});

test('a column that is masked for good cannot be revealed by anybody', async () => {
  await put({ policy: { email: 'mask' } });
  const { body: file } = await admin.parsed('masked.csv', CONTENT);
  const { body } = await admin.get(`/datasets/${file.dataset_id}/rows?level=plain&reason=test`);
  assert.doesNotMatch(JSON.stringify(body.rows), /p\d+@example/);
});

const WRONG: [what: string, body: object, named: RegExp][] = [
  ['a kind that there is not', { policy: { shoe_size: 'seal' } }, /shoe_size/],
  ['a treatment that there is not', { policy: { email: 'eat' } }, /email|policy/],
  ['a taught kind with the name of a built-in one', { policy: {}, taught: [{ ...STAFF, id: 'pan' }] }, /pan/],
  ['a pattern that cannot be read', { policy: {}, taught: [{ ...STAFF, patterns: ['['] }] }, /patterns\[0\]/],
  ['a checksum that there is not', { policy: {}, taught: [{ ...STAFF, checksum: 'crc' }] }, /checksum/],
];
for (const [what, body, named] of WRONG) {
  test(`${what} is refused by name, and nothing changes`, async () => {
    const before = (await admin.get(path)).body;
    const answer = await put(body);
    assert.deepEqual([answer.status, answer.body.code], [400, 'invalid_request']);
    assert.match(answer.body.detail, named);
    assert.deepEqual((await admin.get(path)).body, before);
  });
}

test('members see it and do not set it', async () => {
  const member = await newPerson(service.url);
  assert.equal((await member.get(path)).status, 200);
  assert.equal((await sendJson(service.url + path, 'PUT', { policy: {} }, member.headers)).status, 403);
});
