import type { Cell } from '../../core/batch.ts';
import { Problem } from '../../core/problem.ts';
import type { Budget } from '../budget.ts';
import { cutNames, uniqueNames } from '../column-names.ts';
import type { ReadEvent, ReadOptions } from '../format.ts';
import { hasHeader } from '../header.ts';
import { TABLE_CELLS } from './caps.ts';
import { continues, sameCells } from './continues.ts';
import type { FoundTable } from './found-table.ts';
import type { OcrTable } from './ocr-table.ts';
import { createPositions, type PositionsTable, pagesOf } from './positions-table.ts';
import { rowEvents } from './row-events.ts';
import { rowsPerPage } from './rows-per-page.ts';

/** Rows that the header is judged by. */
const SAMPLE_ROWS = 100;
const LONGEST_NAME = 200;

/**
 * A table that may go on over pages. Its first row names the columns by the same rule as in other formats; where that
 * row comes again at the top of a later page, it is left out.
 */
export interface MergedTable {
  /** Takes the table of the next page when it is the same one going on. */
  takes(table: FoundTable, page: number, turn: number): boolean;
  /**
   * The dataset, whose rows are told to `positions` and whose dialect says what `ocr` knows of its pages.
   * @throws Problem `too_many_columns`, `too_many_rows`, `too_many_cells`.
   */
  events(options: ReadOptions, budget: Budget, positions: PositionsTable, ocr: OcrTable): Generator<ReadEvent>;
}

/** The table that starts with this one, the `number`th of its page, which was turned by `turn` quarters to be read. */
export function startTable(first: FoundTable, page: number, number: number, turn: number): MergedTable {
  const names = first.rows[0]!;
  const rows: (readonly Cell[])[] = [];
  /** Which of them repeat the first one at the top of a later page. */
  const repeats = new Set<number>();
  const places = createPositions();
  let last = page;
  add(first, page, turn);

  function add(table: FoundTable, onPage: number, turned: number): void {
    if (onPage !== page && sameCells(table.rows[0]!, names)) repeats.add(rows.length);
    for (const cells of table.rows) rows.push(cells);
    for (const place of table.places) places.add(onPage, place, turned);
  }

  function takes(table: FoundTable, next: number, turned: number): boolean {
    const full = (rows.length + table.rows.length) * first.columns.length > TABLE_CELLS;
    if (full || next !== last + 1 || !continues(first, table)) return false;
    add(table, next, turned);
    last = next;
    return true;
  }

  function* events(
    options: ReadOptions,
    budget: Budget,
    positions: PositionsTable,
    ocr: OcrTable,
  ): Generator<ReadEvent> {
    const pages = last === page ? `page ${page}` : `pages ${page}-${last}`;
    const name = `${pages} table ${number}`;
    refuseWidth(name, names.length, options.limits.columns);
    const sample = rows.slice(0, SAMPLE_ROWS).filter((_, index) => !repeats.has(index));
    const header = options.header
      ? options.header === 'present'
      : areNames(names) && (first.hasNames || hasHeader(sample, false, options.isIdentifier));
    const isKept = (index: number) => !header || (index > 0 && !repeats.has(index));
    const kept = places.kept(isKept);
    const where = { firstPage: page, lastPage: last, rowsPerPage: rowsPerPage(pagesOf(kept)) };
    const dialect = { kind: first.kind, header, ...where, ...ocr.dialect(page, last) };
    const given = header ? names : names.map(() => null);
    yield { type: 'table', name, columns: uniqueNames(given), dialect };
    for (const reject of cutNames(given, 1)) yield { type: 'reject', reject };
    const cells = rows.filter((_, index) => isKept(index));
    yield* rowEvents(cells, header ? 2 : 1, options.limits, budget);
    positions.add(name, kept);
  }

  return { takes, events };
}

/** Longer texts would be cut as names, and are none. */
function areNames(cells: readonly Cell[]): boolean {
  return cells.every((cell) => cell === null || cell.length <= LONGEST_NAME);
}

function refuseWidth(name: string, columns: number, most: number): void {
  if (columns <= most) return;
  const detail = `The table "${name}" has ${columns} columns; ${most} are allowed. Split the document.`;
  throw new Problem('too_many_columns', detail);
}
