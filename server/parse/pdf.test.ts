import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { line, ruledTable, spacedTable, streamBody, text, writePdf } from '../../test/helpers/pdf-writer.ts';
import { readTables } from '../../test/helpers/read-tables.ts';
import { pdfFormat } from './pdf.ts';

// Node may hang at its exit after WebAssembly of this size has run (nodejs 24.21): the end of the tests is said, not waited for.
after(() => setImmediate(() => process.exit()));

const PEOPLE = [
  ['Name', 'City', 'Amount'],
  ['Asha', 'Pune', '1,200.50'],
  ['Bina', 'Delhi', '87.00'],
  ['Chand', 'Agra', '5'],
];
const LAYOUT = { x: 60, y: 700, widths: [120, 120, 100] };
const read = (pdf: Buffer, options = {}) => readTables(pdfFormat, pdf, options);
const lines = (rows: readonly (readonly (string | null)[])[]) => rows.map((row) => row[2]);

test('a drawn table becomes a dataset and the text around it another one', async () => {
  const content = text(60, 780, 'List of members') + ruledTable(PEOPLE, LAYOUT) + text(60, 500, 'End of the list');
  const [table, around, ...more] = await read(writePdf([{ content }]));
  assert.equal(table!.name, 'page 1 table 1');
  assert.deepEqual(table!.columns, PEOPLE[0]);
  assert.deepEqual(table!.rows, PEOPLE.slice(1));
  assert.deepEqual(table!.dialect, { kind: 'ruled', header: true, firstPage: 1, lastPage: 1, rowsPerPage: '1:3' });
  assert.equal(around!.name, 'text');
  assert.deepEqual(around!.columns, ['page', 'line', 'text']);
  assert.deepEqual(around!.rows, [
    ['1', '1', 'List of members'],
    ['1', '2', 'End of the list'],
  ]);
  assert.deepEqual(more, []);
});

test('a table set with spaces alone is found', async () => {
  const [table] = await read(writePdf([{ content: spacedTable(PEOPLE, LAYOUT) }]));
  assert.equal(table!.dialect.kind, 'spaced');
  assert.deepEqual([table!.columns, ...table!.rows], PEOPLE);
});

test('what a table holds does not stand in the text once more, where it would not be sealed', async () => {
  for (const write of [ruledTable, spacedTable]) {
    const content = text(60, 780, 'Members') + write(PEOPLE, LAYOUT);
    const tables = await read(writePdf([{ content }]));
    assert.deepEqual(lines(tables.at(-1)!.rows), ['Members']);
  }
});

test('a table that goes on over pages is one, its repeated header is left out, and its pages are told', async () => {
  const page = (from: number) => {
    const rows = Array.from({ length: 5 }, (_, index) => [`Person ${from + index}`, 'Pune', `${from + index}`]);
    return { content: ruledTable([PEOPLE[0]!, ...rows], LAYOUT) };
  };
  const [table, ...more] = await read(writePdf([page(1), page(6), { content: text(60, 700, 'A break') }, page(11)]));
  assert.equal(table!.name, 'pages 1-2 table 1');
  assert.equal(table!.rows.length, 10);
  assert.equal(table!.rows[5]![0], 'Person 6');
  assert.equal(table!.dialect.rowsPerPage, '1-2:5');
  assert.deepEqual(
    more.map(({ name }) => name),
    ['page 4 table 1', 'text'],
  );
});

test('a first row that comes again is kept when it is data', async () => {
  const rows = [
    ['7', '1', '2'],
    ['8', '3', '4'],
    ['9', '5', '6'],
  ];
  const [table] = await read(writePdf([{ content: ruledTable(rows, LAYOUT) }, { content: ruledTable(rows, LAYOUT) }]));
  assert.equal(table!.dialect.header, false);
  assert.equal(table!.rows.length, 6);
});

