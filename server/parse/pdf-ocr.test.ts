import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { deflatedBody, type PdfPage, ruledTable, spacedTable, text, writePdf } from '../../test/helpers/pdf-writer.ts';
import { type ReadTable, readTables, sourceOf } from '../../test/helpers/read-tables.ts';
import { scanned, scannedPdf } from '../../test/helpers/scan.ts';
import { openDocument } from './pdf/document.ts';
import { findOcrPackages } from './pdf/ocr/packages.ts';
import { paintPage } from './pdf/ocr/picture.ts';
import { createTesseract } from './pdf/ocr/tesseract.ts';
import { pdfFormat } from './pdf.ts';

// Node may hang at its exit after WebAssembly of this size has run (nodejs 24.21): the end of the tests is said, not waited for.
after(() => setImmediate(() => process.exit()));

const HEADER = ['Name', 'Account number', 'City', 'Amount'];
const CITIES = ['Pune', 'Delhi', '', 'Agra'];
const PEOPLE = Array.from({ length: 10 }, (_, n) => [
  `Person ${n * 7}`,
  `${2000 + n * 13} ${3000 + n * 17} ${1000 + n * 19}`,
  CITIES[n % 4]!,
  `${n * 37}.50`,
]);
/** Half a page: recognition takes its time. */
const SIZE = [595, 300] as const;
const LAYOUT = { x: 60, y: 240, widths: [120, 150, 100, 80] };
const table = (write: typeof ruledTable, rows = PEOPLE): PdfPage => ({
  size: SIZE,
  content: text(60, 265, 'Members of the society', 14) + write([HEADER, ...rows], LAYOUT),
});
const PROSE = [
  'The society met on the second of May in the old library, as it has done every year since it was',
  'founded. Those who had come from Nagpur told of a late monsoon and of wells that were nearly dry.',
  'It was agreed that 48 members shall pay 1,250 rupees each, and that the treasurer reports on it in',
  'writing before the end of the quarter. Nobody spoke against this. The next meeting will be in Agra.',
];
const prose: PdfPage = { size: SIZE, content: PROSE.map((line, n) => text(60, 240 - n * 15, line)).join('') };
const [sentence] = PROSE;
const brief: PdfPage = { size: [595, 80], content: text(60, 40, sentence!) };

const ocr = { languages: ['eng'], pages: 10, seconds: 600 };
const read = (pdf: Buffer, options = {}) => readTables(pdfFormat, pdf, { ocr, ...options });
const named = (tables: readonly ReadTable[], name: string) => tables.find((found) => found.name === name)!;
const rejectsOf = (tables: readonly ReadTable[]) => tables.flatMap(({ rejects }) => rejects);

/** Share of the cells that hold what was written, but for spaces between figures. */
function cellsRight(found: ReadTable, rows = PEOPLE): number {
  const bare = (cell: string | null | undefined) => (cell ?? '').replaceAll(' ', '');
  const right = rows.flatMap((row, r) => row.filter((cell, c) => bare(found.rows[r]?.[c]) === bare(cell)));
  return right.length / rows.flat().length;
}

/** Share of the words written that were recognised, each once. */
function recall(written: string, seen: string): number {
  const left = Map.groupBy(seen.split(' '), (word) => word);
  const words = written.split(' ');
  return words.filter((word) => left.get(word)?.pop() !== undefined).length / words.length;
}

for (const [how, scanning] of [
  ['cleanly', {}],
  ['askew and dirty', { dpi: 200, slope: 0.015, noise: 60 }],
] as const) {
  test(`tables that were scanned ${how} become datasets, drawn or set with spaces`, async () => {
    for (const [kind, write] of [
      ['ruled', ruledTable],
      ['spaced', spacedTable],
    ] as const) {
      const tables = await read(await scannedPdf([table(write)], scanning));
      const [found] = tables;
      assert.deepEqual([found!.name, found!.dialect.kind, found!.columns], ['page 1 table 1', kind, HEADER]);
      assert.equal(found!.rows.length, PEOPLE.length);
      assert.ok(cellsRight(found!) >= 0.97, `${cellsRight(found!)}`);
      assert.deepEqual(named(tables, 'text').rows, [['1', '1', 'Members of the society']]);
      assert.deepEqual(rejectsOf(tables), []);
    }
  });
}

