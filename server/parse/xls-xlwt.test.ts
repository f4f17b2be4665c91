import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readTables } from '../../test/helpers/read-tables.ts';
import { xlsFormat } from './xls.ts';

const PYTHON = '/usr/bin/python3';
const skip =
  process.env.CI !== 'true' &&
  spawnSync(PYTHON, ['-c', 'import xlwt, xlrd']).status !== 0 &&
  'xlwt and xlrd are not installed (apt-get install python3-xlwt python3-xlrd)';

/** Writes a random book, then says what xlrd reads in it: `[kind, text]` for each cell, `null` for none. */
const WRITE = `
import sys, json, random, xlwt, xlrd
random.seed(int(sys.argv[2]))
book = xlwt.Workbook()
styles = [xlwt.easyxf(num_format_str=f) for f in ('General', '0.00', 'YYYY-MM-DD', 'D/M/YY h:mm')]
texts = ['a', ' padded ', 'two\\nlines', 'कमल', '😀', '<&>"', '00123', '#N/A', 'é' * 300, 'x' * 9000, '日本' * 5000]
for name in ('first', 'Ä & b', 'third'):
    sheet = book.add_sheet(name)
    for c in range(8): sheet.write(0, c, 'column %s' % c)
    for r in range(1, 300):
        for c in range(8):
            kind = random.randrange(6)
            if kind == 0: continue
            if kind == 1: sheet.write(r, c, random.choice(texts))
            if kind == 2: sheet.write(r, c, random.randint(-10**9, 10**9) / random.choice([1, 100, 7]), random.choice(styles[:2]))
            if kind == 3: sheet.write(r, c, random.choice([True, False]))
            if kind == 4: sheet.write(r, c, random.choice([61, 44927, 44927.5, 80000.25]), random.choice(styles[2:]))
            if kind == 5: sheet.write(r, c, 'text %d of %d' % (r, c))
book.save(sys.argv[1])
def show(cell):
    if cell.ctype in (0, 6): return None
    if cell.ctype == 1: return ['text', cell.value]
    if cell.ctype == 4: return ['text', 'TRUE' if cell.value else 'FALSE']
    return ['date' if cell.ctype == 3 else 'number', repr(cell.value)]
book = xlrd.open_workbook(sys.argv[1])
print(json.dumps([{'name': s.name, 'rows': [[show(s.cell(r, c)) for c in range(8)] for r in range(1, s.nrows)]} for s in book.sheets()]))
`;

type Expected = { name: string; rows: ([kind: string, text: string] | null)[][] }[];

test('what xlwt writes is read as xlrd reads it', { skip }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'intakt-xls-'));
  try {
    for (const seed of ['1', '2']) {
      const path = join(folder, 'book.xls');
      const run = spawnSync(PYTHON, ['-c', WRITE, path, seed], { encoding: 'utf8', maxBuffer: 1 << 28 });
      assert.equal(run.status, 0, run.stderr);
      await compare(await readFile(path), JSON.parse(run.stdout) as Expected);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

async function compare(bytes: Buffer, expected: Expected): Promise<void> {
  const tables = await readTables(xlsFormat, bytes);
  assert.deepEqual(
    tables.map(({ name }) => name),
    expected.map(({ name }) => name),
  );
  for (const [index, { rows, raws }] of tables.entries()) {
    const filled = expected[index]!.rows.filter((row) => row.some((cell) => cell !== null));
    assert.equal(rows.length, filled.length);
    filled.forEach((row, at) => {
      row.forEach((cell, column) => {
        const [text, raw] = [rows[at]![column]!, raws[at]![column]!];
        assert.ok(agrees(text, raw, cell), `row ${at} column ${column}: ${text} is not ${cell}`);
      });
    });
  }
}

function agrees(text: string | null, raw: string | null, expected: [string, string] | null): boolean {
  if (text === null || expected === null) return text === expected;
  const [kind, value] = expected;
  if (kind === 'text') return text === value;
  if (kind === 'number') return Number(text) === Number(value);
  return /^\d{4}-\d\d-\d\d/.test(text) && Number(raw) === Number(value);
}
