/** SHA-256 (FIPS 180-4) and HMAC (RFC 2104) of four messages at a time, one in each 32-bit lane. */
import { HASH, MACS, SCHEDULE, SLOT, SLOTS, STATES } from './memory';

const K: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
  0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
  0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
  0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
  0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
  0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);
const START: usize = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);

// @ts-ignore: decorator
@inline
function rotr(x: v128, n: i32): v128 {
  return v128.or(i32x4.shr_u(x, n), i32x4.shl(x, 32 - n));
}

// @ts-ignore: decorator
@inline
function swapBytes(x: v128): v128 {
  return i8x16.shuffle(x, x, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
}

// @ts-ignore: decorator
@inline
function t1(e: v128, f: v128, g: v128, h: v128, t: usize): v128 {
  const sum = v128.xor(v128.xor(rotr(e, 6), rotr(e, 11)), rotr(e, 25));
  const word = i32x4.add(v128.load32_splat(K + (t << 2)), v128.load(SCHEDULE + (t << 4)));
  return i32x4.add(i32x4.add(i32x4.add(h, word), v128.bitselect(f, g, e)), sum);
}

// @ts-ignore: decorator
@inline
function t2(a: v128, b: v128, c: v128): v128 {
  const sum = v128.xor(v128.xor(rotr(a, 2), rotr(a, 13)), rotr(a, 22));
  return i32x4.add(sum, v128.bitselect(c, b, v128.xor(a, b)));
}

function expandSchedule(): void {
  for (let w = SCHEDULE, end = SCHEDULE + 48 * 16; w < end; w += 16) {
    const x = v128.load(w, 16);
    const y = v128.load(w, 14 * 16);
    const s0 = v128.xor(v128.xor(rotr(x, 7), rotr(x, 18)), i32x4.shr_u(x, 3));
    const s1 = v128.xor(v128.xor(rotr(y, 17), rotr(y, 19)), i32x4.shr_u(y, 10));
    v128.store(w, i32x4.add(i32x4.add(v128.load(w), s0), i32x4.add(v128.load(w, 9 * 16), s1)), 16 * 16);
  }
}

// @ts-ignore: decorator
@inline
function addToHash(word: i32, x: v128): void {
  v128.store(HASH + (word << 4), i32x4.add(v128.load(HASH + (word << 4)), x));
}

function compress(): void {
  expandSchedule();
  let a = v128.load(HASH, 0);
  let b = v128.load(HASH, 16);
  let c = v128.load(HASH, 32);
  let d = v128.load(HASH, 48);
  let e = v128.load(HASH, 64);
  let f = v128.load(HASH, 80);
  let g = v128.load(HASH, 96);
  let h = v128.load(HASH, 112);
  // Eight rounds a turn bring every variable back to its own name, so that none is moved.
  for (let t: usize = 0; t < 64; t += 8) {
    h = t1(e, f, g, h, t);
    d = i32x4.add(d, h);
    h = i32x4.add(h, t2(a, b, c));
    g = t1(d, e, f, g, t + 1);
    c = i32x4.add(c, g);
    g = i32x4.add(g, t2(h, a, b));
    f = t1(c, d, e, f, t + 2);
    b = i32x4.add(b, f);
    f = i32x4.add(f, t2(g, h, a));
    e = t1(b, c, d, e, t + 3);
    a = i32x4.add(a, e);
    e = i32x4.add(e, t2(f, g, h));
    d = t1(a, b, c, d, t + 4);
    h = i32x4.add(h, d);
    d = i32x4.add(d, t2(e, f, g));
    c = t1(h, a, b, c, t + 5);
    g = i32x4.add(g, c);
    c = i32x4.add(c, t2(d, e, f));
    b = t1(g, h, a, b, t + 6);
    f = i32x4.add(f, b);
    b = i32x4.add(b, t2(c, d, e));
    a = t1(f, g, h, a, t + 7);
    e = i32x4.add(e, a);
    a = i32x4.add(a, t2(b, c, d));
  }
  addToHash(0, a);
  addToHash(1, b);
  addToHash(2, c);
  addToHash(3, d);
  addToHash(4, e);
  addToHash(5, f);
  addToHash(6, g);
  addToHash(7, h);
}

/** Transposes 4 × 4 big-endian words: lane to message and back. Rows are `step` bytes apart in, `toStep` out. */
// @ts-ignore: decorator
@inline
function transpose(from: usize, step: usize, to: usize, toStep: usize): void {
  const a = swapBytes(v128.load(from));
  const b = swapBytes(v128.load(from + step));
  const c = swapBytes(v128.load(from + 2 * step));
  const d = swapBytes(v128.load(from + 3 * step));
  const ab0 = i32x4.shuffle(a, b, 0, 4, 1, 5);
  const ab1 = i32x4.shuffle(a, b, 2, 6, 3, 7);
  const cd0 = i32x4.shuffle(c, d, 0, 4, 1, 5);
  const cd1 = i32x4.shuffle(c, d, 2, 6, 3, 7);
  v128.store(to, i64x2.shuffle(ab0, cd0, 0, 2));
  v128.store(to + toStep, i64x2.shuffle(ab0, cd0, 1, 3));
  v128.store(to + 2 * toStep, i64x2.shuffle(ab1, cd1, 0, 2));
  v128.store(to + 3 * toStep, i64x2.shuffle(ab1, cd1, 1, 3));
}

function loadSchedule(messages: usize): void {
  for (let part: usize = 0; part < 64; part += 16) transpose(messages + part, SLOT, SCHEDULE + (part << 2), 16);
}

function startFrom(words: usize): void {
  for (let i: usize = 0; i < 8; i++) v128.store(HASH + (i << 4), v128.load32_splat(words + (i << 2)));
}

/** The HMACs of the messages in the four slots, each padded to `blocks` SHA-256 blocks, into `HASH`: one in each lane. */
export function hmacLanes(blocks: i32): void {
  startFrom(STATES);
  for (let i = 0; i < blocks; i++) {
    loadSchedule(SLOTS + (i << 6));
    compress();
  }
  for (let i: usize = 0; i < 128; i += 16) {
    v128.store(SCHEDULE + i, v128.load(HASH + i));
    v128.store(SCHEDULE + 128 + i, i32x4.splat(0));
  }
  v128.store(SCHEDULE + 8 * 16, i32x4.splat(0x80000000));
  v128.store(SCHEDULE + 15 * 16, i32x4.splat((64 + 32) * 8));
  startFrom(STATES + 32);
  compress();
}

/** The same as bytes, message by message, into `MACS`. */
export function hmacSlots(blocks: i32): void {
  hmacLanes(blocks);
  transpose(HASH, 16, MACS, 32);
  transpose(HASH + 64, 16, MACS + 16, 32);
}

/** SHA-256 blocks of a message of `length` bytes with its padding. */
// @ts-ignore: decorator
@inline
export function hashBlocks(length: i32): i32 {
  return (length + 9 + 63) >> 6;
}

/**
 * Pads the message of `length` bytes in `slot` for SHA-256, counting the 64 bytes of the pad hashed before it. Clears up
 * to 15 bytes after the last block; `memory.fill` costs a call out of the module, more than the stores.
 */
export function padMessage(slot: usize, length: i32): void {
  const end = slot + (hashBlocks(length) << 6);
  for (let at = slot + length; at < end; at += 16) v128.store(at, i32x4.splat(0));
  store<u8>(slot + length, 0x80);
  store<u32>(end - 4, bswap<u32>((64 + length) << 3));
}

function padKey(key: usize, pad: u8, slot: usize): void {
  for (let i = 0; i < 64; i += 16) v128.store(slot + i, v128.xor(v128.load(key + i), i8x16.splat(pad)));
}

/** Turns the key at `key`, zero-filled to 64 bytes, into the two HMAC states at `STATES`. */
export function prepareStates(key: usize): void {
  padKey(key, 0x36, SLOTS);
  padKey(key, 0x5c, SLOTS + SLOT);
  startFrom(START);
  loadSchedule(SLOTS);
  compress();
  for (let i: usize = 0; i < 8; i++) {
    store<u32>(STATES + (i << 2), load<u32>(HASH + (i << 4)));
    store<u32>(STATES + 32 + (i << 2), load<u32>(HASH + (i << 4) + 4));
  }
}
