import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sheetXml } from '../../../test/helpers/xlsx-writer.ts';
import type { RowSink } from './rows.ts';
import { createScanner, type Scanner, type Taken } from './scanner.ts';
import { createSharedStringsHandler } from './shared-strings.ts';
import { createSheetHandler } from './sheet.ts';
import { createTextArena, type TextArena } from './text-arena.ts';
import { createXmlParser, type XmlHandler } from './xml.ts';

/** How many characters a cell may hold here. */
const CELL_LENGTH = 40;
const TOKEN_BYTES = 1 << 16;

/** What came of a part: all that was told, and the problem that it ended with. */
interface Outcome {
  readonly told: readonly unknown[];
  readonly problem: string | undefined;
}

/** Cuts of a part's bytes into chunks. */
type Cut = (bytes: Buffer) => Buffer[];

const whole: Cut = (bytes) => [bytes];
const at =
  (place: number): Cut =>
  (bytes) => [bytes.subarray(0, place), bytes.subarray(place)];
const every =
  (size: number): Cut =>
  (bytes) =>
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));

/** Feeds a part to `handler` in chunks that are spoiled afterwards; gives the problem it ends with. */
function feed(bytes: Buffer, cut: Cut, handler: XmlHandler): string | undefined {
  const parser = createXmlParser('part', TOKEN_BYTES, handler);
  try {
    for (const piece of cut(bytes)) {
      const chunk = Buffer.from(piece);
      parser.write(chunk);
      chunk.fill('<');
    }
    parser.end();
    return undefined;
  } catch (error) {
    return String(error);
  }
}

const sharedStrings = createTextArena(1 << 20);
for (const text of ['zero', 'one', 'zwölf']) sharedStrings.add(text);

function readSheet(bytes: Buffer, cut: Cut, scanner?: Scanner, columnsOnly = false): Outcome {
  const told: unknown[] = [];
  const sink: RowSink = {
    columnsOnly,
    declare: (extent) => told.push({ ...extent }),
    startRow: (number) => told.push(number),
    put: (...cell) => told.push(cell),
    endRow: () => told.push('end'),
  };
  const dateStyles = [undefined, 'date', 'datetime'] as const;
  const context = { sharedStrings, dateStyles, dateSystem: '1900', cellLength: CELL_LENGTH } as const;
  const problem = feed(bytes, cut, createSheetHandler('Sheet', context, sink, scanner));
  return { told, problem };
}

function readStrings(bytes: Buffer, cut: Cut, scanner?: Scanner): Outcome {
  const arena = createTextArena(1 << 20);
  const problem = feed(bytes, cut, createSharedStringsHandler(arena, CELL_LENGTH, scanner));
  // How much of them was kept before a problem is nobody's business.
  return { told: problem ? [] : textsOf(arena), problem };
}

const textsOf = (arena: TextArena) => Array.from({ length: arena.length }, (_, index) => arena.get(index));

const scanner = createScanner();

function sameSheet(xml: string | Buffer, cut: Cut = whole): void {
  const bytes = Buffer.from(xml as string);
  assert.deepEqual(readSheet(bytes, cut, scanner), readSheet(bytes, whole), bytes.toString());
  assert.deepEqual(readSheet(bytes, cut, scanner, true), readSheet(bytes, whole, undefined, true), bytes.toString());
}

function sameStrings(xml: string | Buffer, cut: Cut = whole): void {
  const bytes = Buffer.from(xml as string);
  assert.deepEqual(readStrings(bytes, cut, scanner), readStrings(bytes, whole), bytes.toString());
}

/** A scanner that counts in `taken` how many words of records it gave. */
function counting(taken: { words: number }): Scanner {
  const count = (found: Taken) => {
    taken.words += found.words;
    return found;
  };
  return {
    ...scanner,
    rows: (...given) => count(scanner.rows(...given)),
    cells: (...given) => count(scanner.cells(...given)),
    strings: (...given) => count(scanner.strings(...given)),
  };
}

