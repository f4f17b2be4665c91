import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  line,
  ruledTable,
  spacedTable,
  streamBody,
  text,
  writePdf,
  writeTaggedPdf,
} from '../../test/helpers/pdf-writer.ts';
import { readTables, roomyLimits } from '../../test/helpers/read-tables.ts';
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
const readAll = (pdf: Buffer, options = {}) => readTables(pdfFormat, pdf, options);
/** Without the dataset that says where the rows of the others stand. */
const read = async (pdf: Buffer, options = {}) =>
  (await readAll(pdf, options)).filter(({ name }) => name !== 'positions');
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

test('a table that is tagged is read by its tags: lines of a cell stay together, spans leave cells absent', async () => {
  const pdf = writeTaggedPdf([
    [
      ['Name', 60, 700],
      ['City and street', 160, 700, '/A << /O /Table /ColSpan 2 >>'],
    ],
    [
      ['Asha', 60, 680],
      ['Pune', 160, 680],
      ['Long Lane 5', 260, 680],
    ],
    [
      ['Bina', 60, 660],
      ['Delhi', 160, 660],
      ['behind the old gate', 260, 660],
    ],
  ]);
  const [table, ...more] = await read(pdf, { header: 'absent' });
  assert.equal(table!.dialect.kind, 'tagged');
  assert.deepEqual(table!.rows, [
    ['Name', 'City and street', null],
    ['Asha', 'Pune', 'Long Lane 5'],
    ['Bina', 'Delhi', 'behind the old gate'],
  ]);
  assert.deepEqual(more, []);
});

test('empty cells that nobody tagged are put in where the others leave room, and cells tagged as names are names', async () => {
  const row = (y: number, name: string, city: string, amount: string) =>
    [
      [name, 60, y],
      [city, 180, y],
      [amount, 300, y],
    ] as const;
  const pdf = writeTaggedPdf([
    row(700, 'a', 'b', 'c'),
    row(680, 'd', 'e', 'f'),
    row(660, 'g', '-', 'h').filter(([shown]) => shown !== '-'),
    row(640, 'i', 'j', 'k'),
  ]);
  const named = pdf.toString('latin1').replace(/\/S \/TD (\/P 7 0 R)/g, '/S /TH $1');
  const [table] = await read(Buffer.from(named, 'latin1'));
  assert.deepEqual(table!.columns, ['a', 'b', 'c']);
  assert.deepEqual(table!.rows[1], ['g', null, 'h']);
});

test('tags that contradict where the words stand, or rows of unequal width, are not believed', async () => {
  const cells = (order: readonly number[]) =>
    order.map((column) => (y: number) => [`w${column} ${y}`, 60 + column * 120, y] as const);
  const rows = (order: readonly number[]) => [700, 680, 660].map((y) => cells(order).map((cell) => cell(y)));
  const uneven = rows([0, 1, 2]).map((row, index) => row.slice(0, index + 1));
  for (const table of [rows([2, 1, 0]), uneven]) {
    const [found] = await read(writeTaggedPdf(table), { header: 'absent' });
    assert.notEqual(found!.dialect.kind, 'tagged');
  }
  const [sound] = await read(writeTaggedPdf(rows([0, 1, 2])), { header: 'absent' });
  assert.equal(sound!.dialect.kind, 'tagged');
});

test('a header whose cells take several lines is one row, and a heading of rows below it stays one of its own', async () => {
  const cell = (row: number) => (word: string, column: number) =>
    word ? text(60 + column * 110, 700 - row * 12, word) : '';
  const written = [
    ['Background', 'Number of', 'Share of'],
    ['of persons', 'women', 'women'],
    ['Caste', '', ''],
    ['First group', '1,363', '12.5'],
    ['Second group', '256', '8.0'],
    ['Third group', '211', '7.1'],
    ['Fourth group', '98', '3.4'],
  ];
  const content = written.flatMap((words, row) => words.map(cell(row))).join('');
  const [table] = await read(writePdf([{ content }]));
  assert.deepEqual(table!.columns, ['Background of persons', 'Number of women', 'Share of women']);
  assert.deepEqual(table!.rows[0], ['Caste', null, null]);
  assert.equal(table!.rows.length, 5);
});

