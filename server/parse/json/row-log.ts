import type { ReadCell } from './cells.ts';
import type { KeyNode } from './keys.ts';

/** A cell and the key it stands at; for a row that is an array or a value, its index. */
export interface RowCell extends ReadCell {
  readonly at: KeyNode | number;
}

/** The cells of one row whose keys may come more than once: the last of equal keys counts, as for JSON.parse. */
export interface RowLog {
  /** What follows, up to `leave`, is the value of `key`. What an equal key held before no longer counts. */
  enter(key: KeyNode): void;
  leave(): void;
  put(cell: RowCell): void;
  /** The cells that count, in the order of the file. */
  cells(): RowCell[];
  /** The cells that no longer count. */
  readonly dropped: readonly RowCell[];
  /** The first key that came again. */
  readonly repeated: KeyNode | null;
}

/** The log of a row of which nothing was read. */
export function createRowLog(): RowLog {
  const cells: (RowCell | null)[] = [];
  const dropped: RowCell[] = [];
  const spans = new Map<KeyNode, readonly [from: number, to: number]>();
  const open: { key: KeyNode; from: number }[] = [];
  let repeated: KeyNode | null = null;

  function drop(from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const cell = cells[i];
      if (cell) dropped.push(cell);
      cells[i] = null;
    }
  }
  return {
    enter(key) {
      const earlier = spans.get(key);
      if (earlier) {
        repeated ??= key;
        drop(...earlier);
      }
      open.push({ key, from: cells.length });
    },
    leave() {
      const { key, from } = open.pop()!;
      spans.set(key, [from, cells.length]);
    },
    put: (cell) => void cells.push(cell),
    cells: () => cells.filter((cell) => cell !== null),
    dropped,
    get repeated() {
      return repeated;
    },
  };
}
