import { createHash } from 'node:crypto';
import type { Audit } from '../audit/audit.ts';
import type { Database, Queryable } from '../backends/db/db.ts';
import type { UserRow } from '../backends/db/schema.ts';
import { allowInWorkspace } from '../core/access.ts';
import type { Actor, Origin } from '../core/actor.ts';
import { type Clock, isoTime } from '../core/clock.ts';
import { newId, newSecret } from '../core/ids.ts';
import { Problem } from '../core/problem.ts';
import type { Authenticate } from './authenticate.ts';
import type { Challenges } from './challenges.ts';
import { findIdentity, insertIdentity, listIdentities, removeIdentity } from './identity-store.ts';
import { type Login, requireConfirmed } from './login.ts';
import type { Claims, OpenId, OpenIdChecks } from './openid.ts';
import type { RegistrationMode, Registrations } from './registration.ts';
import type { TokenPair } from './sessions.ts';
import { findByUsername, findUser } from './store.ts';
import type { Throttle } from './throttle.ts';
import { keepAWayIn } from './ways-in.ts';

/** What is told of an identity that the caller is linked to. */
export interface Identity {
  readonly identity_id: string;
  readonly issuer: string;
  readonly subject: string;
  readonly created_at: string;
}

/** Where to send a browser, and the secret for its cookie, by which alone it can go on. */
export interface Departure {
  readonly url: string;
  readonly browser: string;
}

/** Somebody who comes back from the provider is logged in with the code, or was linked. */
export type Return = { readonly code: string } | { readonly linked: true };

/**
 * Signing in with an OpenID provider. A user is found by issuer and subject alone, never by e-mail address: a link is made
 * for who is new, by the mode of registration, or from a session. Each step goes on in the browser that it began in.
 */
export interface Identities {
  /** Begins a login. @throws Problem `not_found` when there is no provider; `unavailable`. */
  start(invitation?: string): Promise<Departure>;
  /** Begins to link the caller. @throws Problem `confirmation_required`; as `start`. */
  startLink(actor: Actor): Promise<Departure>;
  /**
   * `query` is what the provider has added to the redirect URI. The code is good for a minute and one use.
   * @throws Problem `identity_refused`, `identity_taken`; for who is new `registration_closed`, `invitation_invalid`,
   * `email_taken`.
   */
  finish(query: string, browser: string, origin: Origin): Promise<Return>;
  /** @throws Problem `identity_refused` for the code; `invalid_credentials` for who is locked out. */
  exchange(code: string, browser: string, origin: Origin): Promise<TokenPair>;
  list(actor: Actor): Promise<Identity[]>;
  /** @throws Problem `identity_not_found`, `confirmation_required`, `last_way_in`. */
  remove(actor: Actor, identityId: string): Promise<void>;
}

interface Needs {
  db: Database;
  clock: Clock;
  /** `null` when there is no provider. */
  openId: OpenId | null;
  /** Where the provider sends people back to. */
  redirectUri: () => string;
  mode: RegistrationMode;
  challenges: Challenges;
  authenticate: Authenticate;
  login: Login;
  registrations: Registrations;
  throttle: Throttle;
  audit: Audit;
}

/** What is kept while somebody is at the provider. */
interface Away extends OpenIdChecks {
  readonly browser: string;
  readonly invitation?: string;
  /** The session that is to be linked. */
  readonly sessionId?: string;
}

