import type { Batch, Cell } from './batch.ts';

/** The cells of a column as one text, with the length of each in UTF-16 units, -1 for `null`. */
export interface PackedColumn {
  readonly text: string;
  readonly lengths: Int16Array | Int32Array;
}

/** A batch without its glances, made of few large values: those are kept and read again several times faster. */
export interface PackedBatch {
  readonly length: number;
  readonly columns: readonly PackedColumn[];
  readonly raws?: readonly (PackedColumn | undefined)[];
}

const LONGEST_SHORT = 0x7fff;

/** Packs a batch, which stays as it is. */
export function packBatch({ length, columns, raws }: Batch): PackedBatch {
  const packed = { length, columns: columns.map(packColumn) };
  return raws === undefined ? packed : { ...packed, raws: raws.map((raw) => raw && packColumn(raw)) };
}

/** Packs the cells of one column. */
export function packColumn(cells: readonly Cell[]): PackedColumn {
  const lengths = new Int32Array(cells.length);
  let longest = 0;
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i]!;
    lengths[i] = cell === null ? -1 : cell.length;
    if (lengths[i]! > longest) longest = lengths[i]!;
  }
  return { text: cells.join(''), lengths: longest > LONGEST_SHORT ? lengths : new Int16Array(lengths) };
}

/** The cells of a column again. */
export function unpackColumn({ text, lengths }: PackedColumn): Cell[] {
  const cells = new Array<Cell>(lengths.length);
  let at = 0;
  for (let i = 0; i < lengths.length; i++) {
    const length = lengths[i]!;
    cells[i] = length < 0 ? null : text.substring(at, at + length);
    if (length > 0) at += length;
  }
  return cells;
}
