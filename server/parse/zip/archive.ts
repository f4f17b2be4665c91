import { crc32 } from 'node:zlib';
import { Problem } from '../../core/problem.ts';
import type { Source } from '../../core/source.ts';
import { partKey, readDirectory, type ZipEntry } from './directory.ts';
import { inflate } from './inflate.ts';
import { readRange } from './range.ts';

/** A ZIP archive whose parts are read one at a time, each checked against its size and CRC-32 on the way. */
export interface Archive {
  /** All parts, in the order of the directory. */
  entries(): Iterable<ZipEntry>;
  /** The part of that name, compared without case and leading slash. */
  find(name: string): ZipEntry | undefined;
  /**
   * The unpacked bytes of a part; chunks must not be kept after the next one is asked for.
   * @throws Problem `workbook_corrupt` at the first byte too many, or at the end when bytes are missing or damaged;
   * `unpacked_too_large` when the parts read so far would together unpack to more than allowed;
   * `workbook_encrypted` and `unsupported_format` for parts in ways that cannot be read.
   */
  read(entry: ZipEntry): AsyncGenerator<Uint8Array>;
  /** Packed bytes read so far; a part that is read again counts once. */
  readonly packedRead: number;
}

/** What is packed may unpack to this many bytes whatever its ratio. */
const RATIO_FREE_BYTES = 16 << 20;
/** Sheets reach about 60; deflate ends at 1,032. */
const MAX_RATIO = 250;

/** Whether so many `packed` bytes may unpack to `size` ones: more is no data of people, but made to fill a disk. */
export function mayUnpackTo(size: number, packed: number): boolean {
  return size <= Math.max(RATIO_FREE_BYTES, packed * MAX_RATIO);
}

/**
 * Opens a ZIP archive of which at most `unpackedBytes` may be unpacked, over all parts that are read.
 * @throws Problem as `readDirectory`.
 */
export async function openArchive(source: Source, unpackedBytes: number): Promise<Archive> {
  const parts = await readDirectory(source);
  const admitted = new Set<ZipEntry>();
  let unpacked = 0;
  let packedRead = 0;

  function admit(entry: ZipEntry): void {
    refuseUnreadable(entry);
    admitted.add(entry);
    unpacked += entry.size;
    if (unpacked <= unpackedBytes && mayUnpackTo(entry.size, entry.packed)) return;
    throw new Problem('unpacked_too_large', `The part ${label(entry)} unpacks to too much data. Split the file.`);
  }

  async function* packedBytes(entry: ZipEntry, counts: boolean): AsyncGenerator<Uint8Array> {
    const start = await dataStart(source, entry);
    for await (const chunk of source.stream(start, start + entry.packed)) {
      if (counts) packedRead += chunk.length;
      yield chunk;
    }
  }

  async function* read(entry: ZipEntry): AsyncGenerator<Uint8Array> {
    const first = !admitted.has(entry);
    if (first) admit(entry);
    const packed = packedBytes(entry, first);
    yield* checked(entry, entry.method === 0 ? packed : inflate(packed));
  }

  return {
    entries: () => parts.values(),
    find: (name) => parts.get(partKey(name)),
    read,
    get packedRead() {
      return packedRead;
    },
  };
}

async function* checked(entry: ZipEntry, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0;
  let crc = 0;
  try {
    for await (const chunk of chunks) {
      size += chunk.length;
      if (size > entry.size) throw damaged(entry, 'is larger than the archive says');
      crc = crc32(chunk, crc);
      yield chunk;
    }
  } catch (error) {
    throw isZlibError(error) ? damaged(entry, 'cannot be unpacked') : error;
  }
  if (size !== entry.size) throw damaged(entry, 'is smaller than the archive says');
  if (crc !== entry.crc) throw damaged(entry, 'does not match its checksum');
}

/** Where the part's bytes begin; its local header must carry the name that the directory gives. */
async function dataStart(source: Source, entry: ZipEntry): Promise<number> {
  const nameLength = entry.nameBytes.length;
  const end = Math.min(source.size, entry.offset + 30 + nameLength);
  const header = await readRange(source, Math.min(entry.offset, end), end);
  if (header.length < 30 || header.readUInt32LE(0) !== 0x04034b50) throw damaged(entry, 'has no header');
  if (header.readUInt16LE(26) !== nameLength || !header.subarray(30).equals(entry.nameBytes)) {
    throw damaged(entry, 'is called otherwise in its own header');
  }
  const start = entry.offset + 30 + nameLength + header.readUInt16LE(28);
  if (start + entry.packed > source.size) throw damaged(entry, 'reaches beyond the end of the file');
  return start;
}

function refuseUnreadable(entry: ZipEntry): void {
  if (entry.encrypted) {
    throw new Problem('workbook_encrypted', `The part ${label(entry)} needs a password. Save the file without one.`);
  }
  if (entry.method !== 0 && entry.method !== 8) {
    const detail = `The part ${label(entry)} is packed by method ${entry.method}; only stored and deflated parts can be read.`;
    throw new Problem('unsupported_format', `${detail} Save the file again.`);
  }
}

/** Whether node:zlib could make nothing of what it was to unpack. */
export function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(?:Z_|ZSTD_)/.test(String(error.code));
}

function damaged(entry: ZipEntry, what: string): Problem {
  return new Problem('workbook_corrupt', `The part ${label(entry)} ${what}. Save the file again and upload that copy.`);
}

function label(entry: ZipEntry): string {
  return JSON.stringify(entry.name.slice(0, 100));
}
