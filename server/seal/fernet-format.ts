/** The layout of a Fernet token, version 0x80 (https://github.com/fernet/spec/blob/master/Spec.md), in bytes. */
export const VERSION = 0x80;
/** Version (1) and timestamp (8). */
export const HEADER = 9;
/** Version, timestamp and IV (16). */
export const FRONT = 25;
/** HMAC-SHA-256 at the end. */
export const TAG = 32;
/** An AES block. */
export const BLOCK = 16;

/** Values of at most this many UTF-8 bytes (eight padded blocks) are worth a batch; longer ones take a cipher each. */
export const SHORT_VALUE = 8 * BLOCK - 1;
/** Values worked on at a time: bounds the memory, and more than this gains nothing. */
export const CHUNK = 1024;

/** The eight bytes of the timestamp and the version byte before them. `now` is in whole seconds since 1970. */
export function writeHeader(bytes: Buffer, now: number): void {
  bytes[0] = VERSION;
  bytes.writeUInt32BE(Math.floor(now / 2 ** 32), 1);
  bytes.writeUInt32BE(now % 2 ** 32, 5);
}

/** When a binary token was made, in seconds since 1970. */
export function readTimestamp(bytes: Buffer): number {
  return bytes.readUInt32BE(1) * 2 ** 32 + bytes.readUInt32BE(5);
}

/** How many AES blocks the ciphertext of a binary token has; 0 when it cannot be a token of this version. */
export function tokenBlocks(bytes: Buffer): number {
  const size = bytes.length - FRONT - TAG;
  return bytes[0] === VERSION && size % BLOCK === 0 && size > 0 ? size / BLOCK : 0;
}
