import { unpackBits } from './hybrid.ts';
import { corrupt } from './problems.ts';

const MAX_BLOCK = 1 << 20;

/** Numbers that were read, and where their bytes end. */
export interface DeltaNumbers<T> {
  readonly numbers: T;
  readonly end: number;
}

/**
 * `count` integers in the encoding of differences (parquet-format, Encodings, DELTA_BINARY_PACKED) from `bytes[at]` on.
 * They wrap at 64 bits; those of 32 bits are their lower half.
 * @throws Problem `parquet_corrupt`.
 */
export function readDelta(bytes: Uint8Array, at: number, count: number): DeltaNumbers<BigInt64Array> {
  const reader = { bytes, at };
  const blockSize = Number(readVarint(reader));
  const parts = Number(readVarint(reader));
  const total = Number(readVarint(reader));
  const first = readZigZag(reader);
  const size = blockSize / parts;
  if (!(blockSize <= MAX_BLOCK && parts > 0 && size > 0 && size % 8 === 0) || total < count) throw damaged();
  const numbers = new BigInt64Array(count);
  if (count > 0) numbers[0] = first;
  let value = first;
  for (let seen = 1; seen < count; ) {
    const least = readZigZag(reader);
    const widths = reader.at;
    reader.at += parts;
    if (reader.at > bytes.length) throw damaged();
    for (let part = 0; part < parts && seen < count; part++) {
      const width = bytes[widths + part]!;
      const wanted = Math.min(size, count - seen);
      const rest = residuals(reader, width, wanted);
      for (let i = 0; i < wanted; i++) {
        value = BigInt.asIntN(64, value + least + BigInt(rest[i]!));
        numbers[seen++] = value;
      }
      reader.at += (size * width) / 8;
    }
  }
  return { numbers, end: Math.min(reader.at, bytes.length) };
}

/** The same as numbers of 32 bits, such as lengths. */
export function readDelta32(bytes: Uint8Array, at: number, count: number): DeltaNumbers<Int32Array> {
  const { numbers, end } = readDelta(bytes, at, count);
  return { numbers: Int32Array.from(numbers, (value) => Number(BigInt.asIntN(32, value))), end };
}

/** Texts whose lengths stand before them (DELTA_LENGTH_BYTE_ARRAY). @throws Problem `parquet_corrupt`. */
export function readDeltaLengths(bytes: Uint8Array, at: number, count: number): Uint8Array[] {
  const lengths = readDelta32(bytes, at, count);
  let next = lengths.end;
  return Array.from(lengths.numbers, (length) => {
    if (length < 0 || next + length > bytes.length) throw damaged();
    next += length;
    return bytes.subarray(next - length, next);
  });
}

/**
 * Texts that begin as the one before them did (DELTA_BYTE_ARRAY), of at most `limit` bytes altogether.
 * @throws Problem `parquet_corrupt`.
 */
export function readDeltaTexts(bytes: Uint8Array, at: number, count: number, limit: number): Uint8Array[] {
  const shared = readDelta32(bytes, at, count);
  const rests = readDeltaLengths(bytes, shared.end, count);
  let before: Uint8Array = new Uint8Array();
  let total = 0;
  return rests.map((rest, index) => {
    const length = shared.numbers[index]!;
    total += length + rest.length;
    if (length < 0 || length > before.length || total > limit) throw damaged();
    before = length === 0 ? rest : Buffer.concat([before.subarray(0, length), rest]);
    return before;
  });
}

interface Reader {
  readonly bytes: Uint8Array;
  at: number;
}

function residuals({ bytes, at }: Reader, width: number, count: number): ArrayLike<number | bigint> {
  if (width > 64) throw damaged();
  if (width > 32) return wideBits(bytes, at, width, count);
  const numbers = new Uint32Array(count);
  if (width > 0) unpackBits(bytes, at, width, numbers, 0, count);
  return numbers;
}

function wideBits(bytes: Uint8Array, at: number, width: number, count: number): BigUint64Array {
  const end = at + Math.ceil((count * width) / 8);
  if (end > bytes.length) throw damaged();
  const numbers = new BigUint64Array(count);
  let next = at;
  let held = 0n;
  let bits = 0;
  for (let i = 0; i < count; i++) {
    for (; bits < width; bits += 8) held |= BigInt(bytes[next++]!) << BigInt(bits);
    numbers[i] = BigInt.asUintN(width, held);
    held >>= BigInt(width);
    bits -= width;
  }
  return numbers;
}

function readZigZag(reader: Reader): bigint {
  const value = readVarint(reader);
  return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
}

function readVarint(reader: Reader): bigint {
  let value = 0n;
  for (let i = 0n; i < 10n; i++) {
    if (reader.at >= reader.bytes.length) throw damaged();
    const byte = reader.bytes[reader.at++]!;
    value |= BigInt(byte & 0x7f) << (7n * i);
    if (byte < 0x80) return value;
  }
  throw damaged();
}

function damaged() {
  return corrupt('a page of differences is damaged');
}
