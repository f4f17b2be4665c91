import type { Cell } from '../core/batch.ts';
import type { IsIdentifier } from './format.ts';

/** Longer values are text, which also bounds the time that the patterns can take. */
const LONGEST_SHAPE = 200;

/** What a value that is no free text looks like. Names of columns never do. */
const SHAPES: readonly (readonly [string, RegExp])[] = [
  ['number', /^[+-]?[₹$€£]? ?\d[\d.,' ]*(?:e[+-]?\d+)?%?$/i],
  ['date', /^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T].*)?$/],
  ['time', /^\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$/],
  ['e-mail', /^[^\s@]+@[^\s@]+\.[^\s@]+$/],
  ['boolean', /^(?:true|false)$/i],
  ['phone', /^\+?[\d ()-]{7,}$/],
  ['uuid', /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i],
  ['url', /^https?:\/\//i],
];

/** A name of a column is not longer than this, in UTF-16 units; a value may be. */
const LONGEST_NAME = 100;

/**
 * Whether the first of `rows` names the columns. It does unless it looks like the rows below it; see `headerEvidence`.
 * The two sides are counted against each other, and a tie is no header, because a header taken for a row is not lost and
 * a row taken for a header is.
 *
 * Where nothing speaks for either, the row is a header, except for a single column of a `.txt` file or of long texts.
 */
export function hasHeader(
  rows: readonly (readonly Cell[])[],
  isPlainText: boolean,
  isIdentifier?: IsIdentifier,
): boolean {
  const [first = []] = rows;
  const { names, data } = headerEvidence(rows, isIdentifier);
  if (data > 0 || names > 0) return names > data;
  if (first.length > 1) return true;
  return !isPlainText && (first[0] ?? '').length <= LONGEST_NAME;
}

/**
 * How many cells of the first of `rows` look like names of columns, and how many like the rows below. A cell looks like
 * data if it has the shape (number, date, e-mail …) of most cells below, comes again below, or is empty where others
 * below are empty and others are not. A text above values of one shape is a name. A row with an identifier is all data.
 */
export function headerEvidence(
  rows: readonly (readonly Cell[])[],
  isIdentifier?: IsIdentifier,
): { names: number; data: number } {
  const [first = [], ...below] = rows;
  if (isIdentifier && first.some((cell) => cell !== null && isIdentifier(cell)))
    return { names: 0, data: first.length };
  const verdicts = first.map((cell, column) => judge(cell, column, first, below));
  const count = (verdict: Verdict) => verdicts.filter((one) => one === verdict).length;
  return { names: count('name'), data: count('data') };
}

/** Whether the first of `rows` looks like names of columns, and not merely unlike the rows below. */
export function isNamed(rows: readonly (readonly Cell[])[], isIdentifier?: IsIdentifier): boolean {
  const { names, data } = headerEvidence(rows, isIdentifier);
  return names > data;
}

/**
 * Whether the first of `rows`, which stands below a header, is a further line of it: at least two of its cells, and half
 * of those that hold something, are texts above values of one shape, and none looks like data.
 */
export function goesOnHeader(rows: readonly (readonly Cell[])[], isIdentifier?: IsIdentifier): boolean {
  const filled = (rows[0] ?? []).filter((cell) => cell !== null).length;
  const { names, data } = headerEvidence(rows, isIdentifier);
  return rows.length > 2 && data === 0 && names >= 2 && 2 * names >= filled;
}

type Verdict = 'data' | 'name' | 'open';

function judge(cell: Cell, column: number, first: readonly Cell[], below: readonly (readonly Cell[])[]): Verdict {
  const others = below.map((row) => row[column] ?? '');
  const shapes = others.map(shapeOf).filter((shape) => shape !== 'empty');
  const share = (shape: string) => shapes.filter((other) => other === shape).length / shapes.length;
  const shape = shapeOf(cell ?? '');
  if (shape === 'empty') return shapes.length > 0 && shapes.length < others.length ? 'data' : 'open';
  if (shape !== 'text') return shapes.length === 0 || share(shape) >= 0.5 ? 'data' : 'open';
  if (below.some((row) => row[column] === cell && !sameRow(row, first))) return 'data';
  const above = SHAPES.some(([name]) => share(name) >= 0.8) && /\p{L}/u.test(cell!);
  return above && !PLACEHOLDER.test(cell!.trim()) ? 'name' : 'open';
}

/** Texts that stand for a missing value. */
const PLACEHOLDER = /^(?:n\/?a|nan|null|none|nil|unknown|missing|tbd)$/i;

/** What a value looks like: `number`, `date`, `time`, `e-mail` …, `empty`, or `text` for anything else. */
export function shapeOf(cell: string): string {
  const text = cell.trim();
  if (text === '') return 'empty';
  if (text.length > LONGEST_SHAPE) return 'text';
  return SHAPES.find(([, pattern]) => pattern.test(text))?.[0] ?? 'text';
}

/** A header that stands in the file again, because files were put behind each other, is no value. */
function sameRow(a: readonly Cell[], b: readonly Cell[]): boolean {
  return a.length === b.length && a.every((cell, index) => cell === b[index]);
}
