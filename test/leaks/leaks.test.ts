import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { call, eventually, logIn, newPerson, type Person, untilOver } from '../helpers/client.ts';
import { canSeeProcesses, childrenOf, signal } from '../helpers/processes.ts';
import { type Service, startService } from '../helpers/service.ts';
import { writeSheet } from '../helpers/xlsx-writer.ts';
import { type Canaries, plantCanaries } from './canaries.ts';
import { keepScanning, newScan, scanFolder } from './scan.ts';

const skip = canSeeProcesses ? false : 'needs /proc to look into open files without a name';
const folder = mkdtempSync(join(tmpdir(), 'intakt-leaks-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** More than 100,000 cells, so that the file is read twice instead of being kept in memory. */
const ROWS = 27_000;
const HEADER = ['id', 'aadhar_number', 'nickname', 'remark'];
const rowOf = (canaries: Canaries, n: number) => [String(n), canaries.number(n), canaries.text(n), canaries.open(n)];

function csvOf(canaries: Canaries): Buffer {
  const rows = Array.from({ length: ROWS }, (_, n) => rowOf(canaries, n).join(','));
  return Buffer.from(`${HEADER.join(',')}\n${rows.join('\n')}\n`);
}

function xlsxOf(canaries: Canaries): Buffer {
  const cell = (text: string) => `<c t="inlineStr"><is><t>${text}</t></is></c>`;
  const rows = Array.from({ length: ROWS }, (_, n) => rowOf(canaries, n));
  return writeSheet([HEADER, ...rows].map((row) => `<row>${row.map(cell).join('')}</row>`).join(''));
}

const sealed = { fields: { seal: 'nickname' } };

/** A service that logs all it can and whose temporary files, if it made any, would lie in its DATA_DIR. */
async function startTalkative(t: TestContext, more: Record<string, string> = {}): Promise<Service> {
  const dataDir = more.DATA_DIR ?? mkdtempSync(join(folder, 'data-'));
  mkdirSync(join(dataDir, 'tmp'), { recursive: true });
  const temporary = { TMPDIR: join(dataDir, 'tmp'), SQLITE_TMPDIR: join(dataDir, 'tmp') };
  const service = await startService({ LOG_LEVEL: 'trace', DATA_DIR: dataDir, ...temporary, ...more });
  t.after(() => service.stop());
  return service;
}

/** That none of the texts tells a sealed value. */
function assertSealed(canaries: Canaries, ...texts: string[]): void {
  for (const text of texts) assert.deepEqual(canaries.findSealed(Buffer.from(text)), [], text.slice(0, 300));
}

/** That the service has written no planted value at all. */
function assertSilent(canaries: Canaries, service: Service): void {
  for (const text of [service.stdout(), service.stderr()])
    assert.deepEqual(canaries.findAny(Buffer.from(text)), [], text.slice(0, 300));
}

/** Every way to read a dataset; the plain ones prove that the planted values are in there. */
async function readEveryWay(person: Person, fileId: string, canaries: Canaries): Promise<void> {
  const { body } = await person.get(`/files/${fileId}`);
  const rows = `/datasets/${body.dataset_id}/rows`;
  for (const level of ['token', 'mask']) assertSealed(canaries, (await person.get(`${rows}?level=${level}`)).text);
  const where = [{ column: 'aadhar_number', op: 'eq', value: canaries.number(7) }];
  const found = await person.post(`/datasets/${body.dataset_id}/query`, { where, level: 'plain' });
  assert.equal(found.body.rows[0].aadhar_number, canaries.number(7));
  const plain = await person.get(`${rows}?level=plain&offset=${ROWS - 100}`);
  assert.equal(plain.body.rows.at(-1).nickname, canaries.text(ROWS - 1));
  assert.equal((await fetch(`${person.base}/files/${fileId}/download`, person)).status, 200);
}

test('the scan finds a planted value in a plain file, in every form', () => {
  const place = mkdtempSync(join(folder, 'control-'));
  const canaries = plantCanaries();
  for (const value of [canaries.number(1), canaries.number(3), canaries.text(5), canaries.open(6)]) {
    const utf16 = Buffer.from(value, 'utf16le');
    const forms = [value, utf16, utf16.toString('hex'), Buffer.from(`x${value}`).toString('base64'), `"${value}"`];
    for (const form of forms) {
      writeFileSync(join(place, '.hidden'), Buffer.concat([Buffer.alloc(9999, 7), Buffer.from(form as string)]));
      const scan = newScan();
      scanFolder(scan, place, canaries);
      assert.equal(scan.found.size > 0, true, `${value} as ${form}`);
    }
  }
});

for (const [kind, make] of [['csv', csvOf] as const, ['xlsx', xlsxOf] as const]) {
  test(`no sealed value of a .${kind} reaches a disk or the log while it is received, parsed, read and removed`, {
    skip,
  }, async (t) => {
    const canaries = plantCanaries();
    const service = await startTalkative(t);
    const person = await newPerson(service.url);
    const scan = newScan();
    const stop = keepScanning(scan, service.dataDir, service.pid, canaries);
    const { body } = await person.parsed(`people.${kind}`, make(canaries), sealed);
    assert.equal(body.status, 'ready', JSON.stringify(body.error));
    assert.deepEqual(
      body.datasets[0].columns.filter((c: { sealed: boolean }) => c.sealed).map((c: { name: string }) => c.name),
      ['aadhar_number', 'nickname'],
    );
    await readEveryWay(person, body.file_id, canaries);
    assert.equal((await person.delete(`/files/${body.file_id}`)).status, 204);
    await stop();
    await service.stop();
    scanFolder(scan, service.dataDir, canaries);
    assert.deepEqual([...scan.found], []);
    assert.ok(scan.files > 20 && scan.bytes > 1_000_000, 'the scan saw files');
    assert.match(service.stdout(), /"route":"\/files\/:file_id"/);
    assertSilent(canaries, service);
  });
}

test('a service that is killed in the middle of a parse leaves no sealed value in any file', { skip }, async (t) => {
  const canaries = plantCanaries();
  const first = await startTalkative(t);
  const person = await newPerson(first.url);
  const sent = await person.upload('people.csv', csvOf(canaries), sealed);
  const fileId = sent.body.file_id;
  await eventually(
    'it is sealing',
    async () => (await person.get(`/files/${fileId}/progress`)).body.phase === 'sealing',
  );
  const parsers = childrenOf(first.pid);
  await Promise.all([first.kill9(), ...parsers.map((pid) => signal(pid, 'SIGKILL'))]);
  const scan = newScan();
  scanFolder(scan, first.dataDir, canaries);
  assert.deepEqual([...scan.found], []);
  assertSilent(canaries, first);
  const second = await startTalkative(t, { DATA_DIR: first.dataDir });
  const again = await logIn(second.url, person.username);
  assert.equal((await untilOver(again, fileId)).body.status, 'ready');
  await readEveryWay(again, fileId, canaries);
  await second.stop();
  scanFolder(scan, first.dataDir, canaries);
  assert.deepEqual([...scan.found], []);
  assertSilent(canaries, second);
});

test('files that cannot be read, and rows that cannot be taken, are explained without quoting them', async (t) => {
  const canaries = plantCanaries();
  const service = await startTalkative(t, { MAX_CELL_LENGTH: '2000' });
  const person = await newPerson(service.url);
  const [number, text] = [canaries.number(1), canaries.text(1)];
  const good = `name,aadhar_number\n${text},${number}\n`;
  const cases: [string, string | Uint8Array, Record<string, string>][] = [
    ['surplus.csv', `${good}${text},${number},${number}\n`, {}],
    ['open quote.csv', `${good}"${text},${number}\n`.repeat(3), {}],
    ['long cell.csv', `${good}${text.repeat(500)},${number}\n`, {}],
    [
      'latin.csv',
      Buffer.concat([Buffer.from(good), Buffer.from(`\xff${text},${number}\n`, 'latin1')]),
      { encoding: 'utf-8' },
    ],
    ['unknown column.csv', good, { seal: 'no such column' }],
    ['cut off.xlsx', xlsxOf(canaries).subarray(0, 60_000), {}],
    ['broken.xlsx', writeSheet(`<row><c t="inlineStr"><is><t>${text}</t></c></row><c><v>${number}`), {}],
    ['number.xlsx', writeSheet(`<row><c><v>${text}</v></c><c t="d"><v>${number}</v></c></row>`), {}],
    ['no table.csv', '\u0000'.repeat(50) + text, {}],
  ];
  const told: string[] = [];
  const refused = await person.upload('no workbook.xlsx', good);
  assert.deepEqual([refused.status, refused.body.code], [422, 'content_mismatch']);
  told.push(refused.text);
  let failed = 0;
  for (const [name, bytes, fields] of cases) {
    const { body, text: answer } = await person.parsed(name, bytes, { fields });
    if (body.status === 'failed') {
      failed++;
      told.push(answer);
    }
    for (const { dataset_id } of body.datasets) told.push((await person.get(`/datasets/${dataset_id}/rejects`)).text);
    told.push((await person.get(`/files/${body.file_id}/events`)).text);
  }
  for (const path of ['/files', '/events', '/audit', '/files/stats']) told.push((await person.get(path)).text);
  assert.ok(failed >= 3, `${failed} failed`);
  assertSealed(canaries, ...told);
  assertSilent(canaries, service);
});

test('a file without a header row does not show its first row as the names of its columns', async (t) => {
  const canaries = plantCanaries();
  const service = await startTalkative(t);
  const person = await newPerson(service.url);
  const rows = Array.from({ length: 20 }, (_, n) => `${canaries.number(n)},Person ${n}`);
  const { body, text } = await person.parsed('people.csv', `${rows.join('\n')}\n`);
  assert.equal(body.row_count, 20, text);
  assertSealed(canaries, text, (await person.get('/audit')).text);
});

test('what is looked for, asked wrongly or sent to the wrong place is not logged', async (t) => {
  const canaries = plantCanaries();
  const service = await startTalkative(t);
  const person = await newPerson(service.url);
  const value = canaries.number(1);
  const { body } = await person.parsed('people.csv', `name,aadhar_number\nA,${value}\n`);
  const dataset = `/datasets/${body.dataset_id}`;
  const query = (more: object) =>
    person.post(`${dataset}/query`, { where: [{ column: 'name', op: 'eq', value }], ...more });
  assert.equal((await query({})).status, 200);
  assert.equal((await query({ sort: [{ column: value }] })).status, 422);
  assert.equal((await query({ limit: value })).status, 400);
  await person.post(`${dataset}/query`, { where: [{ column: 'aadhar_number', op: 'contains', value }] });
  assert.equal((await person.get(`/files/search?q=${value}`)).status, 200);
  assert.equal((await person.get(`/files/${value}`)).status, 404);
  assert.equal((await person.get(`/nowhere/${value}?q=${value}`)).status, 404);
  assert.equal((await person.get(`${dataset}/rows?columns=${value}&limit=x${value}`)).status, 400);
  const headers = { ...person.headers, 'content-type': 'application/json' };
  const malformed = await call(`${service.url}${dataset}/query`, {
    method: 'POST',
    headers,
    body: `{"where": ${value}x`,
  });
  assert.equal(malformed.status, 400);
  assertSealed(canaries, malformed.text);
  await call(`${service.url}/files`, { method: 'POST', headers: person.headers, body: value });
  await call(`${service.url}/files`, { headers: { authorization: `Bearer ${value}` } });
  await service.stop();
  assert.match(service.stdout(), /"route":"\/datasets\/:dataset_id\/query"/);
  assertSilent(canaries, service);
});
