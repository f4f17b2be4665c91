import type { Cell } from '../core/batch.ts';
import { mostFrequent, type SampleRow } from './csv-sample.ts';
import type { IsIdentifier } from './format.ts';
import { goesOnHeader, hasHeader, isNamed } from './header.ts';

/** Where a table stands in the rows that were looked at. */
export interface Layout {
  /** The row at which it begins: its header, or its first row. What stands above is no part of it. */
  readonly first: number;
  /** Lines of the header; 0 without one. */
  readonly headerRows: number;
  /** How many cells its rows have, but for ragged ones. */
  readonly cells: number;
  /** How many columns it has: more than `cells` if the header has more names. */
  readonly columns: number;
}

/** What the sender said of the layout, and what the file's name says. */
export interface ToldLayout {
  readonly header?: 'present' | 'absent' | undefined;
  readonly headerRows?: number | undefined;
  /** Whether lines above the table may be left out; not when the sender said how many there are. */
  readonly preamble: boolean;
  readonly isPlainText: boolean;
  readonly isIdentifier?: IsIdentifier | undefined;
}

/** Gives the cells of a row whose quotes are wrong if it can be read as `cells` cells, else `null`. */
export type Repair = (row: SampleRow, cells: number) => Cell[] | null;

/** The longest header that is found: more lines than a table's title, group, name and unit take. */
const MOST_HEADER_ROWS = 4;
/** Rows of `name, value` above a table, at most; and how many it takes to see that they have a header instead. */
const MOST_KEYS = 10;
const FEWEST_NAMED = 3;

/**
 * Where the table in `rows` begins, and how wide it is. The width is that of most rows of the first block between blank
 * lines in which two rows are alike. What stands above its first whole row is no part of the table: rows of another
 * width, lines that begin with `#`, and a title in a row that is otherwise empty; only the first of these where there is
 * no header, by what the sender said. A row of another width directly above
 * is the header all the same if its cells look like names; `fitNames` makes it fit.
 */
export function findLayout(sample: readonly SampleRow[], told: ToldLayout, repair: Repair): Layout {
  const block = told.preamble ? findBlock(sample, told) : { from: 0, to: sample.length };
  const cells = mostFrequent(sample.slice(block.from, block.to).map(({ count }) => count));
  const rows = repairFirst(sample, cells, repair);
  const whole = told.preamble ? firstWhole(rows, block, cells, told) : firstFilled(rows);
  const named = told.preamble && told.header !== 'absent' ? headerAbove(rows, whole, cells, told) : null;
  const first = named ?? whole;
  const after = rows.slice(first + 1).filter(({ count }) => count === cells);
  const table = namedTable(rows[first]?.cells ?? [], cells, after);
  const headerRows = countHeaderRows(table, told);
  return { first, headerRows, cells, columns: headerRows > 0 ? Math.max(cells, table[0]!.length) : cells };
}

/** The rows with those repaired that stand above the first one of `cells` cells. */
function repairFirst(rows: readonly SampleRow[], cells: number, repair: Repair): SampleRow[] {
  const whole = rows.findIndex(({ count }) => count === cells);
  return rows.map((row, index) => {
    const repaired = index < whole && row.count !== 0 ? repair(row, cells) : null;
    return repaired ? { ...row, count: cells, cells: repaired } : row;
  });
}

/**
 * The cells of a header made as many as the rows have. Of too many, empty ones go. Too few lack the last names if the
 * last cell of most rows in `below` is empty, as where each line ends with a delimiter. One that is missing otherwise is
 * the first: R does not name the column of the rows' names. More names than cells stay.
 */
export function fitNames(names: readonly Cell[], cells: number, below: readonly SampleRow[]): Cell[] {
  const surplus = names.length - cells;
  const empty = names.filter((name) => name === null || name.trim() === '').length;
  if (surplus > 0 && empty >= surplus) return withoutEmpty(names, surplus);
  if (surplus >= 0) return [...names];
  const missing = Array<null>(-surplus).fill(null);
  return lacksFirst(names, cells, below) ? [...missing, ...names] : [...names, ...missing];
}

function lacksFirst(names: readonly Cell[], cells: number, below: readonly SampleRow[]): boolean {
  const whole = below.filter(({ count }) => count === cells);
  const filled = whole.filter((row) => row.cells[cells - 1] !== null);
  return names.length === cells - 1 && names.length > 0 && filled.length > whole.length / 2;
}

/** The names above the rows of `cells` cells, as far as there are names: what is below a missing one tells nothing of them. */
function namedTable(names: readonly Cell[], cells: number, below: readonly SampleRow[]): (readonly Cell[])[] {
  const from = lacksFirst(names, cells, below) ? 1 : 0;
  const to = names.length > 0 && names.length < cells ? from + names.length : undefined;
  return [fitNames(names, cells, below), ...below.map((row) => row.cells)].map((row) => row.slice(from, to));
}

/** The last of the empty names go first: those are a delimiter at the end of the line. */
function withoutEmpty(names: readonly Cell[], surplus: number): Cell[] {
  const kept = [...names];
  for (let at = kept.length - 1, left = surplus; left > 0; at--) {
    if (kept[at] !== null && kept[at]!.trim() !== '') continue;
    kept.splice(at, 1);
    left--;
  }
  return kept;
}

