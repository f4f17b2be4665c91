import type { Cell } from '../../core/batch.ts';
import type { IsIdentifier } from '../format.ts';
import { isNumeric } from './numeric.ts';

/** Longer ones are rows without numbers. */
const MOST = 6;

/**
 * How many of the first lines of a table are one header whose cells take several lines: those before the first line
 * with a number or an identifier, but not a heading of the rows below, which stands alone in the first column. 1 when there is no such.
 */
export function headerLines(lines: readonly (readonly Cell[])[], isIdentifier?: IsIdentifier): number {
  const isValue = (cell: Cell) => cell !== null && (isNumeric(cell) || isIdentifier?.(cell) === true);
  const first = lines.findIndex((cells) => cells.some(isValue));
  let end = Math.max(1, first);
  while (end > 1 && lines[end - 1]!.every((cell, column) => (cell !== null) === (column === 0))) end--;
  return end > MOST ? 1 : end;
}
