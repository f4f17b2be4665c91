/**
 * Reads workbooks that others made and compares them, cell by cell, with the CSV files that Excel wrote of them.
 *
 *     node scripts/score-workbooks.ts TEST_FILES SPREADSHEETS [name]
 *
 * TEST_FILES is a checkout of SheetJS/test_files, SPREADSHEETS the folder test-data/spreadsheet of one of apache/poi.
 * A set of CSV files stands in `2011/`: `STEM.N.csv` for the sheet on line N + 1 of `STEM.sheetnames`, written by Excel
 * 2011 in its code page. Their books are TEST_FILES/STEM, SPREADSHEETS/STEM without `apachepoi_`, and `2013/STEM.xlsb`,
 * which Excel 2013 made of it. What "the same" is says `agreement`; cells that Excel shows as `####` do not count.
 * Rows are compared in order, those without anything to be seen left out on both sides. With `name` only books whose path
 * holds it are read, and every difference is shown.
 *
 * Excel computes formulas anew when it opens a book (`TODAY()`, functions that it does not know), so a difference is told
 * apart as `formula` if what was read is a stored result of one of the sheet's formulas by SheetJS's reader too.
 *
 * Then every book of both folders is read, a hundred in a process: none may crash, take 30 seconds or 512 MB.
 */
import { spawn } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { type CellObject, read } from '@e965/xlsx';
import type { Cell } from '../server/core/batch.ts';
import { toProblem } from '../server/core/problem.ts';
import type { Format } from '../server/parse/format.ts';
import { odsFormat } from '../server/parse/ods.ts';
import { xlsFormat } from '../server/parse/xls.ts';
import { xlsbFormat } from '../server/parse/xlsb.ts';
import { xlsxFormat } from '../server/parse/xlsx.ts';
import { readTables } from '../test/helpers/read-tables.ts';
import { type Agreement, agreement } from './shown-value.ts';

const [testFiles = '', spreadsheets = '', only = ''] = process.argv.slice(2);
const SECONDS = 30;
const BOOKS_A_PROCESS = 100;
const MEGABYTES = 512;
/** Rows that are passed over in one sheet at most. */
const MOST_PASSED = 40;
/** Columns before the first cell that a CSV file may leave out. */
const MOST_OFFSETS = 8;

const formats: Record<string, Format> = { xlsx: xlsxFormat, xlsm: xlsxFormat, xltx: xlsxFormat, xltm: xlsxFormat };
Object.assign(formats, { xlsb: xlsbFormat, xls: xlsFormat, ods: odsFormat });
const formatOf = (path: string): Format | undefined => formats[path.split('.').at(-1)!.toLowerCase()];

interface Sum extends Record<Agreement | 'formula', number> {
  books: number;
  refused: number;
  sheets: number;
  missing: number;
}

if (testFiles === '--read') await readBooks(process.argv.slice(3));
else {
  await compareAll();
  if (!only) await runAll();
}

/** Reads each book and tells what became of it, and the peak of resident memory so far in MB. */
async function readBooks(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const outcome = await readTables(formatOf(path)!, readFileSync(path)).then(
      () => 'read',
      (error) => toProblem(error).code,
    );
    console.log(`${outcome} ${Math.round(process.resourceUsage().maxRSS / 1024)}`);
  }
}

async function compareAll(): Promise<void> {
  const sums: Record<string, Sum> = {};
  for (const names of globSync('2011/*.sheetnames', { cwd: testFiles }).sort()) {
    const stem = basename(names, '.sheetnames');
    const books = [
      join(testFiles, stem),
      join(spreadsheets, stem.replace(/^apachepoi_/, '')),
      join(testFiles, '2013', `${stem}.xlsb`),
    ];
    for (const path of new Set(books)) {
      const format = formatOf(path);
      if (!format || !existsSync(path) || !path.includes(only)) continue;
      const ending = path.split('.').at(-1)!.toLowerCase();
      sums[ending] ??= {
        books: 0,
        refused: 0,
        sheets: 0,
        missing: 0,
        text: 0,
        number: 0,
        date: 0,
        formula: 0,
        no: 0,
      };
      await compareBook(path, format, join(testFiles, '2011', stem), sums[ending]);
    }
  }
  for (const [ending, { books, refused, sheets, missing, text, number, date, formula, no }] of Object.entries(sums)) {
    const all = text + number + date + no;
    const share = ((100 * (all - no)) / all).toFixed(3);
    console.log(
      `.${ending}: ${books} books (${refused} refused), ${sheets} sheets (${missing} missing), ${all} cells: ${share} % equal (${text} as text, ${number} as numbers, ${date} as dates), ${no} not; ${formula} of formulas besides`,
    );
  }
}

