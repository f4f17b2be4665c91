import type { Cell } from '../../core/batch.ts';
import type { Box } from './geometry.ts';
import type { Word } from './words.ts';

/** A table on one page; every row has as many cells as there are columns. */
export interface FoundTable {
  /** `tagged`: the document says what its cells are; `ruled`: they are drawn; `spaced`: only space is between its columns. */
  readonly kind: 'tagged' | 'ruled' | 'spaced';
  readonly box: Box;
  readonly rows: readonly (readonly Cell[])[];
  /** Whether the document says that the first row names the columns. */
  readonly hasNames?: boolean;
  /** Where each row stands, in the order of `rows`. */
  readonly places: readonly Box[];
  /** Where each column starts and ends, from left to right, in points. */
  readonly columns: readonly (readonly [left: number, right: number])[];
  /** The words it is made of. */
  readonly words: readonly Word[];
}
