import { Problem } from '../../core/problem.ts';

/** Shared texts of a workbook that are kept while its sheets are read, in bytes. */
export const MAX_SHARED_BYTES = 512 << 20;

/** A list of texts that costs its UTF-8 bytes and four bytes for each text, far from a string's 24 and more. */
export interface TextArena {
  readonly length: number;
  add(text: string): void;
  /** As `add`, for `bytes[start]` up to but not including `bytes[end]`, which are valid UTF-8: no string is made. */
  addBytes(bytes: Buffer, start: number, end: number): void;
  /** As `addBytes`, for texts that follow each other from the start of `bytes` on: the first `count` of `textEnds` are their ends. */
  addTexts(bytes: Buffer, textEnds: Int32Array, count: number): void;
  /** Takes back the last text, and gives it. */
  pop(): string;
  /** The text at `index`, which must be below `length`. */
  get(index: number): string;
}

/** Decoded texts kept at hand: so many places, each for every so many-th text, and so many UTF-16 units. */
const CACHE_PLACES = 1 << 15;
const CACHE_UNITS = 4 << 20;
const ENTRY_BYTES = 4;

/**
 * An empty arena that takes up to `maxBytes` (at most 4 GiB). Texts that are asked for again come from a cache of a
 * fixed size, so that a repeated text is one string.
 */
export function createTextArena(maxBytes: number): TextArena {
  let bytes: Buffer = Buffer.allocUnsafeSlow(64 << 10);
  let ends = new Uint32Array(1024);
  let length = 0;
  let used = 0;
  const cache = new Array<string>(CACHE_PLACES).fill('');
  const cacheIndexes = new Int32Array(CACHE_PLACES).fill(-1);
  let cachedUnits = 0;

  function reserve(size: number, count = 1): void {
    if (used + size + (length + count) * ENTRY_BYTES > maxBytes) throw tooMuch();
    if (used + size > bytes.length) bytes = grownBytes(bytes, used, used + size);
    while (length + count > ends.length) ends = grownEnds(ends);
  }

  function textAt(index: number): string {
    return bytes.toString('utf8', startOf(index), ends[index]);
  }

  function startOf(index: number): number {
    return index === 0 ? 0 : ends[index - 1]!;
  }

  function decode(index: number, place: number): string {
    const text = textAt(index);
    if (cachedUnits > CACHE_UNITS) forget();
    cachedUnits += text.length - cache[place]!.length;
    cache[place] = text;
    cacheIndexes[place] = index;
    return text;
  }

  function forget(): void {
    cache.fill('');
    cacheIndexes.fill(-1);
    cachedUnits = 0;
  }

  return {
    get length() {
      return length;
    },
    add(text) {
      const size = Buffer.byteLength(text);
      reserve(size);
      bytes.write(text, used, size, 'utf8');
      used += size;
      ends[length++] = used;
    },
    addBytes(from, start, end) {
      reserve(end - start);
      from.copy(bytes, used, start, end);
      used += end - start;
      ends[length++] = used;
    },
    addTexts(from, textEnds, count) {
      const size = textEnds[count - 1]!;
      reserve(size, count);
      from.copy(bytes, used, 0, size);
      for (let i = 0; i < count; i++) ends[length + i] = used + textEnds[i]!;
      used += size;
      length += count;
    },
    pop() {
      const text = textAt(--length);
      used = startOf(length);
      return text;
    },
    get(index) {
      const place = index % CACHE_PLACES;
      return cacheIndexes[place] === index ? cache[place]! : decode(index, place);
    },
  };
}

function grownBytes(bytes: Buffer, used: number, needed: number): Buffer {
  const grown = Buffer.allocUnsafeSlow(Math.max(2 * bytes.length, needed));
  bytes.copy(grown, 0, 0, used);
  return grown;
}

function grownEnds(ends: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(2 * ends.length);
  grown.set(ends);
  return grown;
}

function tooMuch(): Problem {
  return new Problem('unpacked_too_large', 'The workbook holds more shared text than can be kept. Split the file.');
}
