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
  /** The rows of a table in their order. */
  add(table: string, rows: readonly Position[]): void;
  readonly isEmpty: boolean;
  /** The dataset. Its rows do not count towards a limit: they are no more than the tables' own. */
  events(): Generator<ReadEvent>;
}

/** Where a row stands. */
export interface Position {
  readonly page: number;
  /** In points of the page as PDF counts them: from its lower left corner, before it is turned to be shown. */
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
  readonly top: number;
}

const COLUMNS = ['table', 'row', 'page', 'left', 'bottom', 'right', 'top'];
const NUMBERS = 5;

/** The position of what stands in `box` on a page that was turned by `turn` quarters to be read. */
export function positionOf(page: number, box: Box, turn: number): Position {
  // Turning the page upright and back again are the same matrix.
  const { left, right, top, bottom } = transformBox(uprightMatrix(turn), box.left, box.top, box.right, box.bottom);
  return { page, left, bottom: top, right, top: bottom };
}

/** Without a row yet; each waits as 20 bytes until the document ends. */
export function createPositionsTable(limits: ReadLimits): PositionsTable {
  const tables: { name: string; numbers: Float32Array }[] = [];

  function add(name: string, rows: readonly Position[]): void {
    const numbers = new Float32Array(rows.length * NUMBERS);
    for (const [index, { page, left, bottom, right, top }] of rows.entries()) {
      numbers.set([page, left, bottom, right, top], index * NUMBERS);
    }
    tables.push({ name, numbers });
  }

  function* rows(): Generator<Cell[]> {
    for (const { name, numbers } of tables) {
      for (let at = 0; at < numbers.length; at += NUMBERS) {
        const [page, ...places] = numbers.subarray(at, at + NUMBERS);
        yield [name, String(at / NUMBERS + 1), String(page), ...places.map((place) => place.toFixed(1))];
      }
    }
  }

  function* events(): Generator<ReadEvent> {
    yield { type: 'table', name: 'positions', columns: COLUMNS, dialect: { kind: 'positions', header: false } };
    yield* rowEvents(rows(), 1, limits, createBudget({ ...limits, cells: Number.POSITIVE_INFINITY }));
  }

  return {
    add,
    get isEmpty() {
      return tables.length === 0;
    },
    events,
  };
}
