import { growTo, instantiate, newMemory, PAGE, type ScannerMemory } from '../scanner-module.ts';

/** How rows are separated: by the commas of an array, by line, each behind an RS (RFC 7464), or by nothing. */
export type Separation = 'array' | 'lines' | 'sequence' | 'concatenated';

/** What the rows of a table are; a null is a row of any kind. */
export type RowKind = 'objects' | 'arrays' | 'scalars';

/** Why a scan ended before its bytes did, or that it did not (`more`). `end` is the end of the array or value. */
export type ScanStatus = 'more' | 'full' | 'invalid' | 'end' | 'other kind' | 'too long';

/**
 * The rows found by one scan. All of it is overwritten by the next scan.
 *
 * Row `i` stands in six words of `rows` from `6 * i`: the number of cells of all rows up to it, its first byte and the
 * byte behind it, for an array its number of elements, its marks (`SLOW_ROW`, `NULL_ROW`), and its number from 0, which
 * counts lines if rows are lines. The cells of all rows follow each other in `cells`, four words each: the key or the
 * element's index, first unit, unit behind the last, and one of `CELL_KINDS`. A null is no cell.
 */
export interface Scan {
  readonly status: ScanStatus;
  readonly rowCount: number;
  readonly rows: Int32Array;
  readonly cells: Int32Array;
  /** Where the next scan goes on: the start of a row or its line, behind a row, or behind the array or value. */
  readonly consumed: number;
  /** To be handed to the next scan. */
  readonly place: Place;
  /** Whether a byte above 0x7F may have been seen. */
  readonly nonAscii: boolean;
  /** What the rows of the table are, as far as is known. */
  readonly kind: RowKind | null;
  /** Line breaks up to `consumed`, if rows are lines. */
  readonly lines: number;
  /** What is wrong at byte `position`, if the status is `invalid`; worded by `fault.ts`. */
  readonly fault: number;
  readonly position: number;
}

/** What was last taken from the bytes: nothing, a row, or the separator of the next one. */
export type Place = 0 | 1 | 2;
/** Nothing yet. */
export const AT_START = 0;
/** A row. */
export const BEHIND_ROW = 1;

/** How a cell is written, as the scanner numbers them. */
export const CELL_KINDS = { text: 0, escaped: 1, number: 2, exponent: 3, true: 4, false: 5, json: 6 } as const;

/** A mark of a row whose cells the scanner could not tell: a key is unknown, escaped or there twice. */
export const SLOW_ROW = 1;
/** A mark of a row that is null. */
export const NULL_ROW = 2;

/** The number of the object that a row is; keys in it have this parent. */
export const ROOT_KEY = 0;
/** A mark of a key that has a column. */
export const HAS_COLUMN = 1;
/** A mark of a key at which something else than null was seen. */
export const HAS_VALUE = 2;

/**
 * Finds rows and their cells in UTF-8 bytes, and checks that they are JSON as RFC 8259 has it, nested no deeper than 64
 * levels. Bytes that are not valid UTF-8 are passed over as text.
 */
export interface Scanner {
  /** The bytes to scan, at least `size` long. Growing replaces it by a longer one with the same content. */
  input(size: number): Buffer;
  /** Starts a table of rows that are separated so. No key is known in it. */
  startTable(separation: Separation): void;
  /**
   * Makes a key known to the following scans, with its marks. Gives its number, or `null` when there are too many or it
   * is too long, so that rows with it stay slow. Key and parent must not be known together yet.
   */
  addKey(parent: number, key: string, marks: number): number | null;
  /** The marks of a known key. */
  marksOf(key: number): number;
  /** Sets the marks of a known key. */
  mark(key: number, marks: number): void;
  /** The rows from byte `from` up to `to`; an array's from behind its bracket. `isFinal` says that nothing follows. */
  rows(from: number, to: number, isFinal: boolean, place: Place): Scan;
  /** Starts to skip a value. */
  startSkip(): void;
  /** Skips from byte `from`, where the value starts or the last call stopped (`consumed`), up to `to`. */
  skip(from: number, to: number, isFinal: boolean): Scan;
}

/**
 * A scanner that finds `columns` cells of a row that is an array, and no rows of more than `longest` bytes (lines are
 * measured with their ends). Its memory grows with what is scanned at once.
 */
