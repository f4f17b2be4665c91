import { corrupt } from '../xlsx/corrupt.ts';

/** The streams that stand directly in the root of a compound file (OLE2), as legacy Office files are. */
export interface CompoundFile {
  /** The names of all streams and storages in the root. */
  readonly names: readonly string[];
  /**
   * The bytes of the stream of that name (compared without case) in memory of their own, or `undefined`.
   * @throws Problem `workbook_corrupt` when its chain of sectors runs in a circle, out of the file, or ends too early.
   */
  stream(name: string): Buffer | undefined;
}

const SECTORS_IN_HEADER = 109;
const ENTRY_BYTES = 128;
const MINI_SECTOR_BYTES = 64;
const END_OF_CHAIN = 0xfffffffe;
const NOTHING = 0xffffffff;
const STREAM = 2;

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
 * Opens a compound file ([MS-CFB]) that stands in memory in whole.
 *
 * Every chain is followed for as many steps as the file has sectors at most, so a circle ends with a problem; no size
 * that the file claims is allocated before the file was found to be that large.
 * @throws Problem `workbook_corrupt`.
 */
export function openCompound(bytes: Buffer): CompoundFile {
  if (bytes.length < 512) throw damaged('is cut off in its header');
  const shift = bytes.readUInt16LE(30);
  if (shift !== 9 && shift !== 12) throw damaged('has an impossible sector size');
  const sectorBytes = 1 << shift;
  const sectors = Math.ceil(bytes.length / sectorBytes) - 1;
  const sector = (index: number): Buffer => bytes.subarray((index + 1) * sectorBytes, (index + 2) * sectorBytes);
  const table = readTable(bytes, sectors, sector);
  const joined = (start: number): Buffer => Buffer.concat(chain(table, start, sectors).map(sector));
  const entries = readEntries(joined(bytes.readUInt32LE(48)));
  const root = entries[0];
  if (!root) throw damaged('has no directory');
  const children = inRoot(entries, root.child);
  const miniLimit = bytes.readUInt32LE(56);

  function mini({ start, size }: Entry): Buffer {
    const store = joined(root!.start);
    const miniTable = wordsOf(joined(bytes.readUInt32LE(60)));
    const pieces = chain(miniTable, start, miniTable.length).map((index) =>
      store.subarray(index * MINI_SECTOR_BYTES, (index + 1) * MINI_SECTOR_BYTES),
    );
    return whole(pieces, size);
  }

  function read(entry: Entry): Buffer {
    if (entry.size > bytes.length) throw damaged('has a stream that is larger than the file');
    if (entry.size === 0) return Buffer.alloc(0);
    return entry.size < miniLimit ? mini(entry) : whole(chain(table, entry.start, sectors).map(sector), entry.size);
  }

  return {
    names: children.map(({ name }) => name),
    stream(name) {
      const entry = children.find((child) => child.type === STREAM && child.name.toLowerCase() === name.toLowerCase());
      return entry && read(entry);
    },
  };
}

/** The allocation table: for each sector the next one. Its own sectors are listed in the header and a chain behind it. */
function readTable(bytes: Buffer, sectors: number, sector: (index: number) => Buffer): Uint32Array {
  const places = Array.from({ length: SECTORS_IN_HEADER }, (_, index) => bytes.readUInt32LE(76 + 4 * index));
  let next = bytes.readUInt32LE(68);
  for (let steps = 0; next < sectors; steps++) {
    if (steps > sectors) throw circle();
    const list = wordsOf(sector(next));
    places.push(...list.subarray(0, -1));
    next = list.at(-1) ?? END_OF_CHAIN;
  }
  const used = places.filter((place) => place !== NOTHING).slice(0, Math.min(bytes.readUInt32LE(44), sectors));
  if (used.some((place) => place >= sectors)) throw outside();
  return wordsOf(Buffer.concat(used.map(sector)));
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

function whole(pieces: readonly Buffer[], size: number): Buffer {
  const bytes = Buffer.concat(pieces);
  if (bytes.length < size) throw damaged('ends before the last of its stream');
  return bytes.subarray(0, size);
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
