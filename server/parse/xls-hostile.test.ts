import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { libraryBook } from '../../test/helpers/library-book.ts';
import { readTables, roomyLimits } from '../../test/helpers/read-tables.ts';
import { assertRefused } from '../../test/helpers/refusal.ts';
import { writeSheet } from '../../test/helpers/xlsx-writer.ts';
import { writeZip } from '../../test/helpers/zip-writer.ts';
import { Problem, type ProblemCode } from '../core/problem.ts';
import type { ReadLimits } from './format.ts';
import { MAX_XLS_BYTES } from './xls/workbook-stream.ts';
import { MAX_XLS_CELLS, xlsFormat } from './xls.ts';

const ROWS = [['name', 'n'], ...Array.from({ length: 400 }, (_, index) => [`canary ${index}`, index + 0.5])];
const BOOK = libraryBook('biff8', [
  { name: 'one', rows: ROWS },
  { name: 'two', rows: [['a'], ['b']] },
]);

const read = (bytes: Uint8Array, limits: Partial<ReadLimits> = {}) =>
  readTables(xlsFormat, bytes, { limits: { ...roomyLimits, ...limits } });

async function refused(bytes: Uint8Array, code: ProblemCode, detail = /./, limits: Partial<ReadLimits> = {}) {
  await assertRefused(read(bytes, limits), code, detail);
}

/** The book with some bytes changed. */
function changed(change: (bytes: Buffer) => void, book = BOOK): Buffer {
  const bytes = Buffer.from(book);
  change(bytes);
  return bytes;
}

/** One record of a stream. */
const record = (type: number, data: Buffer): Buffer => {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(type);
  head.writeUInt16LE(data.length, 2);
  return Buffer.concat([head, data]);
};
const words = (...values: number[]): Buffer => Buffer.from(Uint16Array.from(values).buffer);
/** A bare stream of version 8 with one sheet that is not listed, around these records. */
const bare = (...records: Buffer[]): Buffer =>
  Buffer.concat([record(0x809, words(0x600, 0x10, 0, 0, 0, 0, 0, 0)), ...records, record(0x0a, Buffer.alloc(0))]);
const rk = (row: number, column: number, value: number): Buffer =>
  record(0x27e, words(row, column, 0, (value << 2) | 2, 0));

test('a file that is none is refused with what it seems to be', async () => {
  await refused(Buffer.from('a;b\n1;2\n'), 'content_mismatch', /delimited text/);
  await refused(Buffer.from('<html><table><tr><td>1'), 'content_mismatch', /HTML/);
  await refused(Buffer.from('{\\rtf1 a}'), 'content_mismatch', /Rich Text/);
  await refused(Buffer.from('<?xml version="1.0"?><Workbook/>'), 'content_mismatch', /XML/);
  await refused(Buffer.alloc(0), 'content_mismatch', /empty/);
  await refused(writeSheet('<row r="1"><c r="A1"><v>1</v></c></row>'), 'content_mismatch', /Excel workbook \(\.xlsx\)/);
  await refused(libraryBook('xlsb', [{ name: 's', rows: [['a']] }]), 'content_mismatch', /\.xlsb/);
  await refused(libraryBook('ods', [{ name: 's', rows: [['a']] }]), 'content_mismatch', /\.ods/);
  await refused(writeZip([{ name: 'a.txt', data: 'hello' }]), 'content_mismatch', /ZIP archive/);
});

test('another Office file and a locked workbook are named', async () => {
  const renamed = (name: string) =>
    changed((bytes) => {
      const at = bytes.indexOf(Buffer.from('Workbook\0', 'utf16le'));
      bytes.fill(0, at, at + 64);
      bytes.write(name, at, 'utf16le');
      bytes.writeUInt16LE(2 * name.length + 2, at + 64);
    });
  await refused(renamed('WordDocument'), 'content_mismatch', /Word document/);
  await refused(renamed('EncryptedPackage'), 'content_mismatch', /under a password \(\.xlsx\)/);
  await refused(renamed('Other'), 'content_mismatch', /without a workbook/);
  await refused(bare(record(0x2f, words(1, 2, 3)), rk(0, 0, 1)), 'unsupported_format', /encrypted/);
  await refused(bare(record(0x2f, words(0, 2, 3)), rk(0, 0, 1)), 'workbook_encrypted', /password/);
  await refused(bare(record(0x2f, words(1, 1, 1)), rk(0, 0, 1)), 'workbook_corrupt', /cut off/);
});

test('a file cut off anywhere is refused', async () => {
  for (let end = 0; end < BOOK.length - 1024; end += 1009) {
    await assert.rejects(read(BOOK.subarray(0, end)), Problem, `cut at ${end}`);
  }
});

