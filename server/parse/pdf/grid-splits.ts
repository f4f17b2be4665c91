import type { Cell } from '../../core/batch.ts';
import type { IsIdentifier } from '../format.ts';
import { findColumns } from './columns.ts';
import { indexAt } from './geometry.ts';
import { headerLines } from './header-lines.ts';
import { isNumericOrAbsent } from './numeric.ts';
import { toPhrases } from './phrases.ts';
import { blockText, type Line, toLines, type Word } from './words.ts';

/** Share of the rows in which a column that is not drawn must show. */
const ROWS_APART = 0.6;
const FEWEST_LINES = 3;

/** The borders between columns, with more where space alone divides a drawn column in most of its lines. */
export function splitColumns(xs: readonly number[], words: readonly Word[]): number[] {
  const bands: Word[][] = xs.slice(1).map(() => []);
  for (const word of words) bands[indexAt(xs, (word.left + word.right) / 2)]!.push(word);
  return xs.flatMap((x, index) => (index === 0 ? x : [...gapsIn(bands[index - 1]!), x]));
}

function gapsIn(words: readonly Word[]): number[] {
  const lines = toLines(words);
  const least = Math.max(FEWEST_LINES, lines.length * ROWS_APART);
  // In most columns a cell is a single word.
  const dividable = lines.filter((line) => line.words.length > 1);
  if (dividable.length < least) return [];
  const phraseLines = dividable.map((line) => ({ line, phrases: toPhrases(line) }));
  const divided = phraseLines.filter(({ phrases }) => phrases.length > 1);
  if (divided.length < least) return [];
  const columns = findColumns(divided);
  return columns.slice(1).map(({ left }, index) => (columns[index]!.right + left) / 2);
}

/** The borders between rows, with more where a drawn row holds several lines that are rows each. */
export function splitRows(
  xs: readonly number[],
  ys: readonly number[],
  words: readonly Word[],
  isIdentifier?: IsIdentifier,
): number[] {
  const bands: Word[][] = ys.slice(1).map(() => []);
  for (const word of words) bands[indexAt(ys, (word.top + word.bottom) / 2)]!.push(word);
  const borders = [ys[0]!];
  for (let row = 0; row < bands.length; row++) {
    const lines = toLines(bands[row]!);
    // Nothing parts a single line, as which most rows are drawn.
    if (lines.length > 1) borders.push(...bordersIn(lines, xs, row === 0, isIdentifier));
    borders.push(ys[row + 1]!);
  }
  return borders;
}

function bordersIn(
  lines: readonly Line[],
  xs: readonly number[],
  isFirst: boolean,
  isIdentifier?: IsIdentifier,
): number[] {
  const cells = lines.map((line) => cellsOf(line, xs));
  const header = isFirst ? headerLines(cells, isIdentifier) : 1;
  const end = areRows(cells) ? lines.length : isFirst && isFirstRow(cells.at(-1)) ? header + 1 : 0;
  const borders: number[] = [];
  for (let index = header; index < end && index < lines.length; index++) {
    borders.push((lines[index - 1]!.bottom + lines[index]!.top) / 2);
  }
  return borders;
}

function cellsOf({ words }: Line, xs: readonly number[]): Cell[] {
  const cells: Word[][] = xs.slice(1).map(() => []);
  for (const word of words) cells[indexAt(xs, (word.left + word.right) / 2)]!.push(word);
  return cells.map((cell) => (cell.length > 0 ? blockText(cell) : null));
}

/** Numbers do not wrap: lines are rows when a column has one in most of them, and another column has text. */
function areRows(lines: readonly (readonly Cell[])[]): boolean {
  if (lines.length < 2) return false;
  const isNumber = (cell: Cell | undefined) => typeof cell === 'string' && isNumericOrAbsent(cell);
  const numbers = Math.max(...lines[0]!.map((_, column) => lines.filter((cells) => isNumber(cells[column])).length));
  const filled = lines.filter((cells) => cells.filter((cell) => cell !== null).length > 1).length;
  if (numbers >= FEWEST_LINES) return filled >= lines.length * 0.5;
  return filled >= lines.length * 0.8 && numbers >= lines.length * 0.8;
}

/** Below a header that no line parts from it: a name, and nothing but numbers beside it. */
function isFirstRow(cells: readonly Cell[] = []): boolean {
  const [name, ...others] = cells;
  const held = others.filter((cell) => cell !== null);
  return typeof name === 'string' && !isNumericOrAbsent(name) && held.length > 0 && held.every(isNumericOrAbsent);
}
