import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { newPerson } from '../helpers/client.ts';
import { libraryBook } from '../helpers/library-book.ts';
import { inventedPeople } from '../helpers/people-workbook.ts';
import { startService } from '../helpers/service.ts';
import { storedBlobs } from '../helpers/stored.ts';
import { writeZip } from '../helpers/zip-writer.ts';

const service = await startService({ MAX_UNPACKED_BYTES: String(64 << 20) });
after(() => service.stop());
const person = await newPerson(service.url);
const CSV = 'name,city\nAsha,Pune\nRavi,Kochi\n';
const NAMES = ['Asha', 'Ravi'];
const book = libraryBook('xlsx', [
  { name: 'people', rows: [['name'], ['Asha'], ['Ravi']] },
  { name: 'cities', rows: [['city'], ['Pune']] },
]);

type Row = Record<string, unknown>;
type Dataset = { dataset_id: string; name: string; row_count: number; reject_count: number };

const namesOf = (rows: Row[]) => rows.map(({ name }) => name);
const datasetsOf = (datasets: Dataset[]) => datasets.map(({ name, row_count }) => [name, row_count]);

async function rejectsOf(datasets: Dataset[]) {
  const { body } = await person.get(`/datasets/${datasets.at(-1)!.dataset_id}/rejects`);
  return body.items as { row: number; code: string; detail: string; raw?: string }[];
}

describe('a file packed with gzip or zstd', () => {
  const cases: [name: string, content: Buffer, type: string][] = [
    ['people.csv.gz', gzipSync(CSV), 'csv'],
    ['people.csv.zst', zstdCompressSync(CSV), 'csv'],
    ['people.json.zst', zstdCompressSync('[{"name":"Asha"},{"name":"Ravi"}]'), 'json'],
    ['people.ndjson.gz', gzipSync('{"name":"Asha"}\n{"name":"Ravi"}\n'), 'json'],
    ['people.xlsx.gz', gzipSync(book), 'xlsx'],
    ['members.csv.gz', Buffer.concat([gzipSync(CSV.slice(0, 14)), gzipSync(CSV.slice(14))]), 'csv'],
    ['frames.csv.zst', Buffer.concat([zstdCompressSync(CSV.slice(0, 14)), zstdCompressSync(CSV.slice(14))]), 'csv'],
  ];
  for (const [name, content, type] of cases) {
    test(`is read as what is in it: ${name}`, async () => {
      const { body } = await person.parsed(name, content);
      assert.equal(body.status, 'ready', JSON.stringify(body.error));
      assert.equal(body.file_type, type);
      assert.deepEqual(namesOf(body.rows), NAMES);
    });
  }

  test('gives back the packed bytes as the original', async () => {
    const { body } = await person.parsed('people.csv.gz', gzipSync(CSV));
    const { status, headers } = await person.get(`/files/${body.file_id}/download`);
    assert.equal(status, 200);
    assert.equal(headers.get('content-length'), String(gzipSync(CSV).length));
  });

  test('of more than what is kept in memory is read, and leaves nothing behind', async () => {
    const rows = Array.from({ length: 400_000 }, (_, i) => `${i},person ${(i * 7919) % 400_000}`).join('\n');
    const { body } = await person.parsed('large.csv.gz', gzipSync(`id,name\n${rows}\n`, { level: 1 }));
    assert.deepEqual([body.status, body.row_count], ['ready', 400_000]);
    assert.ok(!storedBlobs(service.dataDir).some((path) => path.includes('staging')));
  });

  test('that unpacks to too much fails', async () => {
    const bomb = gzipSync(Buffer.alloc(200 << 20, 'a'));
    for (const [name, content] of [
      ['bomb.csv.gz', bomb],
      ['bomb.csv.zst', zstdCompressSync(Buffer.alloc(200 << 20, 'a'))],
    ] as const) {
      const { body } = await person.parsed(name, content);
      assert.deepEqual([body.status, body.error?.code], ['failed', 'unpacked_too_large']);
    }
  });

  test('that is cut off or damaged fails and is not half a file', async () => {
    const text = `id\n${Array.from({ length: 50_000 }, (_, i) => i * 7919).join('\n')}`;
    for (const [name, content] of [
      ['cut.csv.gz', gzipSync(text)],
      ['cut.csv.zst', zstdCompressSync(text)],
    ] as const) {
      const { body } = await person.parsed(name, content.subarray(0, content.length - 20));
      assert.deepEqual([body.status, body.error?.code], ['failed', 'archive_corrupt'], name);
    }
  });

  test('holding an archive is not opened', async () => {
    for (const [name, content] of [
      ['twice.csv.gz', gzipSync(gzipSync(CSV))],
      ['files.zip.gz', gzipSync(writeZip([{ name: 'a.csv', data: CSV }]))],
    ] as const) {
      const { status, body } = await person.upload(name, content);
      assert.deepEqual([status, body.code], [415, 'unsupported_format'], name);
    }
  });
});

