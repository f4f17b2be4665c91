import type { Queryable } from '../db/db.ts';

/** One file to parse. The job's row is the truth; a queue only says that there is one. */
export interface Job {
  readonly id: string;
  readonly workspaceId: string;
  readonly fileId: string;
  /** How often it has been claimed, this time counted. */
  readonly attempts: number;
}

/**
 * The queue of parse jobs. A worker claims a job for a time and renews the claim while it works; a claim that runs out,
 * or whose process is gone, is another's to take. Whoever ends a job must still hold it, so its effect happens once.
 */
export interface Jobs {
  /** Adds the job of a file within the transaction that adds the file. */
  add(tx: Queryable, workspaceId: string, fileId: string): Promise<void>;
  /** Says that jobs may be waiting, after the commit. */
  wake(): void;
  /** Calls `listener` whenever jobs may be waiting. */
  onWake(listener: () => void): void;
  /** The oldest waiting job, now claimed by `worker`, or `null`. */
  claim(worker: string): Promise<Job | null>;
  /** Extends the claim; `false` when the job is no longer this worker's (cancelled, removed or taken over). */
  renew(job: Job, worker: string): Promise<boolean>;
  /** Puts the job back for another try. */
  release(job: Job, worker: string): Promise<void>;
  /** Ends the job within `tx`; `false`, changing nothing, when it is no longer this worker's. */
  end(tx: Queryable, job: Job, worker: string, state: 'done' | 'failed'): Promise<boolean>;
  /** Puts the file's ended job back into the queue within `tx`, as if it had never been tried. */
  restart(tx: Queryable, fileId: string): Promise<void>;
  /** Cancels the file's job within `tx`; `false` when it has already ended. */
  cancel(tx: Queryable, fileId: string): Promise<boolean>;
  /** Asks whoever works on the file to stop at once; to be called after the commit of a cancellation or removal. */
  stop(fileId: string): void;
  /** Calls `listener` with the file whose work is to stop. */
  onStop(listener: (fileId: string) => void): void;
  /** Puts back every job whose worker is gone. Returns how many. */
  recover(): Promise<number>;
}
