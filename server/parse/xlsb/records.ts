import { cellTooLarge } from '../xlsx/cell-too-large.ts';
import { corrupt } from '../xlsx/corrupt.ts';
import type { Archive } from '../zip/archive.ts';
import type { ZipEntry } from '../zip/directory.ts';

/** The data of one record of a binary part; its bytes are valid as long as it is handled. */
export interface BinaryRecord {
  readonly type: number;
  readonly size: number;
  /** A byte of the data. @throws Problem `workbook_corrupt` beyond its end, as all of these. */
  byte(at: number): number;
  word(at: number): number;
  /** Four bytes as a whole number without sign. */
  long(at: number): number;
  double(at: number): number;
  /** A text of two bytes a unit behind its length in four (XLWideString); a length of -1 is the empty text. */
  text(at: number): string;
  /** Where the text at `at` ends. */
  textEnd(at: number): number;
}

/** Handles records of a part; those of types that are not in `wanted` are passed over. */
export interface RecordHandler {
  readonly wanted: ReadonlySet<number>;
  take(record: BinaryRecord): void;
}

const NO_TEXT = 0xffffffff;

/**
 * Feeds the records of a binary part ([MS-XLSB] 2.1.4) to `handler`, and yields after each chunk. A wanted record may
 * have `maxBytes`.
 * @throws Problem `workbook_corrupt` when the part ends within a record; `cell_too_large`; as `Archive.read` and the
 * handler.
 */
export async function* feedRecords(
  archive: Archive,
  entry: ZipEntry,
  maxBytes: number,
  { wanted, take }: RecordHandler,
): AsyncGenerator<void> {
  let rest: Buffer = Buffer.alloc(0);
  let skipped = 0;
  for await (const chunk of archive.read(entry)) {
    const bytes: Buffer = rest.length > 0 ? Buffer.concat([rest, chunk]) : asBuffer(chunk);
    let at = 0;
    for (;;) {
      const passed = Math.min(skipped, bytes.length - at);
      at += passed;
      skipped -= passed;
      const head = skipped > 0 ? undefined : readHead(bytes, at);
      if (!head) break;
      const { type, start, size } = head;
      if (!wanted.has(type)) {
        at = start;
        skipped = size;
      } else if (size > maxBytes) throw cellTooLarge(`A record of the part ${JSON.stringify(entry.name)}`, maxBytes);
      else if (start + size > bytes.length) break;
      else {
        take(recordOf(bytes, type, start, size));
        at = start + size;
      }
    }
    // The next chunk may be written over this one.
    rest = Buffer.from(bytes.subarray(at));
    yield;
  }
  if (rest.length > 0 || skipped > 0) throw corrupt(`the part ${JSON.stringify(entry.name)} ends within a record`);
}

/** Feeds a whole small part to `handler`: one without rows or texts. @throws Problem as `feedRecords`. */
export async function readRecords(archive: Archive, entry: ZipEntry, handler: RecordHandler): Promise<void> {
  for await (const _ of feedRecords(archive, entry, SMALL_RECORD_BYTES, handler));
}

const SMALL_RECORD_BYTES = 1 << 20;

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

/** A type of one or two bytes and a size of one to four, seven bits each; `undefined` while they are not all there. */
function readHead(bytes: Buffer, at: number): { type: number; start: number; size: number } | undefined {
  if (at + 2 > bytes.length) return undefined;
  const low = bytes[at++]!;
  const type = low < 0x80 ? low : (low & 0x7f) | ((bytes[at++]! & 0x7f) << 7);
  let size = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    if (at >= bytes.length) return undefined;
    const byte = bytes[at++]!;
    size |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return { type, start: at, size };
}

function recordOf(bytes: Buffer, type: number, start: number, size: number): BinaryRecord {
  const place = (at: number, length: number): number => {
    if (at + length > size) throw corrupt('a record is shorter than what it must hold');
    return start + at;
  };
  const long = (at: number) => bytes.readUInt32LE(place(at, 4));
  const units = (at: number) => (long(at) === NO_TEXT ? 0 : long(at));
  return {
    type,
    size,
    byte: (at) => bytes[place(at, 1)]!,
    word: (at) => bytes.readUInt16LE(place(at, 2)),
    long,
    double: (at) => bytes.readDoubleLE(place(at, 8)),
    text(at) {
      const length = 2 * units(at);
      const from = place(at + 4, length);
      return bytes.toString('utf16le', from, from + length);
    },
    textEnd: (at) => at + 4 + 2 * units(at),
  };
}