/** The first block between blank lines that is a table, and not a few pairs of name and value above one. */
function findBlock(rows: readonly SampleRow[], { isIdentifier }: ToldLayout): { from: number; to: number } {
  const blocks = splitBlocks(rows).map((block) => {
    const counts = rows.slice(block.from, block.to).map(({ count }) => count);
    const cells = mostFrequent(counts);
    return { ...block, cells, alike: counts.filter((count) => count === cells).length };
  });
  const tables = blocks.filter(({ cells, alike }) => cells > 1 && alike > 1);
  const [first, second] = tables;
  if (!first || !second) return first ?? { from: 0, to: rows.length };
  const isSmall = first.cells === 2 && first.alike <= MOST_KEYS && second.cells > 2 && second.alike >= first.alike;
  const isHeaded = first.alike >= FEWEST_NAMED && isNamed(cellsFrom(rows, first.from, first.to), isIdentifier);
  return isSmall && !isHeaded ? second : first;
}

function splitBlocks(rows: readonly SampleRow[]): { from: number; to: number }[] {
  const blocks: { from: number; to: number }[] = [];
  for (let at = 0; at < rows.length; at++) {
    if (rows[at]!.count === 0) continue;
    const from = at;
    while (at < rows.length && rows[at]!.count !== 0) at++;
    blocks.push({ from, to: at });
  }
  return blocks;
}

function firstFilled(rows: readonly SampleRow[]): number {
  return Math.max(
    0,
    rows.findIndex(({ count }) => count !== 0),
  );
}

/** The first row of the block that is no title or comment; one that cannot be read is no title if it was said to be a header. */
function firstWhole(
  rows: readonly SampleRow[],
  { from, to }: { from: number; to: number },
  cells: number,
  told: ToldLayout,
): number {
  const start = Math.max(from, firstFilled(rows));
  let at = start;
  const isHeader = () => told.header === 'present' && rows[at]!.count < 0;
  const isNote = () => rows[at]!.count !== cells || (told.header !== 'absent' && isComment(rows, at, to, told));
  while (at < to && !isHeader() && isNote()) at++;
  if (at === to || rows[at]!.count < 0) return at === to ? start : at;
  const title = at;
  while (at < to && rows[at]!.count === cells && filledCells(rows[at]!) < 2) at++;
  const isTitled = told.header !== 'absent' && at > title && at < to && cells > 2 && isAbove(rows, title, at, to, told);
  return isTitled ? at : title;
}

/** A title stands above a row that is empty, or above a row that is a header. */
function isAbove(
  rows: readonly SampleRow[],
  title: number,
  at: number,
  to: number,
  { isIdentifier }: ToldLayout,
): boolean {
  const isSetOff = filledCells(rows[title]!) === 1 && filledCells(rows[at - 1]!) === 0;
  if (isSetOff) return true;
  return isNamed(cellsFrom(rows, at, to), isIdentifier);
}

/** A line that begins with `#`, has the table's width by chance, and stands above a header. */
function isComment(rows: readonly SampleRow[], at: number, to: number, { isIdentifier }: ToldLayout): boolean {
  const begins = (index: number) => rows[index]!.cells[0]?.startsWith('#') === true;
  if (!begins(at)) return false;
  let below = at;
  while (below < to && begins(below)) below++;
  const isNamedAt = (row: number) => isNamed(cellsFrom(rows, row, to), isIdentifier);
  return isNamedAt(below) && (below > at + 1 || !isNamedAt(at));
}

/**
 * The row above `whole`, if it is a header of another width: one that looks like it, or one at the start that is off by
 * a single cell and does not look like data, as long as the row below does not look like a header itself.
 */
function headerAbove(
  rows: readonly SampleRow[],
  whole: number,
  cells: number,
  { isIdentifier }: ToldLayout,
): number | null {
  const above = rows[whole - 1];
  if (!above || above.count < 2 || above.count === cells) return null;
  if (isNamed(cellsFrom(rows, whole, rows.length), isIdentifier)) return null;
  const below = rows.slice(whole).filter(({ count }) => count === cells);
  const table = namedTable(above.cells, cells, below);
  const isFirst = firstFilled(rows) === whole - 1 && Math.abs(above.count - cells) === 1;
  return isNamed(table, isIdentifier) || (isFirst && hasHeader(table, false, isIdentifier)) ? whole - 1 : null;
}

function countHeaderRows(table: readonly (readonly Cell[])[], told: ToldLayout): number {
  if (told.header === 'absent' || told.headerRows === 0) return 0;
  if (told.headerRows !== undefined) return told.headerRows;
  if (told.header === undefined && !hasHeader(table, told.isPlainText, told.isIdentifier)) return 0;
  let lines = 1;
  while (lines < MOST_HEADER_ROWS && goesOnHeader(table.slice(lines), told.isIdentifier)) lines++;
  return lines;
}

function filledCells({ cells }: SampleRow): number {
  return cells.filter((cell) => cell !== null && cell.trim() !== '').length;
}

function cellsFrom(rows: readonly SampleRow[], from: number, to: number): (readonly Cell[])[] {
  return rows.slice(from, to).map(({ cells }) => cells);
}
