import { Problem } from '../core/problem.ts';

/** Counts rows and filled cells over all tables of a file. */
export interface Tally {
  /** @throws Problem `too_many_rows`, `too_many_cells`. */
  add(rows: number, filled: number): void;
}

/** A tally at zero, for what `limits` allow. */
export function createTally(limits: { readonly rows: number; readonly cells: number }): Tally {
  let rows = 0;
  let filled = 0;
  return {
    add(newRows, newFilled) {
      rows += newRows;
      filled += newFilled;
      if (rows > limits.rows) throw new Problem('too_many_rows', tooMany('rows', limits.rows));
      if (filled > limits.cells) throw new Problem('too_many_cells', tooMany('filled cells', limits.cells));
    },
  };
}

function tooMany(what: string, limit: number): string {
  return `The file has more than ${limit} ${what}. Split it into several files, or raise the limit.`;
}
