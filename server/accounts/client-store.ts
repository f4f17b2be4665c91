import type { Queryable } from '../backends/db/db.ts';
import type { ClientKeyRow, ClientRow } from '../backends/db/schema.ts';

/** The client of a workspace with this id, revoked or not, or `undefined`. */
export function findClient(db: Queryable, workspaceId: string, clientId: string): Promise<ClientRow | undefined> {
  return db
    .selectFrom('clients')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', clientId)
    .executeTakeFirst();
}

/** The client of any workspace with this id, for whoever holds one of its refresh tokens; or `undefined`. */
export function findAnyClient(db: Queryable, clientId: string): Promise<ClientRow | undefined> {
  return db.selectFrom('clients').selectAll().where('id', '=', clientId).executeTakeFirst();
}

/** The key with this hash and the client it belongs to, whether they are good or not; or `undefined`. */
export async function findByKeyHash(db: Queryable, hash: string) {
  const key = await db.selectFrom('client_keys').selectAll().where('hash', '=', hash).executeTakeFirst();
  const client = key && (await findAnyClient(db, key.client_id));
  return client && { key, client };
}

/** A page of a workspace's clients, newest first, and how many there are. */
export async function listClients(db: Queryable, workspaceId: string, limit: number, offset: number) {
  const of = db.selectFrom('clients').where('workspace_id', '=', workspaceId);
  const items = await of.selectAll().orderBy('created_at', 'desc').orderBy('id').limit(limit).offset(offset).execute();
  const { total } = await of.select((e) => e.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
  return { items, total: Number(total) };
}

/** The keys of these clients that are good at `now`, newest first. */
export async function listLiveKeys(db: Queryable, clientIds: readonly string[], now: number): Promise<ClientKeyRow[]> {
  if (clientIds.length === 0) return [];
  return db
    .selectFrom('client_keys')
    .selectAll()
    .where('client_id', 'in', clientIds)
    .where((e) => e.or([e('expires_at', 'is', null), e('expires_at', '>', now)]))
    .orderBy('created_at', 'desc')
    .execute();
}

/** Adds a client. */
export async function insertClient(db: Queryable, client: ClientRow): Promise<void> {
  await db.insertInto('clients').values(client).execute();
}

/** Adds a key of a client. */
export async function insertClientKey(db: Queryable, key: ClientKeyRow): Promise<void> {
  await db.insertInto('client_keys').values(key).execute();
}

/** Changes a client; a field left out stays. */
export async function updateClient(db: Queryable, clientId: string, change: Partial<ClientRow>): Promise<void> {
  await db.updateTable('clients').set(change).where('id', '=', clientId).execute();
}

/** Ends all keys of a client at `at`, but those that end before it. Their hashes stay, so that a later use is known. */
export async function endClientKeys(db: Queryable, clientId: string, at: number): Promise<void> {
  await db
    .updateTable('client_keys')
    .set({ expires_at: at })
    .where('client_id', '=', clientId)
    .where((e) => e.or([e('expires_at', 'is', null), e('expires_at', '>', at)]))
    .execute();
}
