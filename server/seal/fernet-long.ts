import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, timingSafeEqual } from 'node:crypto';
import { decodeBase64url, encodeBase64url } from './base64url.ts';
import { BLOCK, FRONT, HEADER, TAG, tokenBlocks, writeHeader } from './fernet-format.ts';
import { createHmacSha256 } from './hmac.ts';
import { textReader } from './text.ts';

const CIPHER = 'aes-128-cbc';

/** Fernet one value at a time, of any length. `key` is 16 bytes for signing and 16 for encryption. */
export function createLongFernet(key: Uint8Array): {
  seal(value: string, now: number): string;
  open(token: string): string | null;
} {
  const hmac = createHmacSha256(key.subarray(0, 16));
  const aesKey = createSecretKey(key.subarray(16));
  return {
    seal(value, now) {
      const front = Buffer.alloc(FRONT);
      writeHeader(front, now);
      randomBytes(BLOCK).copy(front, HEADER);
      const cipher = createCipheriv(CIPHER, aesKey, front.subarray(HEADER));
      const signed = Buffer.concat([front, cipher.update(value, 'utf8'), cipher.final()]);
      const token = Buffer.concat([signed, Buffer.from(hmac(signed), 'latin1')]);
      return encodeBase64url(token, 0, token.length);
    },
    open(token) {
      const bytes = decodeBase64url(token);
      if (bytes === null || tokenBlocks(bytes) === 0) return null;
      const signed = bytes.subarray(0, -TAG);
      if (!timingSafeEqual(Buffer.from(hmac(signed), 'latin1'), bytes.subarray(-TAG))) return null;
      const decipher = createDecipheriv(CIPHER, aesKey, bytes.subarray(HEADER, FRONT));
      return finish(decipher.update(bytes.subarray(FRONT, -TAG)), decipher);
    },
  };
}

/** The authenticated value, or `null` when its padding is wrong or it is no text. */
function finish(start: Buffer, decipher: { final(): Buffer }): string | null {
  try {
    const bytes = Buffer.concat([start, decipher.final()]);
    return textReader(bytes)(0, bytes.length);
  } catch {
    return null;
  }
}
