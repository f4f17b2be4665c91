import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roomyLimits, sourceOf } from '../../../test/helpers/read-tables.ts';
import { Problem } from '../../core/problem.ts';
import { readCell } from './cells.ts';
import { createKeyTree, pathName, pathOf } from './keys.ts';
import { readRecords } from './records.ts';
import { createRowLog } from './row-log.ts';
import { readRow } from './row-reader.ts';
import { type Separation, SLOW_ROW } from './scanner.ts';
import { takeValue } from './take.ts';
import { openText, peek } from './text.ts';

const UTF8 = { label: 'utf-8', markBytes: 0 };
const WINDOWS = [1, 2, 3, 5, 7, 11, 16, 17, 33, 64, 200, 4096];

/** What is in a text of rows, one line each: a row's number and cells, or a reject; at the end what went wrong. */
async function outline(rows: string, separation: Separation, windowBytes: number): Promise<string[]> {
  const text = openText(sourceOf(Buffer.from(rows)), UTF8, roomyLimits, windowBytes);
  text.scanner.startTable(separation);
  const tree = createKeyTree(roomyLimits.columns, text.scanner);
  const lines: string[] = [];
  try {
    for await (const records of readRecords(text, separation)) {
      if (records.type === 'reject') lines.push(JSON.stringify(records.reject));
      else lines.push(...outlineRows(records, tree));
    }
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    lines.push(error.message);
  }
  return lines;
}

type Rows = Extract<Awaited<ReturnType<ReturnType<typeof readRecords>['next']>>['value'], { type: 'rows' }>;

/** Reads each row slowly, and asserts that the scanner found the same cells if it found them all. */
function outlineRows({ scan, bytes, from, number }: Rows, tree: ReturnType<typeof createKeyTree>): string[] {
  const text = bytes.toString('utf8', from, scan.consumed);
  return Array.from({ length: scan.rowCount }, (_, i) => {
    const [last = 0, start, end, , marks = 0, place = 0] = scan.rows.subarray(6 * i, 6 * i + 6);
    const first = i === 0 ? 0 : scan.rows[6 * i - 6]!;
    const slow = readRow(bytes.toString('utf8', start, end), tree).cells();
    if ((marks & SLOW_ROW) === 0) {
      const filled = slow.filter((cell) => cell.text !== null);
      const scanned = Array.from({ length: last - first }, (_, c) => {
        const [at, from, to, kind] = scan.cells.subarray(4 * (first + c), 4 * (first + c) + 4);
        return { at: at!, ...readCell(kind!, text.slice(from, to)) };
      });
      const numbered = filled.map(({ at, ...cell }) => ({ at: typeof at === 'number' ? at : at.number!, ...cell }));
      assert.deepEqual(scanned, numbered);
    }
    const cells = slow.map(({ at, text: cell }) => [typeof at === 'number' ? at : pathName(pathOf(at)), cell]);
    return `${number + place}: ${JSON.stringify(cells)}`;
  });
}

const OBJECTS = [
  '{"a":1,"é":"x","long key of more than sixteen bytes":"अ 😀 and a long text behind it"}',
  '{"é":"\\u0905\\"","a":[1, {"b":[]} , "]"],"o":{"p":{"q":null,"r":-1.5e+3},"e":{ }}}',
  'null',
  '{"a":"é😀é","é":true,"o":{"p":{"q":false,"r":0}},"n":-0}',
  '{ "a" :\t"x\\\\" , "a":2,"\\u0061":3}',
  '{}',
  '{"long key of more than sixteen bytez":"ü","a":""}',
];
const ARRAYS = ['["é","a\\n",1]', '[ ]', '[[1],{"a":2},null,"😀"]', 'null', '[1e5,true,"x"]'];
const SCALARS = ['"é"', '12', 'null', '"😀\\u00e9"', '-1.5e3', 'false'];

/** The texts in which `rows` may come, with how they are separated, and what is wrong at their ends. */
function texts(rows: readonly string[]): [text: string, separation: Separation][] {
  return [
    [`${rows.join(' ,\n')} ]`, 'array'],
    [`${rows.join(',')},]`, 'array'],
    [`${rows.join(',')}`, 'array'],
    [`${rows.join('\n\n')}\n`, 'lines'],
    [`${rows.join('\r\n')}\r\n{"a":\n[1]]\n"x"\n7\n${rows.join('\n')}`, 'lines'],
    [`\x1e${rows.join('\n\x1e\x1e')}\n`, 'sequence'],
    [`\x1e${rows.join('\n\x1e')}\n\x1e{"a":\x1e7\x1e[\n\x1e${rows.join('\n\x1e')}\n`, 'sequence'],
    [rows.join(' '), 'concatenated'],
    [`${rows.join(' ')} {"a":1]`, 'concatenated'],
  ];
}

for (const [kind, rows] of Object.entries({ objects: OBJECTS, arrays: ARRAYS, scalars: SCALARS })) {
  test(`rows of ${kind} are the same whatever is looked at together, and as a slow reader finds them`, async () => {
    for (const [text, separation] of texts(rows)) {
      const expected = await outline(text, separation, 65_536);
      assert.ok(expected.length > rows.length - 1);
      for (const size of WINDOWS) assert.deepEqual(await outline(text, separation, size), expected, `${size}: ${text}`);
    }
  });
}

test('a value is skipped to its end, or refused at its fault, whatever is looked at together', async () => {
  const outcome = async (json: string, windowBytes: number) => {
    const text = openText(sourceOf(Buffer.from(json)), UTF8, roomyLimits, windowBytes);
    await peek(text);
    try {
      const { bytes } = await takeValue(text);
      return [bytes.toString(), text.offset(text.window.start)];
    } catch (error) {
      return [(error as Problem).message];
    }
  };
  const values = [...OBJECTS, ...ARRAYS, ...SCALARS, `[${OBJECTS.join(' , ')}]`];
  const broken = values.flatMap((value) => [value.slice(0, -1), value.replace(':', ''), value.replace('"', "'")]);
  for (const json of [
    ...values,
    ...broken,
    '01',
    '1.',
    '1e',
    '-',
    '"\\u00',
    '"\\u00g0"',
    'nul',
    'nulx',
    '"\x01"',
    '[1,',
  ]) {
    const expected = await outcome(`${json} `, 65_536);
    for (const size of WINDOWS) assert.deepEqual(await outcome(`${json} `, size), expected, `${size}: ${json}`);
  }
  assert.equal((await outcome('[1, 2] 3', 1))[1], 6);
});

test('a key that comes again voids what it held, at any depth', () => {
  const tree = createKeyTree(10, null);
  const [a, b] = [tree.child(tree.root, 'a'), tree.child(tree.root, 'b')];
  const inner = tree.child(a, 'b');
  const log = createRowLog();
  const put = (key: typeof a, text: string) => {
    log.enter(key);
    log.put({ at: key, text, raw: null });
    log.leave();
  };
  log.enter(a);
  put(inner, '1');
  put(inner, '2');
  log.leave();
  put(b, '3');
  put(a, '4');
  assert.deepEqual(
    [log.cells(), log.dropped].map((cells) => cells.map(({ text }) => text)),
    [
      ['3', '4'],
      ['1', '2'],
    ],
  );
  assert.equal(log.repeated, inner);
});
