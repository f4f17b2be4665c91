/** The parts of a Fernet token (version 0x80) around AES, which the host does in one call for a whole batch. */
import { BLOCKS, CIPHER, IVS, laneNumbers, LENGTHS, MACS, SLOT_TAG, slotOf, TEXT, VALID } from './memory';
import { decode16, encode12, outside } from './base64url';
import { hashBlocks, hmacSlots, padMessage } from './sha256';

/** Version and timestamp, before the IV. */
const HEADER: i32 = 9;
/** Version, timestamp and IV, before the ciphertext. */
const FRONT: i32 = 25;
const EQUALS: u8 = 61;

// @ts-ignore: decorator
@inline
function padBlock(bytes: v128, used: i32): v128 {
  return v128.bitselect(bytes, i8x16.splat(<i8>(16 - used)), i8x16.lt_u(laneNumbers(), i8x16.splat(<i8>used)));
}

/**
 * Sealing, step 1: the values in `TEXT` become PKCS#7-padded blocks in `BLOCKS`, block position by block position
 * (all first blocks, then all second ones), the first already combined with its IV.
 */
export function layOut(count: i32, blocks: i32): void {
  let from = TEXT;
  for (let i = 0; i < count; i++) {
    const length = <i32>load<u8>(LENGTHS + i);
    for (let p = 0; p < blocks; p++) {
      let block = v128.load(from + (p << 4));
      if (p == blocks - 1) block = padBlock(block, length & 15);
      if (p == 0) block = v128.xor(block, v128.load(IVS + (i << 4)));
      v128.store(BLOCKS + ((p * count + i) << 4), block);
    }
    from += length;
  }
}

/** Sealing, step 2, before the blocks at `position` are encrypted: combines each with the ciphertext before it. */
export function chain(count: i32, position: i32): void {
  const size = count << 4;
  const to = BLOCKS + position * size;
  const before = CIPHER + (position - 1) * size;
  for (let i = 0; i < size; i += 16) v128.store(to + i, v128.xor(v128.load(to + i), v128.load(before + i)));
}

function buildToken(slot: usize, count: i32, blocks: i32, i: i32, time: u64): void {
  store<u8>(slot, 0x80);
  store<u64>(slot + 1, bswap<u64>(time));
  v128.store(slot + HEADER, v128.load(IVS + (i << 4)));
  for (let p = 0; p < blocks; p++) {
    v128.store(slot + FRONT + (p << 4), v128.load(CIPHER + ((p * count + i) << 4)));
  }
  padMessage(slot, FRONT + (blocks << 4));
}

function encodeToken(slot: usize, size: i32, to: usize, length: i32): void {
  // Characters past the last byte must come out of zero bits.
  store<u32>(slot + size, 0);
  for (let i = 0, at = to; i < size; i += 12, at += 16) v128.store(at, encode12(v128.load(slot + i)));
  if (size % 3 != 0) store<u8>(to + length - 1, EQUALS);
  if (size % 3 == 1) store<u8>(to + length - 2, EQUALS);
}

/** Characters of a token of `size` bytes, padding included. */
// @ts-ignore: decorator
@inline
function textLength(size: i32): i32 {
  return ((size + 2) / 3) << 2;
}

/** Sealing, step 3: the tokens of the ciphertext in `CIPHER`, one after another in `TEXT`. */
export function finishSeal(count: i32, blocks: i32, timeHigh: u32, timeLow: u32): void {
  const signed = FRONT + (blocks << 4);
  const size = signed + 32;
  const length = textLength(size);
  const time = ((<u64>timeHigh) << 32) | timeLow;
  for (let first = 0; first < count; first += 4) {
    const end = min(first + 4, count);
    for (let i = first; i < end; i++) buildToken(slotOf(i), count, blocks, i, time);
    hmacSlots(hashBlocks(signed));
    for (let i = first; i < end; i++) {
      const slot = slotOf(i);
      v128.store(slot + signed, v128.load(macOf(i)));
      v128.store(slot + signed + 16, v128.load(macOf(i) + 16));
    }
    for (let i = first; i < end; i++) encodeToken(slotOf(i), size, TEXT + i * length, length);
  }
}

// @ts-ignore: decorator
@inline
function macOf(i: i32): usize {
  return MACS + ((i & 3) << 5);
}

