import { hkdfSync } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import type { Clock } from '../core/clock.ts';
import { Problem } from '../core/problem.ts';

/** What an access token says: the session it belongs to and whose it is. */
export interface AccessClaims {
  readonly sessionId: string;
  readonly userId: string;
  readonly workspaceId: string;
}

/** Issues and checks access tokens: JWT (RFC 7519), HS256, `typ: at+jwt` (RFC 9068), issuer and audience `intakt`. */
export interface AccessTokens {
  readonly lifetimeSeconds: number;
  issue(claims: AccessClaims): Promise<string>;
  /** @throws Problem `token_expired` or `unauthorized`. */
  verify(token: string): Promise<AccessClaims>;
}

const ISSUER = 'intakt';

/** Access tokens signed with a key derived from `secretKey`. */
export function createAccessTokens(secretKey: string, lifetimeMinutes: number, clock: Clock): AccessTokens {
  const key = new Uint8Array(hkdfSync('sha256', secretKey, '', 'intakt access tokens v1', 32));
  const lifetimeSeconds = lifetimeMinutes * 60;
  return {
    lifetimeSeconds,
    issue({ sessionId, userId, workspaceId }) {
      const now = Math.floor(clock() / 1000);
      return new SignJWT({ sid: sessionId, ws: workspaceId })
        .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
        .setSubject(userId)
        .setIssuer(ISSUER)
        .setAudience(ISSUER)
        .setIssuedAt(now)
        .setExpirationTime(now + lifetimeSeconds)
        .sign(key);
    },
    async verify(token) {
      const payload = await verifyJwt(token, key, clock);
      const { sub, sid, ws } = payload;
      if (typeof sub !== 'string' || typeof sid !== 'string' || typeof ws !== 'string') throw invalid();
      return { userId: sub, sessionId: sid, workspaceId: ws };
    },
  };
}

async function verifyJwt(token: string, key: Uint8Array, clock: Clock) {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: ['HS256'],
      typ: 'at+jwt',
      issuer: ISSUER,
      audience: ISSUER,
      requiredClaims: ['exp', 'iat', 'sub'],
      currentDate: new Date(clock()),
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JWTExpired) {
      throw new Problem('token_expired', 'The access token has expired. Get a new one with the refresh token.');
    }
    throw invalid();
  }
}

const invalid = () => new Problem('unauthorized', 'The access token is not valid. Log in again.');
