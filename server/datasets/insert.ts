import type { Database, Statement } from 'better-sqlite3-multiple-ciphers';
import type { EncodedColumn, Stored } from './encode.ts';
import type { Layout } from './layout.ts';

/** Rows of one INSERT: more gain nothing, and SQLite takes 32,766 parameters. */
const ROWS_AT_ONCE = 16;
const PARAMETERS = 32_766;

interface Table {
  /** For each column of the table, the column of the dataset and the part of it. */
  readonly sources: readonly (readonly [column: number, part: keyof EncodedColumn])[];
  readonly one: Statement;
  readonly many: Statement;
  /** Rows that `many` takes. */
  readonly rows: number;
}

/** Stores a batch of encoded columns as rows `first`, `first + 1`, …. */
export type RowInserter = (columns: readonly EncodedColumn[], length: number, first: number) => void;

/** The inserter for the tables of a layout, which must exist. */
export function createRowInserter(db: Database, layout: Layout): RowInserter {
  const sources = sourcesOf(layout);
  const tables = layout.tables.map(({ name, columns }): Table => {
    const rows = Math.max(1, Math.min(ROWS_AT_ONCE, Math.floor(PARAMETERS / (columns.length + 1))));
    const row = `(${new Array(columns.length + 1).fill('?').join(',')})`;
    const prepare = (count: number) => db.prepare(`insert into ${name} values ${new Array(count).fill(row).join(',')}`);
    return { sources: columns.map(([column]) => sources.get(column)!), one: prepare(1), many: prepare(rows), rows };
  });
  return (columns, length, first) => {
    for (const table of tables) insertInto(table, columns, length, first);
  };
}

function sourcesOf(layout: Layout): Map<string, readonly [number, keyof EncodedColumn]> {
  const sources = new Map<string, readonly [number, keyof EncodedColumn]>();
  layout.columns.forEach((places, k) => {
    for (const part of ['value', 'raw', 'mask', 'index'] as const) {
      const place = places[part];
      if (place !== null) sources.set(place.column, [k, part]);
    }
  });
  return sources;
}

function insertInto(table: Table, columns: readonly EncodedColumn[], length: number, first: number): void {
  const cells = table.sources.map(([k, part]) => columns[k]![part]!);
  const many = new Array<Stored>(table.rows * (cells.length + 1));
  let row = 0;
  for (; row + table.rows <= length; row += table.rows) table.many.run(fill(many, cells, row, table.rows, first));
  const one = new Array<Stored>(cells.length + 1);
  for (; row < length; row++) table.one.run(fill(one, cells, row, 1, first));
}

/** `parameters`, filled with `count` rows from `row` on; SQLite copies them, so the array is used again. */
function fill(parameters: Stored[], cells: readonly (readonly Stored[])[], row: number, count: number, first: number) {
  let next = 0;
  for (let r = row; r < row + count; r++) {
    parameters[next++] = first + r;
    for (let c = 0; c < cells.length; c++) parameters[next++] = cells[c]![r]!;
  }
  return parameters;
}
