import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { newSecret } from '../core/ids.ts';

/** A new client key, what is stored of it, and what is shown of it from then on. */
export interface NewClientKey {
  /** Told once. */
  readonly key: string;
  readonly hash: string;
  readonly hint: string;
}

const PREFIX = 'ik_';
const SHAPE = /^ik_[\w-]{49}$/;
const SECRET_LENGTH = 43;
const HINT_LENGTH = 9;

/**
 * A client key: `ik_`, 256 random bits as base64url, and 6 characters that check them (CRC-32, base64url). So a scanner
 * of source code knows one when it sees one, and a key that was copied badly is not looked up.
 */
export function newClientKey(): NewClientKey {
  const secret = newSecret();
  const key = PREFIX + secret + checksumOf(secret);
  return { key, hash: hashOfKey(key), hint: key.slice(0, HINT_LENGTH) };
}

/** Whether `text` has the form of a client key and its check is right. */
export function isClientKey(text: string): boolean {
  const secret = text.slice(PREFIX.length, PREFIX.length + SECRET_LENGTH);
  return SHAPE.test(text) && text.slice(PREFIX.length + SECRET_LENGTH) === checksumOf(secret);
}

/** What is stored in place of a key: its SHA-256, which is enough for 256 random bits. */
export const hashOfKey = (key: string): string => createHash('sha256').update(key).digest('base64url');

function checksumOf(secret: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(secret));
  return bytes.toString('base64url');
}
