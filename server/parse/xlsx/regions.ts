import type { Range } from './references.ts';
import type { RowSink } from './rows.ts';

/** Tells `sink` the rows and cells within `range` alone. */
export function within(range: Range, sink: RowSink): RowSink {
  let inside = false;
  return {
    columnsOnly: sink.columnsOnly,
    declare() {},
    startRow(number) {
      inside = number >= range.top && number <= range.bottom;
      if (inside) sink.startRow(number);
    },
    put(column, text, raw, isText) {
      if (inside && column >= range.first && column <= range.last) sink.put(column, text, raw, isText);
    },
    endRow() {
      if (inside) sink.endRow();
    },
  };
}

/** Tells `sink` all rows, and the cells outside of all of `ranges`. */
export function outside(ranges: readonly Range[], sink: RowSink): RowSink {
  let here: Range[] = [];
  return {
    columnsOnly: sink.columnsOnly,
    declare() {},
    startRow(number) {
      here = ranges.filter(({ top, bottom }) => number >= top && number <= bottom);
      sink.startRow(number);
    },
    put(column, text, raw, isText) {
      if (here.some(({ first, last }) => column >= first && column <= last)) return;
      sink.put(column, text, raw, isText);
    },
    endRow: () => sink.endRow(),
  };
}

/** Tells both sinks everything. Texts come empty only if both want them so. */
export function both(a: RowSink, b: RowSink): RowSink {
  return {
    columnsOnly: a.columnsOnly && b.columnsOnly,
    declare(extent) {
      a.declare(extent);
      b.declare(extent);
    },
    startRow(number) {
      a.startRow(number);
      b.startRow(number);
    },
    put(column, text, raw, isText) {
      a.put(column, text, raw, isText);
      b.put(column, text, raw, isText);
    },
    endRow() {
      a.endRow();
      b.endRow();
    },
  };
}
