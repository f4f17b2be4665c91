import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import officeCrypto from 'officecrypto-tool';
import { libraryBook } from '../../test/helpers/library-book.ts';
import { readTables, roomyLimits, sourceOf } from '../../test/helpers/read-tables.ts';
import { assertRefused } from '../../test/helpers/refusal.ts';
import { sheetXml, writeSheet, writeXlsx, xlsxParts } from '../../test/helpers/xlsx-writer.ts';
import { writeZip, type ZipPart } from '../../test/helpers/zip-writer.ts';
import type { ProblemCode } from '../core/problem.ts';
import { Problem } from '../core/problem.ts';
import type { ReadLimits } from './format.ts';
import { xlsxFormat } from './xlsx.ts';

const ROWS = '<row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c></row><row r="2"><c r="A2"><v>1</v></c></row>';

const read = (bytes: Uint8Array, limits: Partial<ReadLimits> = {}) =>
  readTables(xlsxFormat, bytes, { limits: { ...roomyLimits, ...limits } });

async function refused(
  bytes: Uint8Array,
  code: ProblemCode,
  detail = /./,
  limits: Partial<ReadLimits> = {},
): Promise<void> {
  await assertRefused(read(bytes, limits), code, detail);
}

/** A book with one of its parts changed. */
function changed(name: string, change: (part: ZipPart) => Partial<ZipPart>, rows = ROWS): Buffer {
  const parts = xlsxParts({ sheets: [{ rows }] });
  assert.ok(parts.some((part) => part.name === name));
  return writeZip(parts.map((part) => (part.name === name ? { ...part, ...change(part) } : part)));
}

const SHEET = 'xl/worksheets/sheet1.xml';

test('a file that is no ZIP archive is refused with what it seems to be', async () => {
  await refused(Buffer.from('a;b\n1;2\n'), 'content_mismatch', /delimited text/);
  await refused(Buffer.from('\n<html><table><tr><td>1'), 'content_mismatch', /HTML/);
  await refused(Buffer.from('%PDF-1.7'), 'content_mismatch', /PDF/);
  await refused(Buffer.from('{"a":1}'), 'content_mismatch', /JSON/);
  await refused(Buffer.from('<?xml version="1.0"?><Workbook/>'), 'content_mismatch', /XML/);
  await refused(Buffer.from([1, 0, 2, 0]), 'content_mismatch', /binary/);
  await refused(Buffer.alloc(0), 'content_mismatch', /empty/);
});

test('a legacy workbook and a locked one are told apart', async () => {
  const rows = [['name'], ['Asha']];
  await refused(libraryBook('biff8', [{ name: 'people', rows }]), 'content_mismatch', /\.xls/);
  const locked = officeCrypto.encrypt(libraryBook('xlsx', [{ name: 'people', rows }]), { password: 'x' });
  await refused(locked, 'workbook_encrypted', /password/);
});

