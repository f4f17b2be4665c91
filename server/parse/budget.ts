import { Problem } from '../core/problem.ts';
import type { ReadLimits } from './format.ts';

/** Counts rows and cells that hold something over all tables of a file against its limits. */
export interface Budget {
  /** @throws Problem `too_many_cells`. */
  addCells(count: number): void;
  /** @throws Problem `too_many_rows`. */
  addRows(count: number): void;
}

/** A budget of which nothing is used. */
export function createBudget(limits: Pick<ReadLimits, 'rows' | 'cells'>): Budget {
  let rows = 0;
  let cells = 0;
  return {
    addCells(count) {
      cells += count;
      if (cells > limits.cells) throw new Problem('too_many_cells', tooMany('cells that hold something', limits.cells));
    },
    addRows(count) {
      rows += count;
      if (rows > limits.rows) throw new Problem('too_many_rows', tooMany('rows', limits.rows));
    },
  };
}

function tooMany(what: string, limit: number): string {
  return `The file has more than ${limit} ${what}. Split it into several files, or raise the limit.`;
}
