import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type BookSheet, libraryBook } from '../../test/helpers/library-book.ts';
import { readTables, roomyLimits, sourceOf } from '../../test/helpers/read-tables.ts';
import { assertRefused } from '../../test/helpers/refusal.ts';
import type { Problem, ProblemCode } from '../core/problem.ts';
import type { ReadEvent, ReadLimits } from './format.ts';
import { xlsFormat } from './xls.ts';
import { xlsxFormat } from './xlsx.ts';

const NAMESPACE = 'urn:schemas-microsoft-com:office:spreadsheet';
const STYLES =
  '<Styles><Style ss:ID="Default" ss:Name="Normal"/>' +
  ['Short Date', 'General Date', 'Short Time', '[h]:mm', 'Currency', 'dd/mm/yyyy hh:mm']
    .map((format, index) => `<Style ss:ID="s${index}"><NumberFormat ss:Format="${format}"/></Style>`)
    .join('') +
  '<Style ss:ID="child" ss:Parent="s1"/></Styles>';

/** A workbook in XML of these elements. */
const book = (inner: string) =>
  Buffer.from(
    `<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook xmlns="${NAMESPACE}" xmlns:ss="${NAMESPACE}">${STYLES}${inner}</Workbook>`,
  );
const sheet = (rows: string, behind = '', name = 's') =>
  `<Worksheet ss:Name="${name}"><Table>${rows}</Table>${behind}</Worksheet>`;
const row = (...cells: string[]) => `<Row>${cells.join('')}</Row>`;
const cell = (type: string, value: string, attributes = '') =>
  `<Cell${attributes}><Data ss:Type="${type}">${value}</Data></Cell>`;
const text = (value: string, attributes = '') => cell('String', value, attributes);

const read = (bytes: Uint8Array, limits: Partial<ReadLimits> = {}) =>
  readTables(xlsFormat, bytes, { limits: { ...roomyLimits, ...limits }, name: 'book.xls' });

/** The one column of cells below a header `h`. */
async function column(...cells: string[]) {
  const [found] = await read(book(sheet(row(text('h')) + cells.map((one) => row(one)).join(''))));
  return { values: found!.rows.map(([value]) => value), raws: found!.raws.map(([raw]) => raw) };
}

async function refused(bytes: Uint8Array, code: ProblemCode, detail = /./, limits: Partial<ReadLimits> = {}) {
  await assertRefused(read(bytes, limits), code, detail);
}

