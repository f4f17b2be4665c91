import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { encryptPdf, noQpdf } from '../../test/helpers/pdf-encrypt.ts';
import { deflatedBody, ruledTable, streamBody, text, writePdf, writeTaggedPdf } from '../../test/helpers/pdf-writer.ts';
import { readTables, roomyLimits } from '../../test/helpers/read-tables.ts';
import { Problem } from '../core/problem.ts';
import { PAGES_AT_ONCE } from './pdf/caps.ts';
import { pdfFormat } from './pdf.ts';

// Node may hang at its exit after WebAssembly of this size has run (nodejs 24.21): the end of the tests is said, not waited for.
after(() => setImmediate(() => process.exit()));

const read = (pdf: Buffer, options = {}) => readTables(pdfFormat, pdf, options);
const rejects = async (pdf: Buffer) => (await read(pdf)).at(-1)!.rejects.map(({ row, code }) => [row, code]);
const hello = { content: text(60, 700, 'Hello') };
const TABLE = [
  ['Name', 'Amount'],
  ['Asha', '12'],
  ['Bina', '13'],
];
const layout = { x: 60, y: 700, widths: [120, 120] };

const CIPHERS: readonly (readonly string[])[] = [['40'], ['128', '--use-aes=n'], ['128', '--use-aes=y'], ['256']];
const encrypted = (password: string, cipher: readonly string[]) => encryptPdf(writePdf([hello]), password, cipher);

test('a document under a user password says that it needs one', { skip: noQpdf }, async () => {
  for (const cipher of CIPHERS) await assert.rejects(read(encrypted('secret', cipher)), { code: 'pdf_encrypted' });
});

test("a document opens by its user's and by its owner's password", {
  skip: noQpdf,
}, async () => {
  for (const cipher of CIPHERS) {
    for (const password of ['secret', 'owner']) {
      const [around] = await read(encrypted('secret', cipher), { password });
      assert.deepEqual(around!.rows, [['1', '1', 'Hello']]);
    }
  }
});

test('a password with letters beyond ASCII opens, however they are typed', {
  skip: noQpdf,
}, async () => {
  for (const [set, given] of [
    ['पासवर्ड-Straße', 'पासवर्ड-Straße'],
    ['SaSLprep', 'S\u00aaSL\u00adprep'],
  ] as const) {
    const [around] = await read(encrypted(set, ['256']), { password: given });
    assert.deepEqual(around!.rows, [['1', '1', 'Hello']]);
  }
});

test('a wrong password is a problem that does not tell it', { skip: noQpdf }, async () => {
  for (const cipher of CIPHERS) {
    await assert.rejects(read(encrypted('secret', cipher), { password: 'Secret' }), (error) => {
      assert.ok(error instanceof Problem);
      assert.equal(error.code, 'password_wrong');
      return !error.message.includes('Secret');
    });
  }
});

test('a password for a document without one does no harm', async () => {
  const [around] = await read(writePdf([hello]), { password: 'secret' });
  assert.deepEqual(around!.rows, [['1', '1', 'Hello']]);
});

test('a document under an owner password alone is read', { skip: noQpdf }, async () => {
  const [around] = await read(encrypted('', ['256']));
  assert.deepEqual(around!.rows, [['1', '1', 'Hello']]);
});

test('an encryption that nobody knows is refused', async () => {
  const trailer = '/Encrypt << /Filter /Unknown /V 99 /R 99 >> /ID [<00> <00>]';
  await assert.rejects(read(writePdf([hello], { trailer })), { code: 'pdf_encrypted' });
});

test('what is no PDF, and what only begins like one, is refused', async () => {
  await assert.rejects(read(Buffer.from('name,city\nAsha,Pune\n')), { code: 'content_mismatch' });
  await assert.rejects(read(Buffer.alloc(0)), { code: 'content_mismatch' });
  await assert.rejects(read(Buffer.from('%PDF-1.7\nnothing more')), { code: 'pdf_corrupt' });
});

test('a document whose cross-reference table is not where it says is read by its objects', async () => {
  const moved = writePdf([hello])
    .toString('latin1')
    .replace(/startxref\n\d+/, 'startxref\n99999');
  const [around] = await read(Buffer.from(moved, 'latin1'));
  assert.deepEqual(around!.rows, [['1', '1', 'Hello']]);
});

