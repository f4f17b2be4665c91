import type { Audit } from '../audit/audit.ts';
import { rowsBetween } from '../audit/rows.ts';
import type { Blobs } from '../backends/blobs/blobs.ts';
import type { Database, Queryable } from '../backends/db/db.ts';
import type { DatasetRow, FileRow } from '../backends/db/schema.ts';
import type { EventBus, FileEvent } from '../backends/events/events.ts';
import type { Job, Jobs } from '../backends/jobs/jobs.ts';
import { allowAllFiles, allowInWorkspace, allowOnFile, type FileAction } from '../core/access.ts';
import type { Actor } from '../core/actor.ts';
import type { Clock } from '../core/clock.ts';
import { isId } from '../core/ids.ts';
import { Problem, toProblem } from '../core/problem.ts';
import type { Source } from '../core/source.ts';
import type { ColumnProfile } from '../infer/profile.ts';
import type { Keys } from '../keys/keys.ts';
import type { ReadOptions } from '../parse/format.ts';
import { appendEvent, newestEvent, readEvents } from './event-log.ts';
import type { FilePasswords } from './passwords.ts';
import type { Quota } from './quota.ts';
import { cleanName } from './receive.ts';
import {
  countFiles,
  deleteFile,
  type FileFilter,
  type FilePhase,
  type FileStatus,
  findDatasets,
  findFile,
  findNamed,
  listFiles,
  moveFile,
  reopenFile,
} from './store.ts';
import type { UploadOptions } from './upload-options.ts';

/** A finished dataset with the key it was written under, wrapped. */
export interface NewDataset {
  readonly datasetId: string;
  readonly position: number;
  readonly name: string;
  readonly columns: readonly ColumnProfile[];
  readonly dialect: Readonly<Record<string, string | number | boolean>>;
  readonly rows: number;
  readonly rejects: number;
  readonly wrappedKey: Uint8Array;
}

/** Whose files. */
export type Owner = 'me' | 'all';

/** An original and its bytes. */
export interface Original {
  readonly file: FileRow;
  readonly source: Source;
  /** What the actor must still be allowed to do to the file while the bytes are on their way. */
  readonly needed: 'read' | 'reveal';
}

/** Files: what was uploaded, how far it is, and what became of it. */
export interface Files {
  /** @throws Problem `file_not_found`, or the refusal of the action. */
  get(actor: Actor, fileId: string, action?: FileAction): Promise<FileRow>;
  /** The newest of the caller's own files with this name. @throws Problem `file_not_found`. */
  named(actor: Actor, filename: string): Promise<FileRow>;
  datasetsOf(file: FileRow): Promise<DatasetRow[]>;
  /** The actor's own, or those of all. @throws Problem `forbidden` when they may not read all. */
  list(actor: Actor, filter: FileFilter, owner?: Owner): Promise<{ items: FileRow[]; total: number }>;
  stats(actor: Actor, owner?: Owner): ReturnType<typeof countFiles>;
  events(actor: Actor, fileId: string | null, cursor: number, limit: number): Promise<FileEvent[]>;
  /** The last thing that happened to a file: where it stands, with the number to go on from. One event, or none. */
  newestEvent(actor: Actor, fileId: string): Promise<FileEvent[]>;
  /**
   * The original bytes. Where a column is sealed or masked or a row was not taken, only for those who may reveal, and
   * written to the audit log first.
   * @throws Problem `file_not_found`, `reveal_not_allowed`, `storage_failed`.
   */
  download(actor: Actor, fileId: string): Promise<Original>;
  /** Removes the file, its rows and its keys; what was encrypted under them cannot be read any more, backups included. */
  remove(actor: Actor, fileId: string): Promise<void>;
  /** Removes all files of a workspace, a few at a time; the caller decides who may, writes it down, and purges the database. */
  removeAll(workspaceId: string): Promise<void>;
  /** Stops the parsing of a file, which then has failed with `cancelled`. @throws Problem `file_not_found`. */
  cancel(actor: Actor, fileId: string): Promise<FileRow>;
  /**
   * Parses a file that has failed once more, with the options it came with: after a full disk or a raised cap, or with
   * the password that it needs.
   * @throws Problem `file_not_found`, `file_not_failed`.
   */
  parseAgain(actor: Actor, fileId: string, password?: string): Promise<FileRow>;

