import { corrupt } from './problems.ts';

const MAX_DEPTH = 32;
/** More bytes than any integer of Parquet takes as a varint. */
const MAX_VARINT = 10;

/**
 * Goes over a struct in Thrift's compact protocol (thrift-compact-protocol.md) that starts at `at`, and gives where it
 * ends; -1 when that is behind the end of `bytes`. It checks what the library believes: that lists and texts are no
 * longer than the bytes that are there, integers no longer than integers, and structs no deeper than Parquet's.
 * @throws Problem `parquet_corrupt`.
 */
export function endOfStruct(bytes: Uint8Array, at: number): number {
  let next = at;
  const end = bytes.length;

  function struct(depth: number): boolean {
    if (depth > MAX_DEPTH) throw corrupt('its description is nested too deep');
    for (;;) {
      if (next >= end) return false;
      const head = bytes[next++]!;
      const type = head & 0x0f;
      if (type === 0) return true;
      if (head >> 4 === 0 && varint() < 0) return false;
      // A truth value is its type.
      if (type > 2 && !element(type, depth)) return false;
    }
  }

  function element(type: number, depth: number): boolean {
    if (type <= 3) return skip(1);
    if (type <= 6) return varint() >= 0;
    if (type === 7) return skip(8);
    if (type === 8) {
      const length = varint();
      return length >= 0 && skip(length);
    }
    if (type === 9) return list(depth);
    if (type === 12) return struct(depth + 1);
    throw corrupt('its description has a part of an unknown kind');
  }

  function list(depth: number): boolean {
    if (next >= end) return false;
    const head = bytes[next++]!;
    const count = head >> 4 === 15 ? varint() : head >> 4;
    if (count < 0) return false;
    // Every element takes a byte at least.
    if (count > end - next) return false;
    for (let i = 0; i < count; i++) if (!element(head & 0x0f, depth + 1)) return false;
    return true;
  }

  function skip(count: number): boolean {
    next += count;
    return next <= end;
  }

  /** The integer, -1 when it is not there in whole. Exact up to 2^53, and large above. */
  function varint(): number {
    let value = 0;
    for (let i = 0; i < MAX_VARINT; i++) {
      if (next >= end) return -1;
      const byte = bytes[next++]!;
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    throw corrupt('its description has an impossible number');
  }

  return struct(0) ? next : -1;
}
