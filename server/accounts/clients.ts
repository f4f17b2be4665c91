import type { Audit } from '../audit/audit.ts';
import type { Database, Queryable } from '../backends/db/db.ts';
import type { ClientKeyRow, ClientRow } from '../backends/db/schema.ts';
import { allowInWorkspace } from '../core/access.ts';
import type { Actor, Role, Scope } from '../core/actor.ts';
import { type Clock, isoTime, isoTimeOrNull } from '../core/clock.ts';
import { isId, newId } from '../core/ids.ts';
import { Problem } from '../core/problem.ts';
import { refuseEmpty } from './change.ts';
import { newClientKey } from './client-keys.ts';
import { cleanName, refuseUseless } from './client-rules.ts';
import {
  endClientKeys,
  findClient,
  insertClient,
  insertClientKey,
  listClients,
  listLiveKeys,
  updateClient,
} from './client-store.ts';
import { refuseMoreThanHeld, type Standing, widenedScopes } from './grants.ts';
import { requireConfirmed } from './login.ts';
import { parseNetworks } from './networks.ts';
import type { Sessions } from './sessions.ts';

/** What is told of a client; never a key. */
export interface Client {
  readonly client_id: string;
  readonly name: string;
  readonly role: Role;
  readonly scopes: Scope[];
  readonly networks: string[];
  readonly status: 'active' | 'expired' | 'revoked';
  /** Its keys that are good, newest first, told apart by their first characters. */
  readonly keys: { readonly hint: string; readonly created_at: string; readonly expires_at: string | null }[];
  readonly created_by: string;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
  readonly revoked_at: string | null;
}

/** A client to be made. */
export interface NewClient {
  readonly name: string;
  readonly role: Role;
  readonly scopes: readonly Scope[];
  /** Where it may come from: addresses or CIDR blocks; empty for anywhere. */
  readonly networks: readonly string[];
  /** RFC 3339; `null` for never. */
  readonly expires_at: string | null;
}

/** A client with its new key, which is told this once. */
export type ClientWithKey = Client & { readonly client_key: string };

/** Clients: programs that log in with a key of their own. */
export interface Clients {
  /**
   * @throws Problem `forbidden`, `confirmation_required`, `invalid_request`; `insufficient_scope` and
   * `reveal_not_allowed` for scopes that the caller does not hold.
   */
  create(actor: Actor, client: NewClient): Promise<ClientWithKey>;
  /** Revoked ones as well, newest first. */
  list(actor: Actor, limit: number, offset: number): Promise<{ items: Client[]; total: number }>;
  /** @throws Problem `client_not_found`. */
  get(actor: Actor, clientId: string): Promise<Client>;
  /** Acts at once on its sessions too. @throws Problem as `create`, and `client_not_found`. */
  change(actor: Actor, clientId: string, change: Partial<NewClient>): Promise<Client>;
  /**
   * Gives it another key. The ones it has, and the sessions begun until now, end after so many hours; at once for 0.
   * @throws Problem as `create`, and `client_not_found`.
   */
  rotate(actor: Actor, clientId: string, overlapHours: number): Promise<ClientWithKey>;
  /**
   * Ends its keys and sessions at once and for good. What it has uploaded stays, and is an administrator's to read and
   * to remove. @throws Problem `client_not_found`, also when it was revoked before.
   */
  revoke(actor: Actor, clientId: string): Promise<void>;
}

interface Needs {
  db: Database;
  clock: Clock;
  sessions: Sessions;
  audit: Audit;
}

const HOUR_MS = 3_600_000;

