import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * The secrets of refresh tokens: half of one is a number, random in the first of a session and derived from the one before
 * in the others; the other half is a code (HMAC-SHA-256) over session and number. So the same successor can be given
 * again though only its hash is stored, and a secret that was spent long ago is told from one that was never given.
 */
export interface RefreshSecrets {
  /** The first secret of a session: 43 characters. */
  first(sessionId: string): string;
  /** The one that follows, always the same. */
  next(sessionId: string, secret: string): string;
  /** Whether the session was given this secret at any time, as far as SECRET_KEY still holds the key of then. */
  isOf(sessionId: string, secret: string): boolean;
}

const HALF = 16;

/** Secrets under a key derived from the first of `secretKeys`; those of the others are recognised. */
export function createRefreshSecrets(secretKeys: readonly string[]): RefreshSecrets {
  const keys = secretKeys.map(
    (secret) => new Uint8Array(hkdfSync('sha256', secret, '', 'intakt refresh tokens v1', 32)),
  );
  const newest = keys[0]!;

  const toSecret = (sessionId: string, number: Uint8Array): string =>
    Buffer.concat([number, codeOf(newest, sessionId, number)]).toString('base64url');

  return {
    first: (sessionId) => toSecret(sessionId, randomBytes(HALF)),

    next: (sessionId, secret) => toSecret(sessionId, halfOf(newest, `next ${secret}`)),

    isOf(sessionId, secret) {
      const bytes = Buffer.from(secret, 'base64url');
      // As its bytes are written, and in no other way.
      if (bytes.length !== 2 * HALF || bytes.toString('base64url') !== secret) return false;
      const [number, code] = [bytes.subarray(0, HALF), bytes.subarray(HALF)];
      return keys.some((key) => timingSafeEqual(codeOf(key, sessionId, number), code));
    },
  };
}

const halfOf = (key: Uint8Array, text: string): Uint8Array =>
  createHmac('sha256', key).update(text).digest().subarray(0, HALF);

const codeOf = (key: Uint8Array, sessionId: string, number: Uint8Array): Uint8Array =>
  halfOf(key, `code ${sessionId} ${Buffer.from(number).toString('base64url')}`);
