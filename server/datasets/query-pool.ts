import { Worker } from 'node:worker_threads';
import { Problem, type ProblemCode } from '../core/problem.ts';
import type { Answers } from './answers.ts';
import type { DatasetRef, DatasetsOptions } from './query.ts';

/** What a thread is asked; it answers in order. */
export type Call =
  | { readonly type: 'forget'; readonly path: string }
  | {
      readonly type: 'ask';
      readonly ref: DatasetRef;
      readonly name: keyof Answers;
      readonly request: unknown;
      readonly timeoutMs: number;
    };

/** What a thread answers. `stack` names places in the code alone, for the log. */
export type Answer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly code: ProblemCode; readonly detail: string; readonly stack?: string };

interface Job {
  readonly call: Call;
  resolve(result: unknown): void;
  reject(problem: Problem): void;
}

interface Thread {
  readonly worker: Worker;
  /** Calls that only this thread can answer. */
  readonly own: Job[];
  job: Job | null;
  alarm?: NodeJS.Timeout;
}

const MOST_WAITING = 1000;
/** Of one caller, so that nobody fills the queue for all. */
const MOST_WAITING_EACH = 100;
const HEAP_MB = 256;
/** A thread that does not stop by itself this long after its time is stopped. */
const GRACE_MS = 2000;

/**
 * The threads that read datasets: each answers one call at a time, and a file is asked of the same one if it is free. No
 * caller has all of them, where there are several.
 */
export function createQueryPool({ threads: count, maxOpen, timeoutMs }: Required<DatasetsOptions>) {
  const threads: (Thread | undefined)[] = new Array(count).fill(undefined);
  const waiting: Job[] = [];
  let closed = false;

  function ask<K extends keyof Answers>(
    ref: DatasetRef,
    name: K,
    request: Parameters<Answers[K]>[1] | null,
  ): Promise<ReturnType<Answers[K]>> {
    if (closed || (ref.caller !== undefined && isTooMany(ref.caller))) return Promise.reject(busy());
    return new Promise((resolve, reject) => {
      waiting.push({
        call: { type: 'ask', ref: compact(ref), name, request, timeoutMs },
        resolve: resolve as Job['resolve'],
        reject,
      });
      const slot = freeSlot(ref.path);
      if (slot !== undefined) next(slot);
    });
  }

  async function forget(path: string): Promise<void> {
    const told = threads.map((thread, slot) => {
      if (thread === undefined) return undefined;
      return new Promise((resolve) => {
        // A thread that died has no file open either.
        thread.own.push({ call: { type: 'forget', path }, resolve, reject: resolve });
        if (thread.job === null) next(slot);
      });
    });
    await Promise.all(told);
  }

  async function close(): Promise<void> {
    closed = true;
    for (const job of waiting.splice(0)) job.reject(busy());
    await Promise.all(threads.map((thread, slot) => thread && stop(slot, thread, busy())));
  }

  function freeSlot(path: string): number | undefined {
    const home = slotOf(path, count);
    const free = (slot: number) => !threads[slot]?.job;
    if (free(home)) return home;
    const slot = threads.findIndex((_, at) => free(at));
    return slot < 0 ? undefined : slot;
  }

  /** Gives the thread its next job, starting the thread if it is not there. */
  function next(slot: number): void {
    const job = threads[slot]?.own.shift() ?? takeWaiting();
    if (job === undefined) return;
    threads[slot] ??= start(slot);
    const thread = threads[slot];
    thread.job = job;
    thread.alarm = setTimeout(() => void stop(slot, thread, tooLong()), timeoutMs + GRACE_MS);
    thread.worker.ref();
    thread.worker.postMessage(job.call);
  }

  /**
   * The first of the service's own, so that a file is published however much is read; then the first of those that wait
   * whose caller has not as many threads already as one may have.
   */
  function takeWaiting(): Job | undefined {
    const own = waiting.findIndex(({ call }) => callerOf(call) === undefined);
    if (own >= 0) return waiting.splice(own, 1)[0];
    const most = Math.max(1, count - 1);
    const running = (caller: string) => threads.filter((thread) => callerOf(thread?.job?.call) === caller).length;
    const at = waiting.findIndex(({ call }) => running(callerOf(call)!) < most);
    return at < 0 ? undefined : waiting.splice(at, 1)[0];
  }

  function isTooMany(caller: string): boolean {
    if (waiting.length >= MOST_WAITING) return true;
    return waiting.filter(({ call }) => callerOf(call) === caller).length >= MOST_WAITING_EACH;
  }

  function start(slot: number): Thread {
    const url = new URL('./query-worker.ts', import.meta.url);
    const worker = new Worker(url, {
      workerData: { maxOpen },
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });
    const thread: Thread = { worker, own: [], job: null };
    worker.on('message', (answer: Answer) => {
      settle(thread, answer);
      next(slot);
    });
    worker.on('error', (cause) => void stop(slot, thread, died(cause)));
    worker.on('exit', () => void stop(slot, thread, died()));
    return thread;
  }

  /** Ends the thread, if it has not been already; what it had to do fails. Others that wait get a new one. */
  async function stop(slot: number, thread: Thread, problem: Problem): Promise<void> {
    if (threads[slot] !== thread) return;
    threads[slot] = undefined;
    clearTimeout(thread.alarm);
    for (const job of [thread.job, ...thread.own]) job?.reject(problem);
    const ended = thread.worker.terminate();
    if (!closed) next(slot);
    await ended;
  }

  return { ask, forget, close };
}

const callerOf = (call: Call | undefined): string | undefined => (call?.type === 'ask' ? call.ref.caller : undefined);

function settle(thread: Thread, answer: Answer): void {
  const { job } = thread;
  clearTimeout(thread.alarm);
  thread.job = null;
  thread.worker.unref();
  if (answer.ok) job?.resolve(answer.result);
  else job?.reject(new Problem(answer.code, answer.detail, { cause: answer.stack }));
}

/** Keys in buffers of their own: to send a part of a larger buffer to a thread copies all of that. */
function compact({ path, caller, key, fernetKeys, blindIndexKey }: DatasetRef): DatasetRef {
  return {
    path,
    ...(caller && { caller }),
    key: new Uint8Array(key),
    ...(fernetKeys && { fernetKeys: fernetKeys.map((fernetKey) => new Uint8Array(fernetKey)) }),
    ...(blindIndexKey && { blindIndexKey: new Uint8Array(blindIndexKey) }),
  };
}

function slotOf(path: string, count: number): number {
  let hash = 0;
  for (let i = 0; i < path.length; i++) hash = (Math.imul(hash, 31) + path.charCodeAt(i)) >>> 0;
  return hash % count;
}

function busy(): Problem {
  return new Problem(
    'unavailable',
    'Too many reads of datasets are waiting, or the service is stopping. Try again soon.',
  );
}

function tooLong(): Problem {
  return new Problem('unavailable', 'The query took too long and was stopped. Ask for less.');
}

function died(cause?: unknown): Problem {
  return new Problem('unavailable', 'The thread that read the dataset stopped. Try again.', { cause });
}
