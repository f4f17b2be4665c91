import { BATCH_ROWS, type Batch, type Cell } from '../core/batch.ts';
import { Problem } from '../core/problem.ts';
import { cellText } from './csv-scanner.ts';
import type { ReadLimits } from './format.ts';

/** Collects rows of one table into batches, and counts them against the limits. */
export interface BatchBuilder {
  /** How many more rows the batch takes. */
  room(): number;
  /**
   * Adds `count` rows that have a cell in every column: the first cell of each is number `starts[i]` of `cells`, whose
   * units lie in `text`. No more than there is room for.
   * @throws Problem `too_many_rows`, `too_many_cells`.
   */
  add(text: string, cells: Int32Array, starts: Int32Array, count: number): void;
  /** Adds one row; cells that it does not have become `null`. @throws Problem as `add`. */
  addShort(row: readonly Cell[]): void;
  /** The rows so far, if there are any; the builder is empty then. */
  take(): Batch | null;
}

/** A builder for a table of `columnCount` columns. */
export function createBatchBuilder(columnCount: number, limits: ReadLimits): BatchBuilder {
  let columns = emptyColumns(columnCount);
  let length = 0;
  let rows = 0;
  let filled = 0;

  function count(newRows: number, newFilled: number): void {
    length += newRows;
    rows += newRows;
    filled += newFilled;
    if (rows > limits.rows) throw new Problem('too_many_rows', tooMany('rows', limits.rows));
    if (filled > limits.cells) throw new Problem('too_many_cells', tooMany('filled cells', limits.cells));
  }
  return {
    room: () => BATCH_ROWS - length,
    add(text, cells, starts, added) {
      let nulls = 0;
      for (let c = 0; c < columnCount; c++) nulls += appendColumn(columns[c]!, text, cells, starts, added, c);
      count(added, added * columnCount - nulls);
    },
    addShort(row) {
      for (let c = 0; c < columnCount; c++) columns[c]!.push(row[c] ?? null);
      count(1, row.filter((cell) => cell !== null).length);
    },
    take() {
      if (length === 0) return null;
      const batch = { length, columns };
      columns = emptyColumns(columnCount);
      length = 0;
      return batch;
    },
  };
}

function emptyColumns(count: number): Cell[][] {
  return Array.from({ length: count }, () => []);
}

/** The rows' cells of column `column`, appended to `target`; how many of them are `null`. */
function appendColumn(
  target: Cell[],
  text: string,
  cells: Int32Array,
  starts: Int32Array,
  count: number,
  column: number,
): number {
  let nulls = 0;
  for (let i = 0; i < count; i++) {
    const cell = cellText(text, cells, 2 * (starts[i]! + column));
    if (cell === null) nulls++;
    target.push(cell);
  }
  return nulls;
}

function tooMany(what: string, limit: number): string {
  return `The file has more than ${limit} ${what}. Split it into several files, or raise the limit.`;
}