test('the words of scanned prose are found, and which pages were recognised is told with how surely', async () => {
  const tables = await read(await scannedPdf([prose], { dpi: 200, noise: 40 }));
  const around = named(tables, 'text');
  assert.ok(recall(PROSE.join(' '), around.rows.map((row) => row[2]).join(' ')) >= 0.97);
  assert.equal(around.rows.length, PROSE.length);
  assert.equal(around.dialect.ocrPages, '1');
  assert.ok(Number(around.dialect.ocrConfidence) >= 85, `${around.dialect.ocrConfidence}`);
  const { columns, rows } = named(tables, 'ocr');
  assert.deepEqual(columns, ['page', 'confidence', 'words']);
  assert.equal(rows.length, 1);
  assert.deepEqual(rows[0]!.slice(0, 2), ['1', `${around.dialect.ocrConfidence}`]);
});

test('a single line on a whole page of grainy paper is found', async () => {
  const page = { content: text(60, 700, sentence!) };
  const [around] = await read(await scannedPdf([page], { dpi: 200, noise: 60 }));
  assert.ok(recall(sentence!, around!.rows[0]![2]!) >= 0.9, String(around!.rows[0]));
});

test('pages with text are read as before, and a table that goes on in a scan is one whose dialect names the page', async () => {
  const scan = await scanned([table(ruledTable, PEOPLE.slice(5))]);
  const pdf = writePdf([table(ruledTable, PEOPLE.slice(0, 5)), ...scan.pages], { objects: scan.objects });
  const tables = await read(pdf);
  const [found] = tables;
  assert.equal(found!.name, 'pages 1-2 table 1');
  assert.equal(found!.dialect.ocrPages, '2');
  assert.deepEqual(
    found!.rows.slice(0, 5),
    PEOPLE.slice(0, 5).map((row) => row.map((cell) => cell || null)),
  );
  assert.ok(cellsRight(found!) >= 0.97);
  assert.equal(named(tables, 'ocr').rows.length, 1);
  const [upright] = await read(writePdf([table(ruledTable)]));
  assert.equal(upright!.dialect.ocrPages, undefined);
});

test('a scan that lies on its side or stands on its head is read, and where its rows stand is told as in its print', async () => {
  const printed = named(await read(writePdf([table(ruledTable)])), 'positions').rows;
  const ways = [{ quarters: 1 }, { quarters: 2 }, { quarters: 3, entries: '/Rotate 90' }];
  for (const way of ways) {
    const tables = await read(await scannedPdf([table(ruledTable)], { dpi: 200, ...way }));
    assert.deepEqual(tables[0]!.columns, HEADER);
    assert.ok(cellsRight(tables[0]!) >= 0.97, JSON.stringify(way));
    const places = named(tables, 'positions').rows.map((row) => row.slice(3).map(Number));
    for (const [row, place] of places.entries()) {
      const expected = lying(printed[row]!.slice(3).map(Number), way.quarters);
      place.forEach((at, side) => void assert.ok(Math.abs(at - expected[side]!) < 2, `${row}: ${place} ${expected}`));
    }
  }
});

/** Where a rectangle (left, bottom, right, top) of a page is when that lies turned to the right. */
function lying([left, bottom, right, top]: number[], quarters: number): number[] {
  const [width, height] = SIZE;
  if (quarters === 1) return [bottom!, width - right!, top!, width - left!];
  if (quarters === 2) return [width - right!, height - top!, width - left!, height - bottom!];
  return [height - top!, left!, height - bottom!, right!];
}

test('a stamp of letters on a scan stands in its text once, as it was written', async () => {
  const { pages, objects } = await scanned([prose], { dpi: 200 });
  const stamped = { ...pages[0]!, content: pages[0]!.content + text(400, 275, 'Received 7/2') };
  const lines = named(await read(writePdf([stamped], { objects })), 'text').rows.map((row) => row[2]);
  assert.equal(lines.length, PROSE.length + 1);
  assert.equal(lines[0], 'Received 7/2');
});

test('a page that is hardly to be recognised says so, and what was recognised stays', async () => {
  const tables = await read(await scannedPdf([brief], { dpi: 45 }));
  const [reject] = rejectsOf(tables);
  assert.deepEqual([reject?.row, reject?.code], [1, 'page_is_unclear']);
  assert.match(reject!.detail, /confidence of \d+ of 100.*scan it again/);
  assert.ok(named(tables, 'text').rows.length > 0);
});