test('a next page with other columns, or another header over numbers, begins another table', async () => {
  const other = { ...LAYOUT, widths: [100, 100, 140] };
  const renamed = [['Name', 'City', 'Balance'], ...PEOPLE.slice(1)];
  const pages = [ruledTable(PEOPLE, LAYOUT), ruledTable(PEOPLE, other), ruledTable(renamed, other)];
  const tables = await read(writePdf(pages.map((content) => ({ content }))));
  assert.deepEqual(
    tables.map(({ name }) => name),
    ['page 1 table 1', 'page 2 table 1', 'page 3 table 1'],
  );
});

test('merged cells hold their text at the top left', async () => {
  const { x, y } = LAYOUT;
  const grid =
    [0, 18, 36, 54].map((down) => line(x, y - down, x + 240, y - down)).join('') +
    line(x, y, x, y - 54) +
    line(x + 240, y, x + 240, y - 54) +
    line(x + 120, y - 18, x + 120, y - 54);
  const words = text(x + 80, y - 13, 'Both columns') + text(x + 4, y - 31, 'a') + text(x + 124, y - 31, 'b');
  const last = text(x + 4, y - 49, 'c') + text(x + 124, y - 49, 'd');
  const [table] = await read(writePdf([{ content: grid + words + last }]), { header: 'absent' });
  assert.deepEqual(table!.rows, [
    ['Both columns', null],
    ['a', 'b'],
    ['c', 'd'],
  ]);
});

test('rows and columns that are not drawn inside a drawn frame are found by their numbers', async () => {
  const { x, y } = LAYOUT;
  const frame = line(x, y, x + 340, y) + line(x, y - 72, x + 340, y - 72) + line(x, y - 18, x + 340, y - 18);
  const sides = line(x, y, x, y - 72) + line(x + 120, y, x + 120, y - 72) + line(x + 340, y, x + 340, y - 72);
  const [table] = await read(writePdf([{ content: frame + sides + spacedTable(PEOPLE, LAYOUT) }]));
  assert.deepEqual([table!.columns, ...table!.rows], PEOPLE);
});

test('a turned page and a table turned on its page read like upright ones', async () => {
  const content = ruledTable(PEOPLE, LAYOUT);
  const turns = [
    { content, entries: '/Rotate 90' },
    { content: `q 0 1 -1 0 800 20 cm ${content} Q` },
    { content: `q -1 0 0 -1 595 842 cm ${content} Q` },
    { content: `q 0 -1 1 0 0 600 cm ${content} Q` },
  ];
  for (const page of turns) {
    const [table] = await read(writePdf([page]));
    assert.deepEqual([table!.columns, ...table!.rows], PEOPLE);
  }
});

test('slanted letters are upright text, and a watermark across the page is text of its own', async () => {
  const slanted = text(60, 780, 'A slanted line of text', 10, '1 0 0.33 1');
  const watermark = text(150, 300, 'CONFIDENTIAL', 60, '0.7 0.7 -0.7 0.7');
  const [table, around] = await read(writePdf([{ content: slanted + watermark + ruledTable(PEOPLE, LAYOUT) }]));
  assert.deepEqual(table!.rows, PEOPLE.slice(1));
  assert.deepEqual(lines(around!.rows), ['A slanted line of text', 'CONFIDENTIAL']);
});

test('columns of prose are read one after the other', async () => {
  const column = (x: number, name: string) =>
    Array.from({ length: 8 }, (_, index) =>
      text(x, 700 - index * 14, `${name} column whose prose goes on and on, line ${index + 1}`),
    ).join('');
  const content =
    text(60, 740, 'A heading that reaches over both of the columns below it, and further') +
    column(60, 'Left') +
    column(330, 'Right');
  const [around] = await read(writePdf([{ content }]));
  assert.equal(around!.name, 'text');
  assert.deepEqual(lines(around!.rows).slice(7, 11), [
    'Left column whose prose goes on and on, line 7',
    'Left column whose prose goes on and on, line 8',
    'Right column whose prose goes on and on, line 1',
    'Right column whose prose goes on and on, line 2',
  ]);
});