  // What the parse worker says of a file; the actor is the service itself.

  /** The job's file, now being parsed; `undefined` when it is gone or over. */
  begin(job: Job): Promise<FileRow | undefined>;
  /** What its sender said about a file, with the password if it is still known. */
  optionsOf(file: FileRow): UploadOptions & Pick<ReadOptions, 'password'>;
  advance(fileId: string, phase: 'parsing' | 'sealing', done: number): Promise<void>;
  /** Makes the datasets visible and the file ready, in one transaction; `false` when the job is no longer the worker's. */
  publish(job: Job, worker: string, datasets: readonly NewDataset[]): Promise<boolean>;
  fail(job: Job, worker: string, problem: Problem): Promise<void>;
}

interface Needs {
  db: Database;
  blobs: Blobs;
  keys: Keys;
  jobs: Jobs;
  events: EventBus;
  audit: Audit;
  clock: Clock;
  passwords: FilePasswords;
  quota: Quota;
  /** Closes whatever is open of a dataset's file, before it is removed. */
  forgetDataset: (path: string) => Promise<void>;
}

type Move = { status: FileStatus; phase: FilePhase; progress: number } & Partial<FileRow>;

/** Files in the metadata database and the blob store. */
export function createFiles(needs: Needs): Files {
  const { db, blobs, keys, jobs, events, audit, clock, passwords, quota, forgetDataset } = needs;
  const get: Files['get'] = async (actor, fileId, action = 'read') => {
    const file = isId(fileId) ? await findFile(db.query, actor.workspaceId, fileId) : undefined;
    if (!file) throw notFound(fileId);
    allowOnFile(actor, action, { id: file.id, workspaceId: file.workspace_id, ownerId: file.owner_id });
    return file;
  };

  return {
    get,
    async named(actor, filename) {
      allowInWorkspace(actor, 'list_files');
      const file = await findNamed(db.query, actor.workspaceId, actor.id, cleanName(filename));
      if (file) return file;
      throw new Problem('file_not_found', 'You have no file of this name. GET /v1/files tells which there are.');
    },

    datasetsOf: (file) => findDatasets(db.query, file.id),
    async list(actor, filter, owner = 'me') {
      return listFiles(db.query, actor.workspaceId, ownerFor(actor, owner), filter);
    },

    async stats(actor, owner = 'me') {
      return countFiles(db.query, actor.workspaceId, ownerFor(actor, owner));
    },

    optionsOf(file) {
      const password = passwords.of(file.id);
      return { ...(JSON.parse(file.options) as UploadOptions), ...(password && { password }) };
    },

    async events(actor, fileId, cursor, limit) {
      const { workspaceId } = actor;
      if (fileId === null) return readEvents(db.query, { workspaceId, ownerId: actor.id }, cursor, limit);
      const file = await get(actor, fileId);
      return readEvents(db.query, { workspaceId, fileId: file.id }, cursor, limit);
    },

    async newestEvent(actor, fileId) {
      const file = await get(actor, fileId);
      return newestEvent(db.query, { workspaceId: actor.workspaceId, fileId: file.id });
    },

    async download(actor, fileId) {
      const file = await get(actor, fileId);
      const datasets = await findDatasets(db.query, file.id);
      const hidden = datasets.filter(hidesAny);
      // While it is not known what is in it, it is treated as if something were.
      const needed = hidden.length > 0 || file.status !== 'ready' ? 'reveal' : 'read';
      if (needed === 'reveal')
        await get(actor, fileId, 'reveal').catch(async (error) => {
          await audit.refuse(actor, toProblem(error), 'file.download_refused', `file:${file.id}`, {});
          throw error;
        });
      const workspace = await keys.openWorkspace(file.workspace_id);
      const key = await workspace.openFileKey(file.id, file.wrapped_key);
      const source = await blobs.open(file.id, { key, associatedData: file.id }).catch(async (error) => {
        // Removed meanwhile, perhaps.
        await get(actor, fileId);
        throw error;
      });
      const detail = { sealed_columns: hidden.length > 0 };
      const reads = hidden.map(({ id, row_count: rows }) => ({ datasetId: id, rows: rowsBetween(1, Number(rows)) }));
      await db.transaction((tx) => audit.append(tx, actor, 'file.download', `file:${file.id}`, detail, reads));
      return { file, source, needed };
    },

    async remove(actor, fileId) {
      const file = await get(actor, fileId, 'delete');
      const datasets = await db.transaction(async (tx) => {
        const rows = await deleteFile(tx, file.id);
        if (!rows) throw notFound(file.id);
        await audit.append(tx, actor, 'file.delete', `file:${file.id}`, { datasets: rows.length, size: file.size });
        return rows;
      });
      await removeStored(file, datasets, () => db.purge());
    },

    async removeAll(workspaceId) {
      for (;;) {
        const { items } = await listFiles(db.query, workspaceId, null, { limit: 100, offset: 0 });
        if (items.length === 0) return;
        for (const file of items) {
          const datasets = await db.transaction((tx) => deleteFile(tx, file.id));
          if (datasets) await removeStored(file, datasets);
        }
      }
    },

    async cancel(actor, fileId) {
      const file = await get(actor, fileId, 'delete');
      const event = await db.transaction(async (tx) => {
        if (!(await jobs.cancel(tx, file.id))) return null;
        await audit.append(tx, actor, 'file.cancel', `file:${file.id}`, {});
        const now = (await findFile(tx, actor.workspaceId, file.id))!;
        return move(
          tx,
          now,
          failure(
            now,
            new Problem('cancelled', 'The parsing was cancelled. POST /v1/files/{file_id}/parse begins it again.'),
          ),
        );
      });
      jobs.stop(file.id);
      if (event) isOver(event);
      return get(actor, fileId);
    },

    async parseAgain(actor, fileId, password) {
      const file = await get(actor, fileId, 'delete');
      const event = await db.transaction(async (tx) => {
        if (!(await reopenFile(tx, file.id))) {
          throw new Problem('file_not_failed', 'Only a file that has failed can be parsed again.');
        }
        await jobs.restart(tx, file.id);
        if (password) passwords.keep(file.id, password);
        await audit.append(tx, actor, 'file.parse', `file:${file.id}`, {});
        const data = { status: 'processing', phase: 'queued', progress: file.progress };
        const { workspace_id: workspaceId, id } = file;
        return appendEvent(tx, { workspaceId, fileId: id, type: 'status_update', data, createdAt: clock() });
      });
      events.publish(event);
      jobs.wake();
      return get(actor, fileId);
    },

    async begin(job) {
      const file = await findFile(db.query, job.workspaceId, job.fileId);
      if (!file) return undefined;
      const change: Move = { status: 'processing', phase: 'parsing', progress: file.progress, started_at: clock() };
      await moveAndTell(file, change);
      return file;
    },

    async advance(fileId, phase, done) {
      const share = Math.min(1, Math.max(0, done));
      const progress = Math.floor(phase === 'parsing' ? share * 50 : 50 + share * 49);
      const file = await db.query.selectFrom('files').selectAll().where('id', '=', fileId).executeTakeFirst();
      if (!file || (file.progress === progress && file.phase === phase)) return;
      await moveAndTell(file, { status: 'processing', phase, progress });
    },

    async publish(job, worker, datasets) {
      const event = await db.transaction(async (tx) => {
        if (!(await jobs.end(tx, job, worker, 'done'))) return null;
        const file = (await findFile(tx, job.workspaceId, job.fileId))!;
        const now = clock();
        const rowCount = datasets.reduce((sum, { rows }) => sum + rows, 0);
        await quota.refuseRows(tx, job.workspaceId, rowCount);
        for (const dataset of datasets)
          await tx
            .insertInto('datasets')
            .values(toRow(file, dataset, now))
            .execute();
        return move(tx, file, {
          status: 'ready',
          phase: 'ready',
          progress: 100,
          row_count: rowCount,
          finished_at: now,
        });
      });
      if (event) isOver(event);
      return event !== null;
    },

    async fail(job, worker, problem) {
      const event = await db.transaction(async (tx) => {
        if (!(await jobs.end(tx, job, worker, 'failed'))) return null;
        const file = (await findFile(tx, job.workspaceId, job.fileId))!;
        return move(tx, file, failure(file, problem));
      });
      if (event) isOver(event);
    },
  };

  /** Removes what is stored of a file whose rows are gone, and tells whoever follows it. */
  async function removeStored(
    file: FileRow,
    datasets: readonly DatasetRow[],
    purge: () => Promise<void> = async () => {},
  ): Promise<void> {
    jobs.stop(file.id);
    passwords.drop(file.id);
    const isPurged = await purge().then(
      () => true,
      () => false,
    );
    await removeBlobs(file, datasets);
    // A disk that was too full for it has room now.
    if (!isPurged) await purge();
    const data = { status: 'failed', phase: 'failed', progress: file.progress };
    events.publish({
      id: 0,
      workspaceId: file.workspace_id,
      fileId: file.id,
      type: 'status_update',
      data,
      createdAt: clock(),
    });
  }

  async function removeBlobs(file: FileRow, datasets: readonly DatasetRow[]): Promise<void> {
    for (const { id } of datasets) {
      const path = await blobs.localPath(id);
      await forgetDataset(path);
      await blobs.remove(id);
      // A page that was asked for before the removal may have opened it again.
      await forgetDataset(path);
    }
    await blobs.remove(file.id);
  }

  /** Tells of the last event of a file, which needs its password no more. */
  function isOver(event: FileEvent): void {
    passwords.drop(event.fileId);
    events.publish(event);
  }

  async function moveAndTell(file: FileRow, change: Move): Promise<void> {
    const event = await db.transaction((tx) => move(tx, file, change));
    if (event) events.publish(event);
  }

  /** Changes the row and appends the event of it; `null` when the file has moved past that already. */
  async function move(tx: Queryable, file: FileRow, change: Move): Promise<FileEvent | null> {
    if (!(await moveFile(tx, file.id, change))) return null;
    const { status, phase, progress } = change;
    const type = status === file.status ? 'progress_update' : 'status_update';
    return appendEvent(tx, {
      workspaceId: file.workspace_id,
      fileId: file.id,
      type,
      data: { status, phase, progress },
      createdAt: clock(),
    });
  }

  function failure(file: FileRow, { code, detail }: Problem): Move {
    return {
      status: 'failed',
      phase: 'failed',
      progress: file.progress,
      error_code: code,
      error_detail: detail,
      finished_at: clock(),
    };
  }
}

