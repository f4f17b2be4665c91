import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { newPerson } from '../helpers/client.ts';
import { inventedPeople } from '../helpers/people-workbook.ts';
import { startService } from '../helpers/service.ts';

const service = await startService();
after(() => service.stop());
const person = await newPerson(service.url);
const people = inventedPeople(30);

test('an array of objects sent as .json is parsed under the parser’s permissions, and its Aadhaar column is sealed', async () => {
  const file = people.map(({ name, aadhaar }, id) => ({
    id,
    name,
    identity: { aadhaar_number: aadhaar, kind: 'card' },
  }));
  const { body, text } = await person.parsed('people.json', JSON.stringify(file, null, 2));
  assert.equal(body.status, 'ready', JSON.stringify(body.error));
  assert.deepEqual([body.file_type, body.row_count], ['json', 30]);
  for (const [index, { name, aadhaar }] of people.entries()) {
    assert.deepEqual([body.rows[index].id, body.rows[index].name], [index, name]);
    assert.match(body.rows[index]['identity.aadhaar_number'], /^gAAAA/);
    assert.ok(!text.includes(aadhaar));
  }
  const { dataset_id } = body.datasets[0];
  const masked = await person.get(`/datasets/${dataset_id}/rows?level=mask`);
  assert.equal(masked.body.rows[0]['identity.aadhaar_number'], `XXXX-XXXX-${people[0]!.aadhaar.slice(-4)}`);
});

test('no Aadhaar number of a JSON file, written as number, text or in lines, is on the disk or in the log', async () => {
  const lines = people.map(({ aadhaar }, i) => `{"aadhaar_number":${i % 2 ? aadhaar : `"${aadhaar}"`}}`).join('\n');
  const { body } = await person.parsed('people.ndjson', lines);
  assert.deepEqual([body.status, body.file_type, body.row_count], ['ready', 'json', 30]);
  for (const row of body.rows) assert.match(row.aadhaar_number, /^gAAAA/);
  const stored = readdirSync(service.dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
  for (const bytes of [...stored, Buffer.from(service.stdout() + service.stderr())]) {
    for (const { aadhaar } of people) assert.ok(!bytes.includes(aadhaar));
  }
});

test('a line that is no JSON is a reject of a file that is ready', async () => {
  const { body } = await person.parsed('a.jsonl', '{"a":1}\n{"a":}\n{"a":2}\n');
  assert.deepEqual([body.status, body.rows.map((row: { a: number }) => row.a)], ['ready', [1, 2]]);
  const rejects = await person.get(`/datasets/${body.datasets[0].dataset_id}/rejects`);
  assert.deepEqual([rejects.body.items[0].row, rejects.body.items[0].code], [2, 'invalid_json']);
});

test('an object gives a dataset for each of its arrays of objects and one for the rest', async () => {
  const file = '{"page":1,"data":{"people":[{"n":"Asha"}],"cities":[{"c":"Pune"},{"c":"Kochi"}]}}';
  const { body } = await person.parsed('page.json', file);
  assert.deepEqual(
    body.datasets.map(({ name, row_count }: { name: string; row_count: number }) => [name, row_count]),
    [
      ['data.people', 1],
      ['data.cities', 2],
      ['page.json', 1],
    ],
  );
});

test('a number keeps its digits beside its value', async () => {
  const { body } = await person.parsed('numbers.json', '[{"n":1.50,"m":12345678901234567890},{"n":2e3,"m":1}]');
  const { dataset_id } = body.datasets[0];
  assert.deepEqual(body.rows, [
    { n: 1.5, m: '12345678901234567890' },
    { n: 2000, m: '1' },
  ]);
  const raw = await person.get(`/datasets/${dataset_id}/rows?raw=true`);
  assert.match(raw.text, /1\.50/);
  assert.match(raw.text, /2e3/);
});

test('a file that is no JSON fails with the line and column, and nothing of its text', async () => {
  const { body, text } = await person.parsed('bad.json', '[{"name": "Asha"},\n {"name": SECRET}]');
  assert.deepEqual([body.status, body.error.code], ['failed', 'json_invalid']);
  assert.match(body.error.detail, /^Line 2, column 11: /);
  assert.ok(!text.includes('SECRET'));
});

test('SUPPORTED_FORMATS without json takes neither .json nor .jsonl', async () => {
  const narrow = await startService({ SUPPORTED_FORMATS: 'csv,xlsx' });
  const other = await newPerson(narrow.url);
  for (const name of ['a.json', 'a.jsonl']) assert.equal((await other.upload(name, '[]')).status, 415, name);
  await narrow.stop();
});
