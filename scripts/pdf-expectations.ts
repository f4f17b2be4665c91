import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parse } from 'csv-parse/sync';

/** The cells of a table, row by row; `null` for one that is not there. */
export type Grid = readonly (readonly (string | null)[])[];

/** What somebody else says stands in a PDF. */
export interface Expectation {
  readonly pdf: string;
  readonly tables: readonly Grid[];
  /** Whether these are all tables of the document; otherwise they are those of one of its pages, or some of that. */
  readonly isWhole: boolean;
}

/**
 * The expectations below a folder, which may be of three kinds:
 * ICDAR 2013 (`*-str.xml` beside each PDF), tabula-java (`csv/NAME.csv` for `NAME.pdf`), and camelot (`tests/data.py` and
 * the tests beside it, those whose options change no text; python3 reads the data).
 */
export function readExpectations(folder: string): Expectation[] {
  const found = (pattern: string) => globSync(pattern, { cwd: folder }).sort();
  return [
    ...found('**/*-str.xml').map((path) => icdarExpectation(join(folder, path))),
    ...found('**/csv/*.csv').map((path) => tabulaExpectation(join(folder, path))),
    ...found('**/tests/data.py').flatMap((path) => camelotExpectations(dirname(join(folder, path)))),
  ].filter(({ pdf }) => existsSync(pdf) || void console.log(`left out: ${basename(pdf)} is not there`));
}

function icdarExpectation(path: string): Expectation {
  const xml = readFileSync(path, 'utf8');
  const tables = xml
    .split('<table ')
    .slice(1)
    .flatMap((table) => table.split('<region ').slice(1).map(icdarGrid));
  return { pdf: path.replace('-str.xml', '.pdf'), tables, isWhole: true };
}

function icdarGrid(region: string): Grid {
  const grid: (string | null)[][] = [];
  let width = 0;
  for (const [, attributes = '', body = ''] of region.matchAll(/<cell ([^>]*)>([\s\S]*?)<\/cell>/g)) {
    const number = (name: string) => Number(new RegExp(`${name}=["'](\\d+)`).exec(attributes)?.[1] ?? 0);
    const [row, column] = [number('start-row'), number('start-col')];
    width = Math.max(width, column + 1);
    while (grid.length <= row) grid.push([]);
    grid[row]![column] = unescapeXml(/<content>([\s\S]*?)<\/content>/.exec(body)?.[1] ?? '');
  }
  return grid.map((cells) => Array.from({ length: width }, (_, column) => cells[column] ?? null));
}

function unescapeXml(text: string): string {
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replace(/&(\w+);/g, (all, name) => named[name] ?? all);
}

function tabulaExpectation(path: string): Expectation {
  const rows: string[][] = parse(readFileSync(path), { relax_column_count: true });
  const width = Math.max(...rows.map((row) => row.length));
  const grid = rows.map((row) => Array.from({ length: width }, (_, column) => row[column] ?? null));
  const pdf = join(dirname(path), '..', basename(path, '.csv').concat('.pdf'));
  return { pdf, tables: [grid], isWhole: false };
}

/** Options of camelot by which the expectation is no longer what stands in the file. */
const CHANGES_TEXT = /\b(?:copy_text|shift_text|strip_text|flag_size)=/;

function camelotExpectations(folder: string): Expectation[] {
  const script = `import json, runpy; d = runpy.run_path('${folder}/data.py'); print(json.dumps({k: d[k] for k in d if k[:5] == 'data_'}))`;
  const { status, stdout, stderr } = spawnSync('python3', ['-c', script], { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(stderr);
  const data: Record<string, Grid> = JSON.parse(stdout);
  const found = new Map<string, Expectation>();
  for (const test of ['test_lattice.py', 'test_stream.py'].flatMap((name) => testsIn(join(folder, name)))) {
    const tables = [...test.matchAll(/DataFrame\((data_\w+)\)/g)].map(([, name]) => name!);
    if (tables.length === 0 || CHANGES_TEXT.test(test)) continue;
    for (const [, name] of test.matchAll(/testdir,\s*"([^"]+)"/g)) {
      const pdf = join(folder, 'files', name!);
      found.set(`${pdf} ${tables}`, { pdf, tables: tables.map((table) => data[table]!), isWhole: false });
    }
  }
  return [...found.values()];
}

const testsIn = (path: string) => readFileSync(path, 'utf8').split('\ndef ').slice(1);
