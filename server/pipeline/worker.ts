import type { Blobs } from '../backends/blobs/blobs.ts';
import type { Job, Jobs } from '../backends/jobs/jobs.ts';
import { newId } from '../core/ids.ts';
import { Problem, type ProblemCode, toProblem } from '../core/problem.ts';
import type { Datasets } from '../datasets/query.ts';
import type { Files } from '../files/files.ts';
import type { Detection } from '../infer/infer.ts';
import type { Keys } from '../keys/keys.ts';
import type { FileType, OcrOptions, ReadLimits } from '../parse/format.ts';
import type { ParserPool } from './parser-pool.ts';
import type { DatasetPlace, WrittenDataset } from './protocol.ts';

/** Takes jobs from the queue and turns each file into datasets, a few at a time. */
export interface ParseWorker {
  /** Starts taking jobs, first those that an earlier process left behind. */
  start(): Promise<void>;
  /** Takes no more jobs, stops those that run (they go back to the queue), and waits for that. */
  close(): Promise<void>;
}

interface Needs {
  jobs: Jobs;
  files: Files;
  keys: Keys;
  blobs: Blobs;
  datasets: Datasets;
  pool: ParserPool;
  name: string;
  atOnce: number;
  limits: ReadLimits;
  ocr: OcrOptions;
  /** What a workspace has looked for in its files; `undefined` for the usual. */
  detection: (workspaceId: string) => Promise<Detection | undefined>;
  supportedFormats: readonly string[];
  /** Told of what nobody foresaw; `job` is missing when it happened between jobs. */
  onError: (error: unknown, job?: Job) => void;
}

const RENEW_MS = 10_000;
const PROGRESS_MS = 100;
const RECOVER_MS = 15_000;
const MAX_ATTEMPTS = 3;
/** Restarts count too: a file that takes the whole service down each time must not do so for ever. */
const MAX_CLAIMS = 10;
/** Reasons that say nothing of the file and may be gone at the next try. */
const MAY_PASS: readonly ProblemCode[] = ['unavailable', 'parser_died', 'storage_failed', 'internal'];

interface MadePlace extends DatasetPlace {
  readonly wrappedKey: Uint8Array;
}