test('letters painted twice to look bold are one, ligatures are letters, hyphens stay', async () => {
  const map = streamBody('', '1 beginbfchar <01> <FB01> endbfchar 1 beginbfrange <20> <7e> <0020> endbfrange');
  const font = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 4 0 R >>';
  const bold = text(60, 700, 'Bold') + text(60.3, 700, 'Bold');
  const content = `${bold + text(60, 650, '\x01nal')}${text(60, 600, 'a hyphen-')}${text(60, 588, 'ated word')}`;
  const [around] = await read(writePdf([{ content }], { objects: [map], font }));
  assert.deepEqual(lines(around!.rows), ['Bold', 'final', 'a hyphen-', 'ated word']);
});

test('a digit that comes twice stays twice, also in a font that claims to be very high', async () => {
  const described =
    '<< /Type /FontDescriptor /FontName /Odd /Flags 32 /FontBBox [0 -900 600 5600] /Ascent 5600 /Descent -900 /ItalicAngle 0 /CapHeight 700 /StemV 80 >>';
  const widths = Array<number>(95).fill(500).join(' ');
  const font = `<< /Type /Font /Subtype /TrueType /BaseFont /Odd /FirstChar 32 /LastChar 126 /Widths [${widths}] /Encoding /WinAnsiEncoding /FontDescriptor 4 0 R >>`;
  const rows = [
    ['Name', 'Amount'],
    ['Anna', '902,418.00'],
    ['Otto', '214,885.63'],
  ];
  const page = { content: ruledTable(rows, { x: 60, y: 700, widths: [120, 120] }) };
  const [table] = await read(writePdf([page], { objects: [described], font }));
  assert.deepEqual([table!.columns, ...table!.rows], rows);
});

test('fields of a form and notes on the page are text too', async () => {
  const look = (shown: string) =>
    streamBody(
      '/Type /XObject /Subtype /Form /BBox [0 0 200 20] /Resources << /Font << /F1 3 0 R >> >>',
      text(2, 5, shown),
    );
  const field =
    '<< /Type /Annot /Subtype /Widget /FT /Tx /T (city) /V (Pune) /Rect [60 600 260 620] /F 4 /AP << /N 4 0 R >> >>';
  const note = '<< /Type /Annot /Subtype /FreeText /Contents (Paid) /Rect [60 560 260 580] /F 4 /AP << /N 5 0 R >> >>';
  const objects = [look('Pune'), look('Paid'), field, note];
  const page = { content: text(60, 700, 'City:'), entries: '/Annots [6 0 R 7 0 R]' };
  const [around] = await read(writePdf([page], { objects, catalog: '/AcroForm << /Fields [6 0 R] >>' }));
  assert.deepEqual(lines(around!.rows), ['City:', 'Pune', 'Paid']);
});

test('a field and a note that only have a value, and no look, are text too', async () => {
  const look = '/DA (/F1 10 Tf 0 g) /F 4';
  const field = `<< /Type /Annot /Subtype /Widget /FT /Tx /T (city) /V (Pune) /Rect [60 600 260 620] ${look} >>`;
  const note = `<< /Type /Annot /Subtype /FreeText /Contents (Paid) /Rect [60 560 260 580] ${look} >>`;
  const page = { content: text(60, 700, 'City:'), entries: '/Annots [4 0 R 5 0 R]' };
  const form = '/AcroForm << /Fields [4 0 R] /DR << /Font << /F1 3 0 R >> >> /DA (/F1 10 Tf 0 g) >>';
  const [around] = await read(writePdf([page], { objects: [field, note], catalog: form }));
  assert.deepEqual(lines(around!.rows), ['City:', 'Pune', 'Paid']);
});

test('progress is told page by page and ends at 1', async () => {
  const pdf = writePdf([1, 2, 3, 4].map((number) => ({ content: text(60, 700, `Page number ${number}`) })));
  const { roomyLimits, sourceOf } = await import('../../test/helpers/read-tables.ts');
  const done: number[] = [];
  for await (const event of pdfFormat.read(sourceOf(pdf), 'x.pdf', { limits: roomyLimits })) {
    if (event.type === 'progress') done.push(event.done);
  }
  assert.deepEqual(done, [0.25, 0.5, 0.75, 1]);
});