/**
 * Whether the original shows of this dataset what the dataset does not: columns that are sealed or masked for good, and rows
 * that could not be taken, of which nobody knows what is in them.
 */
function hidesAny({ columns, reject_count: rejects }: DatasetRow): boolean {
  const profiles = JSON.parse(columns) as ColumnProfile[];
  return Number(rejects) > 0 || profiles.some(({ sealed, masked }) => sealed || masked);
}

/** Whose files are asked for; `null` for those of all. @throws Problem `forbidden`. */
function ownerFor(actor: Actor, owner: Owner): string | null {
  if (owner === 'all') allowAllFiles(actor);
  else allowInWorkspace(actor, 'list_files');
  return owner === 'all' ? null : actor.id;
}

const notFound = (fileId: string) => new Problem('file_not_found', `There is no file ${fileId} that you may read.`);

function toRow(file: FileRow, dataset: NewDataset, now: number): DatasetRow {
  return {
    id: dataset.datasetId,
    workspace_id: file.workspace_id,
    file_id: file.id,
    position: dataset.position,
    name: dataset.name,
    row_count: dataset.rows,
    reject_count: dataset.rejects,
    columns: JSON.stringify(dataset.columns),
    dialect: JSON.stringify(dataset.dialect),
    wrapped_key: dataset.wrappedKey,
    created_at: now,
  };
}
