import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTables, roomyLimits, sourceOf } from '../../test/helpers/read-tables.ts';
import { MAIN_NAMESPACE, sheetXml, writeSheet, writeXlsx, xlsxParts } from '../../test/helpers/xlsx-writer.ts';
import { writeZip } from '../../test/helpers/zip-writer.ts';
import type { ReadEvent } from './format.ts';
import { xlsxFormat } from './xlsx.ts';

const read = (bytes: Buffer, options: Parameters<typeof readTables>[2] = {}) => readTables(xlsxFormat, bytes, options);

/** The one column of cells below a header `h`, each given as the inside of a `c` element from its attributes on. */
async function column(cells: readonly string[], book: Parameters<typeof writeSheet>[1] = {}) {
  const rows = cells.map((cell, index) => `<row r="${index + 2}"><c r="A${index + 2}"${cell}</c></row>`);
  const [table] = await read(
    writeSheet(`<row r="1"><c t="inlineStr"><is><t>h</t></is></c></row>${rows.join('')}`, book),
  );
  return { values: table!.rows.map(([value]) => value), raws: table!.raws.map(([raw]) => raw) };
}

const inline = (text: string, reference = '') =>
  `<c${reference && ` r="${reference}"`} t="inlineStr"><is><t>${text}</t></is></c>`;
const row = (...cells: string[]) => `<row>${cells.join('')}</row>`;

test('numbers come in plain decimal notation, with their own text where it differs', async () => {
  const written = [
    '1E3',
    '2.34123412346E11',
    '0.30000000000000004',
    '-0.50',
    '12345678901234567890',
    '1234567890.1199999',
    '1E-7',
    ' 7 ',
  ];
  const { values, raws } = await column(written.map((number) => `><v>${number}</v>`));
  assert.deepEqual(values, [
    '1000',
    '234123412346',
    '0.30000000000000004',
    '-0.5',
    '12345678901234567890',
    '1234567890.12',
    '0.0000001',
    '7',
  ]);
  assert.deepEqual(raws, ['1E3', '2.34123412346E11', null, '-0.50', null, '1234567890.1199999', '1E-7', ' 7 ']);
});

test('what is no number stays as it is', async () => {
  const written = ['0x10', 'NaN', 'Infinity', '1E999', '1,5', '--1'];
  const { values } = await column(written.map((number) => `><v>${number}</v>`));
  assert.deepEqual(values, written);
});

test('numbers in date styles come as ISO dates and times, with their serial beside them', async () => {
  const { values, raws } = await column([
    ' s="1"><v>44927</v>',
    ' s="2"><v>44927.4309085648</v>',
    ' s="2"><v>44927</v>',
    ' s="1"><v>44927.5</v>',
    ' s="3"><v>0.43090277777777780</v>',
    ' s="4"><v>1.1041666666666667</v>',
    ' s="5"><v>44927.5</v>',
    ' s="6"><v>44927</v>',
  ]);
  assert.deepEqual(values, [
    '2023-01-01',
    '2023-01-01T10:20:30.5',
    '2023-01-01T00:00:00',
    '2023-01-01T12:00:00',
    '10:20:30',
    'PT26H30M',
    '44927.5',
    '2023-01-01',
  ]);
  assert.deepEqual(raws.slice(0, 2), ['44927', '44927.4309085648']);
  assert.equal(raws[6], null);
});

test('serials that are no sure date stay numbers', async () => {
  const { values } = await column(['60', '1', '-1', '2958466', '61'].map((serial) => ` s="1"><v>${serial}</v>`));
  assert.deepEqual(values, ['60', '1', '-1', '2958466', '1900-03-01']);
});

test('a workbook that counts from 1904 says so and is read so', async () => {
  const [table] = await read(
    writeSheet(row(inline('d')) + row('<c s="1"><v>43465</v></c>') + row('<c s="1"><v>0</v></c>'), { date1904: true }),
  );
  assert.deepEqual(table!.rows, [['2023-01-01'], ['1904-01-01']]);
  assert.equal(table!.dialect.dateSystem, '1904');
});

