import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { newPerson } from '../helpers/client.ts';
import { inventedPeople } from '../helpers/people-workbook.ts';
import { startService } from '../helpers/service.ts';

const service = await startService();
after(() => service.stop());
const person = await newPerson(service.url);

const rejectsOf = async (dataset: { dataset_id: string }) =>
  (await person.get(`/datasets/${dataset.dataset_id}/rejects`)).body.items.map(
    ({ row, code }: { row: number; code: string }) => [row, code],
  );

test('a German export with a title is read without a word said, and its title is a reject', async () => {
  const file = 'Bericht Köln;;\n;;\nName;Größe;Straße\nJürgen Groß;1,80;Königstraße\nKäthe Weiß;1,65;Mühlenweg\n';
  const { body } = await person.parsed('bericht.csv', Buffer.from(file, 'latin1'));
  assert.equal(body.status, 'ready', JSON.stringify(body.error));
  const [dataset] = body.datasets;
  const { delimiter, encoding, header, preamble } = dataset.dialect;
  assert.deepEqual([delimiter, encoding, header, preamble], [';', 'windows-1252', true, 2]);
  assert.deepEqual(
    body.rows.map((row: Record<string, unknown>) => row.Name),
    ['Jürgen Groß', 'Käthe Weiß'],
  );
  assert.deepEqual(await rejectsOf(dataset), [
    [1, 'preamble'],
    [2, 'preamble'],
  ]);
});

test('quote, escape, comment, skip_lines, header_rows and ragged can be said with the file', async () => {
  const file = "written by\na~b~c\nx~y~z\n%~note\n1~'it^'s'~3\n4~5~6~7\n";
  const fields = {
    ...{ delimiter: '~', quote: "'", escape: '^', comment: '%', skip_lines: '1', header_rows: '2' },
    ragged: 'extra',
  };
  const { body } = await person.parsed('told.csv', file, { fields });
  assert.equal(body.status, 'ready', JSON.stringify(body.error));
  assert.deepEqual(
    body.rows.map((row: Record<string, unknown>) => [row['a x'], row['b y'], row['c z'], row.column_4]),
    [
      [1, "it's", 3, null],
      [4, '5', 6, 7],
    ],
  );
  assert.deepEqual(await rejectsOf(body.datasets[0]), [
    [1, 'preamble'],
    [4, 'comment'],
  ]);
});

test('a file without quotes can be said to have none', async () => {
  const { body } = await person.parsed('said.tsv', 'name\tsaid\nAsha\t"hello\n', {
    fields: { quote: 'none', escape: 'none' },
  });
  assert.deepEqual(body.rows, [{ name: 'Asha', said: '"hello' }], JSON.stringify(body.error));
});

test('options that cannot be are refused before the file is stored', async () => {
  for (const fields of [
    { quote: 'ab' },
    { escape: 'é' },
    { comment: 'none' },
    { skip_lines: '-1' },
    { header_rows: '0' },
  ]) {
    const answer = await person.upload('a.csv', 'a,b\n1,2\n', { fields: fields as Record<string, string> });
    assert.deepEqual([answer.status, answer.body.code], [400, 'invalid_request'], JSON.stringify(fields));
  }
});

test('two tables in one file are two datasets, and an Aadhaar number in the second is sealed', async () => {
  const people = inventedPeople(5);
  const second = people.map(({ name, aadhaar }, id) => `${id},${name},${aadhaar}`).join('\n');
  const { body } = await person.parsed(
    'two.csv',
    `city,people\nPune,3\nKochi,2\n\nid,name,aadhaar_number\n${second}\n`,
  );
  assert.deepEqual(
    body.datasets.map(({ name, row_count }: { name: string; row_count: number }) => [name, row_count]),
    [
      ['two.csv', 2],
      ['two.csv table 2', 5],
    ],
  );
  const { body: page } = await person.get(`/datasets/${body.datasets[1].dataset_id}/rows`);
  for (const row of page.rows) assert.match(row.aadhaar_number, /^gAAAA/);
});

test('a .txt file of sentences is its lines', async () => {
  const { body } = await person.parsed(
    'letter.txt',
    'Dear Asha, thank you for the list.\n\nI will come, with Ravi, soon.\n',
  );
  assert.deepEqual(
    body.rows.map((row: Record<string, unknown>) => [row.line, row.text]),
    [
      [1, 'Dear Asha, thank you for the list.'],
      [3, 'I will come, with Ravi, soon.'],
    ],
  );
});