const AWAY_SECONDS = 10 * 60;
const CODE_SECONDS = 60;
const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** Identities in the metadata database. */
export function createIdentities(needs: Needs): Identities {
  const { db, clock, openId, redirectUri, mode, challenges, authenticate, login, registrations, throttle, audit } =
    needs;

  async function depart(more: { invitation?: string; sessionId?: string }): Promise<Departure> {
    const provider = theProvider();
    const browser = newSecret();
    const checks = provider.newChecks();
    const data: Away = { ...checks, ...more, browser: hashOf(browser) };
    const state = await challenges.make({ kind: 'oidc_login', data, seconds: AWAY_SECONDS });
    return { url: await provider.authorizationUrl(checks, state, redirectUri()), browser };
  }

  async function comeBack(query: string, browser: string, origin: Origin): Promise<Return> {
    const returned = new URL(`${redirectUri()}?${query}`);
    const state = returned.searchParams.get('state') ?? '';
    const away = await db.transaction((tx) => challenges.spend<Away>(tx, 'oidc_login', state));
    if (!away || away.data.browser !== hashOf(browser)) throw refused();
    const claims = await theProvider().claims(returned, away.data, state);
    if (away.data.sessionId !== undefined) {
      await link(await authenticate.bySession(away.data.sessionId, origin.address), claims);
      return { linked: true };
    }
    const known = await findIdentity(db.query, claims.issuer, claims.subject);
    const userId = known?.user_id ?? (await register(claims, origin, away.data.invitation));
    const data = { browser: away.data.browser };
    return { code: await challenges.make({ kind: 'oidc_code', userId, data, seconds: CODE_SECONDS }) };
  }

  async function link(actor: Actor, { issuer, subject }: Claims): Promise<void> {
    allowInWorkspace(actor, 'change_own_account');
    await db.transaction(async (tx) => {
      const known = await findIdentity(tx, issuer, subject);
      if (known && known.user_id !== actor.id) {
        throw new Problem('identity_taken', 'Another user signs in with this identity. They must unlink it first.');
      }
      if (known) return;
      await insertIdentity(tx, { id: newId(), issuer, subject, user_id: actor.id, created_at: clock() });
      await audit.append(tx, actor, 'identity.link', `user:${actor.id}`, { issuer });
    });
  }

  /** Adds a user for an identity that nobody has; their id. */
  async function register(claims: Claims, origin: Origin, invitation: string | undefined): Promise<string> {
    const { issuer, subject } = claims;
    const registration = {
      username: await freeUsername(claims),
      // Of a domain that never is one (RFC 2606), where the provider tells no address.
      email: claims.email ?? `${hashOf(`${issuer} ${subject}`).slice(0, 22)}@unknown.invalid`,
      full_name: claims.fullName?.slice(0, 200) ?? '',
    };
    const also = (tx: Queryable, { id: userId }: UserRow) =>
      insertIdentity(tx, { id: newId(), issuer, subject, user_id: userId, created_at: clock() });
    try {
      return (await registrations.addForeign(registration, origin, { mode, invitation, also })).user_id;
    } catch (error) {
      // Somebody with two windows may come back in both at the same moment.
      throw db.isUniqueViolation(error) ? refused() : error;
    }
  }

  /** The name at the provider as far as it can be one here; with a number where somebody has it. */
  async function freeUsername({ username, email }: Claims): Promise<string> {
    const wish = (username ?? email?.split('@', 1)[0] ?? '').normalize('NFKC').replace(/[\s\p{C}\p{DI}]/gu, '');
    const name = [...wish].slice(0, 50).join('') || 'user';
    for (let n = 1; n < 100; n++) {
      const candidate = n === 1 ? name : `${name}-${n}`;
      if (!(await findByUsername(db.query, candidate))) return candidate;
    }
    return `${name}-${newSecret().slice(0, 8)}`;
  }

  function theProvider(): OpenId {
    if (openId) return openId;
    throw new Problem('not_found', 'No OpenID provider is set up here (OIDC_ISSUER).');
  }

  /** One throttle over all ways in; what is refused is written down. */
  const guarded = <T>(origin: Origin, work: () => Promise<T>): Promise<T> =>
    throttle.guard({ account: null, address: origin.address }, async () => {
      try {
        return await work();
      } catch (error) {
        const { code } = error as Problem;
        if (code === 'identity_refused' || code === 'identity_taken') await login.noteRefusal(undefined, origin, code);
        throw error;
      }
    });

  return {
    start: (invitation) => depart(invitation === undefined ? {} : { invitation }),

    async startLink(actor) {
      allowInWorkspace(actor, 'change_own_account');
      requireConfirmed(actor, clock);
      return depart({ sessionId: actor.sessionId });
    },

    finish: (query, browser, origin) => guarded(origin, () => comeBack(query, browser, origin)),

    exchange: (code, browser, origin) =>
      guarded(origin, async () => {
        const spent = await db.transaction((tx) => challenges.spend<{ browser: string }>(tx, 'oidc_code', code));
        const user = spent?.userId ? await findUser(db.query, spent.userId) : undefined;
        if (!spent || !user || spent.data.browser !== hashOf(browser)) throw refused();
        return login.begin(user, ['fed'], { origin });
      }),

    async list(actor) {
      allowInWorkspace(actor, 'change_own_account');
      return (await listIdentities(db.query, actor.id)).map(({ id, issuer, subject, created_at: createdAt }) => ({
        identity_id: id,
        issuer,
        subject,
        created_at: isoTime(createdAt),
      }));
    },

    async remove(actor, identityId) {
      allowInWorkspace(actor, 'change_own_account');
      requireConfirmed(actor, clock);
      await db.transaction(async (tx) => {
        if (!(await removeIdentity(tx, actor.id, identityId)))
          throw new Problem('identity_not_found', `You are linked to no identity ${identityId}.`);
        await keepAWayIn(tx, actor.id);
        await audit.append(tx, actor, 'identity.unlink', `user:${actor.id}`, {});
      });
    },
  };
}

const refused = () =>
  new Problem(
    'identity_refused',
    'This login is unknown, expired, finished already, or was begun in another browser. Begin again.',
  );
