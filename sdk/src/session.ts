import { IntaktError } from './errors.ts';
import type { TokenPair } from './schema.ts';

/** The tokens of a login, as they are kept. */
export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  /** When the access token expires, in milliseconds since 1970 by this machine's clock. */
  readonly expires_at: number;
}

/** How a client keeps its tokens between its lives. */
export interface TokenKeeping {
  /** The tokens of an earlier login. */
  readonly tokens?: Tokens | null | undefined;
  /** Told of every new pair before it is used, and `null` when the login has ended; persist it. */
  readonly onTokens?: ((tokens: Tokens | null) => void | Promise<void>) | undefined;
  /**
   * Asked before refreshing, and after a refresh token was refused: what another process or browser tab has persisted meanwhile. A refresh token is good
   * once, so who shares tokens must give this. `null` says that the login has ended there.
   */
  readonly readTokens?: (() => Tokens | null | Promise<Tokens | null>) | undefined;
}

/** The tokens in use, refreshed once for all who wait. */
export interface Session {
  current(): Tokens | null;
  /** An access token that has not expired. @throws IntaktError `unauthorized` when nobody is logged in. */
  accessToken(): Promise<string>;
  /** The access token after `expired`, which the service has refused. */
  renew(expired: string): Promise<string>;
  take(pair: TokenPair | null): Promise<void>;
}

/** So long before it expires a token is not used any more, for requests that are under way for a while. */
const MARGIN_MS = 10_000;

/** How often what another process has persisted is looked for, and how long after each other. */
const TRIES = 4;
const BETWEEN_TRIES_MS = 250;

/** A session that gets new pairs through `refresh`. */
export function createSession(
  { tokens = null, onTokens, readTokens }: TokenKeeping,
  refresh: (refreshToken: string) => Promise<TokenPair>,
): Session {
  let now: Tokens | null = tokens;
  let renewing: Promise<Tokens> | null = null;

  async function keep(next: Tokens | null): Promise<void> {
    now = next;
    await onTokens?.(next);
  }

  async function renewOnce(old: Tokens): Promise<Tokens> {
    const stored = readTokens ? await readTokens() : old;
    if (!stored) {
      now = null;
      throw loggedOut();
    }
    if (stored.access_token !== old.access_token && !isOver(stored)) {
      now = stored;
      return stored;
    }
    try {
      const next = toTokens(await refresh(stored.refresh_token));
      // Who logged out or in meanwhile does not want this one.
      if (now === old) await keep(next);
      return next;
    } catch (error) {
      if (now !== old || !(error instanceof IntaktError) || error.code !== 'refresh_token_invalid') throw error;
      const others = await renewedElsewhere(stored);
      if (!others) await keep(null);
      if (!others) throw error;
      now = others;
      return others;
    }
  }

  /** What another process got for the token that was refused here: it spent it first, and is about to persist the next. */
  async function renewedElsewhere({ refresh_token: spent }: Tokens): Promise<Tokens | null> {
    for (let tries = 0; readTokens && tries < TRIES; tries++) {
      if (tries > 0) await new Promise((resolve) => setTimeout(resolve, BETWEEN_TRIES_MS));
      const stored = await readTokens();
      if (!stored) return null;
      if (stored.refresh_token !== spent) return stored;
    }
    return null;
  }

  async function renewed(old: Tokens): Promise<string> {
    renewing ??= renewOnce(old).finally(() => {
      renewing = null;
    });
    return (await renewing).access_token;
  }

  return {
    current: () => now,
    async accessToken() {
      if (!now) throw loggedOut();
      return isOver(now) ? renewed(now) : now.access_token;
    },
    async renew(expired) {
      if (!now) throw loggedOut();
      return now.access_token === expired ? renewed(now) : now.access_token;
    },
    take: (pair) => keep(pair && toTokens(pair)),
  };
}

const isOver = ({ expires_at }: Tokens): boolean => Date.now() >= expires_at - MARGIN_MS;

const toTokens = ({ access_token, refresh_token, expires_in }: TokenPair): Tokens => ({
  access_token,
  refresh_token,
  expires_at: Date.now() + expires_in * 1000,
});

const loggedOut = () =>
  new IntaktError({
    code: 'unauthorized',
    status: 401,
    title: 'A valid bearer token is needed',
    detail: 'Nobody is logged in. Log in first.',
  });