test('chains of sectors that run in a circle or out of the file, and sizes that lie, are refused', async () => {
  const table = (BOOK.readUInt32LE(76) + 1) * 512;
  const directory = (BOOK.readUInt32LE(48) + 1) * 512;
  const entry = directory + BOOK.subarray(directory).indexOf(Buffer.from('Workbook\0', 'utf16le'));
  const start = BOOK.readUInt32LE(entry + 116);
  await refused(
    changed((bytes) => bytes.writeUInt32LE(start, table + 4 * start)),
    'workbook_corrupt',
    /circle/,
  );
  await refused(
    changed((bytes) => bytes.writeUInt32LE(0x00ffffff, table + 4 * start)),
    'workbook_corrupt',
    /leaves/,
  );
  await refused(
    changed((bytes) => bytes.writeUInt32LE(0x7fffffff, entry + 120)),
    'workbook_corrupt',
    /larger than the file/,
  );
  await refused(
    changed((bytes) => bytes.writeUInt32LE(0xfffffffe, table + 4 * start)),
    'workbook_corrupt',
    /ends/,
  );
  // The list of the table's own sectors goes on in sector 5, which says that it goes on in itself.
  await refused(
    changed((bytes) => bytes.writeUInt32LE(5, 68) && bytes.writeUInt32LE(5, 7 * 512 - 4)),
    'workbook_corrupt',
    /circle/,
  );
  await refused(
    changed((bytes) => bytes.writeUInt16LE(31, 30)),
    'workbook_corrupt',
    /sector size/,
  );
});

test('a stream without a compound file is read, and what is wrong with its records is refused', async () => {
  const [table] = await read(bare(rk(0, 0, 1), rk(1, 0, 2)));
  assert.deepEqual(table!.rows, [['1'], ['2']]);
  await refused(bare(record(0x203, words(0, 0, 0, 1))), 'workbook_corrupt', /cut off/);
  await refused(bare(record(0xbd, words(0, 0, 0, 1, 2, 200))), 'workbook_corrupt', /run of numbers/);
  await refused(bare(rk(0, 256, 1)), 'workbook_corrupt', /outside/);
  await refused(bare(rk(0, 0, 1), rk(0, 0, 2)), 'workbook_corrupt', /2 cells, and 1/);
  await refused(bare(record(0xfd, words(0, 0, 0, 7, 0))), 'workbook_corrupt');
  await refused(bare(rk(0, 0, 1)).subarray(0, -4), 'workbook_corrupt', /too early/);
  await refused(bare(rk(0, 0, 1)).subarray(0, -6), 'workbook_corrupt');
  await refused(bare(), 'not_a_table');
});

test('records that could keep a reader busy for ever are not looked at', async () => {
  // A link over the whole sheet: 65,536 rows of 65,536 columns to a library that follows it.
  const link = record(0x1b8, Buffer.concat([words(0, 0xffff, 0, 0xffff), Buffer.alloc(40, 0xff)]));
  const [table] = await read(bare(rk(0, 0, 1), ...Array.from({ length: 50 }, () => link)));
  assert.deepEqual(table!.rows, [['1']]);
});

test('limits hold', async () => {
  await refused(BOOK, 'too_many_columns', /./, { columns: 1 });
  await refused(BOOK, 'too_many_rows', /./, { rows: 100 });
  await refused(BOOK, 'too_many_cells', /./, { cells: 100 });
  await refused(BOOK, 'cell_too_large', /Row 2 of the sheet "one"/, { cellLength: 7 });
  const many = bare(...Array.from({ length: 2400 }, (_, row) => manyNumbers(row)));
  await refused(many, 'too_many_cells', new RegExp(`${MAX_XLS_CELLS}.*Convert it to \\.xlsx`));
  await refused(
    changed(() => {}, Buffer.concat([BOOK, Buffer.alloc(MAX_XLS_BYTES)])),
    'file_too_large',
    /Convert it to \.xlsx/,
  );
});

/** A run of 256 numbers in one record. */
function manyNumbers(row: number): Buffer {
  return record(0xbd, Buffer.concat([words(row, 0), Buffer.alloc(6 * 256), words(255)]));
}

test('damaged bytes end in a table or a problem, never otherwise', async () => {
  const change = fc.tuple(fc.nat(BOOK.length - 1), fc.nat(255));
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 12 }), async (changes) => {
      const bytes = Buffer.from(BOOK);
      for (const [at, value] of changes) bytes[at] = value;
      const problem = await read(bytes).then(
        () => undefined,
        (error: unknown) => error,
      );
      assert.ok(problem === undefined || problem instanceof Problem, String(problem));
      if (problem) assert.doesNotMatch(problem.detail, /canary/);
    }),
    { numRuns: 150 },
  );
});
