import { BATCH_ROWS, type Cell, type Reject } from '../../core/batch.ts';
import type { Budget } from '../budget.ts';
import type { ReadEvent, ReadLimits } from '../format.ts';

const MAX_RAW = 64 << 10;

/**
 * The batches of some rows, each as wide as the first, of which the first is row `number` of the table. A cell that is
 * too large is left empty and becomes a reject. @throws Problem `too_many_rows`, `too_many_cells`.
 */
export function* rowEvents(
  rows: Iterable<readonly Cell[]>,
  number: number,
  { cellLength }: ReadLimits,
  budget: Budget,
): Generator<ReadEvent> {
  let columns: Cell[][] = [];
  let rejects: Reject[] = [];
  function* batch(): Generator<ReadEvent> {
    const length = columns[0]?.length ?? 0;
    if (length > 0) yield { type: 'batch', batch: { length, columns } };
    for (const reject of rejects) yield { type: 'reject', reject };
    [columns, rejects] = [[], []];
    number += length;
  }
  for (const cells of rows) {
    budget.addRows(1);
    if (columns.length === 0) columns = cells.map(() => []);
    let held = 0;
    for (let column = 0; column < columns.length; column++) {
      const cell = cells[column]!;
      if (cell !== null) held++;
      const tooLarge = cell !== null && cell.length > cellLength;
      if (tooLarge) rejects.push(largeCell(number + columns[column]!.length, column, cell, cellLength));
      columns[column]!.push(tooLarge ? null : cell);
    }
    budget.addCells(held);
    if (columns[0]!.length === BATCH_ROWS) yield* batch();
  }
  yield* batch();
}

/** The reject of a cell that is longer than `cellLength` and was left empty. `column` counts from 0, `row` from 1. */
export function largeCell(row: number, column: number, text: string, cellLength: number): Reject {
  const detail = `The cell in row ${row}, column ${column + 1}, has more than ${cellLength} characters and was left empty. Raise MAX_CELL_LENGTH.`;
  return { row, column, code: 'cell_too_large', detail, raw: text.slice(0, MAX_RAW).toWellFormed() };
}
