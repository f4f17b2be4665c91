import { createHash, timingSafeEqual } from 'node:crypto';
import type { Audit } from '../audit/audit.ts';
import type { Database, Queryable } from '../backends/db/db.ts';
import type { SessionRow } from '../backends/db/schema.ts';
import type { Origin, Scope } from '../core/actor.ts';
import type { Clock } from '../core/clock.ts';
import { isId, newId } from '../core/ids.ts';
import { Problem } from '../core/problem.ts';
import { createRefreshSecrets } from './refresh-secrets.ts';
import type { AccessTokens } from './tokens.ts';

/** What a login or refresh gives, in the shape of RFC 6749, 5.1. */
export interface TokenPair {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly token_type: 'bearer';
  readonly expires_in: number;
}

/** How someone showed who they are, by the names of RFC 8176; `key` is a client key, `fed` an OpenID provider. */
export type Method = 'pwd' | 'otp' | 'recovery' | 'passkey' | 'fed' | 'key';

/** Whose session is to be started. */
export interface NewSession {
  readonly workspaceId: string;
  /** A user, perhaps by a client to which the session is bound, or a client. */
  readonly subject: { readonly userId: string; readonly clientId?: string | undefined } | { readonly clientId: string };
  readonly methods: readonly Method[];
  /** What the session is held to; `null` for all that the role allows. */
  readonly scopes: readonly Scope[] | null;
  readonly origin: Origin;
  /** When it ends at the latest; the setting's number of days where that is sooner. */
  readonly until?: number | null | undefined;
  /** When its owner last proved who they are. Default: now. */
  readonly confirmedAt?: number | undefined;
}

/** Which sessions; a client's are its own and those that users have through it. */
export type SessionsOf = { readonly userId: string; readonly workspaceId?: string } | { readonly clientId: string };

/**
 * Sessions: one login and everything refreshed from it, until an absolute end. Refresh tokens are opaque, stored only
 * as a hash, spent at each use; asked for at the same time, one gives all who ask the same successor. Using a spent one is
 * refused and, however old it is, ends the whole session (RFC 9700, 4.14.2), except within ten seconds of its use: two tabs
 * do not log their user out. A token that the session was never given ends nothing: whoever knows a session's id can
 * invent one.
 */
export interface Sessions {
  start(tx: Queryable, session: NewSession): Promise<{ readonly sessionId: string; readonly pair: TokenPair }>;
  /** Spends a refresh token that came from `address`. @throws Problem `refresh_token_invalid`. */
  refresh(refreshToken: string, address: string): Promise<{ readonly session: SessionRow; readonly pair: TokenPair }>;
  /** The live session with this id. */
  find(sessionId: string): Promise<SessionRow | undefined>;
  /** The same, as it is in `tx`: what it allows and what it is asked for are one. @throws Problem `unauthorized`. */
  require(tx: Queryable, sessionId: string): Promise<SessionRow>;
  /** The live session that a refresh token belongs to, and whether the token was spent; nothing is spent by asking. */
  findByRefreshToken(refreshToken: string): Promise<(SessionRow & { readonly spent: boolean }) | undefined>;
  /** Those that are neither over nor revoked, newest first; at most 1,000. */
  listLive(of: SessionsOf): Promise<SessionRow[]>;
  /** Ends one session; `false` when it had ended. */
  revoke(tx: Queryable, sessionId: string): Promise<boolean>;
  /** Ends all, except one if `keep` names it. */
  revokeAll(tx: Queryable, of: SessionsOf, keep?: string): Promise<void>;
  /** Brings the end of all forward to `until`, in milliseconds since 1970; those that end sooner stay. */
  endBy(tx: Queryable, of: SessionsOf, until: number): Promise<void>;
  /** Writes down that the session's owner has proved anew who they are. */
  confirm(tx: Queryable, sessionId: string): Promise<void>;
  /** Removes what has been over for a month. */
  sweep(): Promise<void>;
}

const GRACE_MS = 10_000;
const MOST_LISTED = 1000;
const DAY_MS = 86_400_000;
const KEPT_MS = 30 * DAY_MS;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');
const sameText = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

interface Needs {
  db: Database;
  accessTokens: AccessTokens;
  secretKeys: readonly string[];
  lifetimeDays: number;
  clock: Clock;
  audit: Audit;
}

