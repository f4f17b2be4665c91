import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse as csvParse } from 'csv-parse/sync';
import fc from 'fast-check';
import papaparse from 'papaparse';
import { collect } from '../../test/helpers/collect.ts';
import { type Dialect, writeCsv } from '../../test/helpers/csv-writer.ts';
import { readTables, roomyLimits } from '../../test/helpers/read-tables.ts';
import type { Cell } from '../core/batch.ts';
import { Problem } from '../core/problem.ts';
import { csvFormat } from './csv.ts';
import type { ReadOptions } from './format.ts';

const delimiters = [',', ';', '\t', '|', '^', '§', '😀'];

const dialects: fc.Arbitrary<Dialect> = fc.record({
  delimiter: fc.constantFrom(...delimiters),
  lineBreaks: fc.constantFrom(['\n'], ['\r\n'], ['\r'], ['\n', '\r\n', '\r']),
  encoding: fc.constantFrom('utf-8', 'utf-16le', 'utf-16be', 'windows-1252'),
  mark: fc.boolean(),
  lastLineBreak: fc.boolean(),
  quotes: fc.constantFrom('needed', 'all'),
});

/** A rectangular table of any well-formed text, with what delimited text must escape in it more often than not. */
function tables(isLatin: boolean, minColumns: number): fc.Arbitrary<Cell[][]> {
  const latin = fc.string({ unit: fc.integer({ min: 0, max: 0xff }).map((code) => String.fromCharCode(code)) });
  // Windows-1252 gives 0x80–0x9F other characters than Latin-1.
  const text = isLatin ? latin.map((cell) => cell.replace(/[\x80-\x9f]/g, 'é')) : fc.string({ unit: 'binary' });
  const tricky = fc.constantFrom(
    '"',
    '""',
    'a"b',
    '\n',
    '\r\n',
    ' x ',
    'a,b',
    'a;b',
    'a\tb',
    '0012',
    '#x',
    'N/A',
    '\0',
  );
  const cell = fc.option(
    fc.oneof(
      text.filter((cell) => cell.isWellFormed()),
      tricky,
    ),
    { freq: 6 },
  );
  return fc
    .integer({ min: minColumns, max: 5 })
    .chain((columns) =>
      fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 12 }),
    );
}

const possible = ({ delimiter, encoding }: Dialect) => encoding !== 'windows-1252' || delimiter !== '😀';
const written = dialects
  .filter(possible)
  .chain((dialect) =>
    fc.record({ dialect: fc.constant(dialect), rows: tables(dialect.encoding === 'windows-1252', 2) }),
  );

function optionsFor({ delimiter, encoding, mark }: Dialect): Omit<ReadOptions, 'limits'> {
  // A mark is a character of Windows-1252 too, and text without a mark is not always told apart by its bytes.
  return { header: 'absent', delimiter, ...(mark && encoding !== 'windows-1252' ? {} : { encoding }) };
}

test('any table that a strange writer wrote is read back cell for cell', async () => {
  const property = fc.asyncProperty(written, fc.integer({ min: 1, max: 40 }), async ({ dialect, rows }, chunkBytes) => {
    // UTF-16 that begins with NUL can be UTF-32 to the last byte.
    fc.pre(!rows[0]![0]?.startsWith('\0'));
    const bytes = writeCsv(rows, { ...dialect, mark: dialect.mark && dialect.encoding !== 'windows-1252' });
    const [table] = await readTables(csvFormat, bytes, { ...optionsFor(dialect), chunkBytes });
    assert.deepEqual(table!.rows, rows);
    assert.deepEqual(table!.rejects, []);
  });
  await fc.assert(property, { numRuns: 1000 });
});

const trickyFile = Buffer.from(
  '\ufeffid;name;note\r\n1;"Zoë ""Z""; x";आशा\r\r2;😀;"two\r\nlines"\n3;"late"x;"\n4;5\n6;;',
);

test('a tricky file gives the same events wherever its chunks are cut', async () => {
  const read = async (cuts: readonly number[]) => {
    const source = {
      size: trickyFile.length,
      async *stream(start = 0, end = trickyFile.length) {
        const edges = [start, ...cuts.filter((cut) => cut > start && cut < end), end];
        for (let i = 1; i < edges.length; i++) yield Uint8Array.from(trickyFile.subarray(edges[i - 1], edges[i]));
      },
    };
    return collect(csvFormat.read(source, 'a.csv', { limits: roomyLimits }));
  };
  const whole = await read([]);
  assert.deepEqual(
    whole.map(({ type }) => type),
    ['table', 'reject', 'reject', 'batch', 'progress'],
  );
  for (let cut = 1; cut < trickyFile.length; cut++) {
    assert.deepEqual(await read([cut]), whole);
    assert.deepEqual(await read([cut, cut + 1]), whole);
  }
});