/** Rows as programs write them, each with the number of cells in it that hold something. */
const USUAL: readonly (readonly [writer: string, cells: number, row: string])[] = [
  [
    'Excel',
    4,
    '<row r="2" spans="1:5" s="1" customFormat="1" ht="15.75" customHeight="1" hidden="1" outlineLevel="1" collapsed="1" thickTop="1" thickBot="1" ph="1" x14ac:dyDescent="0.25"><c r="A2" s="1" t="s"><v>0</v></c><c r="B2"><v>12.5</v></c><c r="C2" s="3"/><c r="D2" t="str"><f t="shared" ref="D2:D9" si="0">A2&amp;"x"</f><v>onex</v></c><c r="E2" t="b"><f t="shared" si="0"/><v>1</v></c></row>',
  ],
  [
    'LibreOffice',
    3,
    '<row r="2" customFormat="false" ht="12.8" hidden="false" customHeight="false" outlineLevel="0" collapsed="false"><c r="A2" s="0" t="n"><v>1</v></c><c r="B2" s="1" t="n"><v>45000</v></c><c r="C2" s="0" t="str"><f aca="false">A2</f><v>x</v></c></row>',
  ],
  [
    'openpyxl',
    3,
    '<row r="2"><c r="A2" t="inlineStr"><is><t>abc</t></is></c><c r="B2" t="n"><v>1</v></c><c r="C2" t="e"><v>#N/A</v></c></row>',
  ],
  [
    'xlsxwriter and SheetJS',
    2,
    '<row r="2" spans="1:2"><c r="A2" t="inlineStr"><is><t xml:space="preserve"> a </t></is></c><c r="B2" t="d" s="1"><v>2024-01-02</v></c></row>',
  ],
  [
    'one that indents',
    2,
    "\n  <row r='2'>\r\n    <c r='A2' t='s'>\n      <v>1</v>\n    </c>\n    <c>\t<v>7</v></c>\n  </row>\n",
  ],
];

test('rows as spreadsheet programs write them are taken whole by the scanner, and told as the tokenizer tells them', () => {
  for (const [writer, cells, row] of USUAL) {
    const bytes = Buffer.from(sheetXml(row));
    const taken = { words: 0 };
    const outcome = readSheet(bytes, whole, counting(taken));
    assert.equal(taken.words, 4 * (cells + 2), writer);
    assert.deepEqual(outcome, readSheet(bytes, whole), writer);
    assert.equal(outcome.told.length, cells + 2, writer);
  }
});

test('rows of a prefix are taken as well, unless it is very long', () => {
  for (const prefix of ['x:', 'main:', 'elevens:', 'thirteenth:']) {
    const xml = sheetXml(USUAL[0]![2]).replace(/<(\/?)(?=[a-z])/g, `<$1${prefix}`);
    const taken = { words: 0 };
    const outcome = readSheet(Buffer.from(xml), whole, counting(taken));
    assert.equal(taken.words, prefix.length > 8 ? 0 : 4 * 6, prefix);
    assert.deepEqual(outcome, readSheet(Buffer.from(xml), whole), prefix);
    assert.equal(outcome.told.length, 6, prefix);
  }
});

test('a sheet that is cut anywhere is the same', () => {
  const odd =
    '<row r="9"><c r="A9" t="inlineStr"><is><t>zwölf &amp; 𝒳</t></is></c><!-- no --><c><v><![CDATA[5]]></v></c></row>';
  const bytes = Buffer.from(sheetXml(USUAL.map(([, , row]) => row).join('') + odd));
  for (let place = 0; place <= bytes.length; place++) sameSheet(bytes, at(place));
  for (const size of [1, 2, 3, 7, 64]) sameSheet(bytes, every(size));
});

test('a sheet of more rows, cells and text than are taken at once is the same', () => {
  const cell = (text: string) => `<c t="inlineStr"><is><t>${text}</t></is></c>`;
  const many = `<row>${'<c><v>7</v></c>'.repeat(5000)}</row>${'<row><c><v>8</v></c></row>'.repeat(5000)}`;
  const long = `<row>${cell('x'.repeat(CELL_LENGTH)).repeat(4000)}</row>`;
  for (const rows of [many, long, `<row>${'<c/>'.repeat(20_000)}</row>`, `<row>${cell('x'.repeat(70_000))}</row>`]) {
    sameSheet(sheetXml(rows));
    sameSheet(sheetXml(rows), every(65_536));
  }
});