test('truth values, errors, ISO dates and cached results of formulas keep what the file says', async () => {
  const { values } = await column([
    ' t="b"><v>1</v>',
    ' t="b"><v>0</v>',
    ' t="e"><v>#N/A</v>',
    ' t="d"><v>2023-01-01T00:00:00</v>',
    '><f>1-1</f><v>0</v>',
    ' t="b"><f>1=2</f><v>0</v>',
    ' t="str"><f>"a"&amp;"b"</f><v>ab</v>',
    ' t="e"><f>1/0</f><v>#DIV/0!</v>',
  ]);
  assert.deepEqual(values, ['TRUE', 'FALSE', '#N/A', '2023-01-01T00:00:00', '0', 'FALSE', 'ab', '#DIV/0!']);
});

test('an empty text is a text, an empty number is no cell', async () => {
  const cells =
    '<c t="str"><f>""</f><v></v></c><c><v></v></c><c t="s"><v>0</v></c><c t="inlineStr"><is><t/></is></c><c><v>1</v></c>';
  const [table] = await read(
    writeSheet(row(...'abcde'.split('').map((name) => inline(name))) + row(cells), { sharedStrings: '<si><t/></si>' }),
  );
  assert.deepEqual(table!.rows, [['', null, '', '', '1']]);
});

test('shared strings join their runs, leave out phonetic hints and resolve escapes', async () => {
  const strings = [
    '<si><t xml:space="preserve"> a </t></si>',
    '<si><r><rPr><b/></rPr><t>bo</t></r><r><t>ld</t></r><rPh sb="0" eb="1"><t>NO</t></rPh><phoneticPr fontId="1"/></si>',
    '<si><t>one_x000D__x000A_two _x005F_x000D_ _xD83D_</t></si>',
    '<si><t><![CDATA[<a & b>]]></t></si>',
    '<si><t>&lt;&amp;&gt;&quot;&apos;&#233;&#x1F600;</t></si>',
    '<si><t>x\r\ny\rz&#13;</t></si>',
    '<si><t>so<!-- not this -->me</t></si>',
  ];
  const { values } = await column(
    strings.map((_, index) => ` t="s"><v>${index}</v>`),
    { sharedStrings: strings.join('') },
  );
  assert.deepEqual(values, [' a ', 'bold', 'one\r\ntwo _x000D_ _xD83D_', '<a & b>', '<&>"\'é😀', 'x\ny\nz\r', 'some']);
});

test('inline strings and formula texts resolve the same', async () => {
  const { values } = await column([
    ' t="inlineStr"><is><r><t>a</t></r><r><t xml:space="preserve"> b</t></r><rPh><t>NO</t></rPh></is>',
    ' t="str"><v>x_x0009_y</v>',
    '><is><t>no type</t></is>',
    ' t="inlineStr"><v>in v</v>',
  ]);
  assert.deepEqual(values, ['a b', 'x\ty', 'no type', 'in v']);
});

test('a leading zero of a text survives', async () => {
  assert.deepEqual((await column([' t="inlineStr"><is><t>00123</t></is>'])).values, ['00123']);
});

test('multi-byte characters survive chunks cut anywhere', async () => {
  const texts = ['कमल 😀 ñ', 'Ärzte &amp; Öfen', '日本語'];
  const rows = texts.map((text, index) => row(inline(text), `<c t="s"><v>${index}</v></c>`)).join('');
  const sharedStrings = texts.map((text) => `<si><t>${text}</t></si>`).join('');
  for (const method of ['stored', 'deflated'] as const) {
    const book = writeSheet(row(inline('ä'), inline('b')) + rows, { sharedStrings, method });
    for (const chunkBytes of [1, 2, 3, 5, 7, 11, 64]) {
      const [table] = await read(book, { chunkBytes });
      assert.deepEqual(table!.columns, ['ä', 'b']);
      assert.deepEqual(
        table!.rows,
        texts.map((text) => [text.replace('&amp;', '&'), text.replace('&amp;', '&')]),
      );
    }
  }
});

