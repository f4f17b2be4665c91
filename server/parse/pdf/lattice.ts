import type { Cell } from '../../core/batch.ts';
import type { IsIdentifier } from '../format.ts';
import { GRID_CELLS } from './caps.ts';
import type { FoundTable } from './found-table.ts';
import { type Box, indexAt } from './geometry.ts';
import { splitColumns, splitRows } from './grid-splits.ts';
import { toPhrases } from './phrases.ts';
import type { Ruling, Rulings } from './rulings.ts';
import { blockText, toLines, type Word } from './words.ts';

/** How far, in points, lines that meet may miss each other. */
const REACH = 3;
/** Lines nearer than this, in points, bound the same cells. */
const SAME_BORDER = 3;
/** Lines that reach so far beyond the last one across them, in points, are closed by a border that is not drawn. */
const OPEN_SIDE = 12;
/** Share of a cell's side that must be drawn for it to be one. */
const DRAWN = 0.6;
/** Share of the cells that hold something where columns are not drawn. */
const FILLED = 0.4;
/** Fewer lines in as many rows may be one text. */
const FEWEST_LABELS = 5;

/** The tables whose cells are drawn: grids of lines that meet, with two columns and rows or more that hold text. */
export function findRuledTables(rulings: Rulings, words: readonly Word[], isIdentifier?: IsIdentifier): FoundTable[] {
  const tables: FoundTable[] = [];
  for (const net of connect(rulings)) {
    const table = readGrid(net, words, isIdentifier);
    if (table) tables.push(table);
  }
  return withoutInner(tables);
}

/** A table in a cell of another one is that cell's text. */
function withoutInner(tables: readonly FoundTable[]): FoundTable[] {
  const isIn = (a: Box, b: Box) =>
    a !== b && a.left >= b.left && a.right <= b.right && a.top >= b.top && a.bottom <= b.bottom;
  return tables.filter(({ box }) => !tables.some((other) => isIn(box, other.box)));
}

/** Lines that are connected by meeting. */
function connect({ horizontal, vertical }: Rulings): Rulings[] {
  const parents = eachItsOwn(horizontal.length + vertical.length);
  const find = (index: number): number => {
    let root = index;
    while (parents[root] !== root) root = parents[root] = parents[parents[root]!]!;
    return root;
  };
  horizontal.forEach((across, h) => {
    vertical.forEach((down, v) => {
      if (meet(across, down)) parents[find(h)] = find(horizontal.length + v);
    });
  });
  const nets = new Map<number, { horizontal: Ruling[]; vertical: Ruling[] }>();
  const netOf = (index: number) => {
    const root = find(index);
    const net = nets.get(root) ?? { horizontal: [], vertical: [] };
    nets.set(root, net);
    return net;
  };
  horizontal.forEach((ruling, index) => void netOf(index).horizontal.push(ruling));
  vertical.forEach((ruling, index) => void netOf(horizontal.length + index).vertical.push(ruling));
  return [...nets.values()].filter((net) => net.horizontal.length > 0 && net.vertical.length > 0);
}