/** Sessions in the metadata database. */
export function createSessions({ db, accessTokens, secretKeys, lifetimeDays, clock, audit }: Needs): Sessions {
  const secrets = createRefreshSecrets(secretKeys);
  /** What is under way, by refresh token. */
  const refreshing = new Map<string, ReturnType<Sessions['refresh']>>();

  return {
    async start(tx, { workspaceId, subject, methods, scopes, origin, until, confirmedAt }) {
      const id = newId();
      const secret = secrets.first(id);
      const now = clock();
      const session: SessionRow = {
        id,
        workspace_id: workspaceId,
        user_id: 'userId' in subject ? subject.userId : null,
        client_id: subject.clientId ?? null,
        scopes: scopes && JSON.stringify(scopes),
        methods: JSON.stringify(methods),
        address: origin.address,
        user_agent: origin.userAgent.slice(0, 300),
        refresh_hash: sha256(secret),
        previous_hash: null,
        rotated_at: now,
        confirmed_at: confirmedAt ?? now,
        created_at: now,
        expires_at: Math.min(now + lifetimeDays * DAY_MS, until ?? Number.POSITIVE_INFINITY),
        revoked_at: null,
      };
      await tx.insertInto('sessions').values(session).execute();
      return { sessionId: session.id, pair: await toPair(session, secret) };
    },

    refresh(refreshToken, address) {
      const running = refreshing.get(refreshToken);
      if (running) return running;
      const renewed = renew(refreshToken, address).finally(() => refreshing.delete(refreshToken));
      refreshing.set(refreshToken, renewed);
      return renewed;
    },

    find: (sessionId) => live(db.query).where('id', '=', sessionId).executeTakeFirst(),

    async require(tx, sessionId) {
      const session = await live(tx).where('id', '=', sessionId).executeTakeFirst();
      if (!session) throw sessionEnded();
      return session;
    },

    async findByRefreshToken(refreshToken) {
      const token = parse(refreshToken);
      const row = token && (await live(db.query).where('id', '=', token.id).executeTakeFirst());
      if (!row) return undefined;
      const hash = sha256(token.secret);
      if (sameText(hash, row.refresh_hash)) return { ...row, spent: false };
      return isSpent(row, token.secret) ? { ...row, spent: true } : undefined;
    },

    listLive: (of) =>
      ofWhom(live(db.query), of).orderBy('created_at', 'desc').orderBy('id').limit(MOST_LISTED).execute(),

    async revoke(tx, sessionId) {
      const { numUpdatedRows } = await tx
        .updateTable('sessions')
        .set({ revoked_at: clock() })
        .where('id', '=', sessionId)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },

    async revokeAll(tx, of, keep = '') {
      let all = tx.updateTable('sessions').set({ revoked_at: clock() }).where('revoked_at', 'is', null);
      all = 'clientId' in of ? all.where('client_id', '=', of.clientId) : all.where('user_id', '=', of.userId);
      if ('workspaceId' in of && of.workspaceId) all = all.where('workspace_id', '=', of.workspaceId);
      await all.where('id', '!=', keep).execute();
    },

    async endBy(tx, of, until) {
      const all = tx.updateTable('sessions').set({ expires_at: until }).where('expires_at', '>', until);
      await ofWhom(all, of).execute();
    },

    async confirm(tx, sessionId) {
      await tx.updateTable('sessions').set({ confirmed_at: clock() }).where('id', '=', sessionId).execute();
    },

    async sweep() {
      const before = clock() - KEPT_MS;
      await db.query
        .deleteFrom('sessions')
        .where((e) => e.or([e('expires_at', '<', before), e('revoked_at', '<', before)]))
        .execute();
    },
  };

  function live(query: Queryable) {
    return query.selectFrom('sessions').selectAll().where('revoked_at', 'is', null).where('expires_at', '>', clock());
  }

  /** Whether a secret that is not the newest was once. Its code tells that, but for a key that SECRET_KEY has lost since. */
  function isSpent({ id, previous_hash: previous }: SessionRow, secret: string): boolean {
    return sameText(sha256(secret), previous ?? '') || secrets.isOf(id, secret);
  }

  async function renew(refreshToken: string, address: string) {
    const token = parse(refreshToken);
    const renewed = token && (await db.transaction((tx) => rotate(tx, token.id, token.secret, address)));
    if (!renewed) throw invalid();
    return { session: renewed.session, pair: await toPair(renewed.session, renewed.secret) };
  }

  /** The session and its new secret, or `null` when the token is not good; a reuse is written down before that is said. */
  async function rotate(tx: Queryable, id: string, secret: string, address: string) {
    const session = await live(tx).where('id', '=', id).executeTakeFirst();
    if (!session) return null;
    const now = clock();
    const hash = sha256(secret);
    if (sameText(hash, session.refresh_hash)) {
      const successor = secrets.next(id, secret);
      await tx
        .updateTable('sessions')
        .set({ refresh_hash: sha256(successor), previous_hash: hash, rotated_at: now })
        .where('id', '=', id)
        .execute();
      return { session, secret: successor };
    }
    const isPrevious = sameText(hash, session.previous_hash ?? '');
    if (isPrevious && now - session.rotated_at < GRACE_MS) return null;
    if (!isSpent(session, secret)) return null;
    await tx.updateTable('sessions').set({ revoked_at: now }).where('id', '=', id).execute();
    const nobody = { actorKind: 'nobody' as const, actorId: null, actorName: '' };
    const by = { workspaceId: session.workspace_id, ...nobody, address };
    await audit.appendAs(tx, by, 'session.token_reused', `session:${id}`, {});
    return null;
  }

  async function toPair(session: SessionRow, secret: string): Promise<TokenPair> {
    const subject = (session.user_id ?? session.client_id)!;
    return {
      access_token: await accessTokens.issue({ sessionId: session.id, subject, workspaceId: session.workspace_id }),
      refresh_token: `${session.id}.${secret}`,
      token_type: 'bearer',
      expires_in: accessTokens.lifetimeSeconds,
    };
  }
}

function ofWhom<Q extends { where(column: 'client_id' | 'user_id' | 'workspace_id', op: '=', value: string): Q }>(
  query: Q,
  of: SessionsOf,
): Q {
  if ('clientId' in of) return query.where('client_id', '=', of.clientId);
  const all = query.where('user_id', '=', of.userId);
  return of.workspaceId ? all.where('workspace_id', '=', of.workspaceId) : all;
}

function parse(refreshToken: string): { id: string; secret: string } | null {
  const [id = '', secret = '', ...more] = refreshToken.split('.');
  return isId(id) && secret.length === 43 && more.length === 0 ? { id, secret } : null;
}

/** What is said to who asks with a session that is over. */
export const sessionEnded = () => new Problem('unauthorized', 'The session has ended. Log in again.');

const invalid = () =>
  new Problem('refresh_token_invalid', 'The refresh token is unknown, spent or expired. Log in again.');
