import assert from 'node:assert/strict';
import { test } from 'node:test';
import { libraryBook } from '../../test/helpers/library-book.ts';
import { readTables, roomyLimits, sourceOf } from '../../test/helpers/read-tables.ts';
import { assertRefused } from '../../test/helpers/refusal.ts';
import { writeSheet } from '../../test/helpers/xlsx-writer.ts';
import { writeZip, type ZipPart } from '../../test/helpers/zip-writer.ts';
import type { ProblemCode } from '../core/problem.ts';
import type { ReadEvent, ReadLimits } from './format.ts';
import { odsFormat } from './ods.ts';

const NAMESPACES = ['office', 'table', 'text', 'style', 'number', 'calcext', 'draw']
  .map((name) => `xmlns:${name}="urn:${name}"`)
  .join(' ');
const STYLES =
  '<number:time-style style:name="N1" number:truncate-on-overflow="false"/><style:style style:name="long" style:family="table-cell" style:data-style-name="N1"/>' +
  '<style:style style:name="gone" style:family="table"><style:table-properties table:display="false"/></style:style>';

/** A document of these tables. */
function ods(tables: string, change: (part: ZipPart) => ZipPart = (part) => part): Buffer {
  const content = `<?xml version="1.0"?><office:document-content ${NAMESPACES}><office:automatic-styles>${STYLES}</office:automatic-styles><office:body><office:spreadsheet>${tables}</office:spreadsheet></office:body></office:document-content>`;
  const parts: ZipPart[] = [
    { name: 'mimetype', data: 'application/vnd.oasis.opendocument.spreadsheet', method: 'stored' },
    { name: 'content.xml', data: content },
    {
      name: 'META-INF/manifest.xml',
      data: '<manifest:manifest xmlns:manifest="urn:m"><manifest:file-entry/></manifest:manifest>',
    },
  ];
  return writeZip(parts.map(change));
}

const table = (rows: string, attributes = '') => `<table:table table:name="s"${attributes}>${rows}</table:table>`;
const row = (...cells: string[]) => `<table:table-row>${cells.join('')}</table:table-row>`;
const text = (value: string, attributes = '') =>
  `<table:table-cell office:value-type="string"${attributes}><text:p>${value}</text:p></table:table-cell>`;
const typed = (type: string, attributes: string, shown = '') =>
  `<table:table-cell office:value-type="${type}" ${attributes}><text:p>${shown}</text:p></table:table-cell>`;

const read = (bytes: Uint8Array, limits: Partial<ReadLimits> = {}) =>
  readTables(odsFormat, bytes, { limits: { ...roomyLimits, ...limits } });

/** The one column of cells below a header `h`. */
async function column(...cells: string[]) {
  const [found] = await read(ods(table(row(text('h')) + cells.map((cell) => row(cell)).join(''))));
  return { values: found!.rows.map(([value]) => value), raws: found!.raws.map(([raw]) => raw) };
}

async function refused(bytes: Uint8Array, code: ProblemCode, detail = /./, limits: Partial<ReadLimits> = {}) {
  await assertRefused(read(bytes, limits), code, detail);
}

test('values are the typed ones of the file, not what is shown', async () => {
  const { values, raws } = await column(
    typed('float', 'office:value="1234567890123456789"', '1,23E18'),
    typed('float', 'office:value="1.50"', '1,5'),
    typed('percentage', 'office:value="0.125"', '13 %'),
    typed('currency', 'office:currency="INR" office:value="1E3"', '₹ 1000'),
    typed('date', 'office:date-value="2023-01-01"', '01.01.23'),
    typed('date', 'office:date-value="2023-01-01T10:20:30.500000000"'),
    typed('time', 'office:time-value="PT10H20M30S"'),
    typed('time', 'office:time-value="PT26H30M00S"'),
    typed('time', 'table:style-name="long" office:time-value="PT10H00M00S"'),
    typed('boolean', 'office:boolean-value="true"', 'WAHR'),
    typed('string', 'calcext:value-type="error"', '#N/A'),
  );
  assert.deepEqual(values, [
    '1234567890123456789',
    '1.5',
    '0.125',
    '1000',
    '2023-01-01',
    '2023-01-01T10:20:30.5',
    '10:20:30',
    'PT26H30M',
    'PT10H',
    'TRUE',
    '#N/A',
  ]);
  assert.deepEqual(raws.slice(0, 4), [null, '1.50', null, '1E3']);
  assert.equal(raws[6], 'PT10H20M30S');
});

test('paragraphs, spaces, tabs and runs make one text; notes and drawings are left out', async () => {
  const { values } = await column(
    '<table:table-cell office:value-type="string"><text:p>two</text:p><text:p>lines</text:p></table:table-cell>',
    text('\n  a\n  <text:span>b<text:s text:c="2"/></text:span>c<text:tab/>d<text:line-break/>e  '),
    text('<text:s/>x<text:s/>'),
    '<table:table-cell office:value-type="string"><office:annotation><text:p>NO</text:p></office:annotation><draw:frame><text:p>NO</text:p></draw:frame><text:p>&lt;yes&gt;</text:p></table:table-cell>',
    '<table:table-cell office:value-type="string" office:string-value="said"><text:p>shown</text:p></table:table-cell>',
    text('00123'),
  );
  assert.deepEqual(values, ['two\nlines', 'a b  c\td\ne', ' x ', '<yes>', 'said', '00123']);
});