test('prefixed namespaces and renamed parts are found', async () => {
  const xml = `<?xml version="1.0"?><x:worksheet xmlns:x="${MAIN_NAMESPACE}"><x:sheetData><x:row r="1"><x:c r="A1" t="str"><x:v>h</x:v></x:c></x:row><x:row r="2"><x:c r="A2"><x:v>5</x:v></x:c></x:row></x:sheetData></x:worksheet>`;
  const [table] = await read(writeXlsx({ sheets: [{ xml, path: 'Odd Place/data.bin' }] }));
  assert.deepEqual(table, { ...table, columns: ['h'], rows: [['5']] });
});

for (const encoding of ['utf-16le', 'utf-16be'] as const) {
  test(`parts in ${encoding} are read`, async () => {
    const text = `\ufeff${sheetXml(row(inline('नाम')) + row(inline('😀é'))).replace('UTF-8', 'UTF-16')}`;
    const bytes = Buffer.from(text, 'utf16le');
    if (encoding === 'utf-16be') bytes.swap16();
    for (const chunkBytes of [1, 1000]) {
      const [table] = await read(writeXlsx({ sheets: [{ xml: bytes }], method: 'stored' }), { chunkBytes });
      assert.deepEqual([table!.columns, table!.rows], [['नाम'], [['😀é']]]);
    }
  });
}

test('a strict workbook is read as a transitional one: its namespaces, relationships and ISO dates', async () => {
  const rows = `${row(inline('when'), inline('n'))}${row('<c t="d" s="1"><v>2023-01-01T00:00:00</v></c>', '<c><v>7</v></c>')}`;
  const strict = (text: string) =>
    text
      .replaceAll(
        'http://schemas.openxmlformats.org/spreadsheetml/2006/main',
        'http://purl.oclc.org/ooxml/spreadsheetml/main',
      )
      .replaceAll(
        'http://schemas.openxmlformats.org/officeDocument/2006/relationships',
        'http://purl.oclc.org/ooxml/officeDocument/relationships',
      );
  const parts = xlsxParts({ sheets: [{ name: 'S', rows }] }).map((part) => ({
    ...part,
    data: strict(String(part.data)),
  }));
  const [table] = await read(writeZip(parts));
  assert.deepEqual([table!.columns, table!.rows], [['when', 'n'], [['2023-01-01T00:00:00', '7']]]);
});

test('a UTF-8 byte order mark and a latin-1 declaration are understood', async () => {
  const marked = Buffer.from(`\ufeff${sheetXml(row(inline('é')))}`);
  const latin = Buffer.from(sheetXml(row(inline('é'))).replace('UTF-8', 'ISO-8859-1'), 'latin1');
  const tables = await read(writeXlsx({ sheets: [{ xml: marked }, { xml: latin }] }));
  assert.deepEqual(
    tables.map(({ columns }) => columns),
    [['é'], ['é']],
  );
});

test('rows and cells without references follow the ones before them', async () => {
  const rows =
    '<row><c t="str"><v>a</v></c><c r="C1" t="str"><v>c</v></c><c t="str"><v>d</v></c></row><row r="9"><c><v>1</v></c></row><row><c r="D10"><v>2</v></c></row>';
  const [table] = await read(writeSheet(rows));
  assert.deepEqual(table!.columns, ['a', 'column_2', 'c', 'd']);
  assert.deepEqual(table!.rows, [
    ['1', null, null, null],
    [null, null, null, '2'],
  ]);
});

test('cells in any order find their column, rows in any order stay in the order of the file', async () => {
  const rows = `<row r="1">${inline('b', 'B1')}${inline('a', 'A1')}</row><row r="3"><c r="A3"><v>3</v></c></row><row r="2"><c r="A2"><v>2</v></c></row><row r="2"><c r="A2"><v>22</v></c></row>`;
  const [table] = await read(writeSheet(rows));
  assert.deepEqual(
    [table!.columns, table!.rows],
    [
      ['a', 'b'],
      [
        ['3', null],
        ['2', null],
        ['22', null],
      ],
    ],
  );
});

