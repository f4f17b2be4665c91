import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { logIn, newAdmin, newPerson } from '../helpers/client.ts';
import { inventedPeople, peopleWorkbook } from '../helpers/people-workbook.ts';
import { startService } from '../helpers/service.ts';
import { curl, decryptInPython, noCurl, noPython } from '../helpers/tools.ts';

const service = await startService({ LOG_LEVEL: 'trace' });
after(() => service.stop());
const admin = await newAdmin(service, 'asha');
const people = inventedPeople(40);
const workbook = peopleWorkbook(people);
const waiting = { headers: { prefer: 'wait=30' } };

interface SealedRow {
  readonly name: string;
  readonly aadhar_number: string;
}

async function exportedKey(): Promise<string> {
  const { status, body } = await admin.post('/keys/export', { reason: 'contract test' });
  assert.equal(status, 200);
  return body.fernet_keys[0];
}

test('log in with a password and send a workbook with name and aadhar_number: the answer holds every row', async () => {
  const { status, body } = await admin.upload('people.xlsx', workbook, waiting);
  assert.equal(status, 200);
  assert.equal(body.status, 'ready');
  assert.deepEqual(body.columns, ['name', 'aadhar_number']);
  assert.deepEqual(
    body.rows.map((row: SealedRow) => row.name),
    people.map(({ name }) => name),
  );
  assert.equal(body.total, people.length);
});

test('the aadhar_number values are Fernet tokens of version 0x80', async () => {
  const { body, text } = await admin.upload('people.xlsx', workbook, waiting);
  for (const { aadhar_number: token } of body.rows as SealedRow[]) {
    assert.match(token, /^[\w-]+=*$/);
    const bytes = Buffer.from(token, 'base64url');
    assert.equal(bytes[0], 0x80);
    // Version, time, IV, one block for twelve digits, HMAC: the Fernet specification.
    assert.equal(bytes.length, 1 + 8 + 16 + 16 + 32);
  }
  for (const { aadhaar } of people) assert.ok(!text.includes(aadhaar));
});

test("Python's cryptography.fernet decrypts them unchanged with the workspace's key", { skip: noPython }, async () => {
  const { body } = await admin.upload('people.xlsx', workbook, waiting);
  const tokens = body.rows.map((row: SealedRow) => row.aadhar_number);
  assert.deepEqual(
    decryptInPython(await exportedKey(), tokens),
    people.map(({ aadhaar }) => aadhaar),
  );
});

test('numbers that Excel stored as numbers are sealed and decrypt to their digits', { skip: noPython }, async () => {
  const { body } = await admin.upload('typed.xlsx', peopleWorkbook(people, 'numeric'), waiting);
  const tokens = body.rows.map((row: SealedRow) => row.aadhar_number);
  assert.deepEqual(
    decryptInPython(await exportedKey(), tokens),
    people.map(({ aadhaar }) => aadhaar),
  );
});

test('of rows that are too large for one answer it holds the first ones', async () => {
  const wide = `a,b\n${Array.from({ length: 300 }, (_, n) => `${n},${'x'.repeat(20_000)}\n`).join('')}`;
  const { status, body } = await admin.upload('wide.csv', wide, waiting);
  assert.deepEqual([status, body.status, body.total], [200, 'ready', 300]);
  assert.ok(body.limit < 300 && body.rows.length === body.limit);
  assert.deepEqual(body.row_numbers.slice(0, 2), [1, 2]);
});

test('curl sends the workbook in one request and gets the rows', { skip: noCurl }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'intakt-curl-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'people.xlsx');
  writeFileSync(path, workbook);
  const { status, body } = await curl(
    `${service.url}/v1/files`,
    ...['-H', `authorization: Bearer ${admin.accessToken}`, '-H', 'Prefer: wait=30', '-F', `file=@${path}`],
  );
  assert.equal(status, 200, body);
  assert.equal(JSON.parse(body).rows.length, people.length);
});

test('an answer within the wait says which preference was applied', async () => {
  const { headers } = await admin.upload('people.xlsx', workbook, { headers: { prefer: 'wait=7' } });
  assert.equal(headers.get('preference-applied'), 'wait=7');
});

test('a file that is not ready in time, or without a wait, is answered as usual with 202', async () => {
  const large = peopleWorkbook(inventedPeople(5000));
  for (const headers of [{ prefer: 'wait=0' }, {}]) {
    const { status, headers: answered, body } = await admin.upload('large.xlsx', large, { headers });
    assert.equal(status, 202);
    assert.match(body.file_id, /./);
    assert.match(body.message, /still being parsed/);
    assert.equal(answered.get('location'), `/v1/files/${body.file_id}`);
  }
});

