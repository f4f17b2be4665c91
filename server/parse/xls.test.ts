import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BookCell, libraryBook } from '../../test/helpers/library-book.ts';
import { readTables, roomyLimits, sourceOf } from '../../test/helpers/read-tables.ts';
import type { ReadEvent } from './format.ts';
import { xlsFormat } from './xls.ts';
import { xlsxFormat } from './xlsx.ts';

const number = (v: number, z?: string): BookCell => ({ t: 'n', v, ...(z && { z }) });
const error = (v: number): BookCell => ({ t: 'e', v });

const ROWS: BookCell[][] = [
  ['text', 'number', 'when', 'truth', 'mixed'],
  ['Asha', 1, number(44927, 'yyyy-mm-dd'), true, error(42)],
  ['आशा 😀', -0.5, number(44927.4309085648, 'm/d/yy h:mm'), false, error(7)],
  ['00123', 0.1 + 0.2, number(0.5, 'h:mm:ss'), null, 'x'],
  [' two\nlines ', 1e21, number(1.1041666666666667, '[h]:mm'), true, 0],
  [null, 234123412346, number(60, 'yyyy-mm-dd'), false, 1e-7],
  ['', 123456789012345, number(44927, '"Day" dd/mm/yyyy'), true, number(44927, '0.00')],
  ['x'.repeat(200), 7, number(2958466, 'yyyy-mm-dd'), null, -1],
];

test('a book is read the same as .xls and as .xlsx: texts, raw texts, names and dialect', async () => {
  for (const date1904 of [false, true]) {
    const sheets = [
      { name: 'Ä & b', rows: ROWS },
      { name: 'empty', rows: [] },
      { name: 'hidden', rows: [['h'], ['a']], hidden: true },
    ];
    const [xls, xlsx] = await Promise.all([
      readTables(xlsFormat, libraryBook('biff8', sheets, date1904)),
      readTables(xlsxFormat, libraryBook('xlsx', sheets, date1904)),
    ]);
    assert.deepEqual(xls, xlsx);
    assert.equal(xls.length, 2);
    assert.equal(xls[0]!.dialect.dateSystem, date1904 ? '1904' : '1900');
    assert.equal(xls[1]!.dialect.hidden, true);
  }
});

test('numbers, dates, truth values and errors come in the words of the XLSX reader', async () => {
  const [table] = await readTables(xlsFormat, libraryBook('biff8', [{ name: 's', rows: ROWS }]));
  const column = (index: number) => table!.rows.map((row) => row[index]);
  assert.deepEqual(column(1), [
    '1',
    '-0.5',
    '0.30000000000000004',
    '1000000000000000000000',
    '234123412346',
    '123456789012345',
    '7',
  ]);
  assert.deepEqual(column(2), [
    '2023-01-01',
    '2023-01-01T10:20:30.5',
    '12:00:00',
    'PT26H30M',
    '60',
    '2023-01-01',
    '2958466',
  ]);
  assert.deepEqual(column(3), ['TRUE', 'FALSE', null, 'TRUE', 'FALSE', 'TRUE', null]);
  assert.deepEqual(column(4), ['#N/A', '#DIV/0!', 'x', '0', '0.0000001', '44927', '-1']);
  assert.equal(table!.raws[0]![2], '44927');
});

test('merged cells hold their value at the top left', async () => {
  const rows = [
    ['a', 'b'],
    ['wide', null],
    [1, 2],
  ];
  const [table] = await readTables(xlsFormat, libraryBook('biff8', [{ name: 's', rows, merged: 'A2:B2' }]));
  assert.deepEqual(table!.rows, [
    ['wide', null],
    ['1', '2'],
  ]);
});

test('versions 2 to 5 are read too, in their code page', async () => {
  for (const type of ['biff2', 'biff3', 'biff4', 'biff5'] as const) {
    const rows = [
      ['name', 'n'],
      ['price~', 1.5],
      ['b', -3],
    ];
    const bytes = libraryBook(type, [{ name: 's', rows }]);
    bytes[bytes.indexOf('price~') + 5] = 0x80;
    const [table] = await readTables(xlsFormat, bytes);
    assert.deepEqual(table!.columns, ['name', 'n'], type);
    assert.deepEqual(
      table!.rows,
      [
        ['price€', '1.5'],
        ['b', '-3'],
      ],
      type,
    );
  }
});

test('a header may be said to be there or not', async () => {
  const bytes = libraryBook('biff8', [{ name: 's', rows: [['a'], ['b']] }]);
  const [present] = await readTables(xlsFormat, bytes, { header: 'present' });
  const [absent] = await readTables(xlsFormat, bytes, { header: 'absent' });
  assert.deepEqual([present!.columns, present!.rows], [['a'], [['b']]]);
  assert.deepEqual([absent!.columns, absent!.rows], [['column_1'], [['a'], ['b']]]);
});

test('sheets and headers called __proto__ are harmless', async () => {
  const [table] = await readTables(
    xlsFormat,
    libraryBook('biff8', [{ name: '__proto__', rows: [['__proto__'], ['v']] }]),
  );
  assert.equal(table!.name, '__proto__');
  assert.deepEqual(table!.columns, ['__proto__']);
  assert.deepEqual(table!.rows, [['v']]);
});

test('more rows than a batch come in order, and progress grows to the end', async () => {
  const rows = [['n'], ...Array.from({ length: 3000 }, (_, index) => [index])];
  const bytes = libraryBook('biff8', [
    { name: 'a', rows },
    { name: 'b', rows },
  ]);
  const events: ReadEvent[] = [];
  for await (const event of xlsFormat.read(sourceOf(bytes), 'x.xls', { limits: roomyLimits })) events.push(event);
  const values = events.flatMap((event) => (event.type === 'batch' ? event.batch.columns[0]! : []));
  assert.deepEqual(
    values,
    [...rows.slice(1), ...rows.slice(1)].map(([n]) => String(n)),
  );
  const done = events.flatMap((event) => (event.type === 'progress' ? [event.done] : []));
  assert.deepEqual(done, [0.5, 1]);
});

test('one file does not change how the next one is read', async () => {
  const rows = [['name'], ['naïve €'], ['日本']];
  const bytes = libraryBook('biff8', [{ name: 's', rows }]);
  const before = await readTables(xlsFormat, bytes);
  await readTables(xlsFormat, libraryBook('biff5', [{ name: 's', rows: [['é'], ['x']] }]));
  assert.deepEqual(await readTables(xlsFormat, bytes), before);
  assert.deepEqual(before[0]!.rows, [['naïve €'], ['日本']]);
});
