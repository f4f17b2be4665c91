import { Problem } from '../core/problem.ts';
import { decodeBase64url } from './base64url.ts';
import { CHUNK } from './fernet-format.ts';
import { createLongFernet } from './fernet-long.ts';
import { createShortFernet } from './fernet-short.ts';
import { type KeySealer, openAll } from './keyring.ts';

/**
 * The 32 bytes (16 for signing, then 16 for encryption) of a Fernet key as the specification writes it: 44 characters of
 * base64url with padding.
 * @throws Problem `key_invalid` when it is anything else.
 */
export function parseFernetKey(text: string): Uint8Array {
  const key = decodeBase64url(text);
  if (key?.length === 32) return new Uint8Array(key);
  throw new Problem(
    'key_invalid',
    'A Fernet key is 32 bytes in base64url with padding: 44 characters of A-Z a-z 0-9 - _ that end in =. Make one with ' +
      "python3 -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())' or openssl.",
  );
}

/**
 * A key as `parseFernetKey` reads it.
 * @throws Problem `key_invalid` when it has not 32 bytes.
 */
export function formatFernetKey(key: Uint8Array): string {
  requireKey(key);
  return Buffer.from(key).toString('base64url').concat('=');
}

/** @throws Problem `key_invalid` when the key has not 32 bytes. */
export function requireKey(key: Uint8Array): void {
  if (key.length === 32) return;
  throw new Problem('key_invalid', `A key of 32 bytes is needed; this one has ${key.length}.`);
}

/**
 * Fernet in node:crypto alone: works on every runtime, opens and seals values of any length, and is the oracle of the
 * WebAssembly path. Takes a copy of `key` (16 bytes for signing, 16 for encryption).
 * @throws Problem `key_invalid` when the key has not 32 bytes.
 */
export function createNodeSealer(key: Uint8Array): KeySealer {
  requireKey(key);
  const long = createLongFernet(key);
  const short = createShortFernet(key);
  const openEach = (tokens: readonly string[]) =>
    inChunks(tokens, (chunk) => fillIn(short.openEach(chunk), (i) => long.open(chunk[i]!)));
  return {
    seal: (values, now) =>
      inChunks(values, (chunk) => fillIn(short.seal(chunk, now), (i) => long.seal(chunk[i]!, now))),
    open: (tokens) => openAll(openEach(tokens)),
    openEach,
  };
}

function inChunks<T>(items: readonly string[], work: (chunk: readonly string[]) => T[]): T[] {
  const results: T[] = [];
  for (let start = 0; start < items.length; start += CHUNK) results.push(...work(items.slice(start, start + CHUNK)));
  return results;
}

/** Replaces each `undefined`, which the batch left to be done one by one. */
function fillIn<T>(results: (T | undefined)[], one: (index: number) => T): T[] {
  for (let i = 0; i < results.length; i++) if (results[i] === undefined) results[i] = one(i);
  return results as T[];
}