/** Clients in the metadata database. */
export function createClients({ db, clock, sessions, audit }: Needs): Clients {
  return {
    async create(actor, wanted) {
      allowChange(actor);
      refuseMoreThanHeld(actor, wanted.scopes);
      const row = newRow(actor, wanted);
      refuseUseless(row);
      return db.transaction(async (tx) => {
        await insertClient(tx, row);
        const key = await addKey(tx, row.id);
        await audit.append(tx, actor, 'client.create', `client:${row.id}`, { ...toAudit(row), key: key.hint });
        return { ...(await tell(tx, row)), client_key: key.key };
      });
    },

    async list(actor, limit, offset) {
      allowInWorkspace(actor, 'manage_clients');
      const { items, total } = await listClients(db.query, actor.workspaceId, limit, offset);
      return { items: await tellAll(db.query, items), total };
    },

    async get(actor, clientId) {
      allowInWorkspace(actor, 'manage_clients');
      return tell(db.query, await find(db.query, actor, clientId));
    },

    async change(actor, clientId, wanted) {
      allowChange(actor);
      const change = toChange(wanted);
      refuseEmpty(change);
      return db.transaction(async (tx) => {
        const before = await findUsable(tx, actor, clientId);
        const row = { ...before, ...change };
        refuseMoreThanHeld(actor, widenedScopes(standingOf(before), standingOf(row)));
        refuseUseless(row);
        await updateClient(tx, clientId, change);
        if (row.expires_at !== null) await sessions.endBy(tx, { clientId }, row.expires_at);
        await audit.append(tx, actor, 'client.change', `client:${clientId}`, toAudit(row));
        return tell(tx, row);
      });
    },

    async rotate(actor, clientId, overlapHours) {
      allowChange(actor);
      return db.transaction(async (tx) => {
        const row = await findUsable(tx, actor, clientId);
        // Whoever gets the key can do what the client may.
        refuseMoreThanHeld(actor, JSON.parse(row.scopes) as Scope[]);
        const end = clock() + overlapHours * HOUR_MS;
        await endClientKeys(tx, clientId, end);
        if (overlapHours === 0) await sessions.revokeAll(tx, { clientId });
        else await sessions.endBy(tx, { clientId }, end);
        const key = await addKey(tx, clientId);
        const detail = { overlap_hours: overlapHours, key: key.hint };
        await audit.append(tx, actor, 'client.rotate', `client:${clientId}`, detail);
        return { ...(await tell(tx, row)), client_key: key.key };
      });
    },

    async revoke(actor, clientId) {
      allowInWorkspace(actor, 'manage_clients');
      await db.transaction(async (tx) => {
        await findUsable(tx, actor, clientId);
        const now = clock();
        await updateClient(tx, clientId, { revoked_at: now });
        await endClientKeys(tx, clientId, now);
        await sessions.revokeAll(tx, { clientId });
        await audit.append(tx, actor, 'client.revoke', `client:${clientId}`, {});
      });
    },
  };

  function allowChange(actor: Actor): void {
    allowInWorkspace(actor, 'manage_clients');
    requireConfirmed(actor, clock);
  }

  async function find(query: Queryable, { workspaceId }: Actor, clientId: string): Promise<ClientRow> {
    const row = isId(clientId) ? await findClient(query, workspaceId, clientId) : undefined;
    if (!row) throw new Problem('client_not_found', `There is no client ${clientId} in this workspace.`);
    return row;
  }

  async function findUsable(tx: Queryable, actor: Actor, clientId: string): Promise<ClientRow> {
    const row = await find(tx, actor, clientId);
    if (row.revoked_at === null) return row;
    throw new Problem('client_not_found', `The client ${clientId} was revoked, which is for good. Make another one.`);
  }

  function newRow(actor: Actor, wanted: NewClient): ClientRow {
    return {
      id: newId(),
      workspace_id: actor.workspaceId,
      created_by: actor.id,
      created_at: clock(),
      last_used_at: null,
      revoked_at: null,
      ...toChange(wanted),
    };
  }

  /** As it is stored, and only what may be said. */
  function toChange(wanted: NewClient): Pick<ClientRow, 'name' | 'role' | 'scopes' | 'networks' | 'expires_at'>;
  function toChange(wanted: Partial<NewClient>): Partial<ClientRow>;
  function toChange({ name, role, scopes, networks, expires_at: expiresAt }: Partial<NewClient>): Partial<ClientRow> {
    return {
      ...(name !== undefined && { name: cleanName(name) }),
      ...(role !== undefined && { role }),
      ...(scopes !== undefined && { scopes: JSON.stringify([...new Set(scopes)]) }),
      ...(networks !== undefined && { networks: JSON.stringify(parseNetworks(networks)) }),
      ...(expiresAt !== undefined && { expires_at: toFuture(expiresAt) }),
    };
  }

  function toFuture(time: string | null): number | null {
    if (time === null) return null;
    const ms = Date.parse(time);
    if (ms > clock()) return ms;
    throw new Problem('invalid_request', 'expires_at must be in the future. To end a client now, revoke it.');
  }

  async function addKey(tx: Queryable, clientId: string) {
    const { key, hash, hint } = newClientKey();
    await insertClientKey(tx, { hash, client_id: clientId, hint, created_at: clock(), expires_at: null });
    return { key, hint };
  }

  async function tell(query: Queryable, row: ClientRow): Promise<Client> {
    return (await tellAll(query, [row]))[0]!;
  }

  async function tellAll(query: Queryable, rows: readonly ClientRow[]): Promise<Client[]> {
    const ids = rows.map(({ id }) => id);
    const keys = await listLiveKeys(query, ids, clock());
    return rows.map((row) =>
      toClient(
        row,
        keys.filter(({ client_id: clientId }) => clientId === row.id),
        clock(),
      ),
    );
  }
}

const toAudit = ({ role, scopes, networks, expires_at: expiresAt }: ClientRow) => ({
  role,
  scopes: JSON.parse(scopes) as Scope[],
  networks: JSON.parse(networks) as string[],
  expires_at: isoTimeOrNull(expiresAt),
});

function toClient(row: ClientRow, keys: readonly ClientKeyRow[], now: number): Client {
  const isOver = row.expires_at !== null && row.expires_at <= now;
  return {
    client_id: row.id,
    name: row.name,
    role: row.role as Role,
    scopes: JSON.parse(row.scopes) as Scope[],
    networks: JSON.parse(row.networks) as string[],
    status: row.revoked_at !== null ? 'revoked' : isOver ? 'expired' : 'active',
    keys: keys.map((key) => ({
      hint: key.hint,
      created_at: isoTime(key.created_at),
      expires_at: isoTimeOrNull(key.expires_at),
    })),
    created_by: row.created_by,
    created_at: isoTime(row.created_at),
    expires_at: isoTimeOrNull(row.expires_at),
    last_used_at: isoTimeOrNull(row.last_used_at),
    revoked_at: isoTimeOrNull(row.revoked_at),
  };
}

const standingOf = ({ role, scopes }: ClientRow): Standing => ({
  role: role as Role,
  active: true,
  scopes: JSON.parse(scopes) as Scope[],
});
