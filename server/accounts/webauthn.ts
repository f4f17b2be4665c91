import type { AuthenticationResponseJSON, RegistrationResponseJSON, WebAuthnCredential } from '@simplewebauthn/server';

/** What a browser makes of `navigator.credentials.create` and `get` (`toJSON`, WebAuthn Level 3, 5.1.8). */
export type NewPasskeyResponse = RegistrationResponseJSON;
/** The signed answer of a passkey to a challenge. */
export type PasskeyResponse = AuthenticationResponseJSON;

/** A key pair that a browser has made; the public half. */
export type Credential = WebAuthnCredential;

/**
 * The two ceremonies of WebAuthn Level 3 for one relying party, over nothing stored. A challenge is 32 bytes as
 * base64url. What cannot be read, is for another site or challenge, or is signed wrongly is `null`, whatever the reason.
 */
export interface WebAuthn {
  /** For `navigator.credentials.create`: a discoverable credential that verifies its user. */
  creationOptions(
    user: { id: string; name: string; fullName: string },
    challenge: string,
    known: string[],
  ): Promise<object>;
  /** For `navigator.credentials.get`; any discoverable credential of the site when none are named. */
  requestOptions(challenge: string, known: Pick<Credential, 'id' | 'transports'>[]): Promise<object>;
  verifyNew(response: NewPasskeyResponse, challenge: string): Promise<Credential | null>;
  /** The counter after the use. */
  verify(
    response: PasskeyResponse,
    challenge: string,
    credential: Credential,
    verified: boolean,
  ): Promise<number | null>;
}

/** EdDSA, ES256 and RS256 by their numbers in COSE (RFC 9053, RFC 8812). */
const ALGORITHMS = [-8, -7, -257];
const TIMEOUT_MS = 5 * 60_000;

/** Loaded when the first passkey is: it takes a tenth of what the service takes to start, and 20 MB. */
const library = () => import('@simplewebauthn/server');

/** The ceremonies for the site at an address that is known once the service listens. */
export function createWebAuthn(publicUrl: () => string): WebAuthn {
  return {
    async creationOptions({ id, name, fullName }, challenge, known) {
      const { generateRegistrationOptions } = await library();
      return generateRegistrationOptions({
        rpName: 'Intakt',
        rpID: siteOf(publicUrl()).id,
        userID: new Uint8Array(Buffer.from(id)),
        userName: name,
        userDisplayName: fullName || name,
        challenge: bytesOf(challenge),
        timeout: TIMEOUT_MS,
        attestationType: 'none',
        excludeCredentials: known.map((credential) => ({ id: credential })),
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
        supportedAlgorithmIDs: ALGORITHMS,
      });
    },

    async requestOptions(challenge, known) {
      const { generateAuthenticationOptions } = await library();
      return generateAuthenticationOptions({
        rpID: siteOf(publicUrl()).id,
        challenge: bytesOf(challenge),
        timeout: TIMEOUT_MS,
        userVerification: known.length === 0 ? 'required' : 'preferred',
        allowCredentials: known.map(({ id, transports = [] }) => ({ id, transports })),
      });
    },

    verifyNew: (response, challenge) =>
      orNull(async () => {
        const { verifyRegistrationResponse } = await library();
        const { decodeAttestationObject } = await import('@simplewebauthn/server/helpers');
        // We asked for none. A certificate could send the verification to any address to ask whether it was revoked.
        const attestation = decodeAttestationObject(bytesOf(response.response.attestationObject));
        if (attestation.get('attStmt').size > 0 && attestation.get('attStmt').get('x5c') !== undefined) return null;
        const site = siteOf(publicUrl());
        const { verified, registrationInfo } = await verifyRegistrationResponse({
          response,
          expectedChallenge: challenge,
          expectedOrigin: site.origin,
          expectedRPID: site.id,
          requireUserVerification: true,
          supportedAlgorithmIDs: ALGORITHMS,
        });
        return verified ? registrationInfo.credential : null;
      }),

    verify: (response, challenge, credential, userVerified) =>
      orNull(async () => {
        const { verifyAuthenticationResponse } = await library();
        const site = siteOf(publicUrl());
        const { verified, authenticationInfo } = await verifyAuthenticationResponse({
          response,
          expectedChallenge: challenge,
          expectedOrigin: site.origin,
          expectedRPID: site.id,
          credential,
          requireUserVerification: userVerified,
        });
        return verified ? authenticationInfo.newCounter : null;
      }),
  };
}

/** The challenge that a response says it answers; `null` when it cannot be read. Nothing is verified yet. */
export function challengeOf(response: { response: { clientDataJSON: string } }): string | null {
  try {
    const { challenge } = JSON.parse(Buffer.from(response.response.clientDataJSON, 'base64url').toString());
    return typeof challenge === 'string' ? challenge : null;
  } catch {
    return null;
  }
}

/** A relying party is a domain and never an IP address; of this machine's own, `localhost` is the one that browsers take. */
function siteOf(publicUrl: string): { id: string; origin: string } {
  const url = new URL(publicUrl);
  if (/^(127(\.\d+){3}|0\.0\.0\.0|\[::1?\])$/.test(url.hostname)) url.hostname = 'localhost';
  return { id: url.hostname, origin: url.origin };
}

const bytesOf = (base64url: string) => new Uint8Array(Buffer.from(base64url, 'base64url'));

/** The library tells of each thing that is wrong with a response by an error of its own. */
async function orNull<T>(verify: () => Promise<T | null>): Promise<T | null> {
  try {
    return await verify();
  } catch {
    return null;
  }
}