export function createScanner(columns: number, longest: number): Scanner {
  const memory = newMemory(1);
  const run = instantiate<Exports>('json', memory);
  const layout = layOut(columns);
  let views = grow(memory, layout, 0);
  writeSettings(memory, layout, columns, longest);
  const scanOf = (status: number) => toScan(STATUSES[status]!, views);
  return {
    input(size) {
      if (size + OVERREAD > views.input.length) views = grow(memory, layout, size);
      return views.input;
    },
    startTable: (separation) => run.startTable(SEPARATIONS.indexOf(separation)),
    addKey(parent, key, marks) {
      const bytes = Buffer.from(key);
      const room = run.keyRoom(bytes.length);
      if (room === 0) return null;
      bytes.copy(views.all, room);
      return run.addKey(parent, bytes.length, marks);
    },
    marksOf: (key) => views.all[layout.marks + key]!,
    mark(key, marks) {
      views.all[layout.marks + key] = marks;
    },
    rows: (from, to, isFinal, place) =>
      scanOf(run.rows(layout.input + from, layout.input + to, isFinal ? 1 : 0, place)),
    startSkip: () => run.startSkip(),
    skip: (from, to, isFinal) => scanOf(run.skip(layout.input + from, layout.input + to, isFinal ? 1 : 0)),
  };
}

interface Exports {
  startTable(separation: number): void;
  keyRoom(length: number): number;
  addKey(parent: number, length: number, marks: number): number;
  rows(from: number, to: number, isFinal: number, place: Place): number;
  startSkip(): void;
  skip(from: number, to: number, isFinal: number): number;
}

/** Where things stand in the scanner's memory, in bytes. */
interface Layout {
  readonly keyCount: number;
  readonly slotCount: number;
  readonly rows: number;
  readonly cells: number;
  /** Once a cell stands here, there may be no room for another row. */
  readonly cellsFull: number;
  readonly keys: number;
  readonly marks: number;
  readonly slots: number;
  readonly texts: number;
  readonly input: number;
}

interface Views {
  readonly all: Buffer;
  readonly results: Int32Array;
  readonly rows: Int32Array;
  readonly cells: Int32Array;
  readonly input: Buffer;
}

const SEPARATIONS: readonly Separation[] = ['array', 'lines', 'sequence', 'concatenated'];
const STATUSES: readonly ScanStatus[] = ['more', 'full', 'invalid', 'end', 'other kind', 'too long'];
const KINDS: readonly (RowKind | null)[] = [null, 'objects', 'arrays', 'scalars'];
const RESULTS = 64;
const TABLES = 1024;
const ROWS = 8192;
const ROW_BYTES = 24;
const CELLS = 65_536;
const CELL_BYTES = 16;
/** Bytes for the texts of keys, and how many more keys than columns there is room for: those of objects in rows. */
const TEXTS = 256 * 1024;
const KEYS_BESIDE_COLUMNS = 1024;
/** The scanner looks at blocks of 16 bytes, the last one included. */
const OVERREAD = 64;

function layOut(columns: number): Layout {
  const keyCount = columns + KEYS_BESIDE_COLUMNS;
  const slotCount = 2 ** Math.ceil(Math.log2(2 * keyCount));
  const rows = TABLES;
  const cells = rows + ROWS * ROW_BYTES;
  const cellsFull = cells + CELLS * CELL_BYTES;
  const keys = cellsFull + keyCount * CELL_BYTES;
  const marks = keys + keyCount * 16;
  const slots = marks + Math.ceil(keyCount / 16) * 16;
  const texts = slots + slotCount * 4;
  const input = Math.ceil((texts + TEXTS) / PAGE) * PAGE;
  return { keyCount, slotCount, rows, cells, cellsFull, keys, marks, slots, texts, input };
}

/** Makes room for `size` bytes of input. All views of the memory are new then, because growing detaches the old ones. */
function grow(memory: ScannerMemory, layout: Layout, size: number): Views {
  growTo(memory, layout.input + size + OVERREAD);
  const { buffer } = memory;
  return {
    all: Buffer.from(buffer),
    results: new Int32Array(buffer, RESULTS, 8),
    rows: new Int32Array(buffer, layout.rows, (ROWS * ROW_BYTES) / 4),
    cells: new Int32Array(buffer, layout.cells, (layout.keys - layout.cells) / 4),
    input: Buffer.from(buffer, layout.input),
  };
}

function writeSettings(memory: ScannerMemory, layout: Layout, columns: number, longest: number): void {
  new Uint32Array(memory.buffer, 0, 14).set([
    ...[layout.input, layout.rows, layout.cells - ROW_BYTES, layout.cells, layout.cellsFull, columns],
    ...[layout.keys, layout.slots, layout.texts, layout.marks, layout.slotCount - 1, layout.input, layout.keyCount],
    longest,
  ]);
}

function toScan(status: ScanStatus, { results, rows, cells }: Views): Scan {
  const [rowCount = 0, consumed = 0, nonAscii, kind = 0, lines = 0, fault = 0, position = 0, place] = results;
  return {
    ...{ status, rowCount, rows, cells, consumed, fault, position },
    place: place as Place,
    nonAscii: nonAscii !== 0,
    kind: KINDS[kind]!,
    lines,
  };
}