test('a workbook that SheetJS writes in XML is read as the same one in XLSX', async () => {
  const value = fc.oneof(
    fc.string().filter((one) => one !== '' && !/[\p{Cc}\r]/u.test(one)),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((one) => !Object.is(one, -0)),
    fc.boolean(),
    fc.constant(null),
    fc.record({
      t: fc.constant('n' as const),
      v: fc.constantFrom(61.5, 44927, 44927.25, 0.5, 1.75),
      z: fc.constantFrom('yyyy-mm-dd', 'd/m/yy h:mm', 'hh:mm:ss', '[h]:mm', '0.00'),
    }),
  );
  const rows = fc.array(fc.array(value, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(rows, fc.boolean(), async (filled, date1904) => {
      const sheets: BookSheet[] = [
        { name: 'first & only', rows: [['a', 'b', 'c', 'd', 'e'], ...filled], hidden: false },
        { name: 'hidden', rows: [['h'], ['x']], hidden: true },
      ];
      // SheetJS does not write which date system a workbook in XML has.
      const system = date1904 ? '<ExcelWorkbook><Date1904/></ExcelWorkbook>' : '';
      const xml = Buffer.from(libraryBook('xlml', sheets).toString().replace('<Styles>', `${system}<Styles>`));
      assert.deepEqual(await read(xml), await readTables(xlsxFormat, libraryBook('xlsx', sheets, date1904)));
    }),
    { numRuns: 60 },
  );
});

test('dates come as the file writes them, without what their style does not show', async () => {
  const { values, raws } = await column(
    cell('DateTime', '2004-01-15T00:00:00.000'),
    cell('DateTime', '2004-01-15T00:00:00.000', ' ss:StyleID="s0"'),
    cell('DateTime', '2004-01-15T00:00:00.000', ' ss:StyleID="s1"'),
    cell('DateTime', '2004-01-15T00:00:00.000', ' ss:StyleID="child"'),
    cell('DateTime', '2004-01-15T10:30:00.250', ' ss:StyleID="s5"'),
    cell('DateTime', '1899-12-31T10:30:00.000', ' ss:StyleID="s2"'),
    cell('DateTime', '1899-12-31T10:30:00.000'),
    cell('DateTime', '1900-01-01T02:15:00.000', ' ss:StyleID="s3"'),
    cell('DateTime', 'soon', ' ss:StyleID="s0"'),
  );
  assert.deepEqual(values, [
    '2004-01-15',
    '2004-01-15',
    '2004-01-15T00:00:00',
    '2004-01-15T00:00:00',
    '2004-01-15T10:30:00.25',
    '10:30:00',
    '10:30:00',
    'PT26H15M',
    'soon',
  ]);
  assert.equal(raws[0], '2004-01-15T00:00:00.000');
  assert.equal(raws.at(-1), null);
});

test('a cell without a style has that of its row, else its column, else its table', async () => {
  const date = cell('Number', '44927');
  const rows = `<Column/><Column ss:StyleID="s0" ss:Span="1"/>${row(text('a'), text('b'), text('c'))}${row(date, date, date)}<Row ss:StyleID="s1">${date}${date}</Row><Row ss:StyleID="s4">${date}${date}</Row>${row(text('x'), cell('Number', '44927', ' ss:StyleID="s4"'), date)}`;
  const [found] = await read(book(sheet(rows)));
  assert.deepEqual(found!.rows, [
    ['44927', '2023-01-01', '2023-01-01'],
    ['2023-01-01T00:00:00', '2023-01-01T00:00:00', null],
    ['44927', '44927', null],
    ['x', '44927', '2023-01-01'],
  ]);
});

test('rows and cells stand where their index says, and behind what is merged', async () => {
  const rows = `<Row ss:Index="3" ss:Span="1">${text('a')}${text('b', ' ss:MergeAcross="1"')}${text('d')}</Row>${row(text('1'), text('4', ' ss:Index="4"'))}<Row ss:Index="9">${text('z', ' ss:Index="2"')}</Row>`;
  const [found] = await read(book(sheet(rows)));
  assert.deepEqual(found!.columns, ['a', 'b', 'column_3', 'd']);
  assert.deepEqual(found!.rows, [
    ['1', null, null, '4'],
    [null, 'z', null, null],
  ]);
});

test('texts of many looks are one text, and comments are none', async () => {
  const { values } = await column(
    '<Cell><ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40">A<B>sha <Font html:Color="#FF0000">R</Font></B>ao &amp; so&#10;on</ss:Data><Comment ss:Author="x"><ss:Data xmlns="h"><B>x:</B>said</ss:Data></Comment></Cell>',
    text(''),
    '<Cell ss:StyleID="s0"/>',
    cell('Boolean', '1'),
    cell('Error', '#N/A'),
    cell('Number', '1.50'),
  );
  assert.deepEqual(values, ['Asha Rao & so\non', '', 'TRUE', '#N/A', '1.5']);
});

test('a sheet that says behind its cells that it is hidden is hidden, and prefixes are the document’s own', async () => {
  const hide = '<x:WorksheetOptions xmlns:x="urn:x"><x:Visible>SheetVeryHidden</x:Visible></x:WorksheetOptions>';
  const plain = book(sheet(row(text('a')), hide, 'one') + sheet(row(text('b')), '', 'two')).toString();
  const prefixed = plain
    .replaceAll(/<(\/?)(?=[WTRCDS])/g, '<$1q:')
    .replaceAll('ss:', 'q:')
    .replaceAll('xmlns:ss', 'xmlns:q')
    .replace(`xmlns="${NAMESPACE}"`, '');
  for (const written of [plain, prefixed]) {
    const found = await read(Buffer.from(written));
    assert.deepEqual(
      found.map(({ name, dialect, columns }) => [name, dialect.hidden, columns[0]]),
      [
        ['one', true, 'a'],
        ['two', false, 'b'],
      ],
    );
  }
});

test('the encoding is the one that is declared or marked', async () => {
  const declared = book(sheet(row(text('Zoë')))).toString();
  const latin = Buffer.from(declared.replace('?>', ' encoding="windows-1252"?>'), 'latin1');
  const wide = Buffer.from(`\ufeff${declared}`, 'utf16le');
  for (const bytes of [latin, wide]) assert.equal((await read(bytes))[0]!.columns[0], 'Zoë');
});

test('a long workbook comes in batches, wider below than above, with progress to the end', async () => {
  const rows = Array.from({ length: 5000 }, (_, index) => row(text(`v${index}`), index === 4000 ? text('late') : ''));
  const events: ReadEvent[] = [];
  const source = sourceOf(book(sheet(row(text('h')) + rows.join(''))));
  for await (const event of xlsFormat.read(source, 'x.xls', { limits: roomyLimits })) events.push(event);
  const columns = events.flatMap((event) => (event.type === 'table' ? event.columns : []));
  assert.deepEqual(columns, ['h', 'column_2']);
  assert.equal(
    events.reduce((sum, event) => sum + (event.type === 'batch' ? event.batch.length : 0), 0),
    5000,
  );
  const done = events.flatMap((event) => (event.type === 'progress' ? [event.done] : []));
  assert.equal(done.at(-1), 1);
  assert.deepEqual(done, done.toSorted());
});

test('what no workbook can mean is refused with the reason', async () => {
  await refused(book(''), 'not_a_table');
  await refused(book(sheet(row('<Cell/>'))), 'not_a_table');
  await refused(book(sheet(row(text('a', ' ss:Index="0"')))), 'workbook_corrupt', /a place that no sheet has/);
  await refused(book(sheet(row(text('a', ' ss:Index="16385"')))), 'workbook_corrupt', /a place that no sheet has/);
  await refused(book(sheet(`<Row ss:Index="x">${text('a')}</Row>`)), 'workbook_corrupt', /a place/);
  const beyond = text('a', ' ss:MergeAcross="999999999"') + text('b');
  await refused(book(sheet(row(beyond))), 'workbook_corrupt', /beyond the last column/);
  await refused(book(sheet(row(text('a', ' ss:MergeAcross="-1"')))), 'workbook_corrupt', /impossible number/);
  await refused(book(sheet(row(text('a')))).subarray(0, -5), 'workbook_corrupt', /ends too early/);
  await refused(book(`<a>${sheet(row(text('a')))}`), 'workbook_corrupt', /closes an element/);
  await refused(book(sheet(row(text('&nbsp;')))), 'workbook_corrupt', /entity/);
  const declared = Buffer.from(book('').toString().replace('<Workbook', '<!DOCTYPE a [<!ENTITY b "c">]><Workbook'));
  await refused(declared, 'workbook_corrupt', /document type/);
});

test('limits hold, and what is made to cost much costs little', async () => {
  const start = performance.now();
  await refused(book(sheet(row(text('x'.repeat(101))))), 'cell_too_large', /Row 1/, { cellLength: 100 });
  const pieces = '<B>x</B>'.repeat(101);
  await refused(book(sheet(row(text(pieces)))), 'cell_too_large', /Row 1/, { cellLength: 100 });
  await refused(book(sheet(row(text('a'), text('b', ' ss:Index="9"')))), 'too_many_columns', /./, { columns: 8 });
  await refused(book(sheet(row(text('a')).repeat(9))), 'too_many_cells', /./, { cells: 8 });
  const deep = '<B>'.repeat(300) + '</B>'.repeat(300);
  await refused(book(sheet(row(text(deep)))), 'workbook_corrupt', /nested too deep/);
  const spans = '<Column ss:Index="1" ss:Span="16383" ss:StyleID="s0"/>'.repeat(50_000);
  assert.equal((await read(book(sheet(spans + row(text('a'))))))[0]!.columns[0], 'a');
  const empty = '<Worksheet ss:Name="e"/>'.repeat(50_000);
  assert.equal((await read(book(empty + sheet(row(text('a'))))))[0]!.columns[0], 'a');
  const same = await read(book(sheet(`<Row ss:Index="1">${text('a')}</Row>`.repeat(3))));
  assert.equal(same[0]!.rows.length, 2);
  assert.ok(performance.now() - start < 20_000);
});

test('no message repeats what stands in a cell', async () => {
  for (const inner of [row(text('secret&nbsp;')), row(cell('Number', 'secret', ' ss:Index="0"')), '<Row>secret<']) {
    await assert.rejects(read(book(sheet(inner))), (error) => !(error as Problem).detail.includes('secret'));
  }
});
