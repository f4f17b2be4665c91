import { decodeBase64url } from './base64url.ts';
import { readTimestamp, tokenBlocks } from './fernet-format.ts';

/** How far a token's clock may run ahead of ours, in seconds; what Python's `cryptography` allows too. */
const MAX_CLOCK_SKEW = 60;

/**
 * Whether a token's timestamp is at most `ttl` seconds before `now` and not in the future (both in seconds). The
 * timestamp is authentic only in a token that a sealer opened. Stored values never expire; this is for tokens that do.
 */
export function isFresh(token: string, ttl: number, now: number): boolean {
  const bytes = decodeBase64url(token);
  if (bytes === null || tokenBlocks(bytes) === 0) return false;
  const made = readTimestamp(bytes);
  return made + ttl >= now && made <= now + MAX_CLOCK_SKEW;
}
