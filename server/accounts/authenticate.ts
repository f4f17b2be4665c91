import type { Database } from '../backends/db/db.ts';
import type { Actor, Role, Scope } from '../core/actor.ts';
import type { Clock } from '../core/clock.ts';
import { Problem } from '../core/problem.ts';
import { inNetworks } from './networks.ts';
import type { AccessTokens } from './tokens.ts';

/** Finds out who asks. Nothing is remembered from one request to the next but what is in the database. */
export interface Authenticate {
  /** Who an access token stands for, as they are now. @throws Problem `token_expired` or `unauthorized`. */
  byAccessToken(token: string, address: string): Promise<Actor>;
  /** Who a live session belongs to, as they are now. @throws Problem `unauthorized`. */
  bySession(sessionId: string, address: string): Promise<Actor>;
}

interface Needs {
  db: Database;
  accessTokens: AccessTokens;
  clock: Clock;
}

/** Actors from the metadata database, with one query each. */
export function createAuthenticate({ db, accessTokens, clock }: Needs): Authenticate {
  const find = (sessionId: string) =>
    db.query
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
        'workspaces.shared_files as sharedFiles',
        'workspaces.max_requests as maxRequests',
        'users.id as userId',
        'users.username',
        'users.operator',
        'members.role as memberRole',
        'members.may_reveal as mayReveal',
        'members.active',
        'clients.id as clientId',
        'clients.name as clientName',
        'clients.role as clientRole',
        'clients.scopes as clientScopes',
        'clients.networks',
        'clients.expires_at as clientExpiresAt',
        'clients.revoked_at as clientRevokedAt',
      ])
      .where('sessions.id', '=', sessionId)
      .where('sessions.revoked_at', 'is', null)
      .where('sessions.expires_at', '>', clock())
      .executeTakeFirst();

  type Found = NonNullable<Awaited<ReturnType<typeof find>>>;

  function toActor(found: Found, address: string): Actor | null {
    const { sessionId, workspaceId, confirmedAt, maxRequests } = found;
    const common = { sessionId, workspaceId, confirmedAt, maxRequests, address, sharedFiles: found.sharedFiles === 1 };
    const held = found.scopes === null ? null : (JSON.parse(found.scopes) as Scope[]);
    if (found.clientId !== null) {
      if (found.clientRevokedAt !== null || (found.clientExpiresAt ?? Number.POSITIVE_INFINITY) <= clock()) return null;
      if (!inNetworks(address, JSON.parse(found.networks!) as string[])) return null;
      const may = JSON.parse(found.clientScopes!) as Scope[];
      const scopes = held === null ? may : may.filter((scope) => held.includes(scope));
      const role = found.clientRole as Role;
      const mayReveal = scopes.includes('reveal');
      return {
        ...common,
        kind: 'client',
        id: found.clientId,
        name: found.clientName!,
        role,
        mayReveal,
        scopes,
        operator: false,
      };
    }
    if (found.userId === null || found.active !== 1) return null;
    return {
      ...common,
      kind: 'user',
      id: found.userId,
      name: found.username!,
      role: found.memberRole as Role,
      mayReveal: found.mayReveal === 1,
      operator: found.operator === 1,
      scopes: held,
    };
  }

  async function bySession(sessionId: string, address: string): Promise<Actor> {
    const found = await find(sessionId);
    const actor = found && toActor(found, address);
    if (!actor) throw new Problem('unauthorized', 'The session has ended. Log in again.');
    return actor;
  }

  return {
    bySession,
    async byAccessToken(token, address) {
      const { sessionId } = await accessTokens.verify(token);
      return bySession(sessionId, address);
    },
  };
}
