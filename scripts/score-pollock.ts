/**
 * The scores of the CSV reader on Pollock (HPI-Information-Systems/Pollock), told nothing but the bytes and the name of
 * each file: `polluted_files/csv` against `polluted_files/clean`, weighted by `pollock_weights.json`. The measures are
 * those of its `evaluate.py` and `pollock/metrics.py`: whether the file was read, then precision, recall and F1 of the
 * header, the records and the cells, ten in all, each at most 1.
 *
 * What is measured is the file's first dataset, its header left out if the file has none. With RESULTS, a folder of
 * `…_converted.csv`, what another program read is scored instead, which shows that the measures are the published ones.
 *
 *     node scripts/score-pollock.ts FOLDER [RESULTS] [--worst]
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { Problem } from '../server/core/problem.ts';
import { csvFormat } from '../server/parse/csv.ts';
import { readTables } from '../test/helpers/read-tables.ts';

const [folder, results] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
if (folder === undefined || !existsSync(join(folder, 'polluted_files/csv'))) {
  console.log('No such folder: nothing is scored. Give a copy of HPI-Information-Systems/Pollock.');
  process.exit(folder === undefined ? 1 : 0);
}
const weights: Readonly<Record<string, number>> = JSON.parse(
  readFileSync(join(folder, 'pollock_weights.json'), 'utf8'),
);
const files = readdirSync(join(folder, 'polluted_files/csv')).filter((name) => name.endsWith('csv'));
const weightOf = (name: string) => weights[name] ?? -1;
const allWeights = files.reduce((sum, name) => sum + weightOf(name), 0);

const scores: { name: string; score: number }[] = [];
for (const name of files) {
  const clean = cellsIn(join(folder, 'polluted_files/clean', name));
  scores.push({ name, score: measure(clean, await loaded(name)).reduce((sum, one) => sum + one, 0) });
}
const simple = scores.reduce((sum, { score }) => sum + score, 0) / files.length;
const weighted = scores.reduce((sum, { name, score }) => sum + score * weightOf(name), 0) / allWeights;
console.log(`${files.length} files: simple ${simple.toFixed(3)}, weighted ${weighted.toFixed(3)} of 10`);
if (process.argv.includes('--worst')) reportWorst();

function reportWorst(): void {
  const lost = ({ name, score }: { name: string; score: number }) => (10 - score) * Math.max(weightOf(name), 1);
  for (const one of scores.sort((a, b) => lost(b) - lost(a)).slice(0, 60)) {
    console.log(one.score.toFixed(3), `weight ${weightOf(one.name).toFixed(3)}`, one.name);
  }
}

/** The rows of a file as they were read, the header first; `null` when it could not be read. */
async function loaded(name: string): Promise<string[][] | null> {
  if (results !== undefined) {
    const rows = cellsIn(join(results, `${name}_converted.csv`));
    return rows[0]?.[0] === 'Application Error' ? null : rows;
  }
  try {
    const [table] = await readTables(csvFormat, readFileSync(join(folder!, 'polluted_files/csv', name)), { name });
    const rows = table!.rows.map((row) => row.map((cell) => cell ?? ''));
    return table!.dialect.header === true ? [[...table!.columns], ...rows] : rows;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return null;
  }
}

function cellsIn(path: string): string[][] {
  return parse(readFileSync(path), {
    bom: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: false,
  });
}

/** Success, and precision, recall and F1 of header, records and cells. What they call precision others call recall. */
function measure(clean: readonly string[][], read: readonly string[][] | null): number[] {
  if (read === null) return Array(10).fill(0);
  if (clean.length === 0) return Array(10).fill(1);
  const [header = [], ...rows] = clean;
  const [readHeader = [], ...readRows] = read;
  const record = (row: readonly string[]) => row.map(normalize).join('');
  return [
    1,
    ...compare(header.map(normalize), readHeader.map(normalize)),
    ...compare(rows.map(record), readRows.map(record)),
    ...compare(clean.flat(), read.flat()),
  ];
}

/** Of two multisets: the share of `clean` and the share of `read` that they have in common, and their harmonic mean. */
function compare(clean: readonly string[], read: readonly string[]): number[] {
  if (clean.length === 0) return [1, 1, 1];
  const left = new Map<string, number>();
  for (const one of clean) left.set(one, (left.get(one) ?? 0) + 1);
  let common = 0;
  for (const one of read) {
    const count = left.get(one) ?? 0;
    if (count > 0) common++;
    left.set(one, count - 1);
  }
  if (common === 0) return [0, 0, 0];
  const [precision, recall] = [common / clean.length, common / read.length];
  return [precision, recall, (2 * precision * recall) / (precision + recall)];
}

/**
 * A cell in the spelling that counts: `normalize_cell` of Pollock's `data_types.py` for what its files hold. Dates are
 * read month first where that is possible, as `dateutil` does.
 */
function normalize(cell: string): string {
  const text = cell.trim();
  if (text === '') return cell;
  if (/^(?:true|false)$/.test(text.toLowerCase()) && /^[Tt]rue$|^[Ff]alse$/.test(cell))
    return /^t/i.test(cell) ? '1' : '0';
  if (/^[+-]?\d+(?:_\d+)*$/.test(text))
    return normalizeInteger(cell, BigInt(text.replaceAll('_', '').replace('+', '')));
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) return String(Number(text));
  const time = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text);
  if (time) return `${time[1]!.padStart(2, '0')}:${time[2]}:${time[3] ?? '00'}`;
  const date = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text);
  if (date) return normalizeDate(date.slice(1).map(Number) as [number, number, number], cell);
  const price = /^\$(\d+(?:\.\d+)?)$/.exec(text);
  return price ? `$${Number(price[1])}` : cell.toLowerCase();
}

function normalizeInteger(cell: string, value: bigint): string {
  if (value === 0n) return cell === '0' ? '0' : 'False';
  if (value === 1n) return cell === '1' ? '1' : 'True';
  return String(value);
}

function normalizeDate([first, second, year]: [number, number, number], cell: string): string {
  const [month, day] = first <= 12 ? [first, second] : [second, first];
  return month > 12 || day > 31 ? cell.toLowerCase() : `${year}-${month}-${day} 00:00:00`;
}