/** Numbers from 0, each of which is the first of its set. */
function eachItsOwn(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function meet(across: Ruling, down: Ruling): boolean {
  return (
    down.at >= across.start - REACH &&
    down.at <= across.end + REACH &&
    across.at >= down.start - REACH &&
    across.at <= down.end + REACH
  );
}

function readGrid(net: Rulings, words: readonly Word[], isIdentifier?: IsIdentifier): FoundTable | undefined {
  const drawnXs = bordersOf(net.vertical, net.horizontal);
  const drawnYs = bordersOf(net.horizontal, net.vertical);
  if (drawnXs.length < 2 || drawnYs.length < 2 || drawnXs.length * drawnYs.length > GRID_CELLS) return undefined;
  const box = { left: drawnXs[0]!, right: drawnXs.at(-1)!, top: drawnYs[0]!, bottom: drawnYs.at(-1)! };
  const inside = words.filter((word) => holdsWord(box, word));
  if (inside.length < 2) return undefined;
  const xs = splitColumns(drawnXs, inside);
  const ys = splitRows(xs, drawnYs, inside, isIdentifier);
  const [columns, rows] = [xs.length - 1, ys.length - 1];
  if (columns * rows > GRID_CELLS || columns < 2 || rows < 2) return undefined;
  const roots = mergeCells(net, xs, ys);
  const cells = fill(xs, ys, roots, inside);
  if (columns >= drawnXs.length && isSparse(cells)) return undefined;
  return toTable(cells, xs, ys, inside);
}

/** A word is in a grid by its middle, and then must not stick out of it: a heading across it is no cell. */
function holdsWord(box: Box, word: Word): boolean {
  const x = (word.left + word.right) / 2;
  const y = (word.top + word.bottom) / 2;
  return x > box.left && x < box.right && y > box.top && y < box.bottom;
}

/** Where cells begin and end along one axis, with borders that are not drawn where the lines across stick out. */
function bordersOf(lines: readonly Ruling[], across: readonly Ruling[]): number[] {
  const found: number[] = [];
  for (const { at } of lines.toSorted((a, b) => a.at - b.at)) {
    if (found.length === 0 || at - found.at(-1)! > SAME_BORDER) found.push(at);
  }
  const first = across.reduce((least, { start }) => Math.min(least, start), Number.POSITIVE_INFINITY);
  const last = across.reduce((most, { end }) => Math.max(most, end), Number.NEGATIVE_INFINITY);
  if (found[0]! - first > OPEN_SIDE) found.unshift(first);
  if (last - found.at(-1)! > OPEN_SIDE) found.push(last);
  return found;
}

/** For every cell of the grid the first cell of those it is merged with, because no line is between them. */
function mergeCells(net: Rulings, xs: readonly number[], ys: readonly number[]): number[] {
  const [columns, rows] = [xs.length - 1, ys.length - 1];
  const roots = eachItsOwn(columns * rows);
  const find = (index: number): number => {
    let root = index;
    while (roots[root] !== root) root = roots[root] = roots[roots[root]!]!;
    return root;
  };
  const join = (a: number, b: number) => {
    const x = find(a);
    const y = find(b);
    if (x !== y) roots[Math.max(x, y)] = Math.min(x, y);
  };
  for (let column = 1; column < columns; column++) {
    const lines = net.vertical.filter((line) => near(line, xs[column]!));
    for (let row = 0; row < rows; row++) {
      const cell = row * columns + column;
      if (isOpen(lines, ys[row]!, ys[row + 1]!)) join(cell - 1, cell);
    }
  }
  for (let row = 1; row < rows; row++) {
    const lines = net.horizontal.filter((line) => near(line, ys[row]!));
    for (let column = 0; column < columns; column++) {
      const cell = row * columns + column;
      if (isOpen(lines, xs[column]!, xs[column + 1]!)) join(cell - columns, cell);
    }
  }
  for (let cell = 0; cell < roots.length; cell++) roots[cell] = find(cell);
  return roots;
}

const near = (line: Ruling, at: number) => Math.abs(line.at - at) <= SAME_BORDER;

/** A border that nobody drew anywhere was put in by us and is closed everywhere. */
function isOpen(lines: readonly Ruling[], from: number, to: number): boolean {
  if (lines.length === 0) return false;
  let drawn = 0;
  for (const { start, end } of lines) drawn += Math.max(0, Math.min(end, to) - Math.max(start, from));
  return drawn < DRAWN * (to - from);
}

function fill(
  xs: readonly number[],
  ys: readonly number[],
  roots: readonly number[],
  words: readonly Word[],
): Cell[][] {
  const columns = xs.length - 1;
  const cells = words.map((word) => cellOf(xs, ys, word));
  const kept = new Set(
    mergedWords(roots, words, cells).flatMap(([root, inside]) =>
      standsInColumns(inside, xs) || standsInRows(inside, ys) ? [] : root,
    ),
  );
  const held: (Word[] | undefined)[] = Array.from({ length: roots.length });
  words.forEach((word, index) => {
    const cell = cells[index]!;
    const root = roots[cell]!;
    const into = kept.has(root) ? root : cell;
    const others = held[into];
    if (others) others.push(word);
    else held[into] = [word];
  });
  return ys
    .slice(1)
    .map((_, row) =>
      held.slice(row * columns, (row + 1) * columns).map((inside) => (inside ? blockText(inside) : null)),
    );
}

/** The words of each cell that is merged of several, by its first. */
function mergedWords(
  roots: readonly number[],
  words: readonly Word[],
  cells: readonly number[],
): [root: number, words: Word[]][] {
  const merged = new Map<number, Word[]>();
  roots.forEach((root, cell) => void (root !== cell && merged.set(root, [])));
  if (merged.size > 0) words.forEach((word, index) => void merged.get(roots[cells[index]!]!)?.push(word));
  return [...merged];
}

const cellOf = (xs: readonly number[], ys: readonly number[], word: Word) =>
  indexAt(ys, (word.top + word.bottom) / 2) * (xs.length - 1) + indexAt(xs, (word.left + word.right) / 2);

/** Rows are often drawn without the lines between their columns: then text stands in several of them, and across none. */
function standsInColumns(words: readonly Word[], xs: readonly number[]): boolean {
  const phrases = toLines(words).flatMap(toPhrases);
  if (phrases.length < 2) return false;
  const columns = new Set<number>();
  for (const { left, right } of phrases) {
    const column = indexAt(xs, left);
    if (column !== indexAt(xs, right)) return false;
    columns.add(column);
  }
  return columns.size > 1;
}

/** Labels beside rows are often not parted by lines: then one line of text stands in each of many rows. */
function standsInRows(words: readonly Word[], ys: readonly number[]): boolean {
  const rows = toLines(words).map(({ top, bottom }) => indexAt(ys, (top + bottom) / 2));
  return rows.length >= FEWEST_LABELS && rows.every((row, index) => index === 0 || row === rows[index - 1]! + 1);
}

/** Few cells hold something in columns that nobody drew: the labels of a chart. */
function isSparse(cells: readonly (readonly Cell[])[]): boolean {
  const held = cells.flat().filter((cell) => cell !== null).length;
  return held < FILLED * cells.length * cells[0]!.length;
}

function toTable(
  cells: readonly Cell[][],
  xs: readonly number[],
  ys: readonly number[],
  words: readonly Word[],
): FoundTable | undefined {
  const rows = cells.flatMap((row, index) => (row.some((cell) => cell !== null) ? [index] : []));
  const kept = xs.slice(1).flatMap((_, column) => (rows.some((row) => cells[row]![column] !== null) ? [column] : []));
  if (rows.length < 2 || kept.length < 2) return undefined;
  const [left, right] = [xs[0]!, xs.at(-1)!];
  return {
    ...{ kind: 'ruled', box: { left, right, top: ys[0]!, bottom: ys.at(-1)! }, words },
    rows: rows.map((row) => kept.map((column) => cells[row]![column]!)),
    places: rows.map((row) => ({ left, right, top: ys[row]!, bottom: ys[row + 1]! })),
    columns: kept.map((column) => [xs[column]!, xs[column + 1]!] as const),
  };
}
