/**
 * Fernet tokens and HMACs of many short texts at once, with 128-bit vectors. Built by `scripts/build-wasm.ts` into
 * `lanes.wasm`; the host's side, and how a batch runs, is `server/seal/lanes.ts`.
 */
import { BLOCKS, HASH, LENGTHS, MACS, SCHEDULE, SLOT, SLOTS, STATES, TEXT } from './memory';
import { hmacSlots, padMessage, prepareStates } from './sha256';

export { BLOCKS, CIPHER, IVS, LENGTHS, MACS, MAX_VALUES, STATES, TEXT, VALID } from './memory';
export { authenticate, chain, finishOpen, finishSeal, layOut } from './fernet';

/** The HMAC states of the key in `TEXT`, zero-filled to 64 bytes, into `STATES`. */
export function prepare(): void {
  prepareStates(TEXT);
}

/** The HMACs of the texts in `TEXT` (at most 55 bytes each), into `MACS`. */
export function hmacTexts(count: i32): void {
  let from = TEXT;
  for (let i = 0; i < count; i++) {
    const length = <i32>load<u8>(LENGTHS + i);
    const slot = SLOTS + i * SLOT;
    for (let at: usize = 0; at < 64; at += 16) v128.store(slot + at, v128.load(from + at));
    padMessage(slot, length);
    from += length;
  }
  hmacSlots(count, 1);
}

/** Clears what a batch of `count` values of `blocks` AES blocks left behind: keys, texts, plain blocks, HMACs. */
export function wipe(count: i32, blocks: i32, textBytes: i32): void {
  memory.fill(STATES, 0, 64);
  memory.fill(TEXT, 0, textBytes);
  memory.fill(BLOCKS, 0, count * (blocks << 4));
  memory.fill(SLOTS, 0, count * SLOT);
  memory.fill(MACS, 0, count * 32);
  memory.fill(SCHEDULE, 0, 64 * 16);
  memory.fill(HASH, 0, 8 * 16);
}
