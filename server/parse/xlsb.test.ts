import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import officeCrypto from 'officecrypto-tool';
import { type BookSheet, libraryBook } from '../../test/helpers/library-book.ts';
import { readTables, roomyLimits, sourceOf } from '../../test/helpers/read-tables.ts';
import { writeZip, type ZipPart } from '../../test/helpers/zip-writer.ts';
import { Problem } from '../core/problem.ts';
import type { ReadLimits } from './format.ts';
import { xlsbFormat } from './xlsb.ts';
import { xlsxFormat } from './xlsx.ts';
import { openArchive } from './zip/archive.ts';

const SHEETS: BookSheet[] = [
  {
    name: 'Every & kind',
    rows: [
      ['text', 'number', 'date', 'truth', 'error'],
      ['ü € 漢 😀', 1, { t: 'n', v: 44927, z: 'yyyy-mm-dd' }, true, { t: 'e', v: 42 as never }],
      [' padded ', 12.34, { t: 'n', v: 44927.5, z: 'yyyy-mm-dd hh:mm' }, false, { t: 'e', v: 7 as never }],
      ['00123', -7, { t: 'n', v: 0.75, z: 'hh:mm:ss' }, null, null],
      ['two\nlines', 1e21, { t: 'n', v: 1.5, z: '[h]:mm' }, null, null],
      ['x'.repeat(5000), 0.1, null, null, null],
      ['2345 6789 0123', 234567890123, null, null, null],
      [null, 1073741824, null, null, null],
    ],
  },
  { name: 'hidden', hidden: true, rows: [['a'], ['b']] },
  { name: 'empty', rows: [] },
  { name: 'far', rows: [...new Array<[]>(20).fill([]), [null, null, 'h'], [null, null, 5]] },
];
const BOOK = libraryBook('xlsb', SHEETS);
const read = (bytes: Uint8Array, limits: Partial<ReadLimits> = {}) =>
  readTables(xlsbFormat, bytes, { limits: { ...roomyLimits, ...limits } });
const codeOf = (bytes: Uint8Array, limits: Partial<ReadLimits> = {}) =>
  read(bytes, limits).then(
    () => 'read',
    (error) => (error instanceof Problem ? error.code : String(error)),
  );

test('a book is read the same as .xlsb and as .xlsx: texts, raw texts, names and dialect', async () => {
  for (const date1904 of [false, true]) {
    const binary = await read(libraryBook('xlsb', SHEETS, date1904));
    assert.deepEqual(binary, await readTables(xlsxFormat, libraryBook('xlsx', SHEETS, date1904)));
    assert.equal(binary.length, 3);
  }
});

test('a long sheet comes whole in chunks of any size, wider below than above', async () => {
  const rows = Array.from({ length: 3000 }, (_, n) => (n > 2500 ? [n, `text ${n}`, n / 3] : [n]));
  const bytes = libraryBook('xlsb', [{ name: 'long', rows }]);
  const expected = await readTables(xlsxFormat, libraryBook('xlsx', [{ name: 'long', rows }]));
  for (const chunkBytes of [100, 65_536])
    assert.deepEqual(await readTables(xlsbFormat, bytes, { chunkBytes }), expected);
});

test('a book under a password is opened by it', async () => {
  const locked = officeCrypto.encrypt(BOOK, { password: 'Sesam' });
  assert.deepEqual(await readTables(xlsbFormat, locked, { password: 'Sesam' }), await read(BOOK));
  assert.equal(await codeOf(locked), 'workbook_encrypted');
});

test('files of other kinds, and books without cells, are refused', async () => {
  assert.equal(await codeOf(libraryBook('xlsx', SHEETS)), 'content_mismatch');
  assert.equal(await codeOf(libraryBook('biff8', [{ name: 'a', rows: [['a']] }])), 'content_mismatch');
  assert.equal(await codeOf(writeZip([{ name: 'a.txt', data: 'a' }])), 'content_mismatch');
  assert.equal(await codeOf(Buffer.from('a,b\n')), 'content_mismatch');
  assert.equal(await codeOf(libraryBook('xlsb', [{ name: 'a', rows: [] }])), 'not_a_table');
});