async function compareBook(path: string, format: Format, stem: string, sum: Sum): Promise<void> {
  const sheets = readFileSync(`${stem}.sheetnames`, 'utf8').split(/\r?\n/);
  sum.books++;
  const options = { header: 'absent', skipLines: 0 } as const;
  const tables = await readTables(format, readFileSync(path), options).catch((error) => {
    sum.refused++;
    console.log(`${path}: ${toProblem(error).message}`);
    return null;
  });
  if (!tables) return;
  for (const [index, name] of sheets.entries()) {
    if (!existsSync(`${stem}.${index}.csv`)) continue;
    const shown = readShown(`${stem}.${index}.csv`);
    if (shown.length === 0) continue;
    sum.sheets++;
    const table = tables.find((one) => one.name === name);
    if (tables.some(({ dialect }) => dialect.sheet === name)) continue;
    if (!table) {
      sum.missing++;
      console.log(`${path}: the sheet ${name} is missing`);
      continue;
    }
    const { firstColumn } = table.dialect;
    const rows = table.rows.map((cells, row) =>
      cells.map((cell, column): Pair => [cell, table.raws[row]?.[column] ?? null]),
    );
    compareRows(`${path} ${name}`, rows, columnNumber(String(firstColumn)), shown, sum, () => resultsOf(path, name));
  }
}

type Pair = readonly [cell: Cell, raw: Cell];

function columnNumber(letters: string): number {
  return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}

/**
 * The rows of a CSV file with something to be seen, in Windows-1252 if it is no UTF-8. Excel for the Mac does not quote
 * the commas of some numbers: rows that therefore have more cells than others are `null`.
 */
function readShown(path: string): (string[] | null)[] {
  const bytes = readFileSync(path);
  const isUtf8 = Buffer.from(bytes.toString('utf8')).equals(bytes);
  const rows = cellsOf(new TextDecoder(isUtf8 ? 'utf-8' : 'windows-1252').decode(bytes));
  const width = Math.min(...rows.map((cells) => cells.length));
  return rows
    .filter((cells) => cells.some((cell) => cell.trim() !== ''))
    .map((cells) => (cells.length === width ? cells : null));
}

/** RFC 4180, so that the reader is not measured by another of its own. */
function cellsOf(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, bare, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|\r|$)/g)) {
    rows.at(-1)!.push(quoted === undefined ? bare! : quoted.replaceAll('""', '"'));
    if (end !== ',') rows.push([]);
  }
  return rows.filter((cells) => cells.length > 1 || cells[0]);
}

function compareRows(
  what: string,
  ours: Pair[][],
  first: number,
  shown: (string[] | null)[],
  sum: Sum,
  formulaResults: () => Set<string>,
): void {
  const rows = ours.filter((row) => row.some(([cell]) => (cell ?? '').trim() !== ''));
  // The file may begin at the first column that is used, which may be one that only has a format.
  const tries = [first, ...Array.from({ length: Math.min(first, MOST_OFFSETS) }, (_, column) => column)];
  const found = tries.map((offset) => compareAt(rows, offset, shown));
  const best = found.reduce((a, b) => (b.wrong < a.wrong ? b : a));
  const results = best.wrong > 0 ? formulaResults() : new Set<string>();
  for (const { agreed, ...more } of best.cells) {
    const value = more.read;
    const isFormula = agreed === 'no' && value !== undefined && results.has(keyOf(value[1] ?? value[0] ?? ''));
    sum[isFormula ? 'formula' : agreed]++;
    if (agreed === 'no' && !isFormula && only) console.log(what, more);
  }
}

/** The stored results of a sheet's formulas, as SheetJS reads them. */
function resultsOf(path: string, sheet: string): Set<string> {
  const book = read(readFileSync(path), { dense: true, cellFormula: true });
  const rows: CellObject[][] = book.Sheets[sheet]?.['!data'] ?? [];
  return new Set(
    rows
      .flat()
      .flatMap((cell) => (cell?.f === undefined ? [] : [keyOf(String(cell.w ?? cell.v)), keyOf(String(cell.v))])),
  );
}

/** Texts as they are, numbers however they are written. */
function keyOf(text: string): string {
  return text.trim() !== '' && Number.isFinite(Number(text)) ? String(Number(text)) : text.toUpperCase();
}

interface ComparedCell {
  readonly agreed: Agreement;
  readonly row: number;
  readonly shown: string;
  readonly read: Pair | undefined;
}

