import { varintSize, writeVarint } from './records.ts';

/** The largest pages there are: fewer of them, and room for longer rows. */
const PAGE_BYTES = 65_536;
const PAGES = 32;
/** In the first page the file's header comes before the page's own. */
const FILE_HEADER = 100;
const LEAF = 0x0d;
const INTERIOR = 0x05;
const LEAF_HEADER = 8;
const INTERIOR_HEADER = 12;
/** A record that is longer continues on pages of its own, which an image has none of. */
const LONGEST_RECORD = PAGE_BYTES - 35;

/**
 * A SQLite database in memory (https://www.sqlite.org/fileformat2.html) with one table, made by laying down its pages. To
 * hand SQLite a row value by value takes several times as long as to lay its record down and let SQLite copy it.
 */
export interface TableImage {
  readonly rows: number;
  readonly bytes: Uint8Array;
  /**
   * The place in `bytes` for the record of row `n`, of `size` bytes. Rows come in ascending order of their numbers.
   * `undefined` when there is no room: it is time for `take`.
   */
  place(n: number, size: number): number | undefined;
  /** The database; the image is empty again, and what was given is good until the next row. */
  take(): Buffer;
}

/** Whether a record of so many bytes can be in an image at all. */
export const fitsImage = (size: number): boolean => size <= LONGEST_RECORD;

/** An image of the table `name`, which the statement `sql` makes. */
export function createTableImage(name: string, sql: string): TableImage {
  const bytes = Buffer.allocUnsafeSlow(PAGES * PAGE_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  /** The last row of each leaf. */
  const last: number[] = [];
  let rows = 0;
  let page = 0;
  let cells = 0;
  let free = 0;

  function place(n: number, size: number): number | undefined {
    const cell = varintSize(size) + varintSize(n) + size;
    const taken = LEAF_HEADER + 2 * (cells + 1);
    if (last.length === 0 || free - cell < page + taken) {
      // The first page and the root are to fit too.
      if (last.length === PAGES - 2) return undefined;
      startLeaf();
    }
    free -= cell;
    view.setUint16(page + LEAF_HEADER + 2 * cells, free - page);
    cells++;
    rows++;
    last[last.length - 1] = n;
    return writeVarint(bytes, writeVarint(bytes, free, size), n);
  }

  function startLeaf(): void {
    endLeaf();
    last.push(0);
    page = last.length * PAGE_BYTES;
    free = page + PAGE_BYTES;
    cells = 0;
  }

  function endLeaf(): void {
    if (last.length > 0) writePageHeader(view, page, LEAF, cells, free - page);
  }

  function take(): Buffer {
    endLeaf();
    const pages = last.length === 1 ? 2 : last.length + 2;
    if (last.length > 1) writeRoot(view, (pages - 1) * PAGE_BYTES, last);
    writeFirstPage(bytes, view, { name, sql, pages });
    last.length = 0;
    rows = 0;
    return bytes.subarray(0, pages * PAGE_BYTES);
  }

  return {
    get rows() {
      return rows;
    },
    bytes,
    place,
    take,
  };
}

/** The page that tells which leaf has which rows. */
function writeRoot(view: DataView, page: number, last: readonly number[]): void {
  const bytes = new Uint8Array(view.buffer, view.byteOffset);
  let free = page + PAGE_BYTES;
  for (let leaf = 0; leaf < last.length - 1; leaf++) {
    free -= 4 + varintSize(last[leaf]!);
    view.setUint32(free, leaf + 2);
    writeVarint(bytes, free + 4, last[leaf]!);
    view.setUint16(page + INTERIOR_HEADER + 2 * leaf, free - page);
  }
  writePageHeader(view, page, INTERIOR, last.length - 1, free - page);
  view.setUint32(page + 8, last.length + 1);
}

function writePageHeader(view: DataView, at: number, type: number, cells: number, content: number): void {
  view.setUint8(at, type);
  view.setUint16(at + 1, 0);
  view.setUint16(at + 3, cells);
  view.setUint16(at + 5, content);
  view.setUint8(at + 7, 0);
}

interface Schema {
  readonly name: string;
  readonly sql: string;
  /** Pages of the file; the table's root is the last. */
  readonly pages: number;
}

/** The file's header and the table of tables, which has one row. */
function writeFirstPage(bytes: Buffer, view: DataView, schema: Schema): void {
  writeFileHeader(bytes, view, schema.pages);
  const record = schemaRecord(schema);
  const start = PAGE_BYTES - record.length - varintSize(record.length) - 1;
  bytes.set(record, writeVarint(bytes, writeVarint(bytes, start, record.length), 1));
  writePageHeader(view, FILE_HEADER, LEAF, 1, start);
  view.setUint16(FILE_HEADER + LEAF_HEADER, start);
}

function writeFileHeader(bytes: Buffer, view: DataView, pages: number): void {
  bytes.fill(0, 0, FILE_HEADER);
  bytes.write('SQLite format 3\0', 'latin1');
  // 1 stands for pages of 65,536 bytes; file format 1; what part of a page a record takes.
  bytes.set([0, 1, 1, 1, 0, 64, 32, 32], 16);
  view.setUint32(24, 1);
  view.setUint32(28, pages);
  view.setUint32(40, 1);
  view.setUint32(44, 4);
  view.setUint32(56, 1);
  view.setUint32(92, 1);
  view.setUint32(96, 3_045_000);
}

function schemaRecord({ name, sql, pages }: Schema): Buffer {
  const texts = ['table', name, name, sql].map((text) => Buffer.from(text));
  const serials = [...texts.slice(0, 3), pages, ...texts.slice(3)].map((part) =>
    typeof part === 'number' ? 1 : 13 + 2 * part.length,
  );
  const head = Buffer.alloc(16);
  let at = 1;
  for (const serial of serials) at = writeVarint(head, at, serial);
  head[0] = at;
  return Buffer.concat([head.subarray(0, at), ...texts.slice(0, 3), Buffer.of(pages), texts[3]!]);
}
