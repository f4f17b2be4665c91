import type { Cell } from '../core/batch.ts';
import { cellsOf, type Scan, type Scanner } from './csv-scanner.ts';
import type { CsvWindow } from './csv-window.ts';
import { firstLineEnd } from './line-break.ts';

/** How the cells of a file are separated, and what its rows look like at the start. */
export interface Dialect {
  /** One character, or `null` when every line is one cell. */
  readonly delimiter: string | null;
  /** The number of cells that most of the sampled rows have. */
  readonly columns: number;
  /** The first rows that are not blank. */
  readonly sample: readonly (readonly Cell[])[];
}

/** Tried in this order; the earlier one wins a tie, because a comma may be a decimal sign and a tab is never text. */
const DELIMITERS = ['\t', ';', '|', ','];
/** Rows of the sample that are kept as text. */
const SAMPLE_ROWS = 200;
/** What a first row that fits the others counts, beside their share. */
const FIRST_ROW_WEIGHT = 0.25;

/**
 * The dialect of what stands in the window: with the delimiter `given`, or else with that of tab, `;`, `|` and `,` by
 * which most rows have the same number of cells, at least two. Quotes are honoured. Without such a delimiter every line
 * is one cell. The scanner's use is changed.
 */
export function detectDialect(scanner: Scanner, window: CsvWindow, columnLimit: number, given?: string): Dialect {
  const look = (delimiter: string | null) => sampleRows(scanner, window, delimiter, columnLimit);
  if (given !== undefined) return look(given);
  const looks = DELIMITERS.map(look).filter(({ columns, score }) => columns > 1 && score >= 0.5);
  return looks.sort((a, b) => b.score - a.score)[0] ?? look(null);
}

function sampleRows(scanner: Scanner, window: CsvWindow, delimiter: string | null, limit: number) {
  scanner.use(delimiter, limit);
  const counts: number[] = [];
  const sample: Cell[][] = [];
  scanAll(scanner, window, window.isFinal, counts, sample, limit);
  // The window ends within its first row.
  if (counts.length === 0) scanAll(scanner, window, true, counts, sample, limit);
  const columns = mostFrequent(counts);
  const share = counts.filter((count) => count === columns).length / Math.max(1, counts.length);
  const score = share + (counts[0] === columns ? FIRST_ROW_WEIGHT : 0);
  return { delimiter, columns, sample, score };
}

function scanAll(
  scanner: Scanner,
  { bytes, start, end }: CsvWindow,
  isFinal: boolean,
  counts: number[],
  sample: Cell[][],
  limit: number,
): void {
  for (let at: number | null = start; at !== null; ) {
    const scan = scanner.scan(at, end, isFinal);
    collect(scan, bytes.toString('utf8', at, scan.consumed), counts, sample, limit);
    if (scan.failure) at = firstLineEnd(bytes, scan.failure.cellStart, end);
    else at = scan.full ? scan.consumed : null;
  }
}

function collect(scan: Scan, text: string, counts: number[], sample: Cell[][], limit: number): void {
  for (let row = 0, first = 0; row < scan.rowCount; row++) {
    const count = scan.rows[4 * row]!;
    const kept = Math.min(count, limit);
    if (count > 0) counts.push(count);
    if (count > 0 && sample.length < SAMPLE_ROWS) sample.push(cellsOf(scan, text, first, kept));
    first += kept;
  }
}

/** The most frequent number; among equally frequent ones that of the earliest row. */
function mostFrequent(counts: readonly number[]): number {
  const times = new Map<number, number>();
  for (const count of counts) times.set(count, (times.get(count) ?? 0) + 1);
  let best = counts[0] ?? 1;
  for (const [count, time] of times) if (time > times.get(best)!) best = count;
  return best;
}
