import type { Cell } from '../core/batch.ts';
import { cellsOf, type Scan, type Scanner, type Syntax } from './csv-scanner.ts';
import type { CsvWindow } from './csv-window.ts';
import { firstLineEnd } from './line-break.ts';

/** A row near the start of a table, as it would be read. */
export interface SampleRow {
  /** How many cells it has: 0 for a blank line, -1 for one that cannot be read. */
  readonly count: number;
  /** Its cells, at most as many as columns are allowed. */
  readonly cells: readonly Cell[];
  /** Where its bytes stand in the window, its line break included. */
  readonly from: number;
  readonly to: number;
}

/** What rows are sampled from. */
export type SampledWindow = Pick<CsvWindow, 'bytes' | 'start' | 'end' | 'isFinal'>;

/** Rows of a sample: enough to tell types, few enough to be looked at several times. */
const SAMPLE_ROWS = 200;

/** The first rows in the window, at most 200, if its cells are told apart by `syntax`. The scanner's use is changed. */
export function sampleRows(scanner: Scanner, window: SampledWindow, syntax: Syntax, columnLimit: number): SampleRow[] {
  const rows: SampleRow[] = [];
  for (const { scan, from } of scanAll(scanner, window, syntax, columnLimit)) {
    const text = window.bytes.toString('utf8', from, scan.consumed);
    for (let i = 0, first = 0, at = from; i < scan.rowCount && rows.length < SAMPLE_ROWS; i++) {
      const count = scan.rows[4 * i]!;
      const kept = Math.min(count, columnLimit);
      const to = scan.rows[4 * i + 1]!;
      rows.push({ count, cells: cellsOf(scan, text, first, kept), from: at, to });
      first += kept;
      at = to;
    }
    if (rows.length === SAMPLE_ROWS) break;
    if (scan.failure) rows.push({ count: -1, cells: [], from: scan.consumed, to: behindFailure(scan, window) });
  }
  return rows;
}

/** How many cells each row in the window has, by `syntax`; see `SampleRow`. The scanner's use is changed. */
export function countCells(scanner: Scanner, window: SampledWindow, syntax: Syntax, columnLimit: number): number[] {
  const counts: number[] = [];
  for (const { scan } of scanAll(scanner, window, syntax, columnLimit)) {
    for (let i = 0; i < scan.rowCount; i++) counts.push(scan.rows[4 * i]!);
    if (scan.failure) counts.push(-1);
  }
  return counts;
}

/** The most frequent of the counts of rows that hold something; among equally frequent ones that of the earliest row. */
export function mostFrequent(counts: readonly number[]): number {
  const times = new Map<number, number>();
  for (const count of counts) if (count > 0) times.set(count, (times.get(count) ?? 0) + 1);
  let [best = 1, most = 0] = [...times][0] ?? [];
  for (const [count, time] of times) if (time > most) [best, most] = [count, time];
  return best;
}

/** Each scan of the window, with the byte at which it began. */
function* scanAll(
  scanner: Scanner,
  window: SampledWindow,
  syntax: Syntax,
  columnLimit: number,
): Generator<{ scan: Scan; from: number }> {
  scanner.use(syntax, columnLimit);
  const { start, end } = window;
  // When the window ends within its first row, that part of it has to do.
  const isFinal = window.isFinal || scanner.scan(start, end, false).consumed === start;
  for (let from = start; from < end; ) {
    const scan = scanner.scan(from, end, isFinal);
    yield { scan, from };
    if (scan.failure) from = behindFailure(scan, window);
    else if (scan.full) from = scan.consumed;
    else return;
  }
}

function behindFailure({ failure }: Scan, { bytes, end }: SampledWindow): number {
  return firstLineEnd(bytes, failure!.cellStart, end) ?? end;
}