test('a window that is filled to its end is read to its end', () => {
  const size = createScanner().window(128 << 10).length;
  const cell = '<c t="inlineStr"><is><t>some words</t></is></c>';
  const xml = sheetXml(`<row>${cell.repeat(12)}</row>`.repeat(Math.ceil(size / (12 * cell.length))));
  for (let left = 0; left < 16; left++) {
    const bytes = Buffer.from(xml.replace('<row>', `<row>${' '.repeat(left)}`));
    assert.deepEqual(readSheet(bytes, at(size - 2), createScanner()), readSheet(bytes, whole), `${left}`);
  }
});

const some = <T>(...values: T[]) => fc.constantFrom(...values);
const usually = (usual: string, ...odd: string[]) =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: some(...odd) });
const joined = (...parts: fc.Arbitrary<string>[]) => fc.tuple(...parts).map((pieces) => pieces.join(''));

const blank = usually('', ' ', '\n  ', '\t', 'text', '<!-- c -->', '<?p i?>', '<extLst><ext/></extLst>');
const number = some(
  '0',
  '7',
  '-1.5',
  '007',
  '1E3',
  '0.10',
  '-0',
  '12345678901234567890',
  '1.2345678901234567',
  '45000',
  '45000.5',
  ' 7 ',
  '.5',
  '5.',
  '1e',
  '',
  '1',
  '2',
  '9',
  '-',
  '0000000001',
  '60',
);
const words = some(
  '',
  'Asha',
  'a_x0041_b',
  'zwölf',
  '𝒳',
  'a &amp; b',
  '&#65;',
  'a&b',
  '&bad;',
  'a\r\nb',
  'a\rb',
  'x'.repeat(CELL_LENGTH),
  'x'.repeat(CELL_LENGTH + 1),
  '>',
  '<![CDATA[<&]]>',
  'a<!-- -->b',
  '1',
  'true',
  ' ',
);
const value = fc.oneof(number, words);
const spaced = usually('', ' ', '\n');
const attribute = (name: string, ...values: string[]) =>
  fc
    .tuple(
      usually(' ', '', '  ', '\n'),
      usually(name, 'x', `x:${name}`),
      usually('=', ' = '),
      some('"', '"', '"', "'"),
      some(...values),
    )
    .map(([before, written, equals, quote, text]) => `${before}${written}${equals}${quote}${text}${quote}`);
const maybe = (arbitrary: fc.Arbitrary<string>) => fc.oneof(arbitrary, arbitrary, fc.constant(''));
const cellAttributes = fc
  .shuffledSubarray([
    attribute('r', 'A1', 'B2', 'C3', 'D4', 'E5', 'e5', 'AA10', 'XFD1', 'XFE1', 'A', '1', '', 'A1B', 'Ä1'),
    attribute('s', '0', '1', '2', '3', '', 'x', '-1', '0000000001', '99999999999'),
    attribute('t', 's', 's', 'n', 'b', 'e', 'd', 'str', 'inlineStr', 'inlineStr', '', 'z', 'strange', 'inlineStrs'),
    attribute('cm', '1'),
  ])
  .chain((chosen) => joined(...chosen, spaced));
const element = (name: string, attributes: fc.Arbitrary<string>, inner: fc.Arbitrary<string>) =>
  fc
    .tuple(attributes, inner, usually('>', ' >'), usually('full', 'closed', 'wrong'))
    .map(([given, text, end, how]) =>
      how === 'closed' ? `<${name}${given}/>` : `<${name}${given}>${text}</${how === 'wrong' ? 'w' : name}${end}`,
    );
