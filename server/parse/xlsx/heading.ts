import type { Cell } from '../../core/batch.ts';
import type { ReadOptions } from '../format.ts';
import { goesOnHeader, isNamed } from '../header.ts';

/** One of a sheet's first rows that hold anything. */
export interface HeadRow {
  /** The sheet's, from 1. */
  readonly number: number;
  /** The cells that hold something, by column. */
  readonly cells: readonly (readonly [column: number, text: string])[];
  /** It holds a number, date, truth value or error, a text of digits or an identifier: what names of columns are not. */
  readonly isData: boolean;
}

/** What the first rows of a sheet are, counted from above: `preamble`, then `header`, then rows of the table. */
export interface Heading {
  readonly preamble: number;
  readonly header: number;
}

/** The longest header that is found without being told of. */
const MOST_HEADER_ROWS = 4;

/**
 * Where the header stands in a sheet's first rows.
 *
 * A row is a title, or another line above the table, if it fills at most half as many cells as most rows do; the first
 * wider one is the header if it holds texts only. (A table of two columns needs more: texts above values of one shape.)
 * Without such lines the first row is the header, again if it holds texts only. A row directly above that has two texts
 * or more and names what the header leaves unnamed or names twice belongs to it, and so does one below as
 * `goesOnHeader` says. What the sender says comes first.
 */
export function findHeading(rows: readonly HeadRow[], told: ReadOptions): Heading {
  if (told.header === 'absent') return { preamble: linesAbove(rows, told), header: 0 };
  const top = told.skipLines === undefined ? firstOfTable(rows, told) : linesAbove(rows, told);
  if (told.header !== 'present' && told.headerRows === undefined && rows[top]?.isData !== false) {
    return { preamble: told.skipLines === undefined ? 0 : top, header: 0 };
  }
  if (told.headerRows !== undefined) return { preamble: top, header: Math.min(told.headerRows, rows.length - top) };
  const first = told.skipLines === undefined && isPartOfHeader(rows[top - 1], rows[top]!) ? top - 1 : top;
  let header = top - first + 1;
  while (header < MOST_HEADER_ROWS && goesOn(rows, first + header)) header++;
  return { preamble: first, header };
}

/**
 * The names of the columns from the rows of a header: what they say of a column, joined by blanks. A text of a row that
 * others of the header follow holds for the empty cells to its right too, as over merged cells.
 */
export function joinNames(header: readonly HeadRow[]): Map<number, string> {
  const lowest = header.at(-1);
  const columns = [...new Set(header.flatMap(({ cells }) => cells.map(([column]) => column)))].sort((a, b) => a - b);
  const names = new Map(columns.map((column): [number, string[]] => [column, []]));
  for (const row of header) {
    const own = new Map(row.cells);
    let group: string | undefined;
    for (const [column, parts] of names) {
      group = own.get(column) ?? (row === lowest ? undefined : group);
      const isNew = parts.length > 0 || own.has(column) || lowest?.cells.some(([at]) => at === column);
      if (group !== undefined && isNew) parts.push(group);
    }
  }
  return new Map([...names].map(([column, parts]) => [column, parts.join(' ')]));
}

function linesAbove(rows: readonly HeadRow[], { skipLines = 0 }: ReadOptions): number {
  const at = rows.findIndex(({ number }) => number > skipLines);
  return at < 0 ? rows.length : at;
}

/** The index of the row at which the table begins, lines above it left out. */
function firstOfTable(rows: readonly HeadRow[], { headerRows }: ReadOptions): number {
  const usual = mostFrequentWidth(rows);
  // Of a header that is said to have so many lines, the upper ones may fill few cells.
  const enough = headerRows ? Math.min(2, usual) : Math.floor(usual / 2) + 1;
  const top = rows.findIndex(({ cells }) => cells.length >= enough);
  if (top <= 0 || top === rows.length - 1 || rows[top]!.isData) return 0;
  return usual > 2 || headerRows || isNamed(textsOf(rows.slice(top))) ? top : 0;
}

/** How many cells most rows fill; of two numbers that are equally frequent the larger one. */
function mostFrequentWidth(rows: readonly HeadRow[]): number {
  const times = new Map<number, number>();
  for (const { cells } of rows) times.set(cells.length, (times.get(cells.length) ?? 0) + 1);
  return [...times].sort(([a, timesA], [b, timesB]) => timesB - timesA || b - a)[0]?.[0] ?? 0;
}

function isPartOfHeader(above: HeadRow | undefined, header: HeadRow): boolean {
  if (!above || above.cells.length < 2 || above.number !== header.number - 1) return false;
  const names = new Map(header.cells);
  const namesTwice = new Set(names.values()).size < names.size;
  return namesTwice || above.cells.some(([column]) => !names.has(column));
}

function goesOn(rows: readonly HeadRow[], at: number): boolean {
  return rows[at]?.isData === false && goesOnHeader(textsOf(rows.slice(at)));
}

/** The rows from their first to their last column, side by side. */
function textsOf(rows: readonly HeadRow[]): Cell[][] {
  const columns = rows.flatMap(({ cells }) => cells.map(([column]) => column));
  const first = columns.reduce((least, column) => Math.min(least, column), Number.POSITIVE_INFINITY);
  const last = columns.reduce((most, column) => Math.max(most, column), -1);
  return rows.map(({ cells }) => {
    const texts = new Array<Cell>(Math.max(0, last - first + 1)).fill(null);
    for (const [column, text] of cells) texts[column - first] = text;
    return texts;
  });
}