test('rows and cells that repeat are written out, empty ones are only passed over', async () => {
  const empty = '<table:table-cell table:number-columns-repeated="16381"/>';
  const rows = [
    row(text('a'), text('b'), text('c'), empty),
    `<table:table-row table:number-rows-repeated="3">${text('x', ' table:number-columns-repeated="2"')}</table:table-row>`,
    `<table:table-row table:number-rows-repeated="1000000">${empty}</table:table-row>`,
    `<table:table-header-rows><table:table-row-group>${row('<table:table-cell/>', '<table:covered-table-cell/>', text('z'))}</table:table-row-group></table:table-header-rows>`,
  ];
  const [found] = await read(ods(table(rows.join(''))));
  assert.deepEqual(found!.columns, ['a', 'b', 'c']);
  assert.deepEqual(found!.rows, [
    ['x', 'x', null],
    ['x', 'x', null],
    ['x', 'x', null],
    [null, null, 'z'],
  ]);
});

test('a few bytes that stand for billions of cells are refused', async () => {
  const bomb = `<table:table-row table:number-rows-repeated="1000000">${text('x', ' table:number-columns-repeated="1000"')}</table:table-row>`;
  await refused(ods(table(bomb)), 'unpacked_too_large', /repeats/);
  await refused(
    ods(table(row(text('x', ' table:number-columns-repeated="16385"')))),
    'workbook_corrupt',
    /last column/,
  );
  await refused(ods(table(row(text('x', ' table:number-columns-repeated="-1"')))), 'workbook_corrupt', /impossible/);
  await refused(ods(table(row(text('<text:s text:c="999999999"/>')))), 'cell_too_large');
});

test('every sheet with cells is a table, hidden ones too; chart and empty ones not', async () => {
  const hidden = table(row(text('h')) + row(text('v')), ' table:style-name="gone"');
  const tables = await read(ods(table(row(text('a')) + row(text('b'))) + table('') + hidden));
  assert.deepEqual(
    tables.map(({ dialect, rows }) => [dialect.hidden, rows]),
    [
      [false, [['b']]],
      [true, [['v']]],
    ],
  );
  await refused(ods(table('')), 'not_a_table');
});

test('what another program writes is read', async () => {
  const rows = [
    ['name', 'n', 'ok'],
    ['आशा', 1.5, true],
    ['b & <c>', -3, false],
  ];
  const [found] = await read(libraryBook('ods', [{ name: 'Ä', rows }]));
  assert.equal(found!.name, 'Ä');
  assert.deepEqual(found!.rows, [
    ['आशा', '1.5', 'TRUE'],
    ['b & <c>', '-3', 'FALSE'],
  ]);
});

test('a long sheet comes in batches, wider below than above, with progress to the end', async () => {
  const rows = Array.from({ length: 5000 }, (_, index) => row(text(`v${index}`), index === 4000 ? text('late') : ''));
  const bytes = ods(table(row(text('h')) + rows.join('')));
  const events: ReadEvent[] = [];
  for await (const event of odsFormat.read(sourceOf(bytes), 'x.ods', { limits: roomyLimits })) events.push(event);
  assert.deepEqual(
    events.flatMap((event) => (event.type === 'table' ? event.columns : [])),
    ['h', 'column_2'],
  );
  assert.equal(
    events.reduce((sum, event) => sum + (event.type === 'batch' ? event.batch.length : 0), 0),
    5000,
  );
  const done = events.flatMap((event) => (event.type === 'progress' ? [event.done] : []));
  assert.equal(done.at(-1), 1);
  assert.deepEqual(done, done.toSorted());
});

test('other files, locked and damaged ones are refused', async () => {
  await refused(Buffer.from('a;b\n1;2\n'), 'content_mismatch', /\.ods.*delimited text/);
  await refused(writeSheet('<row r="1"><c r="A1"><v>1</v></c></row>'), 'content_mismatch', /Excel workbook \(\.xlsx\)/);
  await refused(libraryBook('biff8', [{ name: 's', rows: [['a']] }]), 'content_mismatch', /legacy Office file/);
  const document = (part: ZipPart) =>
    part.name === 'mimetype' ? { ...part, data: 'application/vnd.oasis.opendocument.text' } : part;
  await refused(ods('', document), 'content_mismatch', /OpenDocument file/);
  const locked = (part: ZipPart) =>
    part.name.endsWith('manifest.xml')
      ? { ...part, data: '<m><manifest:encryption-data xmlns:manifest="urn:m"/></m>' }
      : part;
  await refused(ods(table(row(text('a'))), locked), 'workbook_encrypted', /password/);
  const content = (data: string) => (part: ZipPart) => (part.name === 'content.xml' ? { ...part, data } : part);
  await refused(ods('', content('<!DOCTYPE x [<!ENTITY a "b">]><x/>')), 'workbook_corrupt', /DTD/);
  await refused(ods(table(row(text('a'))).slice(0, -9)), 'workbook_corrupt');
  const lying = (part: ZipPart) => (part.name === 'content.xml' ? { ...part, claims: { crc: 1 } } : part);
  await refused(ods(table(row(text('a'))), lying), 'workbook_corrupt', /checksum/);
});

test('a part that unpacks to too much and limits on columns, rows, cells and their length hold', async () => {
  await refused(ods(' '.repeat(40_000_000)), 'unpacked_too_large');
  const bytes = ods(table(row(text('h'), text('i')) + row(text('abcdef'), text('b')) + row(text('c'), text('d'))));
  await refused(bytes, 'too_many_columns', /./, { columns: 1 });
  await refused(bytes, 'too_many_rows', /./, { rows: 1 });
  await refused(bytes, 'too_many_cells', /./, { cells: 3 });
  await refused(bytes, 'cell_too_large', /Row 2/, { cellLength: 5 });
});
