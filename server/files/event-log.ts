import type { Queryable } from '../backends/db/db.ts';
import type { FileEvent } from '../backends/events/events.ts';

type NewEvent = Omit<FileEvent, 'id'>;

/** Appends an event within the transaction of the change it tells of; publish the returned event after the commit. */
export async function appendEvent(tx: Queryable, event: NewEvent): Promise<FileEvent> {
  const { workspaceId, fileId, type, data, createdAt } = event;
  const { id } = await tx
    .insertInto('events')
    .values({ workspace_id: workspaceId, file_id: fileId, type, data: JSON.stringify(data), created_at: createdAt })
    .returning('id')
    .executeTakeFirstOrThrow();
  return { ...event, id };
}

/** Up to `limit` events of one file, or of all files of an owner, that come after `cursor`. */
export async function readEvents(
  db: Queryable,
  of: { workspaceId: string; fileId: string } | { workspaceId: string; ownerId: string },
  cursor: number,
  limit: number,
): Promise<FileEvent[]> {
  const query = select(db).where('events.workspace_id', '=', of.workspaceId).where('events.id', '>', cursor);
  const rows = await ('fileId' in of
    ? query.where('events.file_id', '=', of.fileId)
    : query.where('files.owner_id', '=', of.ownerId)
  )
    .orderBy('events.id')
    .limit(limit)
    .execute();
  return rows.map(toEvent);
}

/** The newest event of a file as a list of one, or an empty one. */
export async function newestEvent(db: Queryable, of: { workspaceId: string; fileId: string }): Promise<FileEvent[]> {
  const rows = await select(db)
    .where('events.workspace_id', '=', of.workspaceId)
    .where('events.file_id', '=', of.fileId)
    .orderBy('events.id', 'desc')
    .limit(1)
    .execute();
  return rows.map(toEvent);
}

const select = (db: Queryable) =>
  db
    .selectFrom('events')
    .innerJoin('files', 'files.id', 'events.file_id')
    .select(['events.id', 'events.workspace_id', 'events.file_id', 'events.type', 'events.data', 'events.created_at']);

type EventColumns = Awaited<ReturnType<ReturnType<typeof select>['executeTakeFirstOrThrow']>>;

const toEvent = (row: EventColumns): FileEvent => ({
  id: row.id,
  workspaceId: row.workspace_id,
  fileId: row.file_id,
  type: row.type as FileEvent['type'],
  data: JSON.parse(row.data) as FileEvent['data'],
  createdAt: row.created_at,
});
