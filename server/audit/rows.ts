/** The first and the last of some rows, numbered from 1. */
export type RowRange = [first: number, last: number];

/** Rows of a dataset that someone was given. */
export interface RowsRead {
  readonly datasetId: string;
  readonly rows: readonly RowRange[];
}

/** The rows from one number to another, if there are any. */
export const rowsBetween = (first: number, last: number): RowRange[] => (first <= last ? [[first, last]] : []);

/** Numbers of rows, in any order, as few ranges in ascending order. */
export function rangesOf(numbers: readonly number[]): RowRange[] {
  const ranges: RowRange[] = [];
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last && number <= last[1] + 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges;
}
