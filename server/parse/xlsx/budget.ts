import { Problem } from '../../core/problem.ts';
import type { ReadLimits } from '../format.ts';

/** Counts rows and cells over all tables of a file against its limits. */
export interface Budget {
  /** @throws Problem `too_many_cells`. */
  addCells(count: number): void;
  /** @throws Problem `too_many_rows`. */
  addRow(): void;
}

/** A budget of which nothing is used. */
export function createBudget(limits: ReadLimits): Budget {
  let rows = 0;
  let cells = 0;
  return {
    addCells(count) {
      cells += count;
      if (cells > limits.cells) {
        throw new Problem(
          'too_many_cells',
          `The file has more than ${limits.cells} cells that hold something. Split it.`,
        );
      }
    },
    addRow() {
      if (++rows > limits.rows) {
        throw new Problem('too_many_rows', `The file has more than ${limits.rows} rows. Split it.`);
      }
    },
  };
}