/** Decodes one token into `slot`; false when it is not canonical base64url of `size` bytes with its padding. */
function decodeToken(text: usize, length: i32, size: i32, slot: usize): bool {
  const padding = (3 - (size % 3)) % 3;
  let wrong = false;
  for (let i = 1; i <= padding; i++) {
    wrong = wrong || load<u8>(text + length - i) != EQUALS;
    store<u8>(text + length - i, 65);
  }
  let bad = i8x16.splat(0);
  let at = 0;
  for (; at + 16 <= length; at += 16) {
    const chars = v128.load(text + at);
    bad = v128.or(bad, outside(chars));
    v128.store(slot + (at >> 2) * 3, decode16(chars));
  }
  const last = v128.load(text + length - 16);
  v128.store(slot + ((length - 16) >> 2) * 3, decode16(last));
  bad = v128.or(bad, outside(last));
  // Bits after the last byte would let one token be written in several ways.
  for (let i = 0; i < padding; i++) wrong = wrong || load<u8>(slot + size + i) != 0;
  return !wrong && !v128.any_true(bad);
}

// @ts-ignore: decorator
@inline
function sameTag(a: usize, b: usize): bool {
  const low = v128.xor(v128.load(a), v128.load(b));
  return !v128.any_true(v128.or(low, v128.xor(v128.load(a + 16), v128.load(b + 16))));
}

function readToken(i: i32, blocks: i32, length: i32): void {
  const slot = slotOf(i);
  const signed = FRONT + (blocks << 4);
  const canonical = decodeToken(TEXT + i * length, length, signed + 32, slot);
  store<u8>(VALID + i, <u8>(canonical && load<u8>(slot) == 0x80));
  const tagLow = v128.load(slot + signed);
  const tagHigh = v128.load(slot + signed + 16);
  padMessage(slot, signed);
  v128.store(slot + SLOT_TAG, tagLow);
  v128.store(slot + SLOT_TAG + 16, tagHigh);
  v128.store(IVS + (i << 4), v128.load(slot + HEADER));
  const to = CIPHER + i * (blocks << 4);
  for (let p = 0; p < blocks; p++) v128.store(to + (p << 4), v128.load(slot + FRONT + (p << 4)));
}

/**
 * Opening, step 1: decodes and authenticates the tokens of `blocks` blocks each in `TEXT`, says so in `VALID`, and
 * puts their IVs into `IVS` and their ciphertext into `CIPHER`, token by token.
 */
export function authenticate(count: i32, blocks: i32): void {
  const signed = FRONT + (blocks << 4);
  const length = textLength(signed + 32);
  for (let first = 0; first < count; first += 4) {
    const end = min(first + 4, count);
    for (let i = first; i < end; i++) readToken(i, blocks, length);
    hmacSlots(hashBlocks(signed));
    for (let i = first; i < end; i++) {
      const same = sameTag(slotOf(i) + SLOT_TAG, macOf(i));
      store<u8>(VALID + i, load<u8>(VALID + i) & <u8>same);
    }
  }
}

/** Bytes of the value whose padded last block is `block`, without those before it; -1 when the padding is wrong. */
function unpad(block: v128): i32 {
  const pad = <i32>i8x16.extract_lane_u(block, 15);
  if (pad < 1 || pad > 16) return -1;
  const inPadding = i8x16.ge_u(laneNumbers(), i8x16.splat(<i8>(16 - pad)));
  const wrong = v128.and(inPadding, i8x16.ne(block, i8x16.splat(<i8>pad)));
  return v128.any_true(wrong) ? -1 : 16 - pad;
}

/** Writes the value of token `i` to `to`; its length, or -1 when its padding is wrong. */
function writeValue(i: i32, blocks: i32, to: usize): i32 {
  const size = blocks << 4;
  let before = v128.load(IVS + (i << 4));
  let block = i8x16.splat(0);
  for (let p = 0; p < size; p += 16) {
    block = v128.xor(v128.load(BLOCKS + i * size + p), before);
    v128.store(to + p, block);
    before = v128.load(CIPHER + i * size + p);
  }
  const rest = unpad(block);
  return rest < 0 ? -1 : size - 16 + rest;
}

/**
 * Opening, step 2: what AES made of `CIPHER` is in `BLOCKS`; the values of the valid tokens go to `TEXT` one after
 * another, their lengths to `LENGTHS` (0 and not `VALID` where the padding is wrong). Returns the bytes of all values.
 */
export function finishOpen(count: i32, blocks: i32): i32 {
  let to = TEXT;
  for (let i = 0; i < count; i++) {
    // The padding of a token that does not authenticate is never looked at.
    let length = load<u8>(VALID + i) ? writeValue(i, blocks, to) : 0;
    if (length < 0) {
      store<u8>(VALID + i, 0);
      length = 0;
    }
    store<u8>(LENGTHS + i, <u8>length);
    to += length;
  }
  return <i32>(to - TEXT);
}
