import { createSecretKey, randomFillSync, timingSafeEqual } from 'node:crypto';
import { decodeBase64url, encodeBase64url } from './base64url.ts';
import { createCbc } from './cbc.ts';
import { BLOCK, CHUNK, FRONT, HEADER, SHORT_VALUE, TAG, tokenBlocks, writeHeader } from './fernet-format.ts';
import { createHmacSha256 } from './hmac.ts';
import { textReader } from './text.ts';

const MAX_SIZE = SHORT_VALUE + 1;
/** Instead of a number of blocks: left to the caller, and not authentic. */
const LONG = 0;
const INVALID = -1;

type Hmac = ReturnType<typeof createHmacSha256>;
type Arena = ReturnType<typeof createArena>;

/**
 * Fernet for up to `CHUNK` values at a time with AES in batches. Leaves `undefined` where a value or token is longer than
 * `SHORT_VALUE` allows; `null` is a token that cannot be opened. `key` is 16 bytes for signing and 16 for encryption.
 */
export function createShortFernet(key: Uint8Array): {
  seal(values: readonly string[], now: number): (string | undefined)[];
  openEach(tokens: readonly string[]): (string | null | undefined)[];
} {
  const hmac = createHmacSha256(key.subarray(0, 16));
  const cbc = createCbc(createSecretKey(key.subarray(16)));
  const arena = createArena();
  return {
    seal(values, now) {
      const blocks = layOut(arena, values);
      cbc.encrypt(messages(arena, blocks));
      return buildTokens(arena, blocks, now, hmac);
    },
    openEach(tokens) {
      const blocks = tokens.map(authenticator(arena, hmac));
      cbc.decrypt(messages(arena, blocks));
      const values = readValues(arena, blocks);
      arena.texts.fill(0);
      return values;
    },
  };
}

function createArena() {
  const texts = Buffer.alloc(CHUNK * MAX_SIZE);
  const ivs = Buffer.alloc(CHUNK * BLOCK);
  return { texts, ivs, words: new Uint32Array(texts.buffer), ivWords: new Uint32Array(ivs.buffer) };
}

function messages({ words, ivWords }: Arena, all: number[]) {
  const blocks = all.filter((count) => count > 0);
  const total = blocks.reduce((sum, count) => sum + count, 0);
  return { words: words.subarray(0, (total * BLOCK) / 4), ivs: ivWords, blocks };
}

/** Writes the padded values (RFC 5652, section 6.3) and an IV for each; gives the blocks of each, `LONG` for long ones. */
function layOut({ texts, ivs }: Arena, values: readonly string[]): number[] {
  let at = 0;
  randomFillSync(ivs, 0, values.length * BLOCK);
  return values.map((value) => {
    const length = value.length > SHORT_VALUE ? value.length : Buffer.byteLength(value);
    if (length > SHORT_VALUE) return LONG;
    const padding = BLOCK - (length % BLOCK);
    texts.write(value, at, length);
    texts.fill(padding, at + length, at + length + padding);
    at += length + padding;
    return (length + padding) / BLOCK;
  });
}

function buildTokens({ texts, ivs }: Arena, blocks: number[], now: number, hmac: Hmac): (string | undefined)[] {
  const token = Buffer.alloc(FRONT + MAX_SIZE + TAG);
  writeHeader(token, now);
  let at = 0;
  let sealed = 0;
  return blocks.map((count) => {
    if (count === LONG) return undefined;
    const end = FRONT + count * BLOCK;
    ivs.copy(token, HEADER, sealed * BLOCK, (sealed + 1) * BLOCK);
    texts.copy(token, FRONT, at, at + count * BLOCK);
    sealed++;
    at += count * BLOCK;
    token.write(hmac(token.subarray(0, end)), end, 'latin1');
    return encodeBase64url(token, 0, end + TAG);
  });
}

/** Checks one token after another, collecting the ciphertext and IVs of the authentic ones; gives their blocks. */
function authenticator({ texts, ivs }: Arena, hmac: Hmac): (token: string) => number {
  const tag = Buffer.alloc(TAG);
  let at = 0;
  let opened = 0;
  return (text) => {
    if (text.length > LONGEST_TOKEN) return LONG;
    const bytes = decodeBase64url(text);
    const count = bytes === null ? 0 : tokenBlocks(bytes);
    if (bytes === null || count === 0) return INVALID;
    const end = FRONT + count * BLOCK;
    tag.write(hmac(bytes.subarray(0, end)), 'latin1');
    if (!timingSafeEqual(tag, bytes.subarray(end))) return INVALID;
    bytes.copy(ivs, opened++ * BLOCK, HEADER, FRONT);
    bytes.copy(texts, at, FRONT, end);
    at += count * BLOCK;
    return count;
  };
}

/** Characters of the token of the longest short value. */
const LONGEST_TOKEN = 4 * Math.ceil((FRONT + MAX_SIZE + TAG) / 3);

function readValues({ texts }: Arena, blocks: number[]): (string | null | undefined)[] {
  const read = textReader(texts);
  let start = 0;
  return blocks.map((count) => {
    if (count === LONG) return undefined;
    if (count === INVALID) return null;
    const end = start + count * BLOCK;
    const length = unpadded(texts, start, end);
    const value = length === null ? null : read(start, length);
    start = end;
    return value;
  });
}

/** Where the value ends whose padding ends at `end`, or `null` when the padding is wrong. */
function unpadded(bytes: Buffer, start: number, end: number): number | null {
  const padding = bytes[end - 1]!;
  if (padding < 1 || padding > BLOCK) return null;
  for (let i = end - padding; i < end; i++) if (bytes[i] !== padding) return null;
  return Math.max(start, end - padding);
}