test('any bytes end in events or in a problem', async () => {
  const pieces = fc.constantFrom('"', ',', ';', '\n', '\r', 'sep=', '\ufeff', '1', 'a@b.c', '\0', 'é', '\ufffd');
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.array(pieces, { maxLength: 60 }).map((parts) => Buffer.from(parts.join(''))),
    fc.array(pieces, { maxLength: 60 }).map((parts) => Buffer.from(parts.join(''), 'utf16le')),
    fc.array(pieces, { maxLength: 60 }).map((parts) => Buffer.from(parts.join(''), 'latin1')),
  );
  const options = fc.record(
    {
      encoding: fc.constantFrom(
        'utf-8',
        'utf-16',
        'shift_jis',
        'gb18030',
        'iso-2022-jp',
        'windows-1252',
        'x-user-defined',
      ),
      header: fc.constantFrom('present' as const, 'absent' as const),
      ragged: fc.constantFrom('pad' as const, 'reject' as const),
      delimiter: fc.constantFrom(...delimiters),
    },
    { requiredKeys: [] },
  );
  const property = fc.asyncProperty(
    bytes,
    options,
    fc.integer({ min: 1, max: 30 }),
    async (content, given, cellLength) => {
      const read = () => readTables(csvFormat, content, { ...given, limits: { ...roomyLimits, cellLength } });
      const outcome = await read().catch((error: unknown) => {
        assert.ok(error instanceof Problem && error.code !== 'internal', String(error));
        return error.code;
      });
      if (typeof outcome === 'string') return;
      for (const row of outcome[0]!.rows) {
        assert.equal(row.length, outcome[0]!.columns.length);
        for (const cell of row) assert.ok(cell === null || (cell.length <= cellLength && cell.isWellFormed()));
      }
      assert.deepEqual(await read(), outcome);
    },
  );
  await fc.assert(property, { numRuns: 1000 });
});

test('csv-parse and papaparse read the same cells out of what a plain writer wrote', async () => {
  const property = fc.asyncProperty(tables(false, 2), fc.constantFrom('\n', '\r\n'), async (rows, lineBreak) => {
    const dialect = {
      delimiter: ',',
      lineBreaks: [lineBreak],
      encoding: 'utf-8',
      mark: false,
      lastLineBreak: true,
    } as const;
    const bytes = writeCsv(rows, { ...dialect, quotes: 'needed' });
    const [table] = await readTables(csvFormat, bytes, { header: 'absent', delimiter: ',', encoding: 'utf-8' });
    const ours = table!.rows.map((row) => row.map((cell) => cell ?? ''));
    const text = bytes.toString();
    // csv-parse refuses quotes within a cell that does not begin with one, unless it is told not to.
    assert.deepEqual(ours, csvParse(bytes, { record_delimiter: lineBreak, relax_quotes: true }));
    assert.deepEqual(
      ours,
      papaparse.parse(text, { delimiter: ',', newline: lineBreak, skipEmptyLines: false }).data.slice(0, -1),
    );
  });
  await fc.assert(property, { numRuns: 500 });
});

test('the dialect of a written table is found again', async () => {
  const word = fc.constantFrom('Asha', 'Ravi', '12,5', '7', '2020-01-31', 'a "quoted" word', 'x|y', '');
  const columns = fc.integer({ min: 2, max: 6 });
  const rows = columns.chain((count) =>
    fc.array(fc.array(word, { minLength: count, maxLength: count }), { minLength: 3, maxLength: 20 }),
  );
  const property = fc.asyncProperty(rows, fc.constantFrom(',', ';', '\t', '|'), async (cells, delimiter) => {
    const header = cells[0]!.map((_, index) => `name ${index}`);
    const dialect = {
      delimiter,
      lineBreaks: ['\n'],
      encoding: 'utf-8',
      mark: false,
      lastLineBreak: true,
      quotes: 'needed',
    } as const;
    const [table] = await readTables(csvFormat, writeCsv([header, ...cells], dialect));
    assert.equal(table!.dialect.delimiter, delimiter);
  });
  await fc.assert(property, { numRuns: 500 });
});