test('a document without text is no table', async () => {
  await assert.rejects(read(writePdf([{ content: '' }])), { code: 'not_a_table' });
  await assert.rejects(read(writePdf([])), { code: 'pdf_corrupt' });
});

const PICTURE = deflatedBody(
  '/Type /XObject /Subtype /Image /Width 8 /Height 8 /BitsPerComponent 8 /ColorSpace /DeviceGray',
  new Uint8Array(64),
);
const scan = { content: 'q 595 0 0 842 0 0 cm /Im Do Q\n', resources: '/XObject << /Im 4 0 R >>' };

test('a page that is a picture is a reject, and a document of nothing else fails with that reason', async () => {
  assert.deepEqual(await rejects(writePdf([hello, scan, scan], { objects: [PICTURE] })), [
    [2, 'page_is_scanned'],
    [3, 'page_is_scanned'],
  ]);
  await assert.rejects(read(writePdf([scan], { objects: [PICTURE] })), { code: 'pdf_scanned' });
});

test('a picture behind the text of a page is no scan', async () => {
  const page = {
    ...scan,
    content: scan.content + ruledTable(TABLE, layout) + text(60, 780, 'A letterhead with its address, and more'),
  };
  const tables = await read(writePdf([page], { objects: [PICTURE] }));
  assert.deepEqual(tables[0]!.rows, TABLE.slice(1));
  assert.deepEqual(tables.at(-1)!.rejects, []);
});

test('a count of pages that is not true costs one reject, however large it is', async () => {
  const [around] = await read(writePdf([hello], { count: 1_000_000 }));
  assert.deepEqual(around!.rows, [['1', '1', 'Hello']]);
  assert.deepEqual(
    around!.rejects.map(({ row, code }) => [row, code]),
    [[2, 'page_unreadable']],
  );
});

test('more pages than the cap are refused', async () => {
  const pages = Array.from({ length: 10_001 }, () => ({ content: '' }));
  await assert.rejects(read(writePdf(pages)), { code: 'too_many_pages' });
});

test('outlines, pages and forms that contain themselves end', async () => {
  const outline = [
    '<< /First 5 0 R /Last 5 0 R /Count 1 >>',
    '<< /Title (x) /Parent 5 0 R /First 5 0 R /Next 5 0 R >>',
  ];
  const form = '/Type /XObject /Subtype /Form /BBox [0 0 600 800] /Resources << /XObject << /Fm 6 0 R >> >>';
  const objects = [...outline, streamBody(form, '/Fm Do /Fm Do')];
  const page = { content: `${hello.content} /Fm Do`, resources: '/XObject << /Fm 6 0 R >>' };
  const [around] = await read(writePdf([page, hello], { objects, catalog: '/Outlines 4 0 R' }));
  assert.deepEqual(around!.rows.at(-1), ['2', '1', 'Hello']);
  const loop = writePdf([hello])
    .toString('latin1')
    .replace(/\/Kids \[4 0 R\]/, '/Kids [2 0 R]');
  await assert.rejects(read(Buffer.from(loop, 'latin1')), Problem);
});

test('an outline in circles gives each entry once, and a deep or a long one ends with a reject', async () => {
  const circle = [
    '<< /First 5 0 R /Last 6 0 R >>',
    '<< /Title (a) /Parent 4 0 R /First 5 0 R /Next 6 0 R >>',
    '<< /Title (b) /Parent 4 0 R /First 4 0 R /Next 5 0 R >>',
  ];
  const outlineOf = async (objects: readonly string[]) =>
    (await read(writePdf([hello], { objects, catalog: '/Outlines 4 0 R' }))).at(-1)!;
  const { rows } = await outlineOf(circle);
  assert.ok(rows.length >= 2 && rows.length <= 4, JSON.stringify(rows));
  const deep = Array.from({ length: 100 }, (_, index) => `<< /Title (x) /First ${index + 5} 0 R >>`);
  const long = Array.from({ length: 20_010 }, (_, index) => `<< /Title (x) /Next ${index + 6} 0 R >>`);
  for (const [objects, count] of [
    [deep, 64],
    [['<< /First 5 0 R >>', ...long], 20_000],
  ] as const) {
    const outline = await outlineOf(objects);
    assert.equal(outline.rows.length, count);
    assert.deepEqual(
      outline.rejects.map(({ code }) => code),
      ['outline_too_large'],
    );
  }
});

