import { createHash, hkdfSync } from 'node:crypto';
import { errors, type JWTHeaderParameters, jwtVerify, SignJWT } from 'jose';
import type { Clock } from '../core/clock.ts';
import { newId } from '../core/ids.ts';
import { LruMap } from '../core/lru.ts';
import { Problem } from '../core/problem.ts';

/** What an access token says: the session it belongs to and whose it is. */
export interface AccessClaims {
  readonly sessionId: string;
  /** The id of a user or a client. */
  readonly subject: string;
  readonly workspaceId: string;
}

/** Issues and checks access tokens: JWT (RFC 7519), HS256, `typ: at+jwt` (RFC 9068), issuer and audience `intakt`. */
export interface AccessTokens {
  readonly lifetimeSeconds: number;
  issue(claims: AccessClaims): Promise<string>;
  /** @throws Problem `token_expired` or `unauthorized`. */
  verify(token: string): Promise<AccessClaims>;
  /** What a token says that was good before and has not expired; `undefined` for any other, which `verify` tells of. */
  recall(token: string): AccessClaims | undefined;
}

const ISSUER = 'intakt';
/** Our own have under 500 characters. */
const LONGEST = 2000;

/**
 * Access tokens signed with a key derived from the first of `secretKeys`, and taken under each of them: a key is rotated
 * by putting a new one before it, and dropped when its last token has expired. Which key it was says `kid`.
 */
export function createAccessTokens(secretKeys: readonly string[], lifetimeMinutes: number, clock: Clock): AccessTokens {
  const keys = new Map(secretKeys.map((secret) => signingKey(secret)));
  const [kid, newest] = keys.entries().next().value!;
  const lifetimeSeconds = lifetimeMinutes * 60;
  // A token that was good is good until it expires: its signature need not be computed for every request.
  const verified = new LruMap<string, { claims: AccessClaims; expiresAt: number }>(10_000);
  return {
    lifetimeSeconds,
    issue({ sessionId, subject, workspaceId }) {
      const now = Math.floor(clock() / 1000);
      return (
        new SignJWT({ sid: sessionId, ws: workspaceId })
          .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid })
          .setSubject(subject)
          .setIssuer(ISSUER)
          .setAudience(ISSUER)
          .setIssuedAt(now)
          // Two of one second would be the same token without it; RFC 9068 asks for it, too.
          .setJti(newId())
          .setExpirationTime(now + lifetimeSeconds)
          .sign(newest)
      );
    },
    async verify(token) {
      const known = verified.get(token);
      if (known) {
        if (known.expiresAt > clock()) return known.claims;
        throw expired();
      }
      const { sub, sid, ws, exp } = await verifyJwt(token, keys, clock);
      if (typeof sub !== 'string' || typeof sid !== 'string' || typeof ws !== 'string') throw invalid();
      const claims = { subject: sub, sessionId: sid, workspaceId: ws };
      verified.set(token, { claims, expiresAt: exp! * 1000 });
      return claims;
    },
    recall(token) {
      const known = verified.get(token);
      return known && known.expiresAt > clock() ? known.claims : undefined;
    },
  };
}

/** A key with the name that its tokens carry, which tells nothing of it. */
function signingKey(secret: string): [kid: string, key: Uint8Array] {
  const key = new Uint8Array(hkdfSync('sha256', secret, '', 'intakt access tokens v1', 32));
  return [createHash('sha256').update('kid').update(key).digest('base64url').slice(0, 11), key];
}

async function verifyJwt(token: string, keys: ReadonlyMap<string, Uint8Array>, clock: Clock) {
  if (token.length > LONGEST || !isCanonical(token)) throw invalid();
  // Only `kid` is looked at: a key or an address of one that the token brings itself (jwk, jku, x5u) is nothing to us.
  const keyOf = ({ kid }: JWTHeaderParameters): Uint8Array => {
    const key = typeof kid === 'string' ? keys.get(kid) : undefined;
    if (!key) throw invalid();
    return key;
  };
  try {
    const { payload } = await jwtVerify(token, keyOf, {
      algorithms: ['HS256'],
      typ: 'at+jwt',
      issuer: ISSUER,
      audience: ISSUER,
      requiredClaims: ['exp', 'iat', 'sub'],
      currentDate: new Date(clock()),
    });
    return payload;
  } catch (error) {
    throw error instanceof errors.JWTExpired ? expired() : invalid();
  }
}

/** Whether the signature is written as its bytes are: the last character's spare bits are zero (RFC 4648, 3.5). */
function isCanonical(token: string): boolean {
  const signature = token.slice(token.lastIndexOf('.') + 1);
  return Buffer.from(signature, 'base64url').toString('base64url') === signature;
}

const expired = () =>
  new Problem('token_expired', 'The access token has expired. Get a new one with the refresh token.');

const invalid = () => new Problem('unauthorized', 'The access token is not valid. Log in again.');
