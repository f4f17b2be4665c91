import { createHmac, createSecretKey, hash } from 'node:crypto';

const BLOCK = 64;
/** Messages up to this size take the short way; a longer one costs less than what its hashing costs. */
const SHORT = 512;

/**
 * HMAC-SHA-256 (RFC 2104, FIPS 180-4) of many short messages under one key of at most 64 bytes. The result is 32 bytes
 * as a latin1 string, which node:crypto hands out faster than a Buffer; with the padded key laid down once and two
 * one-shot hashes a message costs about a third of what `createHmac` takes.
 */
export function createHmacSha256(key: Uint8Array): (message: Uint8Array) => string {
  const inner = padded(key, 0x36, SHORT);
  const outer = padded(key, 0x5c, 32);
  const keyObject = createSecretKey(key);
  const views: Buffer[] = [];
  return (message) => {
    const { length } = message;
    if (length > SHORT) return createHmac('sha256', keyObject).update(message).digest('binary');
    views[length] ??= inner.subarray(0, BLOCK + length);
    inner.set(message, BLOCK);
    outer.write(hash('sha256', views[length], 'binary'), BLOCK, 'latin1');
    return hash('sha256', outer, 'binary');
  };
}

function padded(key: Uint8Array, pad: number, room: number): Buffer {
  const block = Buffer.alloc(BLOCK + room);
  block.set(key);
  for (let i = 0; i < BLOCK; i++) block[i]! ^= pad;
  return block;
}