test('a title or an entry about the document that is too long is a reject, not a cell', async () => {
  const objects = [`<< /Title (${'x'.repeat(300)}) >>`, '<< /First 6 0 R >>', `<< /Title (${'y'.repeat(300)}) >>`];
  const pdf = writePdf([hello], { objects, trailer: '/Info 4 0 R', catalog: '/Outlines 5 0 R' });
  const [, metadata, outline] = await read(pdf, { limits: { ...roomyLimits, cellLength: 100 } });
  for (const [table, column] of [
    [metadata!, 0],
    [outline!, 1],
  ] as const) {
    assert.equal(table.rows[0]![column], null);
    assert.deepEqual(
      table.rejects.map(({ row, column: at, code }) => [row, at, code]),
      [[1, column, 'cell_too_large']],
    );
  }
});

test('a page that unpacks to too much is a reject, and the next one is read', async () => {
  const bomb = deflatedBody('', deflated(600 << 20));
  const broken = { content: '', entries: '/Contents 4 0 R' };
  const pdf = writePdf([hello, broken, { content: text(60, 700, 'Still here') }], { objects: [bomb] });
  const [around] = await read(pdf.length < 2_000_000 ? pdf : assert.fail('the bomb is no bomb'));
  assert.deepEqual(
    around!.rows.map(([page, , line]) => [page, line]),
    [
      ['1', 'Hello'],
      ['3', 'Still here'],
    ],
  );
  assert.ok(process.memoryUsage().rss < 1.5 * 2 ** 30);
});

/** Bytes that a PDF passes over. */
function deflated(size: number): Uint8Array {
  return new Uint8Array(size).fill(0x20);
}

const manyPages = Array.from({ length: PAGES_AT_ONCE + 3 }, (_, index) => `Page ${index + 1}`);

test('a document of hundreds of pages is read to its end under its password', { skip: noQpdf }, async () => {
  const pdf = writePdf(manyPages.map((line) => ({ content: text(60, 700, line) })));
  const [around] = await read(encryptPdf(pdf, 'secret', ['256']), { password: 'secret' });
  assert.deepEqual(
    around!.rows.map((row) => row[2]),
    manyPages,
  );
});

test('a page that unpacks to too much costs only itself where the library has just been made to forget', async () => {
  const bomb = deflatedBody('', deflated(600 << 20));
  const pages = manyPages.map((line) => ({ content: text(60, 700, line), entries: '' }));
  pages[PAGES_AT_ONCE] = { content: '', entries: '/Contents 4 0 R' };
  const [around] = await read(writePdf(pages, { objects: [bomb] }));
  assert.deepEqual(
    around!.rows.map((row) => row[2]),
    manyPages.toSpliced(PAGES_AT_ONCE, 1),
  );
  assert.deepEqual(
    around!.rejects.map(({ row, code }) => [row, code]),
    [[PAGES_AT_ONCE + 1, 'page_unreadable']],
  );
});

test('too many characters or lines on a page are a reject of that page', async () => {
  const many = {
    content: [0, 1, 2, 3, 4, 5, 6, 7].map((row) => text(60, 700 - row * 20, 'x'.repeat(30_000))).join(''),
  };
  const drawing = { content: `0 0 m ${'10 10 l 20 0 l '.repeat(210_000)} S` };
  assert.deepEqual(await rejects(writePdf([hello, many, drawing])), [
    [2, 'page_too_complex'],
    [3, 'page_too_complex'],
  ]);
});

test('a grid of more lines than a table has is a drawing, and its text is text', async () => {
  const across = Array.from({ length: 2_100 }, (_, index) => `0 ${index * 4} m 9000 ${index * 4} l S\n`).join('');
  const down = Array.from({ length: 2_100 }, (_, index) => `${index * 4} 0 m ${index * 4} 9000 l S\n`).join('');
  const page = { content: across + down + hello.content, size: [9000, 9000] as const };
  const [around] = await read(writePdf([page]));
  assert.deepEqual(around!.rows, [['1', '1', 'Hello']]);
});

test('code points that are none become the replacement character', async () => {
  const map = streamBody('', '3 beginbfchar <41> <D800> <42> <FFFF> <43> <0000> endbfchar');
  const font = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 4 0 R >>';
  const [around] = await read(writePdf([{ content: text(60, 700, 'xAxBxCx') }], { objects: [map], font }));
  const line = around!.rows[0]![2]!;
  assert.ok(line.isWellFormed());
  assert.match(line, /^x.?x.?x.?x$/u);
});