test('a label of two lines beside numbers in their middle is one row of a table set with spaces', async () => {
  const rows = [
    ['Median income', '49,497', '51,295'],
    ['Inequality between', '0.0628', '0.0636'],
    ['Median savings', '7,108', '6,960'],
    ['Mortality before', '0.0762', '0.0785'],
  ];
  const written = rows.map(([label, ...numbers], row) => {
    const y = 700 - row * 34;
    const isLong = row % 2 === 1;
    const below = isLong ? text(60, y - 6, 'states of the union') : '';
    return (
      text(60, y + (isLong ? 6 : 0), label!) +
      below +
      numbers.map((word, column) => text(220 + column * 90, y, word)).join('')
    );
  });
  const [table] = await read(writePdf([{ content: written.join('') }]), { header: 'absent' });
  assert.deepEqual(
    table!.rows.map(([label, first]) => [label, first]),
    [
      ['Median income', '49,497'],
      ['Inequality between states of the union', '0.0628'],
      ['Median savings', '7,108'],
      ['Mortality before states of the union', '0.0762'],
    ],
  );
});

test('labels that no line parts stand beside their rows, and a header beside the first row above it', async () => {
  const { x, y } = LAYOUT;
  const rows = [1, 2, 3, 4, 5, 6].map((row) => [`Label ${row}`, `${row * 100}`, `${row * 7}`]);
  const across = [0, 18, 36, 54, 72, 90, 108].map((down) => line(x + 120, y - down, x + 340, y - down)).join('');
  const ends = line(x, y, x + 120, y) + line(x, y - 108, x + 120, y - 108);
  const down = [0, 120, 240, 340].map((right) => line(x + right, y, x + right, y - 108)).join('');
  const [labels] = await read(writePdf([{ content: across + ends + down + spacedTable(rows, LAYOUT) }]), {
    header: 'absent',
  });
  assert.deepEqual(labels!.rows, rows);
  const parted = [0, 36, 54, 72].map((at) => line(x, y - at, x + 340, y - at)).join('');
  const sides = [0, 120, 240, 340].map((right) => line(x + right, y, x + right, y - 72)).join('');
  const numbers = [
    ['Name', 'Share', 'Amount'],
    ['Asha', '12', '1,200.50'],
    ['Bina', '13', '87.00'],
    ['Chand', '14', '5'],
  ];
  const [table] = await read(writePdf([{ content: parted + sides + spacedTable(numbers, LAYOUT) }]));
  assert.deepEqual([table!.columns, ...table!.rows], numbers);
});

test('a narrow gap that many lines share parts columns, a heading across them does not join them', async () => {
  const rows = Array.from({ length: 12 }, (_, row) =>
    [`${64000 + row}`, `AAA`, `PLACE ${row} AIR`, `7${row}00 TERMINAL DRIVE`].map((word, column) =>
      text(60 + [0, 36, 64, 160][column]!, 680 - row * 14, word),
    ),
  );
  const title = text(60, 694, 'A long title that reaches over all of the columns of this listing');
  const [table] = await read(writePdf([{ content: title + rows.flat().join('') }]), { header: 'absent' });
  assert.deepEqual(table!.rows.at(-1), ['64011', 'AAA', 'PLACE 11 AIR', '71100 TERMINAL DRIVE']);
});

