import type { Cell } from '../core/batch.ts';
import { packColumn } from '../core/packed-batch.ts';
import type { Stored, StoredColumn } from './encode.ts';

/** Bytes of the body of a value by its serial type; behind them come texts, of 13 + 2 × their bytes. */
const BODY_BYTES = Uint8Array.of(0, 1, 2, 3, 4, 6, 8, 8, 0, 0);
const REAL = 7;
const ZERO = 8;
const ONE = 9;
const TEXT = 13;
const MOST_BYTES_A_UNIT = 3;

/** A column of a batch: its values, and whether they are texts rather than numbers. Absent ones are `null`. */
export interface RecordColumn {
  readonly cells: StoredColumn;
  readonly isText: boolean;
}

/**
 * A batch of rows as the records that SQLite stores (https://www.sqlite.org/fileformat2.html#record_format), in which the
 * row's number, the primary key, is left to the cell around the record.
 */
export interface Records {
  /** Takes a batch, in place of the one before. */
  set(columns: readonly RecordColumn[], length: number): void;
  /** Bytes of the record of row `row`. */
  size(row: number): number;
  /** Writes the record of the next row into `to`. Each row is written or skipped once, in order. */
  writeNext(to: Uint8Array, at: number): void;
  skipNext(): void;
}

/** Records of tables with `count` columns beside the row's number. */
export function createRecords(count: number): Records {
  const places = new Int32Array(count);
  let bodies = Buffer.allocUnsafeSlow(1 << 16);
  let used = 0;
  /** Serial types, column by column. */
  let serials = new Int32Array(0);
  let headSizes = new Int32Array(0);
  let sizes = new Int32Array(0);
  let rows = 0;
  let next = 0;

  function set(columns: readonly RecordColumn[], length: number): void {
    if (sizes.length < length) {
      serials = new Int32Array(count * length);
      headSizes = new Int32Array(length);
      sizes = new Int32Array(length);
    }
    rows = length;
    next = 0;
    used = 0;
    // A byte says how long the head is, one that there is no value in place of the row's number.
    headSizes.fill(2, 0, length);
    sizes.fill(0, 0, length);
    for (let k = 0; k < count; k++) {
      const { cells, isText } = columns[k]!;
      places[k] = used;
      if (isText) putTexts(cells, k * length);
      else putNumbers(cells as readonly Stored[], k * length);
    }
    for (let row = 0; row < length; row++) {
      if (headSizes[row]! > 0x7f) headSizes[row]! += varintSize(headSizes[row]! + 1) - 1;
      sizes[row]! += headSizes[row]!;
    }
  }

  function putTexts(cells: StoredColumn, first: number): void {
    const { text, lengths } = 'text' in cells ? cells : packColumn(cells as readonly Cell[]);
    makeRoom(text.length * MOST_BYTES_A_UNIT);
    // Only ASCII has as many bytes as units. Other texts are written one by one: each may end within a pair of surrogates.
    const ascii = bodies.write(text, used) === text.length;
    if (ascii) used += text.length;
    let at = 0;
    for (let row = 0; row < rows; row++) {
      const units = lengths[row]!;
      const bytes = units <= 0 || ascii ? Math.max(0, units) : putText(text.substring(at, at + units));
      if (units > 0) at += units;
      note(row, first, units < 0 ? 0 : TEXT + 2 * bytes, bytes);
    }
  }

  function putText(text: string): number {
    const bytes = bodies.write(text, used);
    used += bytes;
    return bytes;
  }

  function putNumbers(cells: readonly Stored[], first: number): void {
    makeRoom(8 * rows);
    for (let row = 0; row < rows; row++) {
      const cell = cells[row] as number | null;
      const serial = cell === null ? 0 : serialOf(cell);
      if (serial === REAL) bodies.writeDoubleBE(cell!, used);
      else if (serial > 0 && serial < REAL) putInteger(cell!, BODY_BYTES[serial]!);
      used += BODY_BYTES[serial]!;
      note(row, first, serial, BODY_BYTES[serial]!);
    }
  }

  function putInteger(value: number, bytes: number): void {
    if (bytes > 4) bodies.writeBigInt64BE(BigInt(value), used);
    else for (let i = 0; i < bytes; i++) bodies[used + i] = value >> (8 * (bytes - 1 - i));
  }

  function note(row: number, first: number, serial: number, bytes: number): void {
    serials[first + row] = serial;
    headSizes[row]! += varintSize(serial);
    sizes[row]! += bytes;
  }

  function makeRoom(bytes: number): void {
    if (used + bytes <= bodies.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * bodies.length, used + bytes));
    bodies.copy(larger, 0, 0, used);
    bodies = larger;
  }

  function writeNext(to: Uint8Array, at: number): void {
    const from = bodies;
    let place = writeVarint(to, at, headSizes[next]!);
    to[place++] = 0;
    let body = at + headSizes[next]!;
    for (let k = 0, s = next; k < count; k++, s += rows) {
      const serial = serials[s]!;
      if (serial < 0x80) to[place++] = serial;
      else place = writeVarint(to, place, serial);
      const start = places[k]!;
      const end = start + bodyBytes(serial);
      for (let i = start; i < end; i++) to[body++] = from[i]!;
      places[k] = end;
    }
    next++;
  }

  function skipNext(): void {
    for (let k = 0, s = next; k < count; k++, s += rows) places[k]! += bodyBytes(serials[s]!);
    next++;
  }

  return { set, size: (row) => sizes[row]!, writeNext, skipNext };
}

const bodyBytes = (serial: number): number => (serial < TEXT ? BODY_BYTES[serial]! : (serial - TEXT) >> 1);

function serialOf(value: number): number {
  if (!Number.isSafeInteger(value)) return REAL;
  if (value === 0) return ZERO;
  if (value === 1) return ONE;
  const size = value < 0 ? -1 - value : value;
  if (size < 2 ** 15) return size < 2 ** 7 ? 1 : 2;
  if (size < 2 ** 31) return size < 2 ** 23 ? 3 : 4;
  return 6;
}

/** Bytes of a number below 2³¹ as SQLite writes it: seven bits a byte, the highest first. */
export function varintSize(value: number): number {
  if (value < 2 ** 14) return value < 2 ** 7 ? 1 : 2;
  if (value < 2 ** 28) return value < 2 ** 21 ? 3 : 4;
  return 5;
}

/** Writes such a number; gives the place behind it. */
export function writeVarint(to: Uint8Array, at: number, value: number): number {
  const size = varintSize(value);
  for (let i = 0, shift = 7 * (size - 1); i < size; i++, shift -= 7) {
    to[at + i] = ((value >>> shift) & 0x7f) | (shift > 0 ? 0x80 : 0);
  }
  return at + size;
}