test('a second cell in one place becomes a reject that keeps it', async () => {
  const [table] = await read(
    writeSheet(
      `${row(inline('x', 'C1'), inline('y', 'D1'))}<row r="7"><c r="D7"><v>1</v></c><c r="D7"><v>2</v></c></row>`,
    ),
  );
  assert.deepEqual(table!.rows, [[null, '1']]);
  assert.deepEqual(
    table!.rejects.map(({ row, column, code, raw }) => ({ row, column, code, raw })),
    [{ row: 7, column: 1, code: 'duplicate_cell', raw: '2' }],
  );
});

test('rows without anything are left out, and empty columns before the table too', async () => {
  const rows = `<row r="3">${inline('n', 'C3')}${inline('m', 'E3')}</row><row r="4"><c r="A4" s="1"/></row><row r="5"/><row r="6"><c r="E6"><v>1</v></c><c r="XFD6" s="2"/></row>`;
  const [table] = await read(writeSheet(rows));
  assert.deepEqual([table!.columns, table!.rows], [['n', 'column_2', 'm'], [[null, null, '1']]]);
  assert.equal(table!.dialect.firstColumn, 'C');
});

test('lines above the header are no rows, and are kept', async () => {
  const rows = [
    `<row r="1">${inline('Report')}</row><row r="2">${inline('as of')}<c><v>2024</v></c></row>`,
    `<row r="4">${['name', 'town', 'n', 'm'].map((name) => inline(name)).join('')}</row>`,
    `<row r="5">${inline('Asha')}${inline('Pune')}<c><v>1</v></c></row>`,
    `<row r="6">${inline('Ravi')}${inline('Goa')}<c><v>2</v></c><c><v>3</v></c></row>`,
    `<row r="7">${inline('Maya')}${inline('Goa')}<c><v>2</v></c><c><v>3</v></c></row>`,
  ];
  const [table] = await read(writeSheet(rows.join('')));
  assert.deepEqual(table!.columns, ['name', 'town', 'n', 'm']);
  assert.deepEqual(table!.rows[0], ['Asha', 'Pune', '1', null]);
  assert.equal(table!.dialect.preamble, 2);
  assert.deepEqual(
    table!.rejects.map(({ row, code, raw }) => ({ row, code, raw })),
    [
      { row: 1, code: 'preamble', raw: 'Report' },
      { row: 2, code: 'preamble', raw: 'as of\t2024' },
    ],
  );
  const [whole] = await read(writeSheet(rows.join('')), { header: 'absent' });
  assert.deepEqual([whole!.rows.length, whole!.rejects.length], [6, 0]);
});

test('a header of several rows is joined, groups hold for the cells to their right', async () => {
  const rows = [
    row(inline('', 'A1'), inline('Q1', 'B1'), inline('Q2', 'D1')),
    row(inline('name'), inline('in'), inline('out'), inline('in'), inline('out')),
    row(inline('Asha'), '<c><v>1</v></c>', '<c><v>2</v></c>', '<c><v>3</v></c>', '<c><v>4</v></c>'),
    row(inline('Ravi'), '<c><v>1</v></c>', '<c><v>2</v></c>', '<c><v>3</v></c>', '<c><v>4</v></c>'),
  ].join('');
  const [table] = await read(writeSheet(rows));
  assert.deepEqual(table!.columns, ['name', 'Q1 in', 'Q1 out', 'Q2 in', 'Q2 out']);
  assert.deepEqual([table!.rows.length, table!.dialect.headerRows, table!.rejects.length], [2, 2, 0]);
});