test('limits hold', async () => {
  assert.equal(await codeOf(BOOK, { rows: 3 }), 'too_many_rows');
  assert.equal(await codeOf(BOOK, { cells: 5 }), 'too_many_cells');
  assert.equal(await codeOf(BOOK, { columns: 2 }), 'too_many_columns');
  assert.equal(await codeOf(BOOK, { cellLength: 4000 }), 'cell_too_large');
  assert.equal(await codeOf(BOOK, { unpackedBytes: 1000 }), 'unpacked_too_large');
});

test('a file cut off anywhere is refused', async () => {
  for (let end = 0; end < BOOK.length; end += 97) assert.notEqual(await codeOf(BOOK.subarray(0, end)), 'read');
});

/** The parts of the book, unpacked. */
async function partsOf(bytes: Buffer): Promise<ZipPart[]> {
  const archive = await openArchive(sourceOf(bytes), roomyLimits.unpackedBytes);
  return Promise.all(
    [...archive.entries()].map(async (entry) => {
      const chunks: Buffer[] = [];
      for await (const chunk of archive.read(entry)) chunks.push(Buffer.from(chunk));
      return { name: entry.name, data: Buffer.concat(chunks) };
    }),
  );
}

test('a part with bytes changed before it was packed ends in a table or a problem, never otherwise', async () => {
  const parts = (await partsOf(libraryBook('xlsb', [SHEETS[0]!, SHEETS[3]!]))).filter(({ name }) => /bin$/.test(name));
  const others = (await partsOf(BOOK)).filter(({ name }) => !/bin$/.test(name));
  const change = fc.tuple(fc.nat(parts.length - 1), fc.nat(), fc.nat(255));
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      const changed = parts.map(({ name, data }) => ({ name, data: Buffer.from(data) }));
      for (const [part, at, byte] of changes) changed[part]!.data[at % changed[part]!.data.length] = byte;
      assert.match(await codeOf(writeZip([...others, ...changed])), /^[a-z_]+$/);
    }),
    { numRuns: 500 },
  );
});

test('a part that ends within a record, and references that point nowhere, are refused', async () => {
  const parts = await partsOf(BOOK);
  const withSheet = (change: (data: Buffer) => Buffer) =>
    writeZip(
      parts.map((part) => (/sheet1\.bin$/.test(part.name) ? { ...part, data: change(part.data as Buffer) } : part)),
    );
  assert.equal(await codeOf(withSheet((data) => data.subarray(0, -1))), 'workbook_corrupt');
  const beginsData = Buffer.from([0x91, 0x01, 0x00]);
  const after = (...record: number[]) =>
    withSheet((data) => {
      const at = data.indexOf(beginsData) + beginsData.length;
      return Buffer.concat([data.subarray(0, at), Buffer.from(record), data.subarray(at)]);
    });
  assert.equal(await codeOf(after(4, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1)), 'workbook_corrupt', 'a cell outside of any row');
  assert.equal(await codeOf(after(0, 4, 0, 0, 16, 0)), 'workbook_corrupt', 'row 1,048,577');
  const row = [0, 4, 0, 0, 0, 0];
  assert.equal(await codeOf(after(...row, 4, 9, 0, 64, 0, 0, 0, 0, 0, 0, 1)), 'workbook_corrupt', 'column 16,385');
  assert.equal(await codeOf(after(...row, 7, 12, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 0, 0)), 'workbook_corrupt');
  assert.equal(await codeOf(after(...row, 5, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1)), 'workbook_corrupt', 'half a number');
  assert.equal(await codeOf(after(...row, 4, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1)), 'read');
});
