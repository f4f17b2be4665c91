import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ReferenceRow, referenceRows } from '../../test/helpers/csv-reference.ts';
import { roomyLimits, sourceOf } from '../../test/helpers/read-tables.ts';
import type { Cell, Reject } from '../core/batch.ts';
import { createBudget } from './budget.ts';
import { createScanner, type Syntax } from './csv-scanner.ts';
import { type RowSettings, readRows } from './csv-tokenizer.ts';
import { openWindow } from './csv-window.ts';
import { openUtf8 } from './utf8-stream.ts';

interface Setting extends Syntax {
  readonly columns: number;
  readonly cellLength: number;
  readonly windowBytes: number;
}

/** The rows and rejects of `text`, read with windows of a given size. */
async function read(text: string, setting: Setting) {
  const { columns, cellLength, windowBytes } = setting;
  const limits = { ...roomyLimits, cellLength };
  const scanner = createScanner(columns, cellLength);
  scanner.use(setting, columns);
  const stream = openUtf8(sourceOf(Buffer.from(text)), { label: 'utf-8', markBytes: 0 });
  const window = openWindow(scanner, stream, windowBytes);
  const settings: RowSettings = {
    ...{ columns, cells: columns, limits, header: true, encoding: 'utf-8', rowsBefore: 0, comment: null },
    // Rows with wrong quotes are not repaired without a quote.
    ...{ ragged: 'reject', syntax: { ...setting, quote: null }, budget: createBudget(limits) },
    ...{ startsTable: null, progress: () => null },
  };
  const rows: Cell[][] = [];
  const rejects: Pick<Reject, 'row' | 'code' | 'column' | 'raw'>[] = [];
  for await (const event of readRows(scanner, window, settings)) {
    if (event.type === 'batch') {
      for (let r = 0; r < event.batch.length; r++) rows.push(event.batch.columns.map((column) => column[r]!));
    } else if (event.type === 'reject') {
      const { detail: _, ...reject } = event.reject;
      rejects.push(reject);
    }
  }
  return { rows, rejects };
}

/** What the reference makes of the same text. */
function expected(text: string, setting: Setting) {
  const { columns, cellLength } = setting;
  const all = referenceRows(text, setting, cellLength);
  const isRow = (row: ReferenceRow) => 'cells' in row && row.cells.length === columns;
  const rejects = all.flatMap((row, index) => {
    if ('failed' in row) return [{ row: index + 1, column: row.column, code: row.failed, raw: row.raw }];
    if (row.cells.length === 0 || isRow(row)) return [];
    return [{ row: index + 1, code: 'ragged_row', raw: row.raw }];
  });
  return { rows: all.flatMap((row) => (isRow(row) && 'cells' in row ? [row.cells] : [])), rejects };
}

/** Texts full of what matters, some of them long enough for many of the scanner's blocks of 64 bytes. */
function texts({ delimiter, quote, escaping }: Syntax) {
  const q = quote ?? '"';
  const piece = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.constantFrom(
        q,
        q + q,
        '\n',
        '\r',
        '\r\n',
        delimiter ?? ',',
        escaping ?? ' ',
        'a',
        'é',
        'अ',
        '😀',
        '\0',
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(`${q}x${q}`, `${q}p\nq${q}`, ' ', 'y'.repeat(63), 'ü'.repeat(40), '😀'.repeat(17)),
    },
  );
  return fc.array(piece, { maxLength: 150 }).map((pieces) => pieces.join(''));
}

const PLAIN = { delimiter: ',', quote: '"', escaping: null, padded: false };
const SYNTAXES: readonly Syntax[] = [
  ...[',', '\t', '§', '→', '😀', null].map((delimiter) => ({ ...PLAIN, delimiter })),
  { ...PLAIN, quote: "'" },
  { ...PLAIN, quote: null },
  { ...PLAIN, padded: true },
  { ...PLAIN, delimiter: '😀', padded: true },
  { ...PLAIN, escaping: '\\' },
  { ...PLAIN, escaping: '\\', padded: true },
  { ...PLAIN, delimiter: '→', quote: "'", escaping: '^' },
  { ...PLAIN, quote: null, escaping: '\\' },
];

for (const syntax of SYNTAXES) {
  test(`any text is read as by the slow reference, whatever the windows (${JSON.stringify(syntax)})`, async () => {
    const settings = fc.record({
      ...{ delimiter: fc.constant(syntax.delimiter), quote: fc.constant(syntax.quote) },
      ...{ escaping: fc.constant(syntax.escaping), padded: fc.constant(syntax.padded) },
      columns: fc.integer({ min: 1, max: 4 }),
      cellLength: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constant(1000)),
      windowBytes: fc.oneof(fc.integer({ min: 1, max: 80 }), fc.constant(65_536)),
    });
    const property = fc.asyncProperty(texts(syntax), settings, async (text, setting) => {
      assert.deepEqual(await read(text, setting), expected(text, setting));
    });
    await fc.assert(property, { numRuns: 1500 });
  });
}

test('rows go on rightly over the scanner’s tables and the batches', async () => {
  const setting = { ...PLAIN, columns: 2, cellLength: 100, windowBytes: 1 << 20 };
  const lines = Array.from({ length: 40_000 }, (_, i) => (i % 997 === 0 ? `${i}` : `${i},"${i}"`));
  const text = lines.join('\r\n');
  assert.deepEqual(await read(text, setting), expected(text, setting));
});

test('a row of more cells than the scanner’s table has room for is one reject', async () => {
  const setting = { ...PLAIN, columns: 2, cellLength: 100, windowBytes: 65_536 };
  const text = `a,b\n${','.repeat(300_000)}\nc,d\n`;
  const { rows, rejects } = await read(text, setting);
  assert.deepEqual(rows, [
    ['a', 'b'],
    ['c', 'd'],
  ]);
  assert.deepEqual(
    rejects.map(({ code, raw }) => [code, raw.length]),
    [['ragged_row', 65_536]],
  );
});

test('a row of more than 16 MiB of cells is one reject, and the next row is read', async () => {
  const setting = { ...PLAIN, columns: 2, cellLength: 100, windowBytes: 65_536 };
  const text = `a,b\n${'xxxxxxx,'.repeat(2_200_000)}\r\nc,d\n`;
  const { rows, rejects } = await read(text, setting);
  assert.deepEqual(rows, [
    ['a', 'b'],
    ['c', 'd'],
  ]);
  assert.deepEqual(
    rejects.map(({ row, code, raw }) => [row, code, raw.length]),
    [[2, 'row_too_large', 65_536]],
  );
});
