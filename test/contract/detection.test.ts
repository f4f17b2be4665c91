import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { newPerson } from '../helpers/client.ts';
import { libraryBook } from '../helpers/library-book.ts';
import { RAW_FORM, rawForm, sendRaw } from '../helpers/raw-http.ts';
import { startService } from '../helpers/service.ts';
import { storedBlobs } from '../helpers/stored.ts';

const service = await startService();
after(() => service.stop());
const person = await newPerson(service.url);
const CSV = 'name,city\nAsha,Pune\n';
const book = libraryBook('xlsx', [{ name: 'people', rows: [['name'], ['Asha']] }]);

test('a file whose content cannot be what its name says is refused before it is stored, naming both', async () => {
  const before = storedBlobs(service.dataDir);
  for (const [name, content, what] of [
    ['people.csv', book, /\.csv.*\.xlsx/],
    ['people.csv', '<!doctype html><title>Sign in</title>', /\.csv.*HTML/],
    ['people.xlsx', CSV, /\.xlsx.*CSV/],
    ['people.json', '%PDF-1.7', /\.json.*PDF/],
  ] as const) {
    const { status, body } = await person.upload(name, content);
    assert.deepEqual([status, body.code], [422, 'content_mismatch'], name);
    assert.match(body.detail, what);
  }
  assert.deepEqual(storedBlobs(service.dataDir), before);
  assert.equal((await person.get('/files')).body.total, 0);
});

test('as=xlsx and as=auto, as field or query parameter, take it as what it is', async () => {
  const asField = await person.parsed('people.csv', book, { fields: { as: 'xlsx' } });
  const asAuto = await person.parsed('people.csv', book, { fields: { as: 'auto' } });
  for (const { body } of [asField, asAuto]) {
    assert.deepEqual([body.status, body.file_type, body.rows[0].name], ['ready', 'xlsx', 'Asha']);
  }
  const form = rawForm([{ disposition: 'form-data; name="file"; filename="people.dat"', data: CSV }]);
  const headers = { ...person.headers, 'content-type': RAW_FORM };
  const answer = await sendRaw(`${service.url}/files?as=csv`, { headers, body: form });
  assert.deepEqual([answer!.status, answer!.body.file_type], [202, 'csv']);
});

test('as behind the file, and one that is no kind, are refused', async () => {
  const file = { disposition: 'form-data; name="file"; filename="people.csv"', data: CSV };
  const as = (data: string) => ({ disposition: 'form-data; name="as"', data });
  for (const [parts, what] of [
    [[file, as('csv')], /before the file/],
    [[as('word'), file], /as must be auto or csv/],
  ] as const) {
    const headers = { ...person.headers, 'content-type': RAW_FORM };
    const answer = await sendRaw(`${service.url}/files`, { headers, body: rawForm([...parts]) });
    assert.deepEqual([answer!.status, answer!.body.code], [400, 'invalid_request']);
    assert.match(answer!.body.detail, what);
  }
});

test('a file without an ending is taken by its content if nothing else begins so, else by its media type', async () => {
  const { body } = await person.parsed('export', book);
  assert.deepEqual([body.status, body.file_type], ['ready', 'xlsx']);
  const sent = async (type: string) => {
    const disposition = `form-data; name="file"; filename="export"\r\nContent-Type: ${type}`;
    const headers = { ...person.headers, 'content-type': RAW_FORM };
    return (await sendRaw(`${service.url}/files`, { headers, body: rawForm([{ disposition, data: CSV }]) }))!;
  };
  assert.equal((await sent('application/octet-stream')).status, 415);
  const said = await sent('text/csv');
  assert.deepEqual([said.status, said.body.file_type], [202, 'csv']);
});

test('parquet and xml are taken only where SUPPORTED_FORMATS names them', async () => {
  for (const name of ['a.parquet', 'a.xml']) {
    const { status, body } = await person.upload(name, 'x');
    assert.deepEqual([status, body.code], [415, 'unsupported_format']);
    assert.match(body.detail, /SUPPORTED_FORMATS/);
  }
});