test('someone who may not reveal gets tokens and masks, and 403 for plain values and for the original', async () => {
  const member = await newPerson(service.url, 'member');
  const { body: sent } = await member.upload('people.xlsx', workbook, waiting);
  const changed = await admin.patch(`/users/${member.userId}`, { may_reveal: false });
  assert.equal(changed.status, 200);
  assert.equal(changed.body.may_reveal, false);
  const file = `/files/${sent.file_id}`;
  const dataset = `/datasets/${sent.dataset_id}`;

  const tokens = await member.get(file);
  assert.match(tokens.body.rows[0].aadhar_number, /^gAAAAA/);
  const masks = await member.get(`${file}?level=mask`);
  assert.equal(masks.body.rows[0].aadhar_number, `XXXX-XXXX-${people[0]!.aadhaar.slice(8)}`);

  const refused = await Promise.all([
    member.get(`${file}?level=plain`),
    member.get(`${dataset}/rows?level=plain`),
    member.get(`${dataset}/rejects?level=plain`),
    member.post(`${dataset}/query`, { level: 'plain' }),
    member.get(`${file}/download`),
  ]);
  for (const answer of refused) {
    assert.equal(answer.status, 403);
    assert.equal(answer.body.code, 'reveal_not_allowed');
    assert.ok(people.every(({ aadhaar }) => !answer.text.includes(aadhaar)));
  }
  const keys = await member.post('/keys/export', { reason: 'curious' });
  assert.deepEqual([keys.status, keys.body.code], [403, 'forbidden']);
});

test('who may reveal gets plain values, as they stood in the file', async () => {
  const { body: sent } = await admin.upload('people.xlsx', workbook, waiting);
  const { body } = await admin.get(`/files/${sent.file_id}?level=plain&reason=payroll`);
  assert.deepEqual(
    body.rows,
    people.map(({ name, aadhaar }) => ({ name, aadhar_number: aadhaar })),
  );
});

test('the audit entry of a reveal is durable before the plain answer: a crash at its first byte does not lose it', async () => {
  const first = await startService();
  const person = await newAdmin(first);
  const { body: sent } = await person.upload('people.xlsx', workbook, waiting);
  const path = `/datasets/${sent.dataset_id}/rows?level=plain&reason=salary%20run`;
  const response = await fetch(first.url + path, { headers: person.headers });
  await first.kill9();
  assert.equal(response.status, 200);
  await response.body?.cancel().catch(() => {});

  const second = await startService({ DATA_DIR: first.dataDir });
  after(() => second.stop());
  const again = await logIn(second.url, person.username);
  const { body, text } = await again.get(`/audit?action=dataset.reveal&target=dataset:${sent.dataset_id}`);
  assert.equal(body.total, 1);
  const [entry] = body.items;
  assert.equal(entry.actor, person.username);
  assert.equal(entry.detail.reason, 'salary run');
  assert.deepEqual(entry.detail.sealed_columns, ['aadhar_number']);
  assert.ok(people.every(({ aadhaar }) => !text.includes(aadhaar)));
});

test('the export of the keys is in the audit log with its reason, and only for a reason', async () => {
  assert.equal((await admin.post('/keys/export', {})).status, 400);
  assert.equal((await admin.post('/keys/export', { reason: 'the payroll job' })).status, 200);
  const { body, text } = await admin.get('/audit?action=keys.export&limit=1');
  assert.equal(body.items[0].detail.reason, 'the payroll job');
  assert.ok(!text.includes(await exportedKey()));
});

test('no plain value is on the disk or in the log, nor a password, a token or a password hash', async () => {
  await admin.upload('people.xlsx', workbook, waiting);
  const canaries = [people[0]!.aadhaar, people.at(-1)!.aadhaar, admin.password, admin.accessToken, admin.refreshToken];
  const forms = canaries.flatMap((text) => [Buffer.from(text), Buffer.from(text, 'utf16le'), Buffer.from(btoa(text))]);
  const places = new Map([['the log', Buffer.from(service.stdout() + service.stderr())]]);
  for (const entry of readdirSync(service.dataDir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) places.set(path, readFileSync(path));
  }
  assert.ok(places.size > 3);
  for (const [place, content] of places) {
    for (const form of forms) assert.equal(content.includes(form), false, `${place} holds ${form}`);
    // The hashes of passwords lie in the metadata database alone, which is encrypted.
    assert.doesNotMatch(content.toString('latin1'), /\$2[abxy]\$\d\d\$/, place);
  }
});
