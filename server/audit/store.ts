import type { Queryable } from '../backends/db/db.ts';
import type { AuditRow } from '../backends/db/schema.ts';
import { isoTime } from '../core/clock.ts';
import type { AuditEntry } from './chain.ts';
import type { RowsRead } from './rows.ts';

/** Which entries of a workspace. */
export interface AuditFilter {
  /** An action such as `dataset.reveal`; ending in a dot, all that begin so. */
  readonly action?: string | undefined;
  /** An exact target, such as `file:…` or `dataset:…`. */
  readonly target?: string | undefined;
  readonly actor_id?: string | undefined;
  readonly address?: string | undefined;
  /** Not before this time (RFC 3339). */
  readonly from?: string | undefined;
  /** Before this time (RFC 3339). */
  readonly to?: string | undefined;
}

/** As stored, with the id that the database gave it. */
type StoredEntry = Omit<AuditRow, 'id'> & { id: number };

/** An entry as it is told. */
export function toEntry(row: Omit<AuditRow, 'id'>): AuditEntry {
  return {
    entry_id: Number(row.number),
    workspace_id: row.workspace_id,
    at: isoTime(Number(row.created_at)),
    actor_kind: row.actor_kind,
    actor_id: row.actor_id,
    actor: row.actor_name,
    address: row.address,
    action: row.action,
    target: row.target,
    detail: JSON.parse(row.detail) as Record<string, unknown>,
    previous_hash: row.previous_hash,
    hash: row.hash,
  };
}

/** The newest entry's number and hash; those of none before the first. */
export async function headOf(db: Queryable, workspaceId: string): Promise<{ number: number; hash: string }> {
  const head = await db
    .selectFrom('audit_entries')
    .select(['number', 'hash'])
    .where('workspace_id', '=', workspaceId)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
  return head ? { number: Number(head.number), hash: head.hash } : { number: 0, hash: '' };
}

/** Stores an entry and the index over the rows that it says were read. */
export async function insertEntry(tx: Queryable, row: Omit<AuditRow, 'id'>, reads: readonly RowsRead[]): Promise<void> {
  const { id } = await tx.insertInto('audit_entries').values(row).returning('id').executeTakeFirstOrThrow();
  const ranges = reads.flatMap(({ datasetId, rows }) =>
    rows.map(([first, last]) => ({ entry_id: id, dataset_id: datasetId, first_row: first, last_row: last })),
  );
  for (let at = 0; at < ranges.length; at += 1000) {
    await tx
      .insertInto('audit_reads')
      .values(ranges.slice(at, at + 1000))
      .execute();
  }
}

/** The entries that meet a filter. */
export function entriesOf(db: Queryable, workspaceId: string, filter: AuditFilter) {
  const { action, target, actor_id: actorId, address, from, to } = filter;
  let of = db.selectFrom('audit_entries').where('workspace_id', '=', workspaceId);
  // The character after the dot.
  if (action?.endsWith('.')) of = of.where('action', '>=', action).where('action', '<', `${action.slice(0, -1)}/`);
  else if (action) of = of.where('action', '=', action);
  if (target) of = of.where('target', '=', target);
  if (actorId) of = of.where('actor_id', '=', actorId);
  if (address) of = of.where('address', '=', address);
  if (from) of = of.where('created_at', '>=', Date.parse(from));
  if (to) of = of.where('created_at', '<', Date.parse(to));
  return of;
}

/** The entries from after one number to another, oldest first, a page at a time; other requests go on between pages. */
export async function* pagesOf(
  db: Queryable,
  workspaceId: string,
  after: number,
  last: number,
): AsyncGenerator<StoredEntry[], void> {
  for (let number = after; number < last; ) {
    const page = (await db
      .selectFrom('audit_entries')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('number', '>', number)
      .where('number', '<=', last)
      .orderBy('number')
      .limit(PAGE)
      .execute()) as StoredEntry[];
    if (page.length === 0) return;
    yield page;
    number = Number(page.at(-1)!.number);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const PAGE = 500;

/** The index over the reads of some entries, by their stored id, in the form of `RowsRead`. */
export async function readsOf(db: Queryable, page: readonly StoredEntry[]): Promise<Map<number, string[]>> {
  const rows = await db
    .selectFrom('audit_reads')
    .selectAll()
    .where('entry_id', '>=', page[0]!.id)
    .where('entry_id', '<=', page.at(-1)!.id)
    .execute();
  const reads = new Map<number, string[]>();
  for (const { entry_id: id, dataset_id: datasetId, first_row: first, last_row: last } of rows)
    reads.set(id, [...(reads.get(id) ?? []), `${datasetId} ${first} ${last}`]);
  return reads;
}

/** Up to `limit` entries, newest first, whose reads touch one of the ranges of a dataset. */
export async function entriesThatRead(
  db: Queryable,
  workspaceId: string,
  { datasetId, rows }: RowsRead,
  limit: number,
): Promise<AuditEntry[]> {
  const found = await db
    .selectFrom('audit_entries')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', 'in', (e) =>
      e
        .selectFrom('audit_reads')
        .select('entry_id')
        .where('dataset_id', '=', datasetId)
        .where((r) => r.or(rows.map(([first, last]) => r('first_row', '<=', last).and('last_row', '>=', first)))),
    )
    .orderBy('number', 'desc')
    .limit(limit)
    .execute();
  return found.map(toEntry);
}
