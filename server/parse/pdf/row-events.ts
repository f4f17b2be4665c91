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
  let part = startPart();
  for (const cells of rows) {
    budget.addRows(1);
    budget.addCells(addRow(part, cells, number + part.length, cellLength));
    if (part.length < BATCH_ROWS) continue;
    yield* partEvents(part);
    number += part.length;
    part = startPart();
  }
  yield* partEvents(part);
}

/** Rows on their way into a batch. */
interface Part {
  length: number;
  readonly columns: Cell[][];
  readonly rejects: Reject[];
}

function startPart(): Part {
  return { length: 0, columns: [], rejects: [] };
}

/** Adds row `number` of the table. Gives how many of its cells hold something. */
function addRow(part: Part, cells: readonly Cell[], number: number, cellLength: number): number {
  const { columns, rejects } = part;
  if (part.length++ === 0) for (const _ of cells) columns.push([]);
  let held = 0;
  for (let column = 0; column < columns.length; column++) {
    const cell = cells[column]!;
    if (cell !== null) held++;
    const tooLarge = cell !== null && cell.length > cellLength;
    if (tooLarge) rejects.push(largeCell(number, column, cell, cellLength));
    columns[column]!.push(tooLarge ? null : cell);
  }
  return held;
}

function* partEvents({ length, columns, rejects }: Part): Generator<ReadEvent> {
  if (length > 0) yield { type: 'batch', batch: { length, columns } };
  for (const reject of rejects) yield { type: 'reject', reject };
}

/** The reject of a cell that is longer than `cellLength` and was left empty. `column` counts from 0, `row` from 1. */
export function largeCell(row: number, column: number, text: string, cellLength: number): Reject {
  const detail = `The cell in row ${row}, column ${column + 1}, has more than ${cellLength} characters and was left empty. Raise MAX_CELL_LENGTH.`;
  return { row, column, code: 'cell_too_large', detail, raw: text.slice(0, MAX_RAW).toWellFormed() };
}
