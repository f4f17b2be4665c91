import { AssertionError } from 'node:assert';
import type { Person } from '../../../test/helpers/client.ts';
import { pause } from './kill.ts';
import type { Entry, Ledger } from './ledger.ts';
import { listAll } from './verify.ts';
import { planUpload, type Random } from './workload.ts';

/** Senders and a reader that work until the service is gone. */
export interface Clients {
  /** Uploads whose answer is not there yet. */
  waiting(): number;
  /** What was seen that must never be. */
  readonly problems: string[];
  /** Files that were not over when they were last looked at. */
  unfinished(): number;
  /** Resolves when all of them have given up or are done. */
  readonly done: Promise<unknown>;
  stopWatching(): void;
}

const CLIENTS = 3;
const UPLOADS_EACH = 3;
const ABORTED = 0.1;

/** Starts senders, one removal of an older file, and a reader; `round` makes names unique. */
export function startClients(person: Person, ledger: Ledger, round: number, random: Random): Clients {
  const watcher = watch(person, ledger);
  let waiting = 0;
  const plans = Array.from({ length: CLIENTS }, (_, client) =>
    Array.from({ length: 1 + Math.floor(random() * UPLOADS_EACH) }, (_, n) => ({
      entry: ledger.add(planUpload(`r${round}-c${client}-${n}`, random)),
      pauseBefore: random() * 300,
      abortAfter: random() < ABORTED ? Math.floor(random() * 40) : undefined,
    })),
  );
  const [oldest] = random() < 0.5 ? ledger.present() : [];
  const senders = plans.map(async (uploads) => {
    for (const { entry, abortAfter, pauseBefore } of uploads) {
      await pause(pauseBefore);
      waiting++;
      await send(person, entry, abortAfter).catch(noteUnlessGone(watcher.problems));
      waiting--;
    }
  });
  const removal = oldest ? remove(person, oldest).catch(noteUnlessGone(watcher.problems)) : undefined;
  return { ...watcher, waiting: () => waiting, done: Promise.all([...senders, removal, watcher.done]) };
}

async function send(person: Person, entry: Entry, abortAfter: number | undefined): Promise<void> {
  const form = new FormData();
  form.append('file', new Blob([Uint8Array.from(entry.planned.bytes)]), entry.planned.name);
  const response = await fetch(`${person.base}/files`, {
    method: 'POST',
    headers: person.headers,
    body: form,
    ...(abortAfter !== undefined && { signal: AbortSignal.timeout(abortAfter) }),
  });
  if (response.status !== 202) throw new AssertionError({ message: `an upload answered ${response.status}` });
  // The status line alone is the acknowledgement; the body may be cut off.
  entry.acknowledged = true;
  entry.fileId = ((await response.json()) as { file_id: string }).file_id;
}

async function remove(person: Person, entry: Entry): Promise<void> {
  entry.removed = 'asked';
  const { status } = await person.delete(`/files/${entry.fileId}`);
  if (status !== 204) throw new AssertionError({ message: `a removal answered ${status}` });
  entry.removed = 'yes';
}

/** Reads the last row of every file as soon as it is ready: whatever is called ready must be there as a whole. */
export function watch(person: Person, ledger: Ledger) {
  const problems: string[] = [];
  const seen = new Set<string>();
  let unfinished = 0;
  let watching = true;
  async function look(): Promise<void> {
    const files = await listAll(person);
    unfinished = files.filter(({ status }) => status === 'processing').length;
    for (const { file_id, filename, status, row_count } of files) {
      if (status !== 'ready' || seen.has(file_id)) continue;
      seen.add(file_id);
      const answer = await person.get(`/files/${file_id}?limit=1`);
      const last = answer.body.datasets?.at(-1);
      const rows = last && (await person.get(`/datasets/${last.dataset_id}/rows?limit=1&offset=${last.row_count - 1}`));
      const gone = answer.status === 404 || rows?.status === 404;
      const whole = rows?.body.row_numbers?.[0] === last?.row_count && last !== undefined;
      if (!whole && !(gone && isRemoved(ledger, file_id)))
        problems.push(
          `partial: ${filename} was ready with ${row_count} rows but answered ${answer.status}, ${rows?.status}`,
        );
    }
  }
  const done = (async () => {
    while (watching) {
      await look();
      await pause(25);
    }
  })().catch(noteUnlessGone(problems));
  const stopWatching = () => {
    watching = false;
  };
  return { problems, done, unfinished: () => unfinished, stopWatching };
}

/** An entry that is not there any more is one that was removed or whose removal was asked for. */
const isRemoved = (ledger: Ledger, fileId: string): boolean =>
  !ledger.present().some((entry) => entry.fileId === fileId);

const noteUnlessGone = (problems: string[]) => (error: unknown) => {
  if (error instanceof AssertionError) problems.push(error.message);
  else if (!/fetch failed|terminated|aborted|other side closed/i.test(String(error))) problems.push(String(error));
};
