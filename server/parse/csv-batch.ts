import { BATCH_ROWS, type Batch, type Cell } from '../core/batch.ts';
import type { Budget } from './budget.ts';
import { cellText, type Scan } from './csv-scanner.ts';

const WIDE_COLUMNS = 256;
/** A batch of long cells ends when it holds so many UTF-16 units, or as many more as one scan adds. */
const MOST_UNITS = 4 * 1024 * 1024;

/** Collects rows of one table into batches, and counts them against the limits. */
export interface BatchBuilder {
  /** How many more rows the batch takes. */
  room(): number;
  /**
   * Adds the `count` rows from `row` on, no more than there is room for, that have a cell in every column and follow each
   * other in the cells of `scan` from number `first` on; the cells' units lie in `text`.
   * @throws Problem `too_many_rows`, `too_many_cells`.
   */
  add(text: string, scan: Scan, row: number, first: number, count: number): void;
  /** Adds one row; cells that it does not have become `null`. @throws Problem as `add`. */
  addShort(row: readonly Cell[]): void;
  /** The rows so far, if there are any; the builder is empty then. */
  take(): Batch | null;
}

/** A builder for a table of `columnCount` columns, counting in `budget`. */
export function createBatchBuilder(columnCount: number, budget: Budget): BatchBuilder {
  let columns = emptyColumns(columnCount);
  let glances = emptyGlances(columnCount);
  let length = 0;
  let units = 0;

  function count(newRows: number, newFilled: number): void {
    length += newRows;
    budget.addRows(newRows);
    budget.addCells(newFilled);
  }
  return {
    room: () => (units < MOST_UNITS ? BATCH_ROWS - length : 0),
    add(text, scan, row, first, added) {
      let nulls = 0;
      for (let c = 0; c < columnCount; c++) {
        nulls += appendColumn(columns[c]!, text, scan, 2 * (first + c), 2 * columnCount, added, length);
        appendGlances(glances[c]!, scan, first + c, columnCount, added, length);
      }
      count(added, added * columnCount - nulls);
      if (added > 0) units += unitsBehind(scan, row + added - 1) - unitsBehind(scan, row - 1);
    },
    addShort(row) {
      for (let c = 0; c < columnCount; c++) columns[c]![length] = row[c] ?? null;
      for (const cell of row) units += cell?.length ?? 0;
      count(1, row.filter((cell) => cell !== null).length);
    },
    take() {
      if (length === 0) return null;
      for (const column of columns) column.length = length;
      const batch = { length, columns, glances: glances.map((column) => column.subarray(0, length)) };
      columns = emptyColumns(columnCount);
      glances = emptyGlances(columnCount);
      length = 0;
      units = 0;
      return batch;
    },
  };
}

/** Room for all rows from the start costs a sixth less than growing, but a wide table may have few rows. */
function emptyColumns(count: number): Cell[][] {
  return Array.from({ length: count }, () => new Array<Cell>(count > WIDE_COLUMNS ? 0 : BATCH_ROWS));
}

/** The unit of the scan's text behind row `row`. */
function unitsBehind({ rows }: Scan, row: number): number {
  return row < 0 ? 0 : rows[4 * row + 2]!;
}

function emptyGlances(count: number): Uint8Array[] {
  const all = new Uint8Array(count * BATCH_ROWS);
  return Array.from({ length: count }, (_, c) => all.subarray(c * BATCH_ROWS, (c + 1) * BATCH_ROWS));
}

/** Sets `count` glances of `target` from `length` on: those at `first` and every `step` on. */
function appendGlances(
  target: Uint8Array,
  { glances }: Scan,
  first: number,
  step: number,
  count: number,
  length: number,
): void {
  for (let i = 0, at = first; i < count; i++, at += step) target[length + i] = glances[at]!;
}

/** Sets `count` cells of `target` from `length` on: those at `first` and every `step` words on. How many are `null`. */
function appendColumn(
  target: Cell[],
  text: string,
  scan: Scan,
  first: number,
  step: number,
  count: number,
  length: number,
): number {
  let nulls = 0;
  for (let i = 0, at = first; i < count; i++, at += step) {
    const cell = cellText(text, scan, at);
    if (cell === null) nulls++;
    target[length + i] = cell;
  }
  return nulls;
}
