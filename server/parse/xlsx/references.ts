const ZERO = 0x30;
const NINE = 0x39;
const LETTER_A = 0x41;
const LOWER_CASE = 0x20;
const MAX_DIGITS = 10;

/** Columns that a sheet can have (ECMA-376 and every spreadsheet program). */
export const MAX_COLUMNS = 16_384;
/** Rows that a sheet can have. */
export const MAX_ROWS = 1_048_576;

/** The whole number that the ASCII bytes spell, or -1 when they are none of up to ten digits. */
export function wholeNumber(bytes: Uint8Array, start: number, end: number): number {
  if (start === end || end - start > MAX_DIGITS) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** The column, from 0, of a cell reference (`B7` is 1), or -1 when the bytes are no reference of a sheet's cell. */
export function columnOf(bytes: Uint8Array, start: number, end: number): number {
  let column = 0;
  let at = start;
  for (; at < end; at++) {
    const letter = (bytes[at]! & ~LOWER_CASE) - LETTER_A;
    if (letter < 0 || letter > 25) break;
    column = column * 26 + letter + 1;
    if (column > MAX_COLUMNS) return -1;
  }
  if (at === start || at === end) return -1;
  for (; at < end; at++) if (bytes[at]! < ZERO || bytes[at]! > NINE) return -1;
  return column - 1;
}

/** The letters of a column counted from 0: 0 is `A`, 27 is `AB`. */
export function columnLetters(column: number): string {
  const letter = String.fromCharCode(LETTER_A + (column % 26));
  return column < 26 ? letter : columnLetters(Math.floor(column / 26) - 1) + letter;
}

/** The first and last column, from 0, of a range (`B2:D9`), a single cell included; `undefined` when it is none. */
export function columnsOfRange(range: string): Extent | undefined {
  const [from = '', to = from] = range.split(':');
  const first = columnOf(Buffer.from(from), 0, from.length);
  const last = columnOf(Buffer.from(to), 0, to.length);
  return first < 0 || last < first ? undefined : { first, last };
}

/** The cells of a range (`B2:D9`), a single cell included; `undefined` when it is none. */
export function rangeOf(range: string): Range | undefined {
  const columns = columnsOfRange(range);
  const [from = '', to = from] = range.split(':');
  const [top, bottom] = [from, to].map((reference) => Number(/\d*$/.exec(reference)![0])) as [number, number];
  if (!columns || top < 1 || bottom < top || bottom > MAX_ROWS) return undefined;
  return { ...columns, top, bottom };
}

/** A rectangle of cells: columns from 0, rows from 1, both ends included. */
export interface Range extends Extent {
  readonly top: number;
  readonly bottom: number;
}

/** A run of a sheet's columns, from 0, both ends included. */
export interface Extent {
  readonly first: number;
  readonly last: number;
}