describe('a ZIP archive', () => {
  test('gives the tables of each of its files, named by where they stand', async () => {
    const archive = writeZip([
      { name: 'people.csv', data: CSV },
      { name: '2024/book.xlsx', data: book },
      { name: '2024/more.csv.gz', data: gzipSync(CSV), method: 'stored' },
      { name: '2024/', data: '' },
      { name: '__MACOSX/._people.csv', data: '\0\x05\x16\x07' },
    ]);
    const { body } = await person.parsed('all.zip', archive);
    assert.equal(body.status, 'ready', JSON.stringify(body.error));
    assert.equal(body.file_type, 'zip');
    assert.deepEqual(datasetsOf(body.datasets), [
      ['people.csv', 2],
      ['2024/book.xlsx/people', 2],
      ['2024/book.xlsx/cities', 1],
      ['2024/more.csv.gz', 2],
    ]);
    assert.deepEqual(namesOf(body.rows), NAMES);
  });

  test('seals in each of its files what is sensitive', async () => {
    const people = inventedPeople(20);
    const data = `name,aadhaar\n${people.map(({ name, aadhaar }) => `${name},${aadhaar}`).join('\n')}\n`;
    const { body, text } = await person.parsed('sealed.zip', writeZip([{ name: 'a.csv', data }]));
    for (const [index, { aadhaar }] of people.entries()) {
      assert.match(body.rows[index].aadhaar, /^gAAAA/);
      assert.ok(!text.includes(aadhaar));
    }
  });

  test('tells of every file in it that could not be read, and reads the others', async () => {
    const archive = writeZip([
      { name: 'readme.md', data: '# hello' },
      { name: 'people.csv', data: CSV },
      { name: 'locked.csv', data: CSV, claims: { flags: 1 } },
      { name: 'inner.zip', data: writeZip([{ name: 'a.csv', data: CSV }]) },
      { name: 'damaged.csv', data: CSV, claims: { crc: 1 } },
      { name: 'fake.xlsx', data: CSV },
      { name: 'broken.json', data: '[{]' },
      { name: 'table.parquet', data: 'PAR1\0' },
    ]);
    const { body } = await person.parsed('mixed.zip', archive);
    assert.equal(body.status, 'ready', JSON.stringify(body.error));
    assert.deepEqual(datasetsOf(body.datasets), [
      ['people.csv', 2],
      ['(not read)', 0],
    ]);
    const rejects = await rejectsOf(body.datasets);
    assert.deepEqual(
      rejects.map(({ row, code }) => [row, code]),
      [
        [1, 'unsupported_format'],
        [3, 'archive_encrypted'],
        [4, 'unsupported_format'],
        [5, 'archive_corrupt'],
        [6, 'content_mismatch'],
        [7, 'json_invalid'],
        [8, 'unsupported_format'],
      ],
    );
    assert.match(rejects[0]!.detail, /readme\.md/);
  });

  test('with hostile names writes nothing outside and shows them as text', async () => {
    const before = storedBlobs(service.dataDir).length;
    const names = ['../../../../tmp/intakt-escaped.csv', '/etc/passwd.csv', 'C:\\x.csv', 'a\u202egpj.csv', 'a\0b.csv'];
    const { body } = await person.parsed('names.zip', writeZip(names.map((name) => ({ name, data: CSV }))));
    assert.equal(body.status, 'ready', JSON.stringify(body.error));
    assert.equal(body.datasets.length, names.length);
    assert.ok(body.datasets.every(({ name }: Dataset) => !/[\u202e\0]/.test(name)));
    assert.equal(storedBlobs(service.dataDir).length, before + 1 + names.length);
  });

  test('whose files unpack to too much altogether fails', async () => {
    const data = Array.from({ length: 2_000_000 }, (_, i) => (i * 7919) % 65_537).join('\n');
    const parts = Array.from({ length: 8 }, (_, i) => ({ name: `${i}.csv`, data }));
    const { body } = await person.parsed('large.zip', writeZip(parts));
    assert.deepEqual([body.status, body.error?.code], ['failed', 'unpacked_too_large']);
  });

  test('without a file, with too many, or cut off fails with the reason', async () => {
    const many = writeZip(Array.from({ length: 1001 }, (_, i) => ({ name: `${i}.csv`, data: 'a\n1\n' })));
    const whole = writeZip([{ name: 'a.csv', data: CSV }]);
    for (const [content, code] of [
      [writeZip([]), 'not_a_table'],
      [many, 'unpacked_too_large'],
      [whole.subarray(0, whole.length - 30), 'archive_corrupt'],
      [book, 'content_mismatch'],
    ] as const) {
      const { body } = await person.parsed('a.zip', content);
      assert.deepEqual([body.status, body.error?.code], ['failed', code]);
    }
  });
});
