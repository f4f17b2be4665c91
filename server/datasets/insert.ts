import type { Database, Statement } from 'better-sqlite3-multiple-ciphers';
import { unpackColumn } from '../core/packed-batch.ts';
import { copyInto } from './cipher.ts';
import type { EncodedColumn, StoredColumn } from './encode.ts';
import { type Layout, statementFor } from './layout.ts';
import { createRecords, type Records } from './records.ts';
import { createTableImage, fitsImage, type TableImage } from './table-image.ts';

interface Table {
  readonly name: string;
  /** For each column of the table, the column of the dataset and the part of it. */
  readonly sources: readonly Source[];
  readonly records: Records;
  readonly image: TableImage;
  /** Inserts one row. */
  readonly insert: Statement;
}

interface Source {
  readonly column: number;
  readonly part: keyof EncodedColumn;
  readonly isText: boolean;
}

/** Stores rows. What was added is in the file after `flush`. */
export interface RowInserter {
  /** Takes a batch of encoded columns as the rows `first`, `first + 1`, …. */
  add(columns: readonly EncodedColumn[], length: number, first: number): void;
  flush(): void;
}

/** A dataset file that is being written: its connection, which is in no transaction, its path and its key. */
export interface OpenFile {
  readonly db: Database;
  readonly path: string;
  readonly key: Uint8Array;
}

/** The inserter for the tables of a layout, which must exist. Rows are laid down in images, and SQLite copies those. */
export function createRowInserter({ db, path, key }: OpenFile, layout: Layout): RowInserter {
  const parts = partsOf(layout);
  const tables = layout.tables.map((table): Table => {
    const sources = table.columns.map(([column, type]) => ({ ...parts.get(column)!, isText: type === 'TEXT' }));
    return {
      name: table.name,
      sources,
      records: createRecords(sources.length),
      image: createTableImage(table.name, statementFor(table)),
      insert: db.prepare(`insert into ${table.name} values (?${',?'.repeat(sources.length)})`),
    };
  });

  function add(table: Table, columns: readonly EncodedColumn[], length: number, first: number): void {
    const { sources, records, image, insert } = table;
    const fields = sources.map(({ column, part, isText }) => ({ cells: columns[column]![part]!, isText }));
    records.set(fields, length);
    let cells: ReturnType<typeof cellsOf>[] | undefined;
    for (let row = 0; row < length; row++) {
      const size = records.size(row);
      if (fitsImage(size)) records.writeNext(image.bytes, placeFor(table, first + row, size));
      else {
        records.skipNext();
        cells ??= fields.map((field) => cellsOf(field.cells));
        insert.run(first + row, ...cells.map((column) => column[row]));
      }
    }
  }

  function placeFor(table: Table, n: number, size: number): number {
    const place = table.image.place(n, size);
    if (place !== undefined) return place;
    flush(table);
    return table.image.place(n, size)!;
  }

  function flush({ name, image }: Table): void {
    if (image.rows > 0) copyInto(path, key, name, image.take());
  }

  return {
    add(columns, length, first) {
      for (const table of tables) add(table, columns, length, first);
    },
    flush: () => tables.forEach(flush),
  };
}

const cellsOf = (column: StoredColumn) => ('text' in column ? unpackColumn(column) : column);

function partsOf(layout: Layout): Map<string, Omit<Source, 'isText'>> {
  const parts = new Map<string, Omit<Source, 'isText'>>();
  layout.columns.forEach((places, column) => {
    for (const part of ['value', 'raw', 'mask', 'index'] as const) {
      const place = places[part];
      if (place !== null) parts.set(place.column, { column, part });
    }
  });
  return parts;
}
