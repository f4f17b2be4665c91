import { BATCH_ROWS } from '../../core/batch.ts';
import type { Budget } from '../budget.ts';
import type { ReadEvent, ReadOptions } from '../format.ts';
import { cellTooLarge } from '../xlsx/cell-too-large.ts';
import { corrupt } from '../xlsx/corrupt.ts';
import type { DateSystem } from '../xlsx/dates.ts';
import type { Extent } from '../xlsx/references.ts';
import { createTable } from '../xlsx/table.ts';
import { createCellText } from './cell-text.ts';
import type { LibrarySheet } from './library.ts';

/** One sheet and what was found out about it before the library read it. */
export interface CountedSheet {
  readonly name: string;
  readonly hidden: boolean;
  /** Cells that must be there. */
  readonly cells: number;
  readonly extent: Extent;
}

/**
 * The events of one sheet, its rows let go as they are told: a table as the XLSX reader makes it of the same sheet.
 * @throws Problem `workbook_corrupt` when the library's cells are not as many as the sheet has; `cell_too_large`;
 * as `createTable` and `Budget`.
 */
export function* sheetEvents(
  sheet: CountedSheet,
  rows: LibrarySheet,
  dateSystem: DateSystem,
  options: ReadOptions,
  budget: Budget,
): Generator<ReadEvent> {
  const { name, hidden, extent } = sheet;
  const dialect = { hidden, dateSystem };
  const { cellLength } = options.limits;
  const table = createTable({ name, dialect, options, budget });
  const cellText = createCellText(dateSystem);
  let cells = 0;

  function addRow(index: number): void {
    table.startRow(index + 1);
    rows[index]!.forEach((cell, column) => {
      const { text, raw, isText } = cellText(cell);
      if (text.length > cellLength) throw tooLarge(index);
      table.put(column, text, raw, isText);
      cells++;
    });
    table.endRow();
    rows[index] = undefined;
  }

  function tooLarge(index: number) {
    return cellTooLarge(`Row ${index + 1} of the sheet ${JSON.stringify(name)}`, cellLength);
  }

  for (let index = 0; index < rows.length; index++) {
    if (rows[index]) addRow(index);
    if (table.waiting) table.start(extent);
    if (index % BATCH_ROWS === 0) yield* table.take();
  }
  if (cells !== sheet.cells)
    throw corrupt(`the sheet ${JSON.stringify(name)} holds ${sheet.cells} cells, and ${cells} could be read`);
  table.end();
  yield* table.take();
}
