import { BATCH_ROWS, type Batch, type Cell } from '../../core/batch.ts';
import type { Extent } from './references.ts';

/** Rows gathered column by column, before it is known which of the sheet's columns the table has. */
export interface LooseBatch {
  /** The batch of those columns. The loose one must not be used afterwards. */
  fit(extent: Extent): Batch;
}

/** Gathers cells, in any order within a row, into batches of `BATCH_ROWS` rows. */
export interface BatchBuilder {
  /** Rows finished and not taken. */
  readonly length: number;
  /** Puts a cell into the current row; `false` when that column holds one already. */
  put(column: number, text: string, raw: string | null): boolean;
  /** The current row's cells that hold something, by column. */
  cells(): [column: number, text: string][];
  /** The cells of the finished row with this index that hold something, by column. */
  cellsOf(row: number): [column: number, text: string][];
  /** Takes the first `count` finished rows away. */
  drop(count: number): void;
  /** Finishes the current row; gives how many are finished. */
  advance(): number;
  /** Empties the current row. */
  clear(): void;
  /** The finished rows; the builder starts anew. */
  take(): LooseBatch;
}

type Column = Cell[] | undefined;

const BLANK: readonly Cell[] = new Array<Cell>(BATCH_ROWS).fill(null);

/** An empty builder. */
export function createBatchBuilder(): BatchBuilder {
  let columns: Column[] = [];
  let raws: Column[] = [];
  let length = 0;

  function put(column: number, text: string, raw: string | null): boolean {
    let cells = columns[column];
    if (cells === undefined) cells = columns[column] = BLANK.slice();
    else if (cells[length] !== null) return false;
    cells[length] = text;
    if (raw !== null) putRaw(column, raw);
    return true;
  }

  function putRaw(column: number, raw: string): void {
    let cells = raws[column];
    if (cells === undefined) cells = raws[column] = BLANK.slice();
    cells[length] = raw;
  }

  function cellsOf(row: number): [number, string][] {
    const found: [number, string][] = [];
    columns.forEach((column, index) => {
      const text = column?.[row];
      if (typeof text === 'string') found.push([index, text]);
    });
    return found;
  }

  function drop(count: number): void {
    const shift = (column: Column): Column => {
      column?.copyWithin(0, count).fill(null, BATCH_ROWS - count);
      return column?.some((cell) => cell !== null) ? column : undefined;
    };
    columns = columns.map(shift);
    raws = raws.map(shift);
    length -= count;
  }

  function clear(): void {
    if (length === 0) {
      columns = [];
      raws = [];
    }
    // `forEach` passes over the columns that a sparse sheet does not have.
    const empty = (column: Column) => {
      if (column) column[length] = null;
    };
    columns.forEach(empty);
    raws.forEach(empty);
  }

  function take(): LooseBatch {
    const taken = { length, columns, raws };
    columns = [];
    raws = [];
    length = 0;
    return { fit: (extent) => fit(taken, extent) };
  }

  return {
    get length() {
      return length;
    },
    put,
    cells: () => cellsOf(length),
    cellsOf,
    drop,
    advance: () => ++length,
    clear,
    take,
  };
}

function fit(loose: { length: number; columns: Column[]; raws: Column[] }, { first, last }: Extent): Batch {
  const { length } = loose;
  const width = last - first + 1;
  const columns = Array.from(
    { length: width },
    (_, index) => cut(loose.columns[first + index], length) ?? BLANK.slice(0, length),
  );
  if (loose.raws.length === 0) return { length, columns };
  return { length, columns, raws: Array.from({ length: width }, (_, index) => cut(loose.raws[first + index], length)) };
}

function cut(column: Column, length: number): Column {
  return column === undefined || column.length === length ? column : column.slice(0, length);
}
