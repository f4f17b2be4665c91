import { Problem } from '../../core/problem.ts';
import type { RowSink } from '../xlsx/rows.ts';
import type { OdsValue } from './value.ts';

/** Passes rows on to a sink as often as the document says that they repeat. Rows that hold nothing are only counted. */
export interface RowRepeater {
  /** The number of the row, from 1. */
  readonly row: number;
  startRow(times: number): void;
  /** A value in `times` columns from `column` on. */
  put(column: number, times: number, value: OdsValue): void;
  /** @throws Problem `unpacked_too_large`; what the sink throws. */
  endRow(): void;
}

/** Cells that may come out of repetitions in one table: a few bytes could stand for billions of them. */
const MAX_REPEATED_CELLS = 5_000_000;

/** A repeater before the first row of a table. */
export function createRowRepeater(sink: RowSink): RowRepeater {
  let row = 1;
  let rows = 1;
  let made = 0;
  let cells: [column: number, times: number, value: OdsValue][] = [];

  function refuseBomb(): void {
    const width = cells.reduce((sum, [, times]) => sum + times, 0);
    made += rows * width - cells.length;
    if (made <= MAX_REPEATED_CELLS) return;
    throw new Problem(
      'unpacked_too_large',
      `A sheet repeats its cells more than ${MAX_REPEATED_CELLS} times. Clear what is not needed, or split it.`,
    );
  }

  function pass(number: number): void {
    sink.startRow(number);
    for (const [column, times, { text, raw, isText }] of cells) {
      for (let at = column; at < column + times; at++) sink.put(at, text, raw, isText);
    }
    sink.endRow();
  }

  return {
    get row() {
      return row;
    },
    startRow(times) {
      rows = times;
      cells = [];
    },
    put(column, times, value) {
      cells.push([column, times, value]);
    },
    endRow() {
      if (cells.length > 0) {
        refuseBomb();
        for (let at = 0; at < rows; at++) pass(row + at);
      }
      row += rows;
    },
  };
}
