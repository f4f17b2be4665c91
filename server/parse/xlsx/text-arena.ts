import { Problem } from '../../core/problem.ts';

/** A list of texts that costs its UTF-8 bytes and four bytes for each text, far from a string's 24 and more. */
export interface TextArena {
  readonly length: number;
  add(text: string): void;
  /** The text at `index`, which must be below `length`. */
  get(index: number): string;
}

/** UTF-16 units of decoded texts kept at hand. */
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
  let cache: (string | undefined)[] = [];
  let cached = 0;

  function reserve(size: number): void {
    if (used + size + (length + 1) * ENTRY_BYTES > maxBytes) throw tooMuch();
    if (used + size > bytes.length) bytes = grownBytes(bytes, used, used + size);
    if (length === ends.length) ends = grownEnds(ends);
  }

  function decode(index: number): string {
    const text = bytes.toString('utf8', index === 0 ? 0 : ends[index - 1], ends[index]);
    if (cached > CACHE_UNITS) {
      cache = [];
      cached = 0;
    }
    cached += text.length + ENTRY_BYTES;
    cache[index] = text;
    return text;
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
    get: (index) => cache[index] ?? decode(index),
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
