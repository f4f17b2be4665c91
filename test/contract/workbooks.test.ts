import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { newPerson } from '../helpers/client.ts';
import { libraryBook } from '../helpers/library-book.ts';
import { inventedPeople } from '../helpers/people-workbook.ts';
import { startService } from '../helpers/service.ts';

const service = await startService();
after(() => service.stop());
const person = await newPerson(service.url);
const people = inventedPeople(20);
const rows = [['name', 'aadhar_number'], ...people.map(({ name, aadhaar }) => [name, aadhaar])];

for (const [ending, type] of [
  ['xls', 'biff8'],
  ['xls', 'biff5'],
  ['ods', 'ods'],
] as const) {
  test(`a ${type} workbook sent as .${ending} is parsed under the parser's permissions, and its Aadhaar column is sealed`, async () => {
    const names = type === 'biff5' ? people.map((_, index) => `name ${index}`) : people.map(({ name }) => name);
    const book = rows.map((row, index) => (index === 0 ? row : [names[index - 1]!, row[1]!]));
    const { body, text } = await person.parsed(`people.${ending}`, libraryBook(type, [{ name: 'people', rows: book }]));
    assert.equal(body.status, 'ready', JSON.stringify(body.error));
    assert.equal(body.file_type, ending);
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

test('an .xlsx workbook called .xls is refused with what it is', async () => {
  const { status, body } = await person.upload('people.xls', libraryBook('xlsx', [{ name: 'people', rows }]));
  assert.deepEqual([status, body.code], [422, 'content_mismatch']);
  assert.match(body.detail, /\.xlsx/);
});

test('SUPPORTED_FORMATS without xls takes neither .xls nor .ods', async () => {
  const narrow = await startService({ SUPPORTED_FORMATS: 'csv,xlsx' });
  const other = await newPerson(narrow.url);
  for (const name of ['a.xls', 'a.ods']) assert.equal((await other.upload(name, 'x')).status, 415, name);
  await narrow.stop();
});
