import { corrupt } from './problems.ts';

/**
 * `count` numbers of `width` bits in the hybrid of run lengths and bit packing (parquet-format, Encodings, RLE), from
 * `bytes`, which may go on behind them.
 * @throws Problem `parquet_corrupt` when there are fewer.
 */
export function readHybrid(bytes: Uint8Array, width: number, count: number): Uint32Array {
  const numbers = new Uint32Array(count);
  if (width > 32) throw corrupt('a page has numbers of an impossible size');
  if (width === 0) return numbers;
  let at = 0;
  for (let seen = 0; seen < count; ) {
    const [header, next] = readVarint(bytes, at);
    const runs = Math.floor(header / 2);
    at = next;
    if (header % 2 === 1) {
      const wanted = Math.min(count - seen, runs * 8);
      unpackBits(bytes, at, width, numbers, seen, wanted);
      seen += wanted;
      at += runs * width;
    } else {
      const size = Math.ceil(width / 8);
      if (at + size > bytes.length || runs === 0) throw tooShort();
      let value = 0;
      for (let i = size - 1; i >= 0; i--) value = value * 256 + bytes[at + i]!;
      numbers.fill(value, seen, Math.min(count, seen + runs));
      seen += runs;
      at += size;
    }
  }
  return numbers;
}

/** Puts `count` numbers of `width` bits, up to 32, from `bytes[at]` on into `into`. @throws Problem `parquet_corrupt`. */
export function unpackBits(
  bytes: Uint8Array,
  at: number,
  width: number,
  into: Uint32Array,
  from: number,
  count: number,
): void {
  if (count === 0 || at + Math.ceil((count * width) / 8) > bytes.length) throw tooShort();
  let next = at;
  let bits = 0;
  let held = 0;
  const mask = 2 ** width;
  for (let i = 0; i < count; i++) {
    // Up to 39 bits are held, which a double can; shifts cannot.
    while (held < width) {
      bits += bytes[next++]! * 2 ** held;
      held += 8;
    }
    into[from + i] = bits % mask;
    bits = Math.floor(bits / mask);
    held -= width;
  }
}

function readVarint(bytes: Uint8Array, at: number): [value: number, next: number] {
  let value = 0;
  for (let i = 0; i < 5; i++) {
    if (at + i >= bytes.length) throw tooShort();
    const byte = bytes[at + i]!;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return [value, at + i + 1];
  }
  throw corrupt('a page has an impossible number');
}

function tooShort() {
  return corrupt('a page holds fewer values than it says');
}
