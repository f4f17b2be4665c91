import type { Cell } from '../../core/batch.ts';
import type { IsIdentifier } from '../format.ts';
import { findColumns, type PhraseLine } from './columns.ts';
import type { FoundTable } from './found-table.ts';
import { around, type Box } from './geometry.ts';
import { headerLines } from './header-lines.ts';
import { isNumericOrAbsent } from './numeric.ts';
import { nearest, type Phrase, type Span, toPhrases } from './phrases.ts';
import { blockText, toLines, type Word } from './words.ts';

/** In heights of the text: more space between two lines ends a table. */
const LINE_GAP = 2.2;
/** Lines with one phrase, such as a wrapped cell or a heading, that may stand between two rows. */
const LONE_LINES = 2;
/** In heights of the text: words of two columns are further apart than words of one text. */
const SPACE = 0.35;
/** Share of its height with which a line stands in the one above it; lines of one text may touch. */
const INTO = 0.25;
const FEWEST_ROWS = 3;
/** Share of the cells that hold something. */
const FILLED = 0.4;
/** Columns of longer texts, in characters on average, are columns of prose. */
const PROSE = 38;
/** Where there are no numbers, half of the columns being longer than this is prose too. */
const WORDY = 24;
const LIST_MARK = /^(?:[•●▪■◦○*–—-]|\(?(?:\d{1,3}|[a-z]|[ivxl]{1,5})[.)])$/i;

/** The tables of which only space parts the columns, among words that belong to no drawn table. */
export function findSpacedTables(words: readonly Word[], isIdentifier?: IsIdentifier): FoundTable[] {
  const lines = toLines(words).map((line) => ({ line, phrases: toPhrases(line) }));
  return blocksOf(lines).flatMap((block) => readBlock(block, isIdentifier) ?? []);
}

/** Runs of lines of which most have several phrases. */
function blocksOf(lines: readonly PhraseLine[]): PhraseLine[][] {
  const blocks: PhraseLine[][] = [];
  let block: PhraseLine[] = [];
  let alone = 0;
  const end = () => {
    if (block.length > 0) blocks.push(block);
    block = [];
    alone = 0;
  };
  for (const line of lines) {
    const last = block.at(-1);
    if (last && line.line.top - last.line.bottom > LINE_GAP * (last.line.bottom - last.line.top)) end();
    if (line.phrases.length > 1) alone = 0;
    else if (++alone > LONE_LINES) end();
    if (block.length > 0 || line.phrases.length > 1) block.push(line);
    else alone = 0;
  }
  end();
  return blocks;
}

function readBlock(block: readonly PhraseLine[], isIdentifier?: IsIdentifier): FoundTable | undefined {
  if (block.length < FEWEST_ROWS) return undefined;
  const columns = findColumns(block);
  if (columns.length < 2) return undefined;
  const fitting = trim(block, columns);
  const { rows, places } = joinLines(fitting.map(({ line, phrases }) => ({ line, cells: toCells(phrases, columns) })));
  if (!isTable(rows)) return undefined;
  const header = headerLines(rows, isIdentifier);
  const joined = columns.map(
    (_, column) =>
      rows
        .slice(0, header)
        .flatMap((row) => row[column] ?? [])
        .join(' ') || null,
  );
  const words = fitting.flatMap(({ phrases }) => phrases.flatMap((phrase) => phrase.words));
  return {
    ...{ kind: 'spaced', box: around(words), words, rows: [joined, ...rows.slice(header)] },
    places: [around(places.slice(0, header)), ...places.slice(header)],
    columns: columns.map(({ left, right }) => [left, right] as const),
  };
}

/** Without the lines at both ends that do not stand in the columns, but for the last lines of a cell in the last row. */
function trim(block: readonly PhraseLine[], columns: readonly Span[]): readonly PhraseLine[] {
  const inPlace = (phrase: Phrase) =>
    columns.filter((column) => overlaps(phrase, column)).length <= 2 || isApart(phrase, columns);
  const fits = ({ phrases }: PhraseLine) => phrases.length > 1 && phrases.every(inPlace);
  const first = block.findIndex(fits);
  let end = block.findLastIndex(fits) + 1;
  while (end > 0 && block[end] && reachesInto(block[end - 1]!.line, block[end]!.line)) end++;
  return first < 0 ? [] : block.slice(first, end);
}

const overlaps = (a: Span, b: Span) => a.left < b.right && a.right > b.left;

