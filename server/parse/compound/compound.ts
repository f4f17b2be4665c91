import type { Source } from '../../core/source.ts';
import { corrupt } from '../xlsx/corrupt.ts';
import { readRange } from '../zip/range.ts';
import { piecesOf } from './pieces.ts';

/** The streams that stand directly in the root of a compound file (OLE2), as legacy and encrypted Office files are. */
export interface CompoundFile {
  /** The names of all streams and storages in the root. */
  readonly names: readonly string[];
  /**
   * The stream of that name (compared without case), or `undefined`.
   * @throws Problem `workbook_corrupt` when its chain of sectors runs in a circle, out of the file, or ends too early.
   */
  stream(name: string): Promise<Source | undefined>;
}

const HEADER_BYTES = 512;
const SECTORS_IN_HEADER = 109;
const ENTRY_BYTES = 128;
const MINI_SECTOR_BYTES = 64;
const END_OF_CHAIN = 0xfffffffe;
const NOTHING = 0xffffffff;
const STREAM = 2;
/** 130,000 entries: more than any book embeds. */
const MAX_DIRECTORY_BYTES = 16 << 20;

interface Entry {
  readonly name: string;
  readonly type: number;
  readonly left: number;
  readonly right: number;
  readonly child: number;
  readonly start: number;
  readonly size: number;
}

/**
 * Opens a compound file ([MS-CFB]). Memory holds its allocation table (a 128th of the file) and directory.
 *
 * Every chain is followed for as many steps as the file has sectors at most, so a circle ends with a problem; no size
 * that the file claims is allocated before the file was found to be that large.
 * @throws Problem `workbook_corrupt`.
 */
export async function openCompound(source: Source): Promise<CompoundFile> {
  if (source.size < HEADER_BYTES) throw damaged('is cut off in its header');
  const header = await readRange(source, 0, HEADER_BYTES);
  const shift = header.readUInt16LE(30);
  if (shift !== 9 && shift !== 12) throw damaged('has an impossible sector size');
  const sectorBytes = 1 << shift;
  const sectors = Math.ceil(source.size / sectorBytes) - 1;
  // The first sector stands behind the header, which takes up as much.
  const joined = (places: readonly number[]): Source => piecesOf(source, places, sectorBytes, { skip: 1 });
  const table = await readTable(header, sectors, (places) => readAll(joined(places)));
  const chained = (start: number): Source => joined(chain(table, start, sectors));
  const directory = chained(header.readUInt32LE(48));
  if (directory.size > MAX_DIRECTORY_BYTES) throw damaged('has a directory without end');
  const entries = readEntries(await readAll(directory));
  const root = entries[0];
  if (!root) throw damaged('has no directory');
  const children = inRoot(entries, root.child);
  const miniLimit = header.readUInt32LE(56);

  async function mini({ start, size }: Entry): Promise<Source> {
    const miniTable = wordsOf(await readAll(chained(header.readUInt32LE(60))));
    const places = chain(miniTable, start, miniTable.length);
    return piecesOf(chained(root!.start), places, MINI_SECTOR_BYTES, { size });
  }

  function large({ start, size }: Entry): Source {
    return piecesOf(source, chain(table, start, sectors), sectorBytes, { skip: 1, size });
  }

  async function open(entry: Entry): Promise<Source> {
    if (entry.size > source.size) throw damaged('has a stream that is larger than the file');
    if (entry.size === 0) return piecesOf(source, [], sectorBytes);
    const stream = entry.size < miniLimit ? await mini(entry) : large(entry);
    if (stream.size < entry.size) throw damaged('ends before the last of its stream');
    return stream;
  }

  return {
    names: children.map(({ name }) => name),
    async stream(name) {
      const entry = children.find((child) => child.type === STREAM && child.name.toLowerCase() === name.toLowerCase());
      return entry && open(entry);
    },
  };
}

const readAll = (source: Source): Promise<Buffer> => readRange(source, 0, source.size);

/** The allocation table: for each sector the next one. Its own sectors are listed in the header and a chain behind it. */
async function readTable(
  header: Buffer,
  sectors: number,
  read: (places: readonly number[]) => Promise<Buffer>,
): Promise<Uint32Array> {
  const places = Array.from({ length: SECTORS_IN_HEADER }, (_, index) => header.readUInt32LE(76 + 4 * index));
  let next = header.readUInt32LE(68);
  for (let steps = 0; next < sectors; steps++) {
    if (steps > sectors) throw circle();
    const list = wordsOf(await read([next]));
    places.push(...list.subarray(0, -1));
    next = list.at(-1) ?? END_OF_CHAIN;
  }
  const used = places.filter((place) => place !== NOTHING).slice(0, Math.min(header.readUInt32LE(44), sectors));
  if (used.some((place) => place >= sectors)) throw outside();
  return wordsOf(await read(used));
}

/** The numbers of a chain's sectors, in order. */
function chain(table: Uint32Array, start: number, sectors: number): number[] {
  const found: number[] = [];
  for (let at = start; at !== END_OF_CHAIN && at !== NOTHING; at = table[at] ?? END_OF_CHAIN) {
    if (at >= sectors) throw outside();
    if (found.length === sectors) throw circle();
    found.push(at);
  }
  return found;
}

function readEntries(directory: Buffer): Entry[] {
  return Array.from({ length: Math.floor(directory.length / ENTRY_BYTES) }, (_, index) => {
    const at = index * ENTRY_BYTES;
    const nameBytes = Math.min(64, directory.readUInt16LE(at + 64));
    return {
      name: directory.toString('utf16le', at, at + Math.max(0, nameBytes - 2)),
      type: directory[at + 66]!,
      left: directory.readUInt32LE(at + 68),
      right: directory.readUInt32LE(at + 72),
      child: directory.readUInt32LE(at + 76),
      start: directory.readUInt32LE(at + 116),
      size: directory.readUInt32LE(at + 120),
    };
  });
}

/** The entries of the root's own tree: a book that is embedded in another has entries of the same names elsewhere. */
function inRoot(entries: readonly Entry[], first: number): Entry[] {
  const seen = new Set<number>();
  const waiting = [first];
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    const entry = entries[index];
    if (!entry || seen.has(index)) continue;
    seen.add(index);
    waiting.push(entry.left, entry.right);
  }
  return [...seen].map((index) => entries[index]!);
}

function wordsOf(bytes: Buffer): Uint32Array {
  return Uint32Array.from({ length: bytes.length >> 2 }, (_, index) => bytes.readUInt32LE(4 * index));
}

function circle() {
  return damaged('has a chain of sectors that runs in a circle');
}

function outside() {
  return damaged('has a chain of sectors that leaves it');
}

function damaged(what: string) {
  return corrupt(`the compound file ${what}`);
}
