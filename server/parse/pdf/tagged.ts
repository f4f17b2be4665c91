import { GRID_CELLS } from './caps.ts';
import type { FoundTable } from './found-table.ts';
import { around, type Box, holds } from './geometry.ts';
import { nearest } from './phrases.ts';
import type { TaggedTable } from './structure.ts';
import { blockText, type Word } from './words.ts';

/** Share of neighbours that must stand beside, or below, each other as the tags say. */
const IN_ORDER = 0.95;
/** Share of the words between a table's cells that may be in none of them. */
const STRAY = 0.05;
/** Share of the rows that must have all of their cells. */
const FULL = 0.5;
/** How far, in points, a row may reach into the one above it. */
const OVERLAP = 3;

/** The tagged tables whose tags agree with where their words stand: many documents are tagged carelessly. */
export function findTaggedTables(tables: readonly TaggedTable[], words: readonly Word[]): FoundTable[] {
  return tables.flatMap((table) => toTable(table, words) ?? []);
}

type Grid = (readonly Word[])[][];

function toTable(table: TaggedTable, words: readonly Word[]): FoundTable | undefined {
  const grid = place(table, words);
  if (!grid || !isSound(grid, words)) return undefined;
  const rows = grid.filter((row) => row.some(hasWords));
  const kept = grid[0]!.flatMap((_, column) => (rows.some((row) => hasWords(row[column]!)) ? [column] : []));
  if (rows.length < 2 || kept.length < 2) return undefined;
  const inside = rows.flat(2);
  return {
    ...{ kind: 'tagged', words: inside, box: around(inside) },
    hasNames: rows[0] === grid[0] && table[0]!.every(({ isName }) => isName),
    rows: rows.map((row) => kept.map((column) => (hasWords(row[column]!) ? blockText(row[column]!) : null))),
    places: rows.map((row) => around(row.flat())),
    columns: kept.map((column) => {
      const { left, right } = around(rows.flatMap((row) => row[column]!));
      return [left, right] as const;
    }),
  };
}

const hasWords = (cell: readonly Word[]) => cell.length > 0;

/** The words of each cell, at its upper left place in the grid; nothing when the rows are not of one width. */
function place(table: TaggedTable, words: readonly Word[]): Grid | undefined {
  const grid: Grid = table.map(() => []);
  const byMark = Map.groupBy(words, ({ mark }) => mark);
  let held = 0;
  for (const [row, cells] of table.entries()) {
    let column = 0;
    for (const { marks, rowSpan, columnSpan } of cells) {
      while (grid[row]![column]) column++;
      const lines = grid.slice(row, row + rowSpan);
      held += lines.length * columnSpan;
      if (held > GRID_CELLS) return undefined;
      for (const line of lines) for (let over = 0; over < columnSpan; over++) line[column + over] = [];
      grid[row]![column] = marks.flatMap((mark) => byMark.get(mark) ?? []);
      column += columnSpan;
    }
  }
  return toOneWidth(grid);
}

/** Rows that lack cells, which some programs do not tag when they are empty, have those put in by where the others stand. */
function toOneWidth(grid: Grid): Grid | undefined {
  const width = Math.max(0, ...grid.map((row) => row.length));
  const full = grid.filter((row) => row.length === width);
  if (full.length < FULL * grid.length) return undefined;
  const columns = Array.from({ length: width }, (_, column) => full.flatMap((row) => row[column]!));
  if (!columns.every(hasWords)) return full.length === grid.length ? grid : undefined;
  const spans = columns.map(around);
  return grid.map((row) => (row.length === width ? row : spread(row, spans)));
}

function spread(row: readonly (readonly Word[])[], columns: readonly Box[]): (readonly Word[])[] {
  const spread: Word[][] = columns.map(() => []);
  for (const words of row.filter(hasWords)) spread[nearest(columns, around(words))]!.push(...words);
  return spread;
}

function isSound(grid: Grid, words: readonly Word[]): boolean {
  const rows = grid.map((row) => row.filter(hasWords).map(around)).filter((row) => row.length > 0);
  if (rows.length < 2) return false;
  const inOrder = rows.flatMap((row) => row.slice(1).map((box, index) => box.left >= row[index]!.right - OVERLAP));
  const tops = rows.map((row) => Math.min(...row.map(({ top }) => top)));
  const below = tops.slice(1).map((top, index) => top >= tops[index]! - OVERLAP);
  const checks = [...inOrder, ...below];
  if (checks.filter(Boolean).length < IN_ORDER * checks.length) return false;
  return !hasStrays(grid, around(rows.flat()), words);
}

function hasStrays(grid: Grid, box: Box, words: readonly Word[]): boolean {
  const taken = new Set(grid.flat(2));
  const strays = words.filter((word) => !taken.has(word) && holds(box, word)).length;
  return strays > STRAY * taken.size;
}
