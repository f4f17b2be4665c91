import { BATCH_ROWS, type Batch, type Cell } from '../../core/batch.ts';
import { type ReadCell, readCell } from './cells.ts';
import { CELL_KINDS } from './scanner.ts';

/** Gathers rows into batches. */
export interface RowBuilder {
  /** Whether the batch is full, by rows or by text, and is to be taken. */
  readonly isFull: boolean;
  /**
   * Puts the cells from number `first` up to `last` of a scan into the current row; `text` is what was scanned. `false`
   * when one of them is too long: the row is empty then.
   */
  putScanned(cells: Int32Array, first: number, last: number, text: string): boolean;
  put(column: number, cell: ReadCell): void;
  /** Finishes the current row; cells that were not put are null. */
  advance(): void;
  /** The finished rows, if there are any; the builder is empty then. */
  take(): Batch | null;
}

/** Units of text after which a batch is full whatever its rows, so that long cells do not fill the memory. */
const BATCH_UNITS = 8 * 1024 * 1024;

/**
 * A builder for `columnCount` columns. `columnOf` gives the column of a scanned cell by its key's number; without it the
 * number is the column. Scanned cells of more than `cellLength` units are not taken.
 */
export function createRowBuilder(columnCount: number, columnOf: Int32Array | null, cellLength: number): RowBuilder {
  let columns = emptyColumns(columnCount);
  let raws: (Cell[] | undefined)[] | undefined;
  let length = 0;
  let units = 0;

  function put(column: number, { text, raw }: ReadCell): void {
    columns[column]![length] = text;
    units += text?.length ?? 0;
    if (raw === null) return;
    raws ??= new Array(columnCount).fill(undefined);
    raws[column] ??= new Array<Cell>(BATCH_ROWS).fill(null);
    raws[column][length] = raw;
  }

  function clear(): void {
    for (const column of columns) column[length] = null;
    for (const column of raws ?? []) if (column) column[length] = null;
  }
  return {
    get isFull() {
      return length === BATCH_ROWS || units >= BATCH_UNITS;
    },
    putScanned(cells, first, last, text) {
      for (let at = 4 * first; at < 4 * last; at += 4) {
        const start = cells[at + 1]!;
        const end = cells[at + 2]!;
        if (end - start > cellLength) {
          clear();
          return false;
        }
        const column = columnOf === null ? cells[at]! : columnOf[cells[at]!]!;
        const kind = cells[at + 3]!;
        if (kind === CELL_KINDS.text || kind === CELL_KINDS.number) {
          columns[column]![length] = text.substring(start, end);
          units += end - start;
        } else put(column, readCell(kind, text.substring(start, end)));
      }
      return true;
    },
    put,
    advance() {
      length++;
    },
    take() {
      if (length === 0) return null;
      for (const column of columns) column.length = length;
      for (const column of raws ?? []) if (column) column.length = length;
      const batch = raws ? { length, columns, raws } : { length, columns };
      columns = emptyColumns(columnCount);
      raws = undefined;
      length = 0;
      units = 0;
      return batch;
    },
  };
}

function emptyColumns(count: number): Cell[][] {
  return Array.from({ length: count }, () => new Array<Cell>(BATCH_ROWS).fill(null));
}
