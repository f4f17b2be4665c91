import { sql } from 'kysely';
import type { Queryable } from '../backends/db/db.ts';
import type { DatasetRow, FileRow } from '../backends/db/schema.ts';
import type { FileType } from '../parse/format.ts';

/** Where a file stands: `phase` says more than `status`, whose four values never change. */
export type FileStatus = 'uploading' | 'processing' | 'ready' | 'failed';
/** What is being done to a file. */
export type FilePhase = 'receiving' | 'queued' | 'parsing' | 'sealing' | 'ready' | 'failed';

/** What is listed by. */
export interface FileFilter {
  readonly fileType?: string;
  readonly status?: string;
  /** Part of the name, in any case. */
  readonly search?: string;
  readonly limit: number;
  readonly offset: number;
}

/** The file with this id in the workspace, or `undefined`. */
export function findFile(db: Queryable, workspaceId: string, fileId: string): Promise<FileRow | undefined> {
  return db
    .selectFrom('files')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', fileId)
    .executeTakeFirst();
}

/** The datasets of a file, in the order of the file. */
export function findDatasets(db: Queryable, fileId: string): Promise<DatasetRow[]> {
  return db.selectFrom('datasets').selectAll().where('file_id', '=', fileId).orderBy('position').execute();
}

/** The dataset with this id in the workspace, or `undefined`. */
export function findDataset(db: Queryable, workspaceId: string, datasetId: string): Promise<DatasetRow | undefined> {
  return db
    .selectFrom('datasets')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', datasetId)
    .executeTakeFirst();
}

/** All datasets of a workspace, newest first; memory does not grow with their number. */
export async function* listDatasets(db: Queryable, workspaceId: string): AsyncGenerator<DatasetRow, void> {
  let last: DatasetRow | undefined;
  do {
    let of = db.selectFrom('datasets').selectAll().where('workspace_id', '=', workspaceId);
    if (last) {
      const { created_at: at, id } = last;
      of = of.where((e) => e.or([e('created_at', '<', at), e('created_at', '=', at).and('id', '>', id)]));
    }
    const page: DatasetRow[] = await of.orderBy('created_at', 'desc').orderBy('id').limit(100).execute();
    yield* page;
    last = page.at(-1);
  } while (last);
}

/** A page of an owner's files, or those of all (`null`), newest first, and how many match. */
export async function listFiles(db: Queryable, workspaceId: string, ownerId: string | null, filter: FileFilter) {
  let of = filesOf(db, workspaceId, ownerId);
  if (filter.fileType) of = of.where('file_type', '=', filter.fileType as FileType);
  if (filter.status) of = of.where('status', '=', filter.status);
  if (filter.search) {
    // A pattern ends at a NUL; no name holds one, and a line break neither.
    const part = searchKey(filter.search).replaceAll('\0', '\n');
    const pattern = `%${part.replace(/[\\%_]/g, '\\$&')}%`;
    of = of.where(sql<boolean>`filename_key like ${pattern} escape '\\'`);
  }
  const items = await of
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(filter.limit)
    .offset(filter.offset)
    .execute();
  const { total } = await of.select((e) => e.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
  return { items, total: Number(total) };
}

/** The newest of an owner's files with exactly this name, or `undefined`. */
export function findNamed(
  db: Queryable,
  workspaceId: string,
  ownerId: string,
  filename: string,
): Promise<FileRow | undefined> {
  return db
    .selectFrom('files')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('owner_id', '=', ownerId)
    .where('filename', '=', filename)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
}

/** The form of a name that searching compares: NFKC, lower case. */
export const searchKey = (name: string): string => name.normalize('NFKC').toLowerCase();

function filesOf(db: Queryable, workspaceId: string, ownerId: string | null) {
  const of = db.selectFrom('files').where('workspace_id', '=', workspaceId);
  return ownerId === null ? of : of.where('owner_id', '=', ownerId);
}

/** Counts, bytes, rows and times over an owner's files, or those of all (`null`). Times are milliseconds from upload to ready. */
export async function countFiles(db: Queryable, workspaceId: string, ownerId: string | null) {
  const of = () => filesOf(db, workspaceId, ownerId);
  const groups = await of()
    .select((e) => ['file_type', 'status', e.fn.countAll<number>().as('count')])
    .groupBy(['file_type', 'status'])
    .execute();
  const sums = await of()
    .select((e) => [e.fn.sum<number | null>('size').as('bytes'), e.fn.sum<number | null>('row_count').as('rows')])
    .executeTakeFirstOrThrow();
  const times = await of()
    .where('status', '=', 'ready')
    .select((e) => [
      e.fn.avg<number | null>(e('finished_at', '-', e.ref('created_at'))).as('average'),
      e.fn.min<number | null>(e('finished_at', '-', e.ref('created_at'))).as('least'),
      e.fn.max<number | null>(e('finished_at', '-', e.ref('created_at'))).as('most'),
    ])
    .executeTakeFirstOrThrow();
  return { groups, sums, times };
}

/** Deletes a file's rows; those of its datasets as they were, or `null` when there is no such file. */
export async function deleteFile(tx: Queryable, fileId: string): Promise<DatasetRow[] | null> {
  const datasets = await findDatasets(tx, fileId);
  const { numDeletedRows } = await tx.deleteFrom('files').where('id', '=', fileId).executeTakeFirst();
  return numDeletedRows === 0n ? null : datasets;
}

/** Moves a file on; refuses (returns `false`) to touch one that is already ready or failed, or to go back. */
export async function moveFile(
  db: Queryable,
  fileId: string,
  change: { status: FileStatus; phase: FilePhase; progress: number } & Partial<FileRow>,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('files')
    .set(change)
    .where('id', '=', fileId)
    .where('status', 'not in', ['ready', 'failed'])
    .where('progress', '<=', change.progress)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Puts a file that has failed back among those that wait; `false` when it has not failed. Its progress stays. */
export async function reopenFile(db: Queryable, fileId: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('files')
    .set({ status: 'processing', phase: 'queued', error_code: null, error_detail: null, finished_at: null })
    .where('id', '=', fileId)
    .where('status', '=', 'failed')
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Gives all files of one owner in a workspace to another. */
export async function reassignFiles(db: Queryable, workspaceId: string, from: string, to: string): Promise<void> {
  await db
    .updateTable('files')
    .set({ owner_id: to })
    .where('workspace_id', '=', workspaceId)
    .where('owner_id', '=', from)
    .execute();
}
