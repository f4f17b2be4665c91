import type { Cell } from '../../core/batch.ts';
import type { FoundTable } from './found-table.ts';
import { isNumericOrAbsent } from './numeric.ts';

/** How far, in points, a drawn border may stand elsewhere on the next page. */
const BORDER = 4;
const NUMBERS = 0.8;

/** Whether a page's first table goes on with the one that ended the page before: the same columns in the same places. */
export function continues(before: FoundTable, next: FoundTable): boolean {
  if (before.kind !== next.kind || before.columns.length !== next.columns.length) return false;
  if (!before.columns.every((column, index) => agree(before.kind, column, next.columns[index]!))) return false;
  return sameCells(before.rows[0]!, next.rows[0]!) || !startsAnew(before, next);
}

type Extent = readonly [left: number, right: number];

/** What is drawn reaches as far as its lines, other tables as far as their text. */
function agree(kind: FoundTable['kind'], [left, right]: Extent, [nextLeft, nextRight]: Extent): boolean {
  if (kind !== 'ruled') return left < nextRight && nextLeft < right;
  return Math.abs(left - nextLeft) <= BORDER && Math.abs(right - nextRight) <= BORDER;
}

/** A text above a column of numbers, where the table before has numbers too, is another table's header. */
function startsAnew(before: FoundTable, next: FoundTable): boolean {
  const [first, ...below] = next.rows;
  return first!.some((cell, column) => {
    if (cell === null || isNumericOrAbsent(cell)) return false;
    return isNumeric(below, column) && isNumeric(before.rows.slice(1), column);
  });
}

function isNumeric(rows: readonly (readonly Cell[])[], column: number): boolean {
  const texts = rows.flatMap((row) => row[column] ?? []);
  return texts.length > 0 && texts.filter(isNumericOrAbsent).length >= NUMBERS * texts.length;
}

/** Whether two rows hold the same. */
export function sameCells(a: readonly Cell[], b: readonly Cell[]): boolean {
  return a.length === b.length && a.every((cell, index) => cell === b[index]);
}
