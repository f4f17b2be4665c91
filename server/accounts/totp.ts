import { randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';

/** A secret that an authenticator app shares with us, as the person gets to see it. */
export interface TotpSecret {
  /** Base32, to be typed. */
  readonly secret: string;
  /** `otpauth://totp/…`, to be shown as a QR code. */
  readonly otpauth_url: string;
}

/** What RFC 4226, 4 (R6) recommends: 160 bits. */
const SECRET_SIZE = 20;
const PERIOD_SECONDS = 30;

/** A new random secret. */
export const newTotpSecret = (): Uint8Array => new Uint8Array(randomBytes(SECRET_SIZE));

/** A secret as an authenticator app takes it; `username` tells accounts apart in the app. */
export function showTotpSecret(secret: Uint8Array, username: string): TotpSecret {
  const totp = totpOf(secret, username);
  return { secret: totp.secret.base32, otpauth_url: totp.toString() };
}

/**
 * The time step (RFC 6238) that a code is of, if it is that of now, of the step before or of the one after; `null` for a
 * wrong code.
 */
export function totpStep(secret: Uint8Array, code: string, now: number): number | null {
  // The library compares bytes and fails on six letters that are more of them.
  if (!/^\d{6}$/.test(code)) return null;
  const apart = totpOf(secret).validate({ token: code, timestamp: now, window: 1 });
  return apart === null ? null : Math.floor(now / 1000 / PERIOD_SECONDS) + apart;
}

/** What every authenticator app can: SHA-1, six digits, thirty seconds. */
function totpOf(secret: Uint8Array, label = ''): TOTP {
  // A copy, for `buffer` of a view is all that it is a view of.
  const copy = new Secret({ buffer: new Uint8Array(secret).buffer });
  return new TOTP({ issuer: 'Intakt', label, secret: copy, algorithm: 'SHA1', digits: 6, period: PERIOD_SECONDS });
}
