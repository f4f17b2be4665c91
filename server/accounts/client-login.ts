import type { Audit } from '../audit/audit.ts';
import type { Database, Queryable } from '../backends/db/db.ts';
import type { ClientKeyRow, ClientRow } from '../backends/db/schema.ts';
import type { Origin, Scope } from '../core/actor.ts';
import type { Clock } from '../core/clock.ts';
import { Problem } from '../core/problem.ts';
import { hashOfKey, isClientKey } from './client-keys.ts';
import { findAnyClient, findByKeyHash, updateClient } from './client-store.ts';
import { inNetworks } from './networks.ts';
import type { Sessions, TokenPair } from './sessions.ts';
import type { Throttle } from './throttle.ts';
import type { Workspaces } from './workspaces.ts';

/** What a key is shown with. */
export interface KeyOptions {
  readonly origin: Origin;
  /** The client that the key must belong to. */
  readonly clientId?: string | undefined;
  /** What the session is held to; default: all that the client may. */
  readonly scopes?: readonly Scope[] | null | undefined;
  /** How long the session lasts, in seconds; default and most: as long as any other. */
  readonly seconds?: number | undefined;
}

/**
 * Clients that show who they are. A key that is unknown, has ended or belongs to another client, and a client that was
 * revoked, has expired or comes from outside its networks, are refused alike with `client_key_invalid`; why is in the
 * audit log. Who fails too often is `rate_limited`.
 */
export interface ClientLogin {
  /** Starts a session. @throws Problem `client_key_invalid`, `insufficient_scope` for a scope that the client has not. */
  withKey(key: string, options: KeyOptions): Promise<{ readonly client: ClientRow; readonly pair: TokenPair }>;
  /** Whose key it is; starts nothing. @throws Problem `client_key_invalid`. */
  identify(key: string, options: KeyOptions): Promise<ClientRow>;
  /** Before a session of a client goes on: writes down that it was used. @throws Problem `client_key_invalid`. */
  goOn(clientId: string, origin: Origin): Promise<void>;
}

interface Needs {
  db: Database;
  clock: Clock;
  sessions: Sessions;
  throttle: Throttle;
  workspaces: Workspaces;
  audit: Audit;
}

type Refusal = { readonly reason: string; readonly client?: ClientRow | undefined };
type Found = { readonly key: ClientKeyRow; readonly client: ClientRow };

/** Logins of clients over the metadata database. */
export function createClientLogin({ db, clock, sessions, throttle, workspaces, audit }: Needs): ClientLogin {
  return {
    async withKey(key, options) {
      await identify(key, options);
      const outcome = await db.transaction(async (tx) => {
        const found = await look(tx, key, options);
        return 'reason' in found ? found : begin(tx, found, options);
      });
      return 'reason' in outcome ? refuse(outcome, options.origin) : outcome;
    },

    identify,

    async goOn(clientId, origin) {
      const refusal = await db.transaction(async (tx) => {
        const client = await findAnyClient(tx, clientId);
        const reason = client ? whyNot(client, origin) : 'client';
        if (reason === null) await updateClient(tx, clientId, { last_used_at: clock() });
        return reason && { reason, client };
      });
      if (refusal) await refuse(refusal, origin);
    },
  };

  async function identify(key: string, options: KeyOptions): Promise<ClientRow> {
    const found = await look(db.query, key, options);
    return 'reason' in found ? refuse(found, options.origin) : found.client;
  }

  async function begin(tx: Queryable, { key, client }: Found, { origin, scopes = null, seconds }: KeyOptions) {
    const may = JSON.parse(client.scopes) as Scope[];
    const more = scopes?.filter((scope) => !may.includes(scope)) ?? [];
    if (more.length > 0)
      throw new Problem('insufficient_scope', `The client may not have the scope ${more.join(' ')}.`);
    const asked = seconds === undefined ? null : clock() + seconds * 1000;
    const { sessionId, pair } = await sessions.start(tx, {
      workspaceId: client.workspace_id,
      subject: { clientId: client.id },
      methods: ['key'],
      scopes,
      origin,
      until: earliest(client.expires_at, key.expires_at, asked),
    });
    await updateClient(tx, client.id, { last_used_at: clock() });
    await audit.appendAs(tx, by(client, origin), 'client.login', `session:${sessionId}`, { key: key.hint });
    return { client, pair };
  }

  async function look(query: Queryable, key: string, { origin, clientId }: KeyOptions): Promise<Found | Refusal> {
    const found = isClientKey(key) ? await findByKeyHash(query, hashOfKey(key)) : undefined;
    if (!found) return { reason: 'key' };
    const { client } = found;
    if (clientId !== undefined && clientId !== client.id) return { reason: 'client', client };
    const reason = whyNot(client, origin) ?? (isOver(found.key.expires_at) ? 'key_ended' : null);
    return reason === null ? found : { reason, client };
  }

  function whyNot(client: ClientRow, { address }: Origin): string | null {
    if (client.revoked_at !== null) return 'revoked';
    if (isOver(client.expires_at)) return 'expired';
    return inNetworks(address, JSON.parse(client.networks) as string[]) ? null : 'network';
  }

  function isOver(end: number | null): boolean {
    return end !== null && end <= clock();
  }

  /** Only who fails is counted: nobody guesses a key, but one that fails writes to the audit log each time. */
  async function refuse({ reason, client }: Refusal, { address }: Origin): Promise<never> {
    return throttle.guard({ account: null, address }, async () => {
      const workspaceId = client?.workspace_id ?? workspaces.defaultId;
      const target = `client:${client?.id ?? 'unknown'}`;
      const nobody = { workspaceId, actorKind: 'nobody' as const, actorId: null, actorName: '', address };
      await db.transaction((tx) => audit.appendAs(tx, nobody, 'client.login_refused', target, { reason }));
      throw new Problem(
        'client_key_invalid',
        'The client key is unknown, has ended, or may not be used from here. Ask an administrator for another one.',
      );
    });
  }
}

const by = (client: ClientRow, { address }: Origin) => ({
  workspaceId: client.workspace_id,
  actorKind: 'client' as const,
  actorId: client.id,
  actorName: client.name,
  address,
});

const earliest = (...times: (number | null)[]): number | null => {
  const given = times.filter((time) => time !== null);
  return given.length === 0 ? null : Math.min(...given);
};
