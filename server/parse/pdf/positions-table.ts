import type { Cell } from '../../core/batch.ts';
import { createBudget } from '../budget.ts';
import type { ReadEvent, ReadLimits } from '../format.ts';
import { type Box, transformBox, uprightMatrix } from './geometry.ts';
import { rowEvents } from './row-events.ts';

/**
 * Where the rows of all tables stand: a dataset beside theirs, so that theirs have the columns of the document and no
 * others. One row for each of theirs: `table`, `row` (its number in that dataset, from 1), `page` and the rectangle around it.
 */
export interface PositionsTable {
  /** The rows of a table in their order, as `Positions` gives them. */
  add(table: string, numbers: Float32Array): void;
  readonly isEmpty: boolean;
  /** The dataset. Its rows do not count towards a limit: they are no more than the tables' own. */
  events(): Generator<ReadEvent>;
}

/** Where the rows of one table stand, each as 20 bytes. */
export interface Positions {
  /** The next row stands in `box` on a page that was turned by `turn` quarters to be read. */
  add(page: number, box: Box, turn: number): void;
  /**
   * Of the rows that are kept, told by their index, the page and, in points of the page as PDF counts them (from its lower
   * left corner, before it is turned to be shown): left, bottom, right, top.
   */
  kept(isKept: (row: number) => boolean): Float32Array;
}

const COLUMNS = ['table', 'row', 'page', 'left', 'bottom', 'right', 'top'];
const NUMBERS = 5;

/** Without a row yet. */
export function createPositions(): Positions {
  let numbers = new Float32Array(32 * NUMBERS);
  let length = 0;
  return {
    add(page, box, turn) {
      // Turning the page upright and back again are the same matrix.
      const placed = transformBox(uprightMatrix(turn), box.left, box.top, box.right, box.bottom);
      if (length === numbers.length) {
        const larger = new Float32Array(2 * length);
        larger.set(numbers);
        numbers = larger;
      }
      numbers[length++] = page;
      numbers[length++] = placed.left;
      numbers[length++] = placed.top;
      numbers[length++] = placed.right;
      numbers[length++] = placed.bottom;
    },
    kept: (isKept) => numbers.subarray(0, length).filter((_, index) => isKept(Math.floor(index / NUMBERS))),
  };
}

/** The page of each row. */
export function pagesOf(numbers: Float32Array): number[] {
  return Array.from({ length: numbers.length / NUMBERS }, (_, row) => numbers[row * NUMBERS]!);
}

/** Without a row yet. Those that are told wait until the document ends. */
export function createPositionsTable(limits: ReadLimits): PositionsTable {
  const tables: { name: string; numbers: Float32Array }[] = [];

  function* rows(): Generator<Cell[]> {
    for (const { name, numbers } of tables) {
      for (let at = 0; at < numbers.length; at += NUMBERS) {
        const place = (index: number) => numbers[at + index]!.toFixed(1);
        yield [name, String(at / NUMBERS + 1), String(numbers[at]), place(1), place(2), place(3), place(4)];
      }
    }
  }

  function* events(): Generator<ReadEvent> {
    yield { type: 'table', name: 'positions', columns: COLUMNS, dialect: { kind: 'positions', header: false } };
    yield* rowEvents(rows(), 1, limits, createBudget({ ...limits, cells: Number.POSITIVE_INFINITY }));
  }

  return {
    add: (name, numbers) => void tables.push({ name, numbers }),
    get isEmpty() {
      return tables.length === 0;
    },
    events,
  };
}
