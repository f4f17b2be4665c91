import { indexAt } from './geometry.ts';
import { isNumericOrAbsent } from './numeric.ts';
import { clusterPhrases, toPhrases } from './phrases.ts';
import { blockText, type Line, toLines, type Word } from './words.ts';

/** Share of the rows in which a column that is not drawn must show. */
const ROWS_APART = 0.6;
const FEWEST_LINES = 3;

/** The borders between columns, with more where space alone divides a drawn column in most of its lines. */
export function splitColumns(xs: readonly number[], ys: readonly number[], words: readonly Word[]): number[] {
  const borders = [xs[0]!];
  for (let column = 0; column + 1 < xs.length; column++) {
    const inside = words.filter((word) => indexAt(xs, (word.left + word.right) / 2) === column);
    borders.push(...gapsIn(inside, ys), xs[column + 1]!);
  }
  return borders;
}

function gapsIn(words: readonly Word[], ys: readonly number[]): number[] {
  const lines = toLines(words.filter((word) => indexAt(ys, (word.top + word.bottom) / 2) >= 0)).map(toPhrases);
  const divided = lines.filter((phrases) => phrases.length > 1);
  if (divided.length < FEWEST_LINES || divided.length < lines.length * ROWS_APART) return [];
  const clusters = clusterPhrases(divided);
  return clusters.slice(1).map(({ left }, index) => (clusters[index]!.right + left) / 2);
}

/** The borders between rows, with more where a drawn row holds several lines that are rows each. */
export function splitRows(xs: readonly number[], ys: readonly number[], words: readonly Word[]): number[] {
  const bands: Word[][] = ys.slice(1).map(() => []);
  for (const word of words) bands[indexAt(ys, (word.top + word.bottom) / 2)]!.push(word);
  const borders = [ys[0]!];
  for (const [row, band] of bands.entries()) {
    const lines = toLines(band);
    if (areRows(lines, xs)) {
      for (let index = 1; index < lines.length; index++)
        borders.push((lines[index - 1]!.bottom + lines[index]!.top) / 2);
    }
    borders.push(ys[row + 1]!);
  }
  return borders;
}

/** Numbers do not wrap: lines are rows when a column has one in nearly all of them, and another column has text. */
function areRows(lines: readonly Line[], xs: readonly number[]): boolean {
  if (lines.length < 2) return false;
  const columns = xs.length - 1;
  const numbers = new Uint32Array(columns);
  let filled = 0;
  for (const { words } of lines) {
    const cells: Word[][] = Array.from({ length: columns }, () => []);
    for (const word of words) cells[indexAt(xs, (word.left + word.right) / 2)]!.push(word);
    const held = cells.filter((cell) => cell.length > 0);
    if (held.length > 1) filled++;
    cells.forEach((cell, column) => {
      if (cell.length > 0 && isNumericOrAbsent(blockText(cell))) numbers[column]!++;
    });
  }
  return filled >= lines.length * 0.8 && numbers.some((count) => count >= lines.length * 0.8);
}
