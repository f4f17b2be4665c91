import type { Database, Queryable } from '../backends/db/db.ts';
import type { Actor, Role, Scope } from '../core/actor.ts';
import type { Clock } from '../core/clock.ts';
import { LruMap } from '../core/lru.ts';
import { inNetworks } from './networks.ts';
import { sessionEnded } from './sessions.ts';
import type { AccessTokens } from './tokens.ts';

/**
 * Finds out who asks, as they are now: what was found is used again only as long as nothing in the database has changed.
 */
export interface Authenticate {
  /** Who an access token stands for, as they are now. @throws Problem `token_expired` or `unauthorized`. */
  byAccessToken(token: string, address: string): Promise<Actor>;
  /** Who a live session belongs to, as they are now. @throws Problem `unauthorized`. */
  bySession(sessionId: string, address: string): Promise<Actor>;
  /**
   * The same as `byAccessToken`, at once, for who was found before when nothing has changed since; `undefined` where
   * somebody must be looked for, or refused. Most requests are of those, and each promise costs them.
   */
  recall(token: string, address: string): Actor | undefined;
}

interface Needs {
  db: Database;
  accessTokens: AccessTokens;
  clock: Clock;
}

/** Someone with a session, wherever they ask from, and until when. */
interface Known {
  /** As they asked last: from the same address it is the same. */
  actor: Actor;
  readonly endsAt: number;
  readonly networks: readonly string[];
}

/** Actors from the metadata database, with one query each. */
export function createAuthenticate({ db, accessTokens, clock }: Needs): Authenticate {
  const known = new LruMap<string, Known>(10_000);
  let version: number | null = null;

  /** Who a session belongs to, if that is known and nothing has changed since. */
  function remember(sessionId: string): Known | undefined {
    const now = db.version();
    if (now === null || now !== version) known.clear();
    version = now;
    return known.get(sessionId);
  }

  async function find(sessionId: string): Promise<Known | undefined> {
    const remembered = remember(sessionId);
    if (remembered) return remembered;
    const before = version;
    const row = await findSession(db.query, sessionId);
    const found = row && toKnown(row);
    // Not what was read while somebody wrote.
    if (found && before !== null && before === db.version()) known.set(sessionId, found);
    return found;
  }

  /** The actor, unless the session is over or they may not come from there. */
  function toActor(found: Known | undefined, address: string): Actor | undefined {
    if (!found || found.endsAt <= clock() || !inNetworks(address, found.networks)) return undefined;
    if (found.actor.address !== address) found.actor = { ...found.actor, address };
    return found.actor;
  }

  async function bySession(sessionId: string, address: string): Promise<Actor> {
    const actor = toActor(await find(sessionId), address);
    if (actor) return actor;
    throw sessionEnded();
  }

  return {
    bySession,
    recall(token, address) {
      const claims = accessTokens.recall(token);
      return claims && toActor(remember(claims.sessionId), address);
    },
    async byAccessToken(token, address) {
      const { sessionId } = await accessTokens.verify(token);
      return bySession(sessionId, address);
    },
  };
}

/** The session with whose it is, unless it was revoked or its owner may not come in any more. */
function findSession(query: Queryable, sessionId: string) {
  return (
    query
      .selectFrom('sessions')
      .innerJoin('workspaces', 'workspaces.id', 'sessions.workspace_id')
      .leftJoin('users', 'users.id', 'sessions.user_id')
      .leftJoin('members', (join) =>
        join
          .onRef('members.user_id', '=', 'sessions.user_id')
          .onRef('members.workspace_id', '=', 'sessions.workspace_id'),
      )
      .leftJoin('clients', 'clients.id', 'sessions.client_id')
      .select([
        'sessions.id as sessionId',
        'sessions.workspace_id as workspaceId',
        'sessions.scopes',
        'sessions.confirmed_at as confirmedAt',
        'sessions.expires_at as endsAt',
        'workspaces.shared_files as sharedFiles',
        'workspaces.max_requests as maxRequests',
        'users.id as userId',
        'users.username',
        'users.operator',
        'members.role as memberRole',
        'members.may_reveal as mayReveal',
        'clients.id as clientId',
        'clients.name as clientName',
        'clients.role as clientRole',
        'clients.scopes as clientScopes',
        'clients.networks',
        'clients.expires_at as clientEndsAt',
      ])
      .where('sessions.id', '=', sessionId)
      .where('sessions.revoked_at', 'is', null)
      // A user's session through a client needs both.
      .where((e) => e.or([e('members.active', '=', 1), e('sessions.user_id', 'is', null)]))
      .where((e) => e.or([e('clients.id', 'is not', null), e('sessions.client_id', 'is', null)]))
      .where('clients.revoked_at', 'is', null)
      .executeTakeFirst()
  );
}

type SessionFound = NonNullable<Awaited<ReturnType<typeof findSession>>>;

function toKnown(row: SessionFound): Known {
  const { sessionId, workspaceId, confirmedAt, maxRequests, endsAt } = row;
  const common = { sessionId, workspaceId, confirmedAt, maxRequests, sharedFiles: row.sharedFiles === 1, address: '' };
  const scopes = scopesOfSession(row);
  const bounds = {
    endsAt: Math.min(endsAt, row.clientEndsAt ?? endsAt),
    networks: JSON.parse(row.networks ?? '[]') as string[],
  };
  if (row.userId === null) {
    const mayReveal = scopes?.includes('reveal') ?? false;
    const rights = { role: row.clientRole as Role, mayReveal, operator: false, scopes };
    return { actor: { ...common, kind: 'client', id: row.clientId!, name: row.clientName!, ...rights }, ...bounds };
  }
  const rights = { role: row.memberRole as Role, mayReveal: row.mayReveal === 1, operator: row.operator === 1, scopes };
  return { actor: { ...common, kind: 'user', id: row.userId, name: row.username!, ...rights }, ...bounds };
}

/** What the session is held to, by itself and by the client that it is of or through: as both are now. */
function scopesOfSession({ scopes, clientScopes }: SessionFound): Scope[] | null {
  const held = scopes === null ? null : (JSON.parse(scopes) as Scope[]);
  if (clientScopes === null) return held;
  const may = JSON.parse(clientScopes) as Scope[];
  return held === null ? may : may.filter((scope) => held.includes(scope));
}