test('other Office files are refused by name', async () => {
  const types = '[Content_Types].xml';
  const as = (type: string) =>
    changed(types, (part) => ({ data: String(part.data).replace(/application\/vnd[^"]+/, type) }));
  await refused(as('application/vnd.ms-excel.sheet.binary.macroEnabled.main'), 'content_mismatch', /xlsb/);
  await refused(
    as('application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml'),
    'content_mismatch',
    /docx/,
  );
  const ods = writeZip([
    { name: 'mimetype', data: 'application/vnd.oasis.opendocument.spreadsheet', method: 'stored' },
  ]);
  await refused(ods, 'content_mismatch', /ods/);
  await refused(writeZip([{ name: 'a.txt', data: 'hello' }]), 'content_mismatch', /ZIP/);
});

test('a macro-enabled workbook is read like others', async () => {
  const type = 'application/vnd.ms-excel.sheet.macroEnabled.main+xml';
  const book = changed('[Content_Types].xml', (part) => ({
    data: String(part.data).replace(/application\/vnd[^"]+/, type),
  }));
  assert.equal((await read(book)).length, 1);
});

test('a file cut off anywhere is refused', async () => {
  const book = writeSheet(ROWS);
  for (let end = 1; end < book.length; end += 7) {
    await assert.rejects(read(book.subarray(0, end)), Problem, `cut at ${end}`);
  }
});

test('a part cut off anywhere is refused', async () => {
  const xml = sheetXml(ROWS);
  for (let end = 0; end < xml.length; end += 3) {
    await assert.rejects(read(writeXlsx({ sheets: [{ xml: xml.slice(0, end) }] })), Problem, xml.slice(0, end));
  }
});

test('sizes and checksums that lie are refused', async () => {
  await refused(
    changed(SHEET, () => ({ claims: { size: 100 } })),
    'workbook_corrupt',
    /larger/,
  );
  await refused(
    changed(SHEET, () => ({ claims: { size: 1_000_000 } })),
    'workbook_corrupt',
    /smaller/,
  );
  await refused(
    changed(SHEET, () => ({ claims: { crc: 1 } })),
    'workbook_corrupt',
    /checksum/,
  );
  await refused(
    changed(SHEET, () => ({ claims: { packed: 40 } })),
    'workbook_corrupt',
    /unpacked/,
  );
  await refused(
    changed(SHEET, () => ({ claims: { packed: 0xfffffff } })),
    'workbook_corrupt',
  );
  await refused(
    changed(SHEET, () => ({ claims: { offset: 5 } })),
    'workbook_corrupt',
    /header/,
  );
  await refused(
    changed(SHEET, () => ({ localName: 'xl/worksheets/sheet2.xml' })),
    'workbook_corrupt',
    /otherwise/,
  );
  await refused(
    changed(SHEET, () => ({ packed: Buffer.from('no deflate stream at all') })),
    'workbook_corrupt',
  );
});

test('locked parts and unknown packing methods are refused', async () => {
  await refused(
    changed(SHEET, () => ({ claims: { flags: 1 } })),
    'workbook_encrypted',
  );
  await refused(
    changed(SHEET, () => ({ claims: { method: 9 } })),
    'unsupported_format',
    /method 9/,
  );
});

test('two parts of one name, or a wrong count, are refused', async () => {
  const parts = xlsxParts({ sheets: [{ rows: ROWS }] });
  await refused(writeZip([...parts, { name: 'XL/worksheets/SHEET1.xml', data: 'x' }]), 'workbook_corrupt', /twice/);
  await refused(writeZip(parts, { count: 3 }), 'workbook_corrupt', /claims 3/);
});

test('an archive of 60,000 parts is refused', async () => {
  const parts = Array.from(
    { length: 60_000 },
    (_, index): ZipPart => ({ name: `p${index}`, data: '', method: 'stored' }),
  );
  await refused(writeZip(parts), 'unpacked_too_large', /parts/);
});

test('zip64 archives are read', async () => {
  const tables = await read(writeZip(xlsxParts({ sheets: [{ rows: ROWS }] }), { zip64: true }));
  assert.deepEqual(tables[0]!.rows, [['1']]);
});

test('a bomb is refused before it is unpacked, whatever it claims', async () => {
  const blanks = Buffer.alloc(64 << 20, 0x20);
  const bomb = xlsxParts({ sheets: [{ xml: Buffer.concat([Buffer.from('<worksheet>'), blanks]) }] });
  await refused(writeZip(bomb), 'unpacked_too_large');
  await refused(writeZip(bomb), 'unpacked_too_large', /./, { unpackedBytes: 1 << 20 });
  const lying = bomb.map((part) => (part.name === SHEET ? { ...part, claims: { size: 5000 } } : part));
  await refused(writeZip(lying), 'workbook_corrupt', /larger/);
});

test('parts that are small alone are counted together', async () => {
  const sheets = Array.from({ length: 20 }, () => ({ rows: ROWS + ' '.repeat(10_000) }));
  await refused(writeXlsx({ sheets }), 'unpacked_too_large', /./, { unpackedBytes: 150_000 });
});

test('a document type or an entity is refused in every part', async () => {
  const dtd = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>';
  for (const name of ['[Content_Types].xml', '_rels/.rels', 'xl/workbook.xml', 'xl/styles.xml', SHEET]) {
    await refused(
      changed(name, (part) => ({ data: dtd + String(part.data).replace(/^<\?.*?\?>/, '') })),
      'workbook_corrupt',
      /DTD/,
    );
  }
  await refused(writeSheet(ROWS.replace('name', '&b;')), 'workbook_corrupt', /entity/);
  await refused(writeSheet(ROWS.replace('name', 'a & b')), 'workbook_corrupt', /&/);
});

test('tags that do not fit are refused', async () => {
  for (const rows of [
    ROWS.replace('</v>', '</w>'),
    ROWS.replace('</v></c>', '</c></v>'),
    ROWS.replace('r="A2"', 'r="A2'),
    ROWS.replace('r="A2"', 'r=A2'),
    ROWS.replace('r="A2"', 'r="A2" r="A3"'),
    ROWS.replace('<v>', '<v/ >'),
    ROWS.replace('<v>', '< v>'),
    '<a>'.repeat(300) + '</a>'.repeat(300),
  ]) {
    await refused(writeSheet(rows), 'workbook_corrupt');
  }
});

test('references that no sheet can have are refused', async () => {
  for (const reference of ['XFE2', 'A', '2', 'A2B', '', 'AAAAAAAAAAAAA1', '$A$2']) {
    await refused(writeSheet(ROWS.replace('"A2"', `"${reference}"`)), 'workbook_corrupt', /reference/);
  }
  for (const number of ['0', '-1', '1048577', 'x', '99999999999999']) {
    await refused(writeSheet(ROWS.replace('row r="2"', `row r="${number}"`)), 'workbook_corrupt', /number/);
  }
});

test('values that point nowhere are refused', async () => {
  await refused(writeSheet(ROWS.replace('r="A2">', 'r="A2" t="s">')), 'workbook_corrupt', /shared string/);
  await refused(
    writeSheet(ROWS.replace('r="A2">', 'r="A2" t="s">').replace('>1<', '>x<')),
    'workbook_corrupt',
    /shared string/,
  );
  await refused(writeSheet(ROWS.replace('<v>1</v>', '<v>1</v><v>2</v>')), 'workbook_corrupt', /two values/);
  await refused(
    changed('xl/_rels/workbook.xml.rels', (part) => ({ data: String(part.data).replace('sheet1.xml', 'gone.xml') })),
    'workbook_corrupt',
    /not there/,
  );
});

test('limits on columns, rows, cells and the length of a cell hold', async () => {
  const row = (cells: string, number: number) => `<row r="${number}">${cells}</row>`;
  const rows = Array.from({ length: 50 }, (_, index) => row('<c><v>1</v></c><c><v>2</v></c>', index + 1)).join('');
  await refused(writeSheet(rows), 'too_many_rows', /49/, { rows: 49 });
  await refused(writeSheet(rows), 'too_many_cells', /99/, { cells: 99 });
  assert.equal((await read(writeSheet(rows), { rows: 50, cells: 100 }))[0]!.rows.length, 50);
  const long = 'x'.repeat(101);
  await refused(writeSheet(ROWS.replace('name', long)), 'cell_too_large', /Sheet1/, { cellLength: 100 });
  await refused(writeSheet(ROWS.replace('>1<', `>${'1'.repeat(101)}<`)), 'cell_too_large', /./, { cellLength: 100 });
  await refused(writeSheet(ROWS, { sharedStrings: `<si><t>${long}</t></si>` }), 'cell_too_large', /./, {
    cellLength: 100,
  });
});

test('a sheet of 16,384 columns ends in a problem, or is read when the limit allows it', async () => {
  const rows = `<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>2</v></c></row>`;
  await refused(writeSheet(rows), 'too_many_columns', /A to XFD/);
  const [table] = await read(writeSheet(rows), { columns: 16_384 });
  assert.deepEqual([table!.columns.length, table!.rows[0]!.at(-1)], [16_384, '2']);
});

test('a cell of many megabytes is refused without keeping it', async () => {
  const rows = ROWS.replace('name', 'ab😀'.repeat(2_000_000));
  await refused(writeXlsx({ sheets: [{ rows }], method: 'stored' }), 'cell_too_large');
});

test('a row that repeats its cells without end is refused', async () => {
  await refused(writeSheet(`<row r="1">${'<c r="A1"><v>1</v></c>'.repeat(5000)}</row>`), 'workbook_corrupt', /repeats/);
});

test('bytes that are no UTF-8 are refused', async () => {
  const bytes = Buffer.from(sheetXml(ROWS));
  bytes[bytes.indexOf('name')] = 0xff;
  await refused(writeXlsx({ sheets: [{ xml: bytes }] }), 'workbook_corrupt', /UTF-8/);
});

test('a reader that stops early leaves nothing running', async () => {
  for await (const event of xlsxFormat.read(sourceOf(writeSheet(ROWS), 16), 'x', { limits: roomyLimits })) {
    if (event.type === 'table') break;
  }
});

test('a valid book with bytes changed gives its rows or a problem', async () => {
  const sharedStrings = '<si><t>é one</t></si><si><r><t>two</t></r></si>';
  const rows = `${ROWS}<row r="3"><c r="A3" t="s"><v>1</v></c><c r="B3" s="1"><v>44927</v></c></row>`;
  const valid = writeSheet(rows, { sharedStrings, method: 'stored' });
  const change = fc.tuple(fc.nat(valid.length - 1), fc.integer({ min: 0, max: 255 }));
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      const bytes = Buffer.from(valid);
      for (const [at, value] of changes) bytes[at] = value;
      await givesTablesOrProblem(bytes);
    }),
    { numRuns: 500 },
  );
});

test('a sheet with bytes changed before it was packed gives its rows or a problem', async () => {
  const xml = Buffer.from(sheetXml(`${ROWS}<row r="3"><c r="A3" t="str"><v>a&amp;b<![CDATA[c]]></v></c></row>`));
  const change = fc.tuple(fc.nat(xml.length - 1), fc.constantFrom(...Buffer.from('<>/"\'&;= ![]-?A0\u0000')));
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      const bytes = Buffer.from(xml);
      for (const [at, value] of changes) bytes[at] = value;
      await givesTablesOrProblem(writeXlsx({ sheets: [{ xml: bytes }], method: 'stored' }));
    }),
    { numRuns: 1000 },
  );
});

async function givesTablesOrProblem(bytes: Buffer): Promise<void> {
  try {
    assert.ok((await read(bytes)).length > 0);
  } catch (error) {
    assert.ok(error instanceof Problem && error.code !== 'internal', String(error));
  }
}
