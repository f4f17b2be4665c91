import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readTables } from '../../test/helpers/read-tables.ts';
import { writeXlsx } from '../../test/helpers/xlsx-writer.ts';
import { xlsxFormat } from './xlsx.ts';

const PYTHON = '/usr/bin/python3';
const present = spawnSync(PYTHON, ['-c', 'import openpyxl']).status === 0;
const skip =
  !present && process.env.CI !== 'true' ? 'openpyxl is not installed (apt-get install python3-openpyxl)' : false;

/** Values as `[kind, text]`, `null` for no cell; the first row is the header. */
type Expected = { name: string; rows: ([kind: string, text: string] | null)[][] }[];

const DUMP = `
def dump(path):
    def show(value):
        if value is None: return None
        if isinstance(value, bool): return ['text', 'TRUE' if value else 'FALSE']
        if isinstance(value, (int, float)): return ['number', repr(value)]
        if isinstance(value, datetime.datetime): return ['datetime', value.isoformat()]
        if isinstance(value, datetime.time): return ['time', value.isoformat()]
        return ['text', value]
    book = openpyxl.load_workbook(path, data_only=True)
    print(json.dumps([{'name': s.title, 'rows': [[show(v) for v in r] for r in s.iter_rows(values_only=True)]} for s in book.worksheets]))
`;

const WRITE = `
import sys, json, random, datetime, openpyxl
${DUMP}
random.seed(int(sys.argv[2]))
texts = ['a', ' padded ', 'two\\nlines', 'कमल', '😀', '<&>"', "it's", '00123', '#N/A', '#DIV/0!', 'x' * 5000]
makers = [
    lambda: None,
    lambda: random.choice(texts),
    lambda: random.randint(-10**12, 10**12),
    lambda: random.uniform(-1e6, 1e6),
    lambda: random.uniform(0, 1) * 10 ** random.randint(-20, 20),
    lambda: random.choice([True, False, 0, 0.0, 1e21, 0.1 + 0.2]),
    lambda: datetime.date(random.randint(1901, 9998), random.randint(1, 12), random.randint(1, 28)),
    lambda: datetime.datetime(random.randint(1901, 2200), 2, 28, random.randint(0, 23), random.randint(0, 59), random.randint(0, 59), random.choice([0, 500000])),
    lambda: datetime.time(random.randint(0, 23), random.randint(0, 59), random.randint(0, 59)),
]
book = openpyxl.Workbook()
book.active.title = 'first'
for sheet in [book.active, book.create_sheet('Ä & b'), book.create_sheet('__proto__')]:
    sheet.append(['column %s' % c for c in 'abcdefgh'])
    for _ in range(200): sheet.append([random.choice(makers)() for _ in range(8)])
book.save(sys.argv[1])
dump(sys.argv[1])
`;

const READ = `
import sys, json, datetime, openpyxl
${DUMP}
dump(sys.argv[1])
`;

function python(program: string, ...args: string[]): Expected {
  const run = spawnSync(PYTHON, ['-c', program, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
  assert.equal(run.status, 0, run.stderr);
  return JSON.parse(run.stdout) as Expected;
}

async function inFolder(work: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'intakt-xlsx-'));
  try {
    await work(join(folder, 'book.xlsx'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function agrees(cell: string | null, expected: [string, string] | null): boolean {
  if (cell === null || expected === null) return cell === expected;
  const [kind, text] = expected;
  if (kind === 'number') return Number(cell) === Number(text) && !/e/i.test(cell);
  if (kind === 'text') return cell === text;
  const exact = text.replace(/(\.\d*?)0+$/, '$1');
  return cell === exact || `${cell}T00:00:00` === exact;
}

async function compare(bytes: Buffer, expected: Expected): Promise<void> {
  const tables = await readTables(xlsxFormat, bytes);
  assert.deepEqual(
    tables.map(({ name }) => name),
    expected.map(({ name }) => name),
  );
  for (const [index, table] of tables.entries()) {
    const [header, ...rows] = expected[index]!.rows;
    assert.deepEqual(
      table.columns,
      header!.map((cell) => cell?.[1]),
    );
    const filled = rows.filter((row) => row.some((cell) => cell !== null));
    assert.equal(table.rows.length, filled.length);
    for (const [at, row] of table.rows.entries()) {
      for (const [column, cell] of row.entries()) {
        assert.ok(
          agrees(cell, filled[at]![column]!),
          `${table.name} ${at} ${column}: ${cell} is not ${filled[at]![column]}`,
        );
      }
    }
  }
}

test('what openpyxl writes is read as openpyxl reads it', { skip }, async () => {
  for (const seed of [1, 2, 3]) {
    await inFolder(async (path) => {
      const expected = python(WRITE, path, String(seed));
      await compare(await readFile(path), expected);
    });
  }
});

test('rich texts, formulas and unordered cells are read as openpyxl reads them', { skip }, async () => {
  const sharedStrings =
    '<si><t>h</t></si><si><r><t>ri</t></r><r><rPr><b/></rPr><t xml:space="preserve">ch </t></r></si>';
  const cells = [
    '<c r="B2"><f>1-1</f><v>0</v></c><c r="A2" t="s"><v>1</v></c>',
    '<c r="A3" t="b"><f>1=2</f><v>0</v></c><c r="B3" s="2"><v>44927.5</v></c>',
    '<c r="A4" t="str"><f>"x"</f><v>x</v></c><c r="B4" t="e"><v>#REF!</v></c>',
    '<c r="A5" t="inlineStr"><is><t>in</t></is></c><c r="B5"><v>1E3</v></c>',
  ];
  const rows = `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>i</t></is></c></row>${cells.map((row, index) => `<row r="${index + 2}">${row}</row>`).join('')}`;
  const styles =
    '<fonts><font/></fonts><fills><fill><patternFill/></fill></fills><borders><border/></borders><cellStyleXfs><xf/></cellStyleXfs><cellXfs><xf/><xf/><xf numFmtId="22"/></cellXfs>';
  await inFolder(async (path) => {
    const bytes = writeXlsx({ sheets: [{ rows }], sharedStrings, styles });
    await writeFile(path, bytes);
    await compare(bytes, python(READ, path));
  });
});
