import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import officeCrypto from 'officecrypto-tool';
import { OPTION_NAMES } from '../../server/files/upload-options.ts';
import { AS_KINDS } from '../../server/parse/detect.ts';
import { collect } from '../../test/helpers/collect.ts';
import { libraryBook } from '../../test/helpers/library-book.ts';
import { startService } from '../../test/helpers/service.ts';
import { createClient, type FileContent, type UploadOptions } from './client.ts';
import { FILE_KINDS } from './upload.ts';

const service = await startService({ SUPPORTED_FORMATS: 'csv,xlsx,json,xml' });
after(() => service.stop());
const client = createClient({ url: service.url });
await client.setUp(service.setupToken, {
  username: 'ada',
  email: 'ada@example.org',
  password: 'correct horse battery',
});
await client.login('ada', 'correct horse battery');

async function parsed(name: string, content: string | Buffer<ArrayBuffer>, options: UploadOptions) {
  const file = await client.upload({ name, content: new Blob([content]) }, { ...options, wait: 30 });
  return file as FileContent;
}

const XML = '<a><b><c><n>1</n></c><c><n>2</n></c></b></a>';
const OPTIONS: [options: UploadOptions, name: string, content: string, rows: object[]][] = [
  [{ delimiter: ':' }, 'a.csv', 'a:b\nx,1:y\n', [{ a: 'x,1', b: 'y' }]],
  [{ quote: 'none' }, 'a.csv', 'a,b\n"x",y\n', [{ a: '"x"', b: 'y' }]],
  [{ escape: '^' }, 'a.csv', 'a,b\n"x^"y",z\n', [{ a: 'x"y', b: 'z' }]],
  [{ comment: '%' }, 'a.csv', 'a,b\n%x,y\nv,w\n', [{ a: 'v', b: 'w' }]],
  [{ skipLines: 1 }, 'a.csv', 'u,v\na,b\nx,y\n', [{ a: 'x', b: 'y' }]],
  [{ encoding: 'windows-1251' }, 'a.csv', Buffer.from([97, 10, 0xc0, 10]).toString('latin1'), [{ a: 'А' }]],
  [
    { header: 'absent' },
    'a.csv',
    'a,b\nx,y\n',
    [
      { column_1: 'a', column_2: 'b' },
      { column_1: 'x', column_2: 'y' },
    ],
  ],
  [{ headerRows: 2 }, 'a.csv', 'a,b\nc,d\nx,y\n', [{ 'a c': 'x', 'b d': 'y' }]],
  [{ ragged: 'extra' }, 'a.csv', 'a,b\nx,y,z\n', [{ a: 'x', b: 'y', column_3: 'z' }]],
  [{ as: 'json' }, 'a.csv', '[{"a":"x"}]', [{ a: 'x' }]],
  [{ rows: 'a/b' }, 'a.xml', XML, [{ c: '[{"n":"1"},{"n":"2"}]' }]],
];
for (const [options, name, content, rows] of OPTIONS) {
  test(`a file is read as it is said to be by ${JSON.stringify(options)}`, async () => {
    const bytes = Buffer.from(content, options.encoding ? 'latin1' : 'utf8');
    const file = await parsed(name, bytes, options);
    assert.equal(file.error, null);
    assert.deepEqual(file.rows, rows);
    const usual = await parsed(name, bytes, {}).catch((refused) => refused);
    assert.notDeepEqual(usual.rows, rows, 'it is not read so without');
  });
}

test('a column is sealed and another is kept plain, whatever their names hold', async () => {
  const people = '"name, full",e-mail\nAda,ada@example.org\n';
  const { datasets } = await parsed('people.csv', people, { seal: ['name, full'], plain: ['e-mail'] });
  assert.deepEqual(
    datasets[0]!.columns.map(({ sealed }) => sealed),
    [true, false],
  );
});

test('what can be said of a file is what the service takes', () => {
  assert.deepEqual([...FILE_KINDS].sort(), [...AS_KINDS].sort());
  const said = OPTIONS.flatMap(([options]) => Object.keys(options));
  const fields = said.map((name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  assert.deepEqual([...fields, 'seal', 'plain'].sort(), [...OPTION_NAMES].sort());
});

test('a workbook is opened by its password, at once or when it is parsed again', async () => {
  const plain = libraryBook('xlsx', [
    {
      name: 'people',
      rows: [
        ['name', 'city'],
        ['Ada', 'London'],
      ],
    },
  ]);
  const locked: Buffer = officeCrypto.encrypt(plain, { password: 'Sesam' });
  const book = Buffer.from(locked);
  assert.equal((await parsed('book.xlsx', book, { password: 'Sesam' })).row_count, 1);
  const { file_id, error } = await parsed('book.xlsx', book, {});
  assert.equal(error!.code, 'workbook_encrypted');
  assert.equal((await client.files.parseAgain(file_id, 'Sesam')).status, 'processing');
  const told = (await collect(client.watch(file_id))).map(({ status }) => status);
  assert.deepEqual([told.at(-1), told.filter((status) => status === 'failed').length], ['ready', 1]);
});
