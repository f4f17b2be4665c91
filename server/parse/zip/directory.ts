import { Problem } from '../../core/problem.ts';
import type { Source } from '../../core/source.ts';
import { readRange } from './range.ts';

/** One part of a ZIP archive as the central directory describes it. Sizes are claims until the part has been read. */
export interface ZipEntry {
  readonly name: string;
  /** The name as it stands in the archive, in whatever code page. */
  readonly nameBytes: Buffer;
  /** 0 stored, 8 deflated; others cannot be read. */
  readonly method: number;
  readonly encrypted: boolean;
  readonly crc: number;
  /** Bytes in the archive. */
  readonly packed: number;
  /** Bytes when unpacked. */
  readonly size: number;
  /** Where the part's local header stands in the archive. */
  readonly offset: number;
}

const MAX_ENTRIES = 10_000;
const MAX_DIRECTORY_BYTES = 16 << 20;
const END_BYTES = 22;
const LOCATOR_BYTES = 20;
const END64_BYTES = 56;

/** The key under which a part is found: OPC compares part names without case (ECMA-376 part 2, 6.2.2.3). */
export function partKey(name: string): string {
  return name.replaceAll('\\', '/').replace(/^\/+/, '').toLowerCase();
}

/**
 * The parts of a ZIP archive by `partKey`, from its central directory (PKWARE APPNOTE 4.3.12), zip64 included.
 * At most 10,000 entries.
 * @throws Problem `workbook_corrupt` when there is no whole directory or two parts share a name;
 * `unpacked_too_large` when there are too many entries.
 */
export async function readDirectory(source: Source): Promise<Map<string, ZipEntry>> {
  const { count, start, end } = await locate(source);
  if (count > MAX_ENTRIES) throw tooMany();
  if (start + MAX_DIRECTORY_BYTES < end) throw tooMany();
  const bytes = await readRange(source, start, end);
  const parts = new Map<string, ZipEntry>();
  let at = 0;
  let entries = 0;
  for (; at < bytes.length; entries++) {
    if (entries === MAX_ENTRIES) throw tooMany();
    const entry = readEntry(bytes, at, start);
    at = entry.next;
    addPart(parts, entry);
  }
  if (entries !== count) throw broken(`lists ${entries} parts and claims ${count}`);
  return parts;
}

function addPart(parts: Map<string, ZipEntry>, entry: ZipEntry): void {
  if (entry.name.endsWith('/')) return;
  const key = partKey(entry.name);
  if (parts.has(key)) throw broken(`holds the part ${JSON.stringify(entry.name.slice(0, 100))} twice`);
  parts.set(key, entry);
}

async function locate(source: Source): Promise<{ count: number; start: number; end: number }> {
  const tailStart = Math.max(0, source.size - END_BYTES - LOCATOR_BYTES - 0xffff);
  const tail = await readRange(source, tailStart, source.size);
  const at = findEnd(tail);
  if (at < 0) throw broken('has no directory at its end: it was probably cut off');
  let place = {
    count: tail.readUInt16LE(at + 10),
    size: tail.readUInt32LE(at + 12),
    start: tail.readUInt32LE(at + 16),
  };
  if (place.count === 0xffff || place.size === 0xffffffff || place.start === 0xffffffff) {
    place = (await locate64(source, tail, at)) ?? place;
  }
  const end = place.start + place.size;
  if (end > tailStart + at) throw broken('has a directory that reaches beyond its end');
  return { count: place.count, start: place.start, end };
}

function findEnd(tail: Buffer): number {
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== 0x06054b50) continue;
    if (at + END_BYTES + tail.readUInt16LE(at + 20) <= tail.length) return at;
  }
  return -1;
}

async function locate64(source: Source, tail: Buffer, end: number) {
  const locator = end - LOCATOR_BYTES;
  if (locator < 0 || tail.readUInt32LE(locator) !== 0x07064b50) return undefined;
  const at = large(tail, locator + 8);
  if (at + END64_BYTES > source.size) throw broken('has a zip64 directory that reaches beyond its end');
  const record = await readRange(source, at, at + END64_BYTES);
  if (record.readUInt32LE(0) !== 0x06064b50) throw broken('has no zip64 directory where it says');
  return { count: large(record, 32), size: large(record, 40), start: large(record, 48) };
}

function readEntry(bytes: Buffer, at: number, limit: number): ZipEntry & { next: number } {
  if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== 0x02014b50) throw broken('has a damaged directory');
  const nameEnd = at + 46 + bytes.readUInt16LE(at + 28);
  const extraEnd = nameEnd + bytes.readUInt16LE(at + 30);
  const next = extraEnd + bytes.readUInt16LE(at + 32);
  if (next > bytes.length) throw broken('has a damaged directory');
  const sizes = [bytes.readUInt32LE(at + 24), bytes.readUInt32LE(at + 20), bytes.readUInt32LE(at + 42)];
  const [size, packed, offset] = widen(sizes, bytes.subarray(nameEnd, extraEnd)) as [number, number, number];
  if (offset + packed > limit) throw broken('has a part that reaches into its directory');
  return {
    name: bytes.toString('utf8', at + 46, nameEnd),
    nameBytes: bytes.subarray(at + 46, nameEnd),
    method: bytes.readUInt16LE(at + 10),
    encrypted: (bytes.readUInt16LE(at + 8) & 1) !== 0,
    crc: bytes.readUInt32LE(at + 16),
    packed,
    size,
    offset,
    next,
  };
}

/** `values` with each 0xffffffff replaced, in order, from the zip64 extra field (APPNOTE 4.5.3). */
function widen(values: readonly number[], extra: Buffer): number[] {
  if (!values.includes(0xffffffff)) return [...values];
  let at = findExtra(extra, 1);
  return values.map((value) => {
    if (value !== 0xffffffff) return value;
    if (at < 0 || at + 8 > extra.length) throw broken('has a zip64 part without its size');
    at += 8;
    return large(extra, at - 8);
  });
}

function findExtra(extra: Buffer, id: number): number {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) === id) return at + 4;
  }
  return -1;
}

function large(bytes: Buffer, at: number): number {
  const value = bytes.readBigUInt64LE(at);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw broken('claims an impossible size');
  return Number(value);
}

function tooMany(): Problem {
  return new Problem('unpacked_too_large', `The file holds more than ${MAX_ENTRIES} parts. Save it without them.`);
}

function broken(what: string): Problem {
  return new Problem('workbook_corrupt', `The file's ZIP archive ${what}. Save the file again and upload that copy.`);
}
