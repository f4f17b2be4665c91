import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import officeCrypto from 'officecrypto-tool';
import { call, newPerson, untilOver } from '../helpers/client.ts';
import { libraryBook } from '../helpers/library-book.ts';
import { inventedPeople } from '../helpers/people-workbook.ts';
import { canSeeProcesses } from '../helpers/processes.ts';
import { startService } from '../helpers/service.ts';
import { plantCanaries } from '../leaks/canaries.ts';
import { keepScanning, newScan, scanFolder } from '../leaks/scan.ts';

const service = await startService();
after(() => service.stop());
const person = await newPerson(service.url);
const people = inventedPeople(20);
const rows = [['name', 'aadhar_number'], ...people.map(({ name, aadhaar }) => [name, aadhaar])];

for (const [ending, type] of [
  ['xls', 'biff8'],
  ['xls', 'biff5'],
  ['xls', 'xlml'],
  ['xml', 'xlml'],
  ['ods', 'ods'],
  ['xlsb', 'xlsb'],
  ['xlsm', 'xlsm'],
  ['xltx', 'xlsx'],
  ['xltm', 'xlsm'],
] as const) {
  test(`a ${type} workbook sent as .${ending} is parsed under the parser's permissions, and its Aadhaar column is sealed`, async () => {
    const names = type === 'biff5' ? people.map((_, index) => `name ${index}`) : people.map(({ name }) => name);
    const book = rows.map((row, index) => (index === 0 ? row : [names[index - 1]!, row[1]!]));
    const { body, text } = await person.parsed(`people.${ending}`, libraryBook(type, [{ name: 'people', rows: book }]));
    assert.equal(body.status, 'ready', JSON.stringify(body.error));
    const kind = type === 'xlml' ? 'xls' : /^xl[st][mx]$/.test(ending) ? 'xlsx' : ending;
    assert.equal(body.file_type, kind);
    assert.deepEqual(
      body.rows.map((row: { name: string }) => row.name),
      names,
    );
    for (const [index, { aadhaar }] of people.entries()) {
      assert.ok(!text.includes(aadhaar));
      assert.match(body.rows[index].aadhar_number, /^gAAAA/);
    }
  });
}

test('lines above the header of a sheet are among its rejects, and its dialect counts them', async () => {
  const data = [
    ['Staff list 2024'],
    [],
    ['name', 'town', 'n'],
    ['Asha', 'Pune', 1],
    ['Ravi', 'Goa', 2],
    ['Maya', 'Goa', 3],
  ];
  const { body } = await person.parsed('staff.xlsb', libraryBook('xlsb', [{ name: 'staff', rows: data }]));
  assert.deepEqual(body.columns, ['name', 'town', 'n']);
  const { dialect, dataset_id: datasetId, reject_count: rejects } = body.datasets[0];
  assert.deepEqual([dialect.preamble, rejects, body.row_count], [1, 1, 3]);
  const told = await person.get(`/datasets/${datasetId}/rejects`);
  assert.deepEqual([told.body.items[0].row, told.body.items[0].code], [1, 'preamble'], told.text);
});

test('an .xlsx workbook called .xls is refused with what it is', async () => {
  const { status, body } = await person.upload('people.xls', libraryBook('xlsx', [{ name: 'people', rows }]));
  assert.deepEqual([status, body.code], [422, 'content_mismatch']);
  assert.match(body.detail, /\.xlsx/);
});

test('a web page called .xls is refused with what to do, before it is stored', async () => {
  const { status, body } = await person.upload('people.xls', '<table><tr><td>name</td></tr></table>');
  assert.deepEqual([status, body.code], [422, 'content_mismatch']);
  assert.match(body.detail, /an HTML page\. Open it in a spreadsheet program, save it as \.xlsx/);
});

test('SUPPORTED_FORMATS without xls takes neither .xls nor .ods', async () => {
  const narrow = await startService({ SUPPORTED_FORMATS: 'csv,xlsx' });
  const other = await newPerson(narrow.url);
  for (const name of ['a.xls', 'a.ods']) assert.equal((await other.upload(name, 'x')).status, 415, name);
  await narrow.stop();
});

const locked = (password: string) =>
  officeCrypto.encrypt(libraryBook('xlsx', [{ name: 'people', rows }]), { password });

test('a workbook under a password is opened by the one that is sent with it', async () => {
  const { body } = await person.parsed('people.xlsx', locked('Sesam 7 ö'), { fields: { password: 'Sesam 7 ö' } });
  assert.equal(body.status, 'ready', JSON.stringify(body.error));
  assert.equal(body.row_count, people.length);
});

test('a workbook that failed for want of its password is parsed again with it, a wrong one is told', async () => {
  const sent = await person.parsed('people.xlsx', locked('Sesam'), { fields: { password: '' } });
  assert.equal(sent.body.error.code, 'workbook_encrypted');
  assert.match(sent.body.error.detail, /\/parse/);
  const parse = `/files/${sent.body.file_id}/parse`;
  const trial = async (body: unknown) => {
    assert.equal((await person.post(parse, body)).status, 202);
    return (await untilOver(person, sent.body.file_id)).body;
  };
  assert.equal((await trial({ password: 'sesam' })).error.code, 'password_wrong');
  assert.equal((await trial({})).error.code, 'workbook_encrypted', 'the wrong one is not kept');
  assert.equal((await trial({ password: 'Sesam' })).row_count, people.length);
  const bare = await call(`${person.base}${parse}`, { method: 'POST', headers: person.headers });
  assert.equal(bare.body.code, 'file_not_failed', 'a body is not needed');
});

test('a password in the URL, given twice or too long is refused', async () => {
  const form = new FormData();
  form.append('file', new Blob(['a,b\n1,2\n']), 'a.csv');
  const url = `${person.base}/files?password=Sesam`;
  const inUrl = await call(url, { method: 'POST', headers: person.headers, body: form });
  assert.equal(inUrl.status, 400);
  assert.ok(!inUrl.text.includes('Sesam'));
  form.append('password', 'one');
  form.append('password', 'two');
  const twice = await call(`${person.base}/files`, { method: 'POST', headers: person.headers, body: form });
  assert.equal(twice.status, 400);
  const long = await person.upload('a.csv', 'a,b\n1,2\n', { fields: { password: 'x'.repeat(1001) } });
  assert.equal(long.status, 400);
});

test('a password is on no disk and in no log, event or audit entry, whether it was right, wrong or too late', async () => {
  const watched = await startService({ LOG_LEVEL: 'trace' });
  const other = await newPerson(watched.url);
  const canaries = plantCanaries();
  const password = canaries.open(1);
  const scan = newScan();
  const stop = canSeeProcesses ? keepScanning(scan, watched.dataDir, watched.pid, canaries) : async () => {};
  const right = await other.parsed('right.xlsx', locked(password), { fields: { password } });
  assert.equal(right.body.status, 'ready');
  const wrong = await other.parsed('wrong.xlsx', locked('Sesam'), { fields: { password } });
  assert.equal(wrong.body.error.code, 'password_wrong');
  await other.post(`/files/${wrong.body.file_id}/parse`, { password });
  const again = await untilOver(other, wrong.body.file_id);
  const told = [right, wrong, again, await other.get('/events'), await other.get('/audit'), await other.get('/files')];
  await stop();
  await watched.stop();
  scanFolder(scan, watched.dataDir, canaries);
  assert.deepEqual([...scan.found], []);
  assert.ok(scan.files > 3);
  for (const text of [...told.map((answer) => answer.text), watched.stdout(), watched.stderr()]) {
    assert.deepEqual(canaries.findAny(Buffer.from(text)), []);
  }
});
