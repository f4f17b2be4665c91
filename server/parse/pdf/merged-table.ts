import { BATCH_ROWS, type Batch, type Cell, type Reject } from '../../core/batch.ts';
import { Problem } from '../../core/problem.ts';
import { uniqueNames } from '../column-names.ts';
import type { ReadEvent, ReadOptions } from '../format.ts';
import { hasHeader } from '../header.ts';
import type { Budget } from '../xlsx/budget.ts';
import { TABLE_CELLS } from './caps.ts';
import { continues, sameCells } from './continues.ts';
import type { FoundTable } from './found-table.ts';
import { rowsPerPage } from './rows-per-page.ts';

/** Rows that the header is judged by. */
const SAMPLE_ROWS = 100;
const LONGEST_NAME = 200;
const MAX_RAW = 64 << 10;

/**
 * A table that may go on over pages. Its first row names the columns by the same rule as in other formats; where that
 * row comes again at the top of a later page, it is left out.
 */
export interface MergedTable {
  /** Takes the table of the next page when it is the same one going on. */
  takes(table: FoundTable, page: number): boolean;
  /** The dataset. @throws Problem `too_many_columns`, `too_many_rows`, `too_many_cells`. */
  events(options: ReadOptions, budget: Budget): Generator<ReadEvent>;
}

interface Row {
  readonly page: number;
  readonly cells: readonly Cell[];
  /** Whether it repeats the first row at the top of a later page. */
  readonly repeats: boolean;
}

/** The table that starts with this one, the `number`th of its page. */
export function startTable(first: FoundTable, page: number, number: number): MergedTable {
  const rows: Row[] = first.rows.map((cells) => ({ page, cells, repeats: false }));
  const names = first.rows[0]!;
  let last = page;

  function takes(table: FoundTable, next: number): boolean {
    const full = (rows.length + table.rows.length) * first.columns.length > TABLE_CELLS;
    if (full || next !== last + 1 || !continues(first, table)) return false;
    for (const [index, cells] of table.rows.entries()) {
      rows.push({ page: next, cells, repeats: index === 0 && sameCells(cells, names) });
    }
    last = next;
    return true;
  }

  function* events(options: ReadOptions, budget: Budget): Generator<ReadEvent> {
    const pages = last === page ? `page ${page}` : `pages ${page}-${last}`;
    const name = `${pages} table ${number}`;
    refuseWidth(name, names.length, options.limits.columns);
    const sample = rows.slice(0, SAMPLE_ROWS).flatMap(({ cells, repeats }) => (repeats ? [] : [cells]));
    const header = options.header ? options.header === 'present' : areNames(names) && hasHeader(sample, false);
    const kept = header ? rows.slice(1).filter(({ repeats }) => !repeats) : rows;
    const counts = rowsPerPage(kept.map((row) => row.page));
    const dialect = { kind: first.kind, header, firstPage: page, lastPage: last, rowsPerPage: counts };
    yield { type: 'table', name, columns: uniqueNames(header ? names : names.map(() => null)), dialect };
    for (let from = 0; from < kept.length; from += BATCH_ROWS) {
      yield* batchEvents(kept.slice(from, from + BATCH_ROWS), from + (header ? 2 : 1), options, budget);
    }
  }

  return { takes, events };
}

/** Longer texts would be cut as names, and are none. */
function areNames(cells: readonly Cell[]): boolean {
  return cells.every((cell) => cell === null || cell.length <= LONGEST_NAME);
}

/** The batch of some rows, of which the first is row `number` of the table, and the rejects of cells too large. */
function* batchEvents(
  rows: readonly Row[],
  number: number,
  { limits }: ReadOptions,
  budget: Budget,
): Generator<ReadEvent> {
  const rejects: Reject[] = [];
  const columns = rows[0]!.cells.map((): Cell[] => []);
  for (const [index, { cells }] of rows.entries()) {
    budget.addRow();
    budget.addCells(cells.filter((cell) => cell !== null).length);
    for (const [column, cell] of cells.entries()) {
      const tooLarge = cell !== null && cell.length > limits.cellLength;
      if (tooLarge) rejects.push(largeCell(number + index, column, cell, limits.cellLength));
      columns[column]!.push(tooLarge ? null : cell);
    }
  }
  const batch: Batch = { length: rows.length, columns };
  yield { type: 'batch', batch };
  for (const reject of rejects) yield { type: 'reject', reject };
}

function largeCell(row: number, column: number, text: string, cellLength: number): Reject {
  const detail = `The cell in row ${row}, column ${column + 1}, has more than ${cellLength} characters and was left empty. Raise MAX_CELL_LENGTH.`;
  return { row, column, code: 'cell_too_large', detail, raw: text.slice(0, MAX_RAW).toWellFormed() };
}

function refuseWidth(name: string, columns: number, most: number): void {
  if (columns <= most) return;
  const detail = `The table "${name}" has ${columns} columns; ${most} are allowed. Split the document.`;
  throw new Problem('too_many_columns', detail);
}