test('a page whose fonts do not say what their letters are is a reject beside its text', async () => {
  const encoding = '/Encoding << /Type /Encoding /Differences [65 /g1] >> /FirstChar 65 /LastChar 65 /Widths [1]';
  const font = `<< /Type /Font /Subtype /Type3 /FontBBox [0 0 1 1] /FontMatrix [1 0 0 1 0 0] /CharProcs << /g1 4 0 R >> ${encoding} >>`;
  const glyph = streamBody('', '1 0 d0 0 0 1 1 re f');
  const [around] = await read(writePdf([{ content: text(60, 700, 'AAAA') }], { objects: [glyph], font }));
  assert.equal(around!.rows.length, 1);
  assert.deepEqual(
    around!.rejects.map(({ row, code }) => [row, code]),
    [[1, 'page_is_garbled']],
  );
});

test('numbers that are none, or far away, are no places', async () => {
  const far = `${text(1e30, 1e30, 'far')}${text(60, 600, 'tiny', 1e-20)} 1e38 1e38 1e38 1e38 re S 0 0 m 1e300 5 l S`;
  const [around] = await read(writePdf([{ content: hello.content + far }]));
  assert.equal(around!.rows[0]![2], 'Hello');
});

test('limits of columns, rows, cells and the length of a cell hold', async () => {
  const pdf = writePdf([{ content: ruledTable(TABLE, layout) }]);
  const limited = (limits: object) => read(pdf, { limits: { ...roomyLimits, ...limits } });
  await assert.rejects(limited({ columns: 1 }), { code: 'too_many_columns' });
  await assert.rejects(limited({ rows: 1 }), { code: 'too_many_rows' });
  await assert.rejects(limited({ cells: 3 }), { code: 'too_many_cells' });
  const [table] = await limited({ cellLength: 3 });
  assert.deepEqual(table!.rows, [
    [null, '12'],
    [null, '13'],
  ]);
  assert.deepEqual(
    table!.rejects.map(({ row, column, code, raw }) => [row, column, code, raw]),
    [
      [2, 0, 'cell_too_large', 'Asha'],
      [3, 0, 'cell_too_large', 'Bina'],
    ],
  );
});

test('any bytes, and a document with any bytes changed or cut off, end in tables or a problem', async () => {
  const rich = [
    PICTURE,
    '<< /First 6 0 R >>',
    '<< /Title (One) /Parent 5 0 R /First 7 0 R /Dest [9 0 R /Fit] >>',
    '<< /Title (Two) /Parent 6 0 R >>',
    '<< /Type /Annot /Subtype /Widget /FT /Ch /Ff 2097152 /T (f) /Opt [(a) (b)] /V [(a) (b)] /I [0 1] /Rect [9 9 99 30] >>',
  ];
  const form = '/AcroForm << /Fields [8 0 R] /DR << /Font << /F1 3 0 R >> >> >> /Outlines 5 0 R';
  const page = { content: ruledTable(TABLE, layout), entries: '/Annots [8 0 R]' };
  const trailer = `/Info << /Title (x) /CreationDate (D:20240131) >>`;
  const rows = [700, 680, 660].map((y) => [60, 160, 260].map((x) => [`${x} ${y}`, x, y] as const));
  const documents = [writePdf([page, hello], { objects: rich, catalog: form, trailer }), writeTaggedPdf(rows)];
  const damaged = fc
    .tuple(
      fc.constantFrom(...documents),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 30 }),
      fc.nat(),
    )
    .map(([whole, changes, cut]) => {
      const bytes = Buffer.from(whole);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      return cut % 4 === 0 ? bytes.subarray(0, cut % bytes.length) : bytes;
    });
  const random = fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.concat([Buffer.from('%PDF-1.4\n'), bytes]));
  await fc.assert(
    fc.asyncProperty(fc.oneof({ weight: 4, arbitrary: damaged }, { weight: 1, arbitrary: random }), async (bytes) => {
      try {
        for (const { columns, rows } of await read(bytes))
          assert.ok(rows.every((row) => row.length === columns.length));
      } catch (error) {
        assert.ok(error instanceof Problem, String(error));
      }
    }),
    { numRuns: 300 },
  );
});
