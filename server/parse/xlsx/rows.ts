import type { Extent } from './references.ts';

/** What a sheet's rows are told to, in the order of the file: `startRow`, a `put` for each cell that holds something, `endRow`. */
export interface RowSink {
  /** Only the columns of cells are wanted: texts come empty, and blank numbers count as cells. */
  readonly columnsOnly: boolean;
  /** The columns that the sheet itself says it has; comes before the rows or not at all, and may be wrong. */
  declare(extent: Extent): void;
  /** `number` is the sheet's, from 1; numbers may come twice, and in any order. */
  startRow(number: number): void;
  /**
   * A cell: its sheet column from 0, its text, the text as it stood in the file where that differs, and whether it is
   * a text to the spreadsheet (not a number, date, truth value or error). Columns may come twice, and in any order.
   */
  put(column: number, text: string, raw: string | null, isText: boolean): void;
  endRow(): void;
}

/** A sink that only learns which columns hold anything; `extent` is `undefined` as long as none does. */
export function createExtentSink(): RowSink & { readonly extent: Extent | undefined } {
  let first = Number.POSITIVE_INFINITY;
  let last = -1;
  return {
    columnsOnly: true,
    declare() {},
    startRow() {},
    put(column) {
      if (column < first) first = column;
      if (column > last) last = column;
    },
    endRow() {},
    get extent() {
      return last < 0 ? undefined : { first, last };
    },
  };
}