test('the sender says how many rows the header has, and how many stand above', async () => {
  const texts = [['Report'], ['a', 'b'], ['of x', 'of y'], ['1', '2'], ['p', 'q']];
  const book = writeSheet(texts.map((cells) => row(...cells.map((cell) => inline(cell)))).join(''));
  const [two] = await read(book, { headerRows: 2 });
  assert.deepEqual([two!.columns, two!.rows.length, two!.rejects.length], [['a of x', 'b of y'], 2, 1]);
  const [skipped] = await read(book, { skipLines: 1 });
  assert.deepEqual([skipped!.columns, skipped!.rows.length, skipped!.rejects.length], [['a', 'b'], 3, 1]);
  const [none] = await read(book, { skipLines: 0 });
  assert.deepEqual([none!.columns, none!.rows.length, none!.rejects.length], [['Report', 'column_2'], 4, 0]);
});

test('a name that is cut is kept by a reject', async () => {
  const long = 'q'.repeat(300);
  const [table] = await read(writeSheet([row(inline('id'), inline(long)), row(inline('a'), inline('b'))].join('')));
  assert.deepEqual(table!.columns, ['id', long.slice(0, 200)]);
  assert.deepEqual(
    table!.rejects.map(({ row: number, column: at, code, raw }) => [number, at, code, raw]),
    [[1, 1, 'name_cut', long]],
  );
});

test('merged cells hold their value at the top left', async () => {
  const rows = row(inline('a'), inline('b')) + row(inline('wide', 'A2'), '<c r="B2"/>');
  const xml = sheetXml(rows).replace(
    '</sheetData>',
    '</sheetData><mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>',
  );
  const [table] = await read(writeXlsx({ sheets: [{ xml }] }));
  assert.deepEqual(table!.rows, [['wide', null]]);
});

test('extensions inside cells and around the rows are passed over', async () => {
  const cell = '<c><v>1</v><extLst><ext><x:c xmlns:x="u"><x:v>NO</x:v></x:c></ext></extLst></c>';
  const xml = sheetXml(row(inline('h')) + row(cell)).replace(
    '</worksheet>',
    '<extLst><ext><row><c><v>NO</v></c></row></ext></extLst></worksheet>',
  );
  assert.deepEqual((await read(writeXlsx({ sheets: [{ xml }] })))[0]!.rows, [['1']]);
});

test('a first row with a number, date, truth value or digits is data', async () => {
  for (const cell of [
    '<c><v>2020</v></c>',
    '<c s="1"><v>44927</v></c>',
    '<c t="b"><v>1</v></c>',
    '<c t="e"><v>#N/A</v></c>',
    inline('2345 6789 0123'),
  ]) {
    const [table] = await read(writeSheet(row(inline('Asha'), cell)));
    assert.deepEqual(table!.columns, ['column_1', 'column_2'], cell);
    assert.equal(table!.rows.length, 1);
    assert.equal(table!.dialect.header, false);
  }
});

test('the sender decides about the header', async () => {
  const book = writeSheet(row(inline('x'), '<c><v>1</v></c>'));
  assert.deepEqual((await read(book, { header: 'present' }))[0]!.columns, ['x', '1']);
  const [absent] = await read(writeSheet(row(inline('x'), inline('y'))), { header: 'absent' });
  assert.deepEqual([absent!.columns, absent!.rows], [['column_1', 'column_2'], [['x', 'y']]]);
});

test('every sheet with cells is a table, hidden ones too, chart sheets and empty ones not', async () => {
  const rows = row(inline('a')) + row('<c><v>1</v></c>');
  const tables = await read(
    writeXlsx({
      sheets: [
        { name: 'Two & "two"', rows },
        { name: 'Empty', rows: '<row><c s="1"/></row>' },
        { name: 'Chart', xml: '<chartsheet/>', type: 'chartsheet' },
        { name: 'H', rows, state: 'hidden' },
        { name: '__proto__', rows, state: 'veryHidden' },
      ],
    }),
  );
  assert.deepEqual(
    tables.map(({ name, dialect }) => [name, dialect.hidden]),
    [
      ['Two & "two"', false],
      ['H', true],
      ['__proto__', true],
    ],
  );
});