function toCells(phrases: readonly Phrase[], columns: readonly Span[]): Word[][] {
  const cells: Word[][] = columns.map(() => []);
  for (const phrase of phrases) {
    const apart = isApart(phrase, columns);
    for (const word of phrase.words) cells[nearest(columns, apart ? word : phrase)]!.push(word);
  }
  return cells;
}

interface LineCells {
  readonly line: Box;
  readonly cells: readonly (readonly Word[])[];
}

/**
 * Lines that reach into each other and have no column in common are one row: a cell of two lines beside cells of one. No
 * more than one of them has several cells, or they were rows beside a text that is none of the table's.
 */
function joinLines(lines: readonly LineCells[]): { rows: Cell[][]; places: Box[] } {
  const rows: LineCells[] = [];
  for (const [index, { line, cells }] of lines.entries()) {
    const above = lines[index - 1];
    const row = above && reachesInto(above.line, line) && isApartFrom(above, cells) ? rows.at(-1)! : undefined;
    if (row && (isLone(row.cells) || isLone(cells))) {
      const joined = cells.map((cell, at) => [...row.cells[at]!, ...cell]);
      rows[rows.length - 1] = { line: around([row.line, line]), cells: joined };
    } else rows.push({ line, cells });
  }
  return {
    rows: rows.map(({ cells }) => cells.map((words) => (words.length > 0 ? blockText(words) : null))),
    places: rows.map(({ line }) => line),
  };
}

function isApartFrom(above: LineCells, cells: LineCells['cells']): boolean {
  return cells.every((cell, at) => cell.length === 0 || above.cells[at]!.length === 0);
}

const isLone = (cells: LineCells['cells']) => cells.filter((cell) => cell.length > 0).length === 1;

function reachesInto(above: Box, below: Box): boolean {
  return above.bottom - below.top >= INTO * Math.min(above.bottom - above.top, below.bottom - below.top);
}

/** Whether each word of the phrase stands in one column, with more than a space between those of two. */
function isApart({ words, top, bottom }: Phrase, columns: readonly Span[]): boolean {
  let last: Word | undefined;
  let before = -1;
  for (const word of words) {
    const column = columns.findIndex((span) => overlaps(word, span));
    if (columns.slice(column + 1).some((span) => overlaps(word, span))) return false;
    if (last && column !== before && word.left - last.right < SPACE * (bottom - top)) return false;
    [last, before] = [word, column];
  }
  return true;
}

function isTable(rows: readonly (readonly Cell[])[]): boolean {
  if (rows.length < FEWEST_ROWS) return false;
  const columns = rows[0]!.map((_, index) => textsIn(rows, index));
  const filled = columns.reduce((sum, { length }) => sum + length, 0);
  if (filled < FILLED * rows.length * columns.length) return false;
  if (columns.length === 2 && isNumberedText(rows, columns as [string[], string[]])) return false;
  const prose = columns.filter((texts) => meanLength(texts) > PROSE).length;
  const numeric = columns.some((texts) => texts.filter(isNumericOrAbsent).length >= texts.length / 2);
  if (numeric) return prose < columns.length;
  const wordy = columns.filter((texts) => meanLength(texts) > WORDY).length;
  return wordy * 2 <= columns.length && (prose === 0 || (columns.length > 3 && prose === 1));
}

function textsIn(rows: readonly (readonly Cell[])[], column: number): string[] {
  const texts: string[] = [];
  for (const row of rows) if (typeof row[column] === 'string') texts.push(row[column]);
  return texts;
}

/** A list, or text with the numbers of its lines in the margin. A header above the numbers speaks for a table. */
function isNumberedText(rows: readonly (readonly Cell[])[], columns: readonly [string[], string[]]): boolean {
  if (columns[0].every((text) => LIST_MARK.test(text))) return true;
  return columns.some((texts, side) => {
    const other = columns[1 - side]!;
    if (rows[0]![side] !== null && !Number.isInteger(Number(rows[0]![side]))) return false;
    const steps = texts.filter((text, index) => index > 0 && Number(text) - Number(texts[index - 1]) === 1).length;
    return steps >= (texts.length - 1) * 0.8 && steps >= 2 && other.filter(isNumericOrAbsent).length < other.length / 2;
  });
}

function meanLength(texts: readonly string[]): number {
  return texts.reduce((sum, { length }) => sum + length, 0) / Math.max(1, texts.length);
}
