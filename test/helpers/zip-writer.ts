import { crc32, deflateRawSync } from 'node:zlib';

/** One part of an archive, and the lies to tell about it. */
export interface ZipPart {
  readonly name: string;
  readonly data: string | Uint8Array;
  /** Default `deflated`. */
  readonly method?: 'stored' | 'deflated';
  /** The bytes to write in place of the packed data. */
  readonly packed?: Uint8Array;
  /** What the directory says, where that is not the truth. */
  readonly claims?: { size?: number; packed?: number; crc?: number; method?: number; flags?: number; offset?: number };
  /** The name in the part's own header, where it differs. */
  readonly localName?: string;
}

/** How the archive's end is written. */
export interface ZipOptions {
  /** Sizes and counts stand in zip64 records only. */
  readonly zip64?: boolean;
  /** The number of entries the end claims. */
  readonly count?: number;
}

const MAX32 = 0xffffffff;

/** A ZIP archive, made by hand so that tests can write what no library would (PKWARE APPNOTE 4.3). */
export function writeZip(parts: readonly ZipPart[], options: ZipOptions = {}): Buffer {
  const bodies: Buffer[] = [];
  const listings: Buffer[] = [];
  let offset = 0;
  for (const part of parts) {
    const { body, listing } = writePart(part, offset, options.zip64 === true);
    bodies.push(body);
    listings.push(listing);
    offset += body.length;
  }
  const directory = Buffer.concat(listings);
  const end = options.zip64 ? end64(parts.length, directory.length, offset) : Buffer.alloc(0);
  return Buffer.concat([...bodies, directory, end, endRecord(options, parts.length, directory.length, offset)]);
}

function writePart(part: ZipPart, offset: number, zip64: boolean): { body: Buffer; listing: Buffer } {
  const data = Buffer.from(part.data);
  const stored = part.method === 'stored';
  const packed = Buffer.from(part.packed ?? (stored ? data : deflateRawSync(data)));
  const claims = part.claims ?? {};
  const size = claims.size ?? data.length;
  const packedSize = claims.packed ?? packed.length;
  const method = claims.method ?? (stored ? 0 : 8);
  const common = [
    [20, 2],
    [claims.flags ?? 0x800, 2],
    [method, 2],
    [0, 4],
    [claims.crc ?? crc32(data), 4],
    [zip64 ? MAX32 : packedSize, 4],
    [zip64 ? MAX32 : size, 4],
  ] as const;
  const local = Buffer.from(part.localName ?? part.name);
  const name = Buffer.from(part.name);
  const at = claims.offset ?? offset;
  const extra = zip64 ? fields([1, 2], [24, 2], [size, 8], [packedSize, 8], [at, 8]) : Buffer.alloc(0);
  const header = fields([0x04034b50, 4], ...common, [local.length, 2], [0, 2]);
  const lengths = [
    [name.length, 2],
    [extra.length, 2],
    [0, 2],
    [0, 2],
    [0, 2],
    [0, 4],
    [zip64 ? MAX32 : at, 4],
  ] as const;
  return {
    body: Buffer.concat([header, local, packed]),
    listing: Buffer.concat([fields([0x02014b50, 4], [20, 2], ...common, ...lengths), name, extra]),
  };
}

function endRecord({ zip64, count }: ZipOptions, parts: number, size: number, start: number): Buffer {
  const entries = zip64 ? 0xffff : (count ?? parts);
  const place = zip64 ? [MAX32, MAX32] : [size, start];
  return fields([0x06054b50, 4], [0, 4], [entries, 2], [entries, 2], [place[0]!, 4], [place[1]!, 4], [0, 2]);
}

function end64(parts: number, size: number, start: number): Buffer {
  const record = fields(
    [0x06064b50, 4],
    [44, 8],
    [45, 2],
    [45, 2],
    [0, 8],
    [parts, 8],
    [parts, 8],
    [size, 8],
    [start, 8],
  );
  return Buffer.concat([record, fields([0x07064b50, 4], [0, 4], [start + size, 8], [1, 4])]);
}

function fields(...values: readonly (readonly [value: number, bytes: 2 | 4 | 8])[]): Buffer {
  const bytes = Buffer.alloc(values.reduce((sum, [, size]) => sum + size, 0));
  let at = 0;
  for (const [value, size] of values) {
    bytes.writeUIntLE(size === 8 ? value : value >>> 0, at, Math.min(size, 6));
    at += size;
  }
  return bytes;
}