test('a module of macros that is listed without a part is no sheet', async () => {
  const parts = xlsxParts({ sheets: [{ name: 'S', rows: row(inline('a')) }] }).map((part) => ({
    ...part,
    data: String(part.data).replace('</sheets>', '<sheet name="Module" sheetId="2" r:id=""/></sheets>'),
  }));
  assert.deepEqual(
    (await read(writeZip(parts))).map(({ name }) => name),
    ['S'],
  );
});

test('a header called __proto__ is a column like others', async () => {
  const [table] = await read(
    writeSheet(row(inline('__proto__'), inline('constructor'), inline('__proto__')) + row('<c><v>1</v></c>')),
  );
  assert.deepEqual(table!.columns, ['__proto__', 'constructor', '__proto___2']);
  assert.deepEqual(table!.rows, [['1', null, null]]);
});

test('a workbook without any cell is not a table', async () => {
  await assert.rejects(read(writeSheet('<row r="1"><c s="1"/></row>')), { code: 'not_a_table' });
});

/** A sheet whose rows grow wider late, with whatever dimension it declares. */
function lateSheet(dimension: string): Buffer {
  const narrow = Array.from({ length: 3000 }, (_, index) => row(`<c r="B${index + 2}"><v>${index}</v></c>`)).join('');
  const xml = sheetXml(row(inline('n', 'B1')) + narrow + row('<c r="A3002"><v>1</v></c><c r="D3002"><v>2</v></c>'));
  return writeXlsx({ sheets: [{ xml: xml.replace('<sheetData>', `${dimension}<sheetData>`) }] });
}

test('a cell beyond the first rows widens a table that declares nothing, too little or too much', async () => {
  for (const dimension of [
    '',
    '<dimension ref="A1"/>',
    '<dimension ref="A1:XFD3002"/>',
    '<dimension ref="nonsense"/>',
  ]) {
    const [table] = await read(lateSheet(dimension));
    assert.deepEqual(table!.columns, ['column_1', 'n', 'column_3', 'column_4'], dimension);
    assert.deepEqual(table!.rows.at(-1), ['1', null, null, '2']);
    assert.equal(table!.rows.length, 3001);
  }
});

test('cells that hold only white space between their tags widen nothing', async () => {
  const rows = Array.from({ length: 1500 }, () => '<row>\n <c><v>1</v></c>\n <c s="1">\n </c>\n</row>').join('\n');
  const [table] = await read(writeSheet(rows));
  assert.deepEqual([table!.columns, table!.rows.length], [['column_1'], 1500]);
});

test('a cell outside of columns that the sheet declared falsely becomes a reject', async () => {
  const [table] = await read(lateSheet('<dimension ref="B1:B3002"/>'), { chunkBytes: 512 });
  assert.deepEqual(table!.columns, ['n']);
  assert.equal(table!.rows.length, 3000);
  assert.deepEqual(
    table!.rejects.map(({ row, code, raw }) => [row, code, raw]),
    [[3002, 'ragged_row', '1\t\t\t2']],
  );
});

test('batches hold 1,024 rows, and the same read gives the same events', async () => {
  const bytes = lateSheet('');
  const [first, second] = await Promise.all([eventsOf(bytes), eventsOf(bytes)]);
  assert.deepEqual(first, second);
  const lengths = first.flatMap((event) => (event.type === 'batch' ? [event.batch.length] : []));
  assert.deepEqual(lengths, [1024, 1024, 953]);
});

async function eventsOf(bytes: Buffer): Promise<ReadEvent[]> {
  const events: ReadEvent[] = [];
  for await (const event of xlsxFormat.read(sourceOf(bytes), 'x', { limits: roomyLimits })) events.push(event);
  return events;
}

test('progress grows to one', async () => {
  const done: number[] = [];
  for await (const event of xlsxFormat.read(sourceOf(lateSheet(''), 512), 'x', { limits: roomyLimits })) {
    if (event.type === 'progress') done.push(event.done);
  }
  assert.ok(done.length > 5);
  assert.deepEqual(
    done,
    done.toSorted((a, b) => a - b),
  );
  assert.equal(done.at(-1), 1);
});