test('pages beyond the most that are recognised, or beyond the time for it, are rejects that say so', async () => {
  const pdf = await scannedPdf([brief, brief], { dpi: 150 });
  const tables = await read(pdf, { ocr: { ...ocr, pages: 1 } });
  const [reject, ...more] = rejectsOf(tables);
  assert.deepEqual([reject?.row, reject?.code, more], [2, 'page_is_scanned', []]);
  assert.match(reject!.detail, /OCR_MAX_PAGES/);
  assert.equal(named(tables, 'text').dialect.ocrPages, '1');
  const late = await read(pdf, { ocr: { ...ocr, seconds: 0.001 } });
  assert.deepEqual(
    rejectsOf(late).map(({ row }) => row),
    [2],
  );
});

test('without the package of a language a scanned page says what to install, and all else is read', async () => {
  const { pages, objects } = await scanned([brief], { dpi: 100 });
  const options = { ocr: { ...ocr, languages: ['eng', 'xyz'] } };
  const tables = await read(writePdf([prose, ...pages], { objects }), options);
  const [reject] = rejectsOf(tables);
  assert.deepEqual([reject?.row, reject?.code], [2, 'page_is_scanned']);
  assert.match(reject!.detail, /not read without @tesseract\.js-data\/xyz\. Install/);
  assert.equal(named(tables, 'text').rows.length, PROSE.length);
  const alone = read(writePdf(pages, { objects }), options);
  await assert.rejects(alone, { code: 'pdf_scanned', message: /@tesseract\.js-data\/xyz/ });
});

test('all packages that are not installed are named', () => {
  const nothing = () => {
    throw new Error('Cannot find module');
  };
  assert.deepEqual(findOcrPackages(['eng', 'hin'], nothing), {
    missing: ['tesseract.js-core', '@tesseract.js-data/eng', '@tesseract.js-data/hin'],
  });
  assert.ok(!('missing' in findOcrPackages(['eng'])));
});

test('where recognition is off, a scanned page is a reject as before', async () => {
  const { pages, objects } = await scanned([brief], { dpi: 100 });
  const pdf = writePdf([prose, ...pages], { objects });
  for (const off of [undefined, { ...ocr, pages: 0 }, { ...ocr, languages: [] }]) {
    const tables = await read(pdf, { ocr: off });
    assert.deepEqual(
      rejectsOf(tables).map(({ row, code }) => [row, code]),
      [[2, 'page_is_scanned']],
    );
    assert.equal(named(tables, 'ocr'), undefined);
  }
});

test('a picture that takes more time than it may is given up, and a new instance reads the next one', async () => {
  const packages = findOcrPackages(['eng']);
  assert.ok(!('missing' in packages));
  const picture = paintPage(await openDocument(sourceOf(writePdf([brief]))), 0);
  const hurried = await createTesseract(packages, 0.001);
  hurried.look(picture);
  assert.throws(() => hurried.read(), RangeError);
  const next = await createTesseract(packages);
  next.look(picture);
  assert.equal(
    recall(
      sentence!,
      next
        .read()
        .map((word) => word.text)
        .join(' '),
    ),
    1,
  );
});

const blank = (side: number) => {
  const kind = '/Type /XObject /Subtype /Image /BitsPerComponent 8 /ColorSpace /DeviceGray';
  return deflatedBody(`${kind} /Width ${side} /Height ${side}`, new Uint8Array(side * side).fill(255));
};
const filled = (width: number, height: number): PdfPage => ({
  size: [width, height],
  content: `q ${width} 0 0 ${height} 0 0 cm /Im Do Q\n`,
  resources: '/XObject << /Im 4 0 R >>',
});

test('a page of any size is painted within the cap on pixels', async () => {
  for (const [width, height] of [
    [14_400, 14_400],
    [14_400, 9],
    [9, 14_400],
    [595, 842],
  ] as const) {
    const document = await openDocument(sourceOf(writePdf([filled(width, height)], { objects: [blank(8)] })));
    const picture = paintPage(document, 0);
    assert.ok(picture.width * picture.height <= 9_000_000, `${picture.width} × ${picture.height}`);
    assert.ok(Math.max(picture.width, picture.height) <= 16_000);
    assert.ok(Math.abs(picture.width / picture.height / (width / height) - 1) < 0.1);
  }
});

test('pictures of more pixels than memory holds, and pages too small for text, cost themselves alone', async () => {
  const pages = [prose, filled(595, 842), filled(5, 842), prose];
  const tables = await read(writePdf(pages, { objects: [blank(17_000)] }));
  assert.equal(named(tables, 'text').rows.length, PROSE.length * 2);
  assert.deepEqual(
    rejectsOf(tables).map(({ row, code }) => [row, code]),
    [
      [2, 'page_is_scanned'],
      [3, 'page_is_scanned'],
    ],
  );
  assert.ok(process.memoryUsage().rss < 2 ** 30);
});
