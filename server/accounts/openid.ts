import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
} from 'openid-client';
import type { Clock } from '../core/clock.ts';
import { newSecret } from '../core/ids.ts';
import { Problem } from '../core/problem.ts';

/** The OpenID provider that people may sign in with, and what it knows this service by. */
export interface OpenIdSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
}

/** What is kept here while somebody is at the provider. */
export interface OpenIdChecks {
  readonly nonce: string;
  readonly verifier: string;
}

/** Who somebody is, as the provider says. Only issuer and subject tell people apart. */
export interface Claims {
  readonly issuer: string;
  readonly subject: string;
  readonly username: string | undefined;
  readonly email: string | undefined;
  readonly fullName: string | undefined;
}

/**
 * OpenID Connect Core 1.0, authorization code flow with PKCE (RFC 7636), state and nonce. The provider's metadata is read
 * when it is first needed and every hour.
 */
export interface OpenId {
  newChecks(): OpenIdChecks;
  /** Where to send the browser. @throws Problem `unavailable` when the provider does not answer. */
  authorizationUrl(checks: OpenIdChecks, state: string, redirectUri: string): Promise<string>;
  /**
   * Who has come back to `returned`, the redirect URI with what the provider has added to it. Signature, issuer, audience,
   * times, nonce and state of the ID token are verified.
   * @throws Problem `identity_refused`, `unavailable`.
   */
  claims(returned: URL, checks: OpenIdChecks, state: string): Promise<Claims>;
}

const HOUR_MS = 3_600_000;
const TIMEOUT_SECONDS = 10;

/** One provider; `onRefusal` is told the code of what was wrong with its answer, never a value. */
export function createOpenId(settings: OpenIdSettings, clock: Clock, onRefusal: (code: string) => void): OpenId {
  let known: { readonly at: number; readonly config: Configuration } | null = null;

  async function configuration(): Promise<Configuration> {
    if (known && clock() - known.at < HOUR_MS) return known.config;
    try {
      known = { at: clock(), config: await discover(settings) };
      return known.config;
    } catch (error) {
      onRefusal(codeOf(error));
      throw new Problem('unavailable', 'The OpenID provider does not answer. Try again, or log in another way.', {
        cause: error,
      });
    }
  }

  return {
    newChecks: () => ({ nonce: newSecret(), verifier: newSecret() }),

    async authorizationUrl({ nonce, verifier }, state, redirectUri) {
      const parameters = {
        redirect_uri: redirectUri,
        scope: ['openid', ...settings.scopes.filter((scope) => scope !== 'openid')].join(' '),
        state,
        nonce,
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      };
      return buildAuthorizationUrl(await configuration(), parameters).href;
    },

    async claims(returned, { nonce, verifier }, state) {
      const config = await configuration();
      try {
        const tokens = await authorizationCodeGrant(config, returned, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        });
        const token = tokens.claims()!;
        const { userinfo_endpoint: hasMore } = config.serverMetadata();
        // Providers may keep name and e-mail out of the ID token (OpenID Connect Core, 5.4).
        const more = hasMore && !token.email ? await fetchUserInfo(config, tokens.access_token, token.sub) : {};
        return toClaims({ ...more, ...token }, token.iss, token.sub);
      } catch (error) {
        onRefusal(codeOf(error));
        throw new Problem('identity_refused', 'The OpenID provider did not confirm who you are. Begin again.', {
          cause: error,
        });
      }
    },
  };
}

function discover({ issuer, clientId, clientSecret }: OpenIdSettings): Promise<Configuration> {
  const url = new URL(issuer);
  const extensions = [enableNonRepudiationChecks, ...(url.protocol === 'http:' ? [allowInsecureRequests] : [])];
  return discovery(url, clientId, clientSecret || undefined, undefined, {
    execute: extensions,
    timeout: TIMEOUT_SECONDS,
  });
}

function toClaims(said: Readonly<Record<string, unknown>>, issuer: string, subject: string): Claims {
  const text = (name: string): string | undefined => {
    const value = said[name];
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
  };
  return { issuer, subject, username: text('preferred_username'), email: text('email'), fullName: text('name') };
}

const codeOf = (error: unknown): string => String((error as { code?: unknown }).code ?? (error as Error).name);
