/**
 * The one fixed memory map of the module (AssemblyScript; no allocator, no garbage collector). Everything is scratch
 * that belongs to the call in progress; the host wipes it after each batch.
 */

/** Values in one call. */
export const MAX_VALUES: i32 = 1024;
/** AES blocks in one value, padding included: values of up to 127 bytes. */
export const MAX_BLOCKS: i32 = 8;
/** Characters of the longest token: 57 + 16 × 8 bytes in base64. */
export const MAX_TOKEN: i32 = 248;
/** Bytes between two slots: three SHA-256 blocks, the received tag at `SLOT_TAG`, and room for whole-vector stores. */
export const SLOT: i32 = 256;
export const SLOT_TAG: i32 = 224;

/** HMAC states after the inner and the outer pad: 2 × 8 words, set by the host before each call. */
export const STATES: usize = memory.data(64, 16);
/** Texts one after another: values or tokens, going in or coming out. */
export const TEXT: usize = memory.data(MAX_VALUES * MAX_TOKEN + 64, 16);
/** Length in bytes of each value in `TEXT`. */
export const LENGTHS: usize = memory.data(MAX_VALUES, 16);
/** IV of each token: random where it is to be made. */
export const IVS: usize = memory.data(MAX_VALUES * 16, 16);
/** What goes into AES when sealing, what came out of it when opening. */
export const BLOCKS: usize = memory.data(MAX_VALUES * MAX_BLOCKS * 16 + 16, 16);
/** Ciphertext: what came out of AES when sealing, what goes into it when opening. */
export const CIPHER: usize = memory.data(MAX_VALUES * MAX_BLOCKS * 16 + 16, 16);
/** Four binary tokens, or messages to be hashed, padded for SHA-256: few enough to stay in the processor's first cache. */
export const SLOTS: usize = memory.data(4 * SLOT + 64, 16);
/** HMAC-SHA-256 of each slot. */
export const MACS: usize = memory.data(4 * 32, 16);
/** The first word of the HMAC of each text. */
export const NUMBERS: usize = memory.data(MAX_VALUES * 4, 16);
/** 1 where a token is authentic and well formed, else 0. */
export const VALID: usize = memory.data(MAX_VALUES, 16);
/** Message schedule and state of the four SHA-256 lanes. */
export const SCHEDULE: usize = memory.data(64 * 16, 16);
export const HASH: usize = memory.data(8 * 16, 16);

/** The slot of value `i`, of which four at a time are worked on. */
// @ts-ignore: decorator
@inline
export function slotOf(i: i32): usize {
  return SLOTS + (i & 3) * SLOT;
}

/** The number of each byte of a vector. */
// @ts-ignore: decorator
@inline
export function laneNumbers(): v128 {
  return i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}
