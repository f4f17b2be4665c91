/**
 * Fernet tokens and HMACs of many short texts at once, with 128-bit vectors. Built by `scripts/build-wasm.ts` into
 * `lanes.wasm`; the host's side, and how a batch runs, is `server/seal/lanes.ts`.
 */
import { BLOCKS, HASH, laneNumbers, LENGTHS, MACS, NUMBERS, SCHEDULE, SLOT, SLOTS, slotOf, STATES, TEXT } from './memory';
import { hmacLanes, padMessage, prepareStates } from './sha256';

export { BLOCKS, CIPHER, IVS, LENGTHS, MAX_VALUES, NUMBERS, STATES, TEXT, VALID } from './memory';
export { authenticate, chain, finishOpen, finishSeal, layOut } from './fernet';

/** The HMAC states of the key in `TEXT`, zero-filled to 64 bytes, into `STATES`. */
export function prepare(): void {
  prepareStates(TEXT);
}

/** Whether the `size` bytes in `TEXT` are digits and capital letters only, which is how values are looked up. */
export function isNormal(size: i32): bool {
  let others = i8x16.splat(0);
  for (let at: usize = 0; at < <usize>size; at += 16) {
    const bytes = v128.load(TEXT + at);
    const digits = i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(48)), i8x16.splat(10));
    const capitals = i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(65)), i8x16.splat(26));
    const inside = i8x16.lt_u(laneNumbers(), i8x16.splat(<i8>min<usize>(16, <usize>size - at)));
    others = v128.or(others, v128.andnot(inside, v128.or(digits, capitals)));
  }
  return !v128.any_true(others);
}

/** The first words of the HMACs of the texts in `TEXT` (at most 55 bytes each), into `NUMBERS`. */
export function hmacTexts(count: i32): void {
  let from = TEXT;
  for (let i = 0; i < count; ) {
    for (const end = min(i + 4, count); i < end; i++) {
      const length = <i32>load<u8>(LENGTHS + i);
      const slot = slotOf(i);
      for (let at: usize = 0; at < 64; at += 16) v128.store(slot + at, v128.load(from + at));
      padMessage(slot, length);
      from += length;
    }
    hmacLanes(1);
    v128.store(NUMBERS + ((i - 1) >> 2 << 4), v128.load(HASH));
  }
}

/** Clears what a batch of `count` values of `blocks` AES blocks left behind: keys, texts, plain blocks, HMACs. */
export function wipe(count: i32, blocks: i32, textBytes: i32): void {
  memory.fill(STATES, 0, 64);
  memory.fill(TEXT, 0, textBytes);
  memory.fill(BLOCKS, 0, count * (blocks << 4));
  memory.fill(SLOTS, 0, 4 * SLOT);
  memory.fill(MACS, 0, 4 * 32);
  memory.fill(NUMBERS, 0, count * 4);
  memory.fill(SCHEDULE, 0, 64 * 16);
  memory.fill(HASH, 0, 8 * 16);
}