function compareAt(
  rows: Pair[][],
  first: number,
  shown: (string[] | null)[],
): { wrong: number; cells: ComparedCell[] } {
  const compare = (at: number, index: number): ComparedCell[] =>
    (shown[index] ?? []).flatMap((text, column) => {
      if (text.trim() === '' || /^#+$/.test(text.trim())) return [];
      const read = rows[at]?.[column - first];
      return [{ agreed: agreement(read?.[0] ?? null, read?.[1] ?? null, text), row: at, shown: text, read }];
    });
  const wrong = (cells: ComparedCell[]) => cells.filter(({ agreed }) => agreed === 'no').length;
  const inOrder = shown.flatMap((_, index) => compare(index, index));
  if (wrong(inOrder) === 0) return { wrong: 0, cells: inOrder };
  const filled = shown.map((_, index) => compare(-1, index).length);
  const places = align(rows.length, filled, (at, index) => wrong(compare(at, index)));
  const cells = shown.flatMap((_, index) => compare(places[index]!, index));
  return { wrong: wrong(cells), cells };
}

/**
 * Which of `ours` rows is which of the `shown` ones (-1 for none), in order and with the fewest cells that differ: rows of
 * which Excel shows nothing, because of their cells' formats, are passed over; all cells of a row that is not there differ.
 */
function align(ours: number, shown: readonly number[], wrong: (at: number, index: number) => number): number[] {
  const reach = Math.min(MOST_PASSED, Math.abs(ours - shown.length) + 5);
  const width = 2 * reach + 1;
  /** By how many rows the two are apart, from `-reach` on: the least cost, and whether a shown row was taken for none. */
  let costs = Array.from({ length: width }, (_, shift) => (shift < reach ? Number.POSITIVE_INFINITY : 0));
  const steps: { from: number; missing: boolean }[][] = [];
  for (let index = 0; index < shown.length; index++) {
    let best = 0;
    const taken = costs.map((cost, shift) => {
      if (cost < costs[best]!) best = shift;
      const at = index + shift - reach;
      return { from: best, cost: at < 0 || at >= ours ? Number.POSITIVE_INFINITY : costs[best]! + wrong(at, index) };
    });
    const step = taken.map(({ from, cost }, shift) => {
      const missing = (costs[shift + 1] ?? Number.POSITIVE_INFINITY) + shown[index]!;
      return missing < cost ? { from: shift + 1, missing: true, cost: missing } : { from, missing: false, cost };
    });
    steps.push(step);
    costs = step.map(({ cost }) => cost);
  }
  const places: number[] = [];
  let shift = costs.indexOf(Math.min(...costs));
  for (let index = shown.length - 1; index >= 0; index--) {
    const { from, missing } = steps[index]![shift]!;
    places[index] = missing ? -1 : index + shift - reach;
    shift = from;
  }
  return places;
}

async function runAll(): Promise<void> {
  const paths = [testFiles, spreadsheets].flatMap((folder) =>
    globSync('**/*.{xlsx,xlsm,xltx,xlsb,xls,XLS,ods}', { cwd: folder }).map((path) => join(folder, path)),
  );
  const outcomes = new Map<string, number>();
  let [slowest, largest] = [0, 0];
  for (let at = 0; at < paths.length; ) {
    for (const { outcome, seconds, memory } of await runSome(paths.slice(at, at + BOOKS_A_PROCESS))) {
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      [slowest, largest] = [Math.max(slowest, seconds), Math.max(largest, memory)];
      if (outcome === 'crashed' || outcome === 'internal' || memory > MEGABYTES) {
        console.log(`${paths[at]}: ${outcome}, ${seconds.toFixed(1)} s, ${memory} MB`);
      }
      at++;
    }
  }
  console.log(`${paths.length} books: at most ${slowest.toFixed(1)} s and ${largest} MB`, Object.fromEntries(outcomes));
}

interface Run {
  readonly outcome: string;
  readonly seconds: number;
  readonly memory: number;
}

/** Reads books one after the other in a process, up to the first that it does not survive. */
async function runSome(paths: readonly string[]): Promise<Run[]> {
  const child = spawn(process.execPath, [import.meta.filename, '--read', ...paths], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const runs: Run[] = [];
  let start = performance.now();
  let end = setTimeout(() => child.kill('SIGKILL'), SECONDS * 1000);
  for await (const line of createInterface(child.stdout)) {
    const [outcome = '', memory = '0'] = line.split(' ');
    runs.push({ outcome, memory: Number(memory), seconds: (performance.now() - start) / 1000 });
    start = performance.now();
    clearTimeout(end);
    end = setTimeout(() => child.kill('SIGKILL'), SECONDS * 1000);
  }
  clearTimeout(end);
  if (runs.length < paths.length)
    runs.push({ outcome: 'crashed', memory: 0, seconds: (performance.now() - start) / 1000 });
  return runs;
}
