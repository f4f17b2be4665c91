/** How many rows a reader puts into a batch. The last batch of a table may hold fewer, and so may one of long cells. */
export const BATCH_ROWS = 1024;

/** The text of a cell as it stood in the file; `null` where the file has no cell or an empty one without quotes. */
export type Cell = string | null;

/**
 * What a reader may tell of a cell that it has looked at byte by byte, so that what follows need not look again. It is said
 * only where it is beyond doubt: `unknown` may be any of the others too.
 */
export const GLANCES = {
  unknown: 0,
  /**
   * Words and short numbers: without `@`; digits beside each other are at most seven and stand alone, or in a run of at most
   * three with letters. Behind them is no blank, hyphen or no-break space with another digit, and before them none behind a
   * capital.
   */
  words: 1,
  /** One to fifteen ASCII digits without a leading zero, or `0`. */
  integer: 2,
  /** At most fifteen characters: digits without a leading zero, a point, and 1, 2, 4 or more digits, the last one not zero. */
  decimal: 3,
  /** `2024-02-28`: a day of the Gregorian calendar from the year 1000 on. */
  day: 4,
  /** An e-mail address as `testEmail` takes it. */
  email: 5,
  /** A phone number as `testPhone` takes it, with blanks and hyphens at most. */
  phone: 6,
} as const;

/**
 * A run of consecutive rows of one table, column by column: `columns[c][r]` is the cell of column `c` in row `r`.
 * Every column has exactly `length` cells. A batch belongs to whoever received it and is never changed by its maker.
 */
export interface Batch {
  readonly length: number;
  readonly columns: readonly (readonly Cell[])[];
  /**
   * For typed formats only: the text as it stood in the file where it differs from `columns` (a date's serial number,
   * `1E3` for `1000`). `raws[c]` is absent when nothing in that column differs; `raws[c][r]` is `null` where it does not.
   */
  readonly raws?: readonly (readonly Cell[] | undefined)[];
  /** What the cells of `columns` are at a glance, as `GLANCES` says; absent where the reader does not tell. */
  readonly glances?: readonly Uint8Array[];
}

/** A row or cell that could not be taken into the dataset, kept beside it so that nothing is lost. */
export interface Reject {
  /** Row in the file, the header counted, from 1. */
  readonly row: number;
  /** Column from 0, when one cell is at fault. */
  readonly column?: number;
  /** Stable code: `ragged_row`, `cell_too_large`, `quote_unterminated`, `invalid_text` … */
  readonly code: string;
  /** What is wrong and what to do, without any value of the row. */
  readonly detail: string;
  /** The row's text as it stood in the file, cut at 64 KiB. Stored encrypted; shown only to those who may reveal. */
  readonly raw: string;
}
