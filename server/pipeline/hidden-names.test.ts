import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNameFinder } from '../infer/names.ts';
import { hideNames } from './hidden-names.ts';

const find = createNameFinder();
const table = { type: 'table', name: 'a.csv', columns: ['id', 'note'], dialect: {} } as const;

test('names without an identifier stay as they are', () => {
  assert.deepEqual(hideNames(table, 'a.csv', find), { start: table, rejects: [] });
});

test('an identifier in a column name is masked, and a reject keeps what the column was called', () => {
  const columns = ['id', 'ABCPE1234F', 'DEFPG1234H', 'people.ABCPE1234F.name'];
  const { start, rejects } = hideNames({ ...table, columns }, 'a.csv', find);
  assert.deepEqual(start.columns, ['id', 'XXXXXXX34X', 'XXXXXXX34X_2', 'people.XXXXXXX34X.name']);
  assert.deepEqual(
    rejects.map(({ column, code, raw }) => [column, code, raw]),
    [1, 2, 3].map((column) => [column, 'identifier_in_name', columns[column]]),
  );
  assert.ok(rejects.every(({ detail }) => !/[A-Z]{5}\d{4}/.test(detail)));
});

test('an identifier in the name of a sheet or of a file in an archive is masked', () => {
  const sheet = { ...table, name: 'Table ABCPE1234F', dialect: { sheet: 'ABCPE1234F', hidden: false } };
  const { start } = hideNames(sheet, 'book.xlsx', find);
  assert.deepEqual([start.name, start.dialect], ['Table XXXXXXX34X', { sheet: 'XXXXXXX34X', hidden: false }]);
  assert.equal(
    hideNames({ ...table, name: 'clients/ABCPE1234F.csv' }, 'a.zip', find).start.name,
    'clients/XXXXXXX34X.csv',
  );
});
