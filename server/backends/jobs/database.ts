import { hostname } from 'node:os';
import type { Clock } from '../../core/clock.ts';
import { newId } from '../../core/ids.ts';
import type { Database, Queryable } from '../db/db.ts';
import type { Job, Jobs } from './jobs.ts';

const CLAIM_MS = 30_000;

/** The name under which a process claims jobs: where it runs, its process id, and what makes it unique. */
export function newWorkerName(): string {
  const name = `${hostname()} ${process.pid} ${newId()}`;
  namesHere.add(name);
  return name;
}

/** Names of this process: a container's next process often has the same host name and id as the one before. */
const namesHere = new Set<string>();

/** The embedded queue: rows of the metadata database, claimed one at a time. */
export function createDatabaseJobs(db: Database, clock: Clock): Jobs {
  const wakeListeners: (() => void)[] = [];
  const stopListeners: ((fileId: string) => void)[] = [];
  const held = (query: Queryable, job: Job, worker: string) =>
    query
      .updateTable('jobs')
      .where('id', '=', job.id)
      .where('state', '=', 'running')
      .where('claimed_by', '=', worker)
      // A claim that ran out may have been taken again under the same name.
      .where('attempts', '=', job.attempts);

  return {
    async add(tx, workspaceId, fileId) {
      const empty = { claimed_by: null, claimed_until: null, finished_at: null };
      const job = {
        id: newId(),
        workspace_id: workspaceId,
        file_id: fileId,
        state: 'queued',
        attempts: 0,
        created_at: clock(),
      };
      await tx
        .insertInto('jobs')
        .values({ ...job, ...empty })
        .execute();
    },

    wake() {
      for (const listener of wakeListeners) listener();
    },

    onWake(listener) {
      wakeListeners.push(listener);
    },

    stop(fileId) {
      for (const listener of stopListeners) listener(fileId);
    },

    onStop(listener) {
      stopListeners.push(listener);
    },

    async claim(worker) {
      const waiting = await db.query
        .selectFrom('jobs')
        .select('id')
        .where('state', '=', 'queued')
        .limit(1)
        .executeTakeFirst();
      if (!waiting) return null;
      const row = await db.query
        .updateTable('jobs')
        .set((e) => ({
          state: 'running',
          attempts: e('attempts', '+', 1),
          claimed_by: worker,
          claimed_until: clock() + CLAIM_MS,
        }))
        .where('id', '=', (e) =>
          e.selectFrom('jobs').select('id').where('state', '=', 'queued').orderBy('created_at').limit(1),
        )
        .returning(['id', 'workspace_id', 'file_id', 'attempts'])
        .executeTakeFirst();
      return row ? { id: row.id, workspaceId: row.workspace_id, fileId: row.file_id, attempts: row.attempts } : null;
    },

    async renew(job, worker) {
      const { numUpdatedRows } = await held(db.query, job, worker)
        .set({ claimed_until: clock() + CLAIM_MS })
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },

    async release(job, worker) {
      await held(db.query, job, worker).set({ state: 'queued', claimed_by: null, claimed_until: null }).execute();
    },

    async end(tx, job, worker, state) {
      const { numUpdatedRows } = await held(tx, job, worker).set({ state, finished_at: clock() }).executeTakeFirst();
      return numUpdatedRows > 0n;
    },

    async restart(tx, fileId) {
      // Under a new id, so that whoever still holds the old claim holds nothing.
      const fresh = { id: newId(), state: 'queued', attempts: 0, created_at: clock() };
      await tx
        .updateTable('jobs')
        .set({ ...fresh, claimed_by: null, claimed_until: null, finished_at: null })
        .where('file_id', '=', fileId)
        .execute();
    },

    async cancel(tx, fileId) {
      const { numUpdatedRows } = await tx
        .updateTable('jobs')
        .set({ state: 'cancelled', finished_at: clock() })
        .where('file_id', '=', fileId)
        .where('state', 'in', ['queued', 'running'])
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },

    async recover() {
      const running = await db.query
        .selectFrom('jobs')
        .select(['id', 'claimed_by', 'claimed_until'])
        .where('state', '=', 'running')
        .execute();
      const lost = running.filter((row) => (row.claimed_until ?? 0) < clock() || isGone(row.claimed_by ?? ''));
      for (const row of lost) {
        await db.query
          .updateTable('jobs')
          .set({ state: 'queued', claimed_by: null, claimed_until: null })
          .where('id', '=', row.id)
          .where('state', '=', 'running')
          .where('claimed_by', '=', row.claimed_by)
          .execute();
      }
      return lost.length;
    },
  };
}

/** Whether a worker's process, if it ran on this machine, has ended; of other machines only the clock can tell. */
function isGone(worker: string): boolean {
  const [host, pid] = worker.split(' ');
  if (host !== hostname()) return false;
  if (Number(pid) === process.pid) return !namesHere.has(worker);
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