test('the labels along a chart are no table', async () => {
  const grid = Array.from({ length: 10 }, (_, index) => line(80, 400 + index * 30, 500, 400 + index * 30)).join('');
  const axis = line(80, 400, 80, 670) + line(500, 400, 500, 670);
  const labels = Array.from({ length: 10 }, (_, index) =>
    text(92 + index * 40, 407 + index * 29, `${1900 + index * 10}s`),
  );
  const [around, ...more] = await read(writePdf([{ content: grid + axis + labels.join('') }]));
  assert.deepEqual([around!.name, more.length], ['text', 0]);
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

const FIELD = '/Type /Annot /Subtype /Widget /F 4 /DA (/F1 10 Tf 0 g)';
const formOf = (count: number) => {
  const fields = Array.from({ length: count }, (_, index) => `${index + 4} 0 R`).join(' ');
  return `/AcroForm << /Fields [${fields}] /DR << /Font << /F1 3 0 R >> >> /DA (/F1 10 Tf 0 g) >>`;
};

test('a form is one row with a column for each field, and what its fields are stands beside it', async () => {
  const objects = [
    `<< ${FIELD} /FT /Tx /T (city) /TU (Where you live) /V (Pune) /Rect [60 600 260 620] >>`,
    `<< ${FIELD} /FT /Btn /T (agreed) /V /Yes /AS /Yes /Rect [60 570 80 590] /AP << /N << /Yes 9 0 R /Off 9 0 R >> >> >>`,
    `<< ${FIELD} /FT /Ch /Ff 131072 /T (size) /Opt [(small) (large)] /V (large) /Rect [60 540 260 560] >>`,
    `<< ${FIELD} /FT /Ch /Ff 2097152 /T (fruit) /Opt [(fig) (kiwi) (plum)] /V [(fig) (plum)] /I [0 2] /Rect [60 500 260 530] >>`,
    `<< ${FIELD} /FT /Tx /T (empty) /Rect [60 470 260 490] >>`,
    streamBody('/Type /XObject /Subtype /Form /BBox [0 0 20 20]', '0 0 20 20 re S'),
  ];
  const page = { content: text(60, 700, 'City:'), entries: '/Annots [4 0 R 5 0 R 6 0 R 7 0 R 8 0 R]' };
  const [around, form, fields] = await read(writePdf([page], { objects, catalog: formOf(5) }));
  assert.deepEqual(lines(around!.rows), ['City:']);
  assert.deepEqual(form!.columns, ['city', 'agreed', 'size', 'fruit', 'empty']);
  assert.deepEqual(form!.rows, [['Pune', 'Yes', 'large', '["fig","plum"]', null]]);
  assert.equal(fields!.name, 'fields');
  assert.deepEqual(fields!.rows[0], ['city', 'text', 'Where you live', '1', '60.0', '600.0', '260.0', '620.0']);
  assert.deepEqual(
    fields!.rows.map(([name, type]) => [name, type]),
    [
      ['city', 'text'],
      ['agreed', 'checkbox'],
      ['size', 'choice'],
      ['fruit', 'list'],
      ['empty', 'text'],
    ],
  );
});

test('a group of radio buttons, and a field that stands on two pages, are one field each', async () => {
  const look = (state: string) => `/AP << /N << /${state} 9 0 R /Off 9 0 R >> >>`;
  const objects = [
    '<< /FT /Btn /Ff 32768 /T (kind) /V /b /Kids [5 0 R 6 0 R] >>',
    `<< ${FIELD} /Parent 4 0 R /AS /Off ${look('a')} /Rect [60 600 80 620] >>`,
    `<< ${FIELD} /Parent 4 0 R /AS /b ${look('b')} /Rect [90 600 110 620] >>`,
    `<< /FT /Tx /T (name) /V (Asha) /Kids [8 0 R 10 0 R] >>`,
    `<< ${FIELD} /Parent 7 0 R /Rect [60 500 260 520] >>`,
    streamBody('/Type /XObject /Subtype /Form /BBox [0 0 20 20]', '0 0 20 20 re S'),
    `<< ${FIELD} /Parent 7 0 R /Rect [60 500 260 520] >>`,
  ];
  const catalog = '/AcroForm << /Fields [4 0 R 7 0 R] /DR << /Font << /F1 3 0 R >> >> >>';
  const pages = [
    { content: '', entries: '/Annots [5 0 R 6 0 R 8 0 R]' },
    { content: '', entries: '/Annots [10 0 R]' },
  ];
  const [form, fields] = await read(writePdf(pages, { objects, catalog }));
  assert.deepEqual([form!.columns, form!.rows], [['kind', 'name'], [['b', 'Asha']]]);
  assert.deepEqual(
    fields!.rows.map(([name, type, , page]) => [name, type, page]),
    [
      ['kind', 'radio', '1'],
      ['name', 'text', '1'],
    ],
  );
});

test('a form of more fields than a table may have columns goes on in a further dataset', async () => {
  const objects = [1, 2, 3].map((n) => `<< ${FIELD} /FT /Tx /T (f${n}) /V (v${n}) /Rect [60 600 260 620] >>`);
  const pdf = writePdf([{ content: '', entries: '/Annots [4 0 R 5 0 R 6 0 R]' }], { objects, catalog: formOf(3) });
  const tables = await read(pdf, { limits: { ...roomyLimits, columns: 2 } });
  assert.deepEqual(
    tables.slice(0, 2).map(({ name, columns, rows }) => [name, columns, rows]),
    [
      ['form', ['f1', 'f2'], [['v1', 'v2']]],
      ['form 2', ['f3'], [['v3']]],
    ],
  );
});

test('a note on the page, with a look of its own or without, is text', async () => {
  const look = streamBody(
    '/Type /XObject /Subtype /Form /BBox [0 0 200 20] /Resources << /Font << /F1 3 0 R >> >>',
    text(2, 5, 'Paid'),
  );
  const rect = '/Rect [60 560 260 580] /F 4';
  const objects = [
    look,
    `<< /Type /Annot /Subtype /FreeText /Contents (Paid) ${rect} /AP << /N 4 0 R >> >>`,
    '<< /Type /Annot /Subtype /FreeText /Contents (Late) /Rect [60 520 260 540] /F 4 /DA (/F1 10 Tf 0 g) >>',
  ];
  const page = { content: text(60, 700, 'City:'), entries: '/Annots [5 0 R 6 0 R]' };
  const [around] = await read(writePdf([page], { objects, catalog: formOf(0) }));
  assert.deepEqual(lines(around!.rows), ['City:', 'Paid', 'Late']);
});

test('what the document says of itself is one row; its dates are ISO 8601, as they stood in the file beside', async () => {
  const hindi = '<FEFF0930093E091C0941>';
  const info = `/Title (Report) /Author ${hindi} /CreationDate (D:20240131093000+05'30') /ModDate (yesterday) /Branch (Pune 3)`;
  const pdf = writePdf([{ content: text(60, 700, 'Hello') }], { objects: [`<< ${info} >>`], trailer: '/Info 4 0 R' });
  const [, metadata] = await read(pdf);
  assert.equal(metadata!.name, 'metadata');
  assert.deepEqual(metadata!.columns, ['title', 'author', 'created', 'modified', 'Branch']);
  assert.deepEqual(metadata!.rows, [['Report', 'राजु', '2024-01-31T09:30:00+05:30', 'yesterday', 'Pune 3']]);
  assert.deepEqual(metadata!.raws, [[null, null, "D:20240131093000+05'30'", null, null]]);
});

test('the outline is a dataset: level, title and page of each entry, in order', async () => {
  const objects = [
    '<< /First 5 0 R /Last 7 0 R /Count 3 >>',
    '<< /Title (One) /Parent 4 0 R /First 6 0 R /Last 6 0 R /Next 7 0 R /Dest [8 0 R /Fit] >>',
    '<< /Title (One point one) /Parent 5 0 R /A << /S /GoTo /D [10 0 R /Fit] >> >>',
    '<< /Title (Two) /Parent 4 0 R >>',
  ];
  const hello = { content: text(60, 700, 'Hello') };
  const tables = await read(writePdf([hello, hello], { objects, catalog: '/Outlines 4 0 R' }));
  const outline = tables.at(-1)!;
  assert.deepEqual([outline.name, outline.columns], ['outline', ['level', 'title', 'page']]);
  assert.deepEqual(outline.rows, [
    ['1', 'One', '1'],
    ['2', 'One point one', '2'],
    ['1', 'Two', null],
  ]);
});

test('where each row stands is told by page and rectangle, as PDF counts them, on turned pages too', async () => {
  const content = ruledTable(PEOPLE, LAYOUT);
  const turned = `q 0 1 -1 0 800 20 cm ${content} Q`;
  const pages = [content, spacedTable(PEOPLE, LAYOUT), turned].map((page) => ({ content: page }));
  const positions = (await readAll(writePdf(pages))).at(-1)!;
  assert.deepEqual(positions.columns, ['table', 'row', 'page', 'left', 'bottom', 'right', 'top']);
  const [drawn, spaced, onSide] = [1, 2, 3].map((page) => positions.rows.filter(([, , on]) => on === `${page}`));
  assert.deepEqual(drawn!.slice(0, 2), [
    ['page 1 table 1', '1', '1', '60.0', '664.0', '400.0', '682.0'],
    ['page 1 table 1', '2', '1', '60.0', '646.0', '400.0', '664.0'],
  ]);
  assert.deepEqual(onSide![0], ['page 3 table 1', '1', '3', '118.0', '80.0', '136.0', '420.0']);
  const [, , , left, bottom, right, top] = spaced![0]!.map(Number);
  assert.ok(left! >= 64 && right! < 400 && bottom! > 660 && top! < 682 && top! > bottom!, String(spaced![0]));
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