/** A worker that claims jobs under `name`. */
export function createParseWorker(needs: Needs): ParseWorker {
  const { jobs, files, keys, blobs, datasets, pool, name, atOnce, limits, ocr, detection, supportedFormats, onError } =
    needs;
  /** A file may be in it twice: a claim that ran out is taken again while the first work on it still stops. */
  const running = new Set<{ fileId: string; stop: AbortController; done: Promise<void> }>();
  let closed = false;
  let claiming = false;
  let claimed = Promise.resolve();
  let again = false;
  let recovery: NodeJS.Timeout | undefined;

  jobs.onWake(() => void takeJobs());
  jobs.onStop((fileId) => {
    for (const work of running) if (work.fileId === fileId) work.stop.abort(cancelled());
  });

  return {
    async start() {
      await jobs.recover();
      recovery = setInterval(lookAgain, RECOVER_MS).unref();
      await takeJobs();
    },
    async close() {
      closed = true;
      clearInterval(recovery);
      await claimed;
      for (const { stop } of running) stop.abort(shuttingDown());
      await Promise.all([...running].map(({ done }) => done));
    },
  };

  /** Also takes jobs that nothing woke anyone for: a database that was full when they were to be claimed. */
  function lookAgain(): void {
    jobs.recover().then(takeJobs, onError);
  }

  function takeJobs(): Promise<void> {
    again = true;
    if (!claiming) claimed = claimWhatWaits();
    return claimed;
  }

  async function claimWhatWaits(): Promise<void> {
    claiming = true;
    try {
      while (again) {
        again = false;
        while (!closed && running.size < atOnce) {
          const job = await jobs.claim(name);
          if (!job) break;
          begin(job);
        }
      }
    } catch (error) {
      onError(error);
    } finally {
      claiming = false;
    }
  }

  function begin(job: Job): void {
    const stop = new AbortController();
    const done = work(job, stop)
      .catch((error) => onError(error, job))
      .finally(() => {
        running.delete(entry);
        void takeJobs();
      });
    const entry = { fileId: job.fileId, stop, done };
    running.add(entry);
  }

  async function work(job: Job, stop: AbortController): Promise<void> {
    const renewal = setInterval(async () => {
      const ours = await jobs.renew(job, name).catch(() => true);
      if (!ours) stop.abort(cancelled());
    }, RENEW_MS);
    const places: MadePlace[] = [];
    try {
      if (job.attempts > MAX_CLAIMS) throw neverDone();
      const written = await parse(job, stop.signal, places);
      await publish(job, places, written);
    } catch (error) {
      await Promise.all(places.map(({ path }) => blobs.discard(path)));
      await giveUp(job, error);
      // Only after another commit: one that failed at its very end may come back when the database is opened again.
      await removeDatasets(places);
    } finally {
      clearInterval(renewal);
    }
  }

  async function parse(job: Job, signal: AbortSignal, places: MadePlace[]): Promise<readonly WrittenDataset[]> {
    const file = await files.begin(job);
    if (!file) throw cancelled();
    const workspace = await keys.openWorkspace(job.workspaceId);
    const fileKey = await workspace.openFileKey(file.id, file.wrapped_key);
    const { seal, plain, ...dialect } = files.optionsOf(file);
    const lookFor = await detection(job.workspaceId);
    const task = {
      name: file.filename,
      fileType: file.file_type as FileType,
      path: await blobs.localPath(file.id),
      fileKey,
      associatedData: file.id,
      spoolPath: blobs.stagingPath(file.id),
      unpackedPath: blobs.stagingPath(file.id),
      allowed: supportedFormats,
      fernetKey: workspace.fernetKeys[0]!,
      options: { ...dialect, limits, ocr },
      seal,
      plain,
      ...(lookFor && { detection: lookFor }),
    };
    let told = 0;
    const written = pool.run(file.owner_id, task, {
      signal,
      progress(phase, done) {
        if (performance.now() - told < PROGRESS_MS) return;
        told = performance.now();
        void files.advance(job.fileId, phase, done).catch((error) => onError(error, job));
      },
      async places(count) {
        for (let i = 0; i < count; i++) {
          const datasetId = newId();
          const { wrapped, rowsKey, blindIndexKey } = await workspace.newDatasetKey(datasetId);
          places.push({ datasetId, path: blobs.stagingPath(datasetId), rowsKey, blindIndexKey, wrappedKey: wrapped });
        }
        return places.map(({ wrappedKey: _, ...place }) => place);
      },
    });
    // A process that was killed could not remove what it kept.
    return written.catch(async (error) => {
      await Promise.all([task.spoolPath, task.unpackedPath].map((path) => blobs.discard(path)));
      throw error;
    });
  }

  /** One rename a dataset, then one transaction: the datasets are there altogether or not at all. */
  async function publish(job: Job, places: readonly MadePlace[], written: readonly WrittenDataset[]): Promise<void> {
    const rows = await Promise.all(
      places.map(async ({ datasetId, path, rowsKey, wrappedKey }, position) => {
        await blobs.adopt(datasetId, path);
        const dataset = written[position];
        if (!dataset) throw new Problem('parser_died', 'The parser did not tell of every table. The upload is kept.');
        const found = await datasets.verify({ path: await blobs.localPath(datasetId), key: rowsKey });
        if (found.rows !== dataset.rows || found.rejects !== dataset.rejects) {
          throw new Problem(
            'data_corrupt',
            'The stored dataset is not complete. The upload is kept: POST /v1/files/{file_id}/parse tries again.',
          );
        }
        return { ...dataset, datasetId, position, wrappedKey };
      }),
    );
    const published = await files.publish(job, name, rows);
    if (!published) await removeDatasets(places);
  }

  async function giveUp(job: Job, error: unknown): Promise<void> {
    const problem = toProblem(error);
    if (problem.code === 'internal') onError(error, job);
    const mayPass = MAY_PASS.includes(problem.code) && job.attempts < MAX_ATTEMPTS;
    if (closed || mayPass) await jobs.release(job, name);
    else if (problem.code !== 'cancelled') await files.fail(job, name, problem);
  }

  async function removeDatasets(places: readonly MadePlace[]): Promise<void> {
    for (const { datasetId } of places) {
      await datasets.forget(await blobs.localPath(datasetId));
      await blobs.remove(datasetId);
    }
  }
}

const cancelled = () => new Problem('cancelled', 'The job was cancelled.');
const neverDone = () =>
  new Problem(
    'parser_died',
    `The service ended each of the ${MAX_CLAIMS} times that it read this file. Split the file.`,
  );
const shuttingDown = () =>
  new Problem('unavailable', 'The service is shutting down; the job goes on after the next start.');
