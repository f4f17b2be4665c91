import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collect } from '../../test/helpers/collect.ts';
import { createNameFinder } from '../infer/names.ts';
import type { ReadEvent, TableStart } from '../parse/format.ts';
import { withHiddenNames, withoutIdentifiers } from './hidden-names.ts';

const find = createNameFinder();
const table: TableStart = { type: 'table', name: 'a.csv', columns: ['id', 'note'], dialect: {} };

async function* eventsOf(...events: ReadEvent[]): AsyncGenerator<ReadEvent> {
  yield* events;
}

async function hidden(event: ReadEvent, fileName = 'a.csv') {
  const [first, ...others] = await collect(withHiddenNames(eventsOf(event), fileName, find));
  const rejects = others.flatMap((other) => (other.type === 'reject' ? [other.reject] : []));
  return { first: first as TableStart, rejects };
}

test('names without an identifier stay as they are', async () => {
  assert.deepEqual(await hidden(table), { first: table, rejects: [] });
});

test('an identifier in a column name is masked, and a reject keeps what the column was called', async () => {
  const columns = ['id', 'ABCPE1234F', 'DEFPG1234H', 'people.ABCPE1234F.name'];
  const { first, rejects } = await hidden({ ...table, columns });
  assert.deepEqual(first.columns, ['id', 'XXXXXXX34X', 'XXXXXXX34X_2', 'people.XXXXXXX34X.name']);
  assert.deepEqual(
    rejects.map(({ column, code, raw }) => [column, code, raw]),
    [1, 2, 3].map((column) => [column, 'identifier_in_name', columns[column]]),
  );
  assert.ok(rejects.every(({ detail }) => !/[A-Z]{5}\d{4}/.test(detail)));
});

test('an identifier in the name of a sheet or of a file in an archive is masked, but the name of the file is known', async () => {
  const sheet = { ...table, name: 'Table ABCPE1234F', dialect: { sheet: 'ABCPE1234F', hidden: false } };
  const { first, rejects } = await hidden(sheet, 'book.xlsx');
  assert.deepEqual([first.name, first.dialect], ['Table XXXXXXX34X', { sheet: 'XXXXXXX34X', hidden: false }]);
  assert.deepEqual(
    rejects.map(({ code, raw, column }) => [code, raw, column]),
    [['identifier_in_name', 'Table ABCPE1234F', undefined]],
  );
  const inArchive = await hidden({ ...table, name: 'clients/ABCPE1234F.csv' }, 'a.zip');
  assert.equal(inArchive.first.name, 'clients/XXXXXXX34X.csv');
  const named = { ...table, name: 'ABCPE1234F.csv table 2' };
  assert.deepEqual(await hidden(named, 'ABCPE1234F.csv'), { first: named, rejects: [] });
});

test('a table whose name only begins as that of its file does is masked, and so is a path of elements', async () => {
  const path = await hidden({ ...table, name: 'users.ABCPE1234F' }, 'users');
  assert.equal(path.first.name, 'users.XXXXXXX34X');
  const xml = { ...table, name: 'all/ABCPE1234F', dialect: { encoding: 'utf-8', rows: 'all/ABCPE1234F' } };
  const { first } = await hidden(xml, 'a.xml');
  assert.deepEqual([first.name, first.dialect], ['all/XXXXXXX34X', { encoding: 'utf-8', rows: 'all/XXXXXXX34X' }]);
});

test('an identifier in a path or sheet that a reject or problem names is masked, and its numbers are not', async () => {
  const detail = 'In "clients/ABCPE1234F.pdf": Row 302 has 3 cells, 16384 are allowed. Send it by 2024-01-31 10:30.';
  const expected = detail.replace('ABCPE1234F', 'XXXXXXX34X');
  assert.equal(withoutIdentifiers(detail, find), expected);
  const reject = { row: 1, code: 'c', detail, raw: 'ABCPE1234F' };
  const events = await collect(withHiddenNames(eventsOf({ type: 'reject', reject }), 'a.zip', find));
  assert.deepEqual(events, [{ type: 'reject', reject: { ...reject, detail: expected } }]);
});