const none = fc.constant('');
const preserve = maybe(usually('', ' xml:space="preserve"', ' a="1" a="2"', ' a', ' a="<"'));
const content = fc.oneof(
  element('v', preserve, value),
  element('v', preserve, value),
  element('is', none, joined(blank, element('t', preserve, value), blank)),
  element(
    'is',
    none,
    joined(element('r', none, element('t', none, words)), element('rPh', none, element('t', none, words))),
  ),
  none,
  joined(element('v', none, value), element('v', none, value)),
);
const formula = usually(
  '',
  '<f>A1+1</f>',
  '<f t="shared" si="0"/>',
  '<f t="a" t="b">1</f>',
  '<f><g/></f>',
  '<f',
  '<f>',
);
const cell = element('c', cellAttributes, joined(blank, formula, blank, content, blank));
const rowAttributes = fc
  .shuffledSubarray([
    attribute('r', '1', '2', '3', '7', '0', '', 'x', '1048576', '1048577', '007', '1 '),
    attribute('spans', '1:5'),
    attribute('spans', '1:5'),
    attribute('ht', '15.75', '<', '>'),
    attribute('x14ac:dyDescent', '0.25'),
  ])
  .chain((chosen) => joined(...chosen, spaced));
const row = element(
  'row',
  rowAttributes,
  fc.array(joined(cell, blank), { maxLength: 6 }).map((cells) => cells.join('')),
);
const rows = fc.array(joined(row, blank), { maxLength: 6 }).map((all) => all.join(''));

/** A part with now and then a changed byte. */
function damaged(part: fc.Arbitrary<string>): fc.Arbitrary<Buffer> {
  const change = fc.option(fc.tuple(fc.nat(), some('<', '>', '/', '"', '', ' ', 'c', '\r', '&', '\0')), { freq: 1 });
  return fc.tuple(part, change, fc.boolean()).map(([xml, changed, isBroken]) => {
    const bytes = Buffer.from(xml);
    if (!changed) return bytes;
    const place = changed[0] % bytes.length;
    // Half of a character is no valid UTF-8.
    const put = isBroken ? Buffer.from([0xc3]) : Buffer.from(changed[1]);
    return Buffer.concat([bytes.subarray(0, place), put, bytes.subarray(place + 1)]);
  });
}

const prefixed = (xml: string, prefix: string) => xml.replace(/<(\/?)(?=[a-z])/g, `<$1${prefix}`);

test('odd sheets come as the tokenizer tells them, or end with the same problem', () => {
  const part = fc.tuple(rows, some('', '', 'x:')).map(([inner, prefix]) => prefixed(sheetXml(inner), prefix));
  fc.assert(
    fc.property(damaged(part), fc.nat(), (bytes, place) => {
      sameSheet(bytes);
      sameSheet(bytes, at(place % (bytes.length + 1)));
    }),
    { numRuns: 1000 },
  );
});

const item = element(
  'si',
  none,
  fc.oneof(
    joined(blank, element('t', preserve, words), blank),
    joined(blank, element('t', preserve, words), blank),
    joined(element('r', none, element('t', none, words)), element('rPh', none, element('t', none, words))),
    fc.constant('<si><t>in</t></si>'),
  ),
);
const strings = fc.array(joined(item, blank), { maxLength: 12 }).map((items) => items.join(''));

test('odd shared strings come as the tokenizer tells them, or end with the same problem', () => {
  const part = fc
    .tuple(strings, some('', '', 'x:'), usually('sst', 'other'))
    .map(([inner, prefix, root]) => prefixed(`<${root}>${inner}</${root}>`, prefix));
  fc.assert(
    fc.property(damaged(part), fc.nat(), (bytes, place) => {
      sameStrings(bytes);
      sameStrings(bytes, at(place % (bytes.length + 1)));
    }),
    { numRuns: 300 },
  );
});

test('shared strings are taken by the scanner, whatever language they are in', () => {
  const bytes = Buffer.from(
    '<sst count="3"><si><t>Asha</t></si>\n<si><t xml:space="preserve"> Köln </t></si><si><t></t></si></sst>',
  );
  const taken = { words: 0 };
  assert.deepEqual(readStrings(bytes, whole, counting(taken)), { told: ['Asha', ' Köln ', ''], problem: undefined });
  assert.equal(taken.words, 3);
  for (let place = 0; place <= bytes.length; place++) sameStrings(bytes, at(place));
});
