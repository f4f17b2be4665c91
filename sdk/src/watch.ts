import { IntaktError } from './errors.ts';
import { type LiveSocket, openSocket } from './live-socket.ts';
import type { Progress } from './schema.ts';
import type { Transport } from './transport.ts';

/** How far a file was at an event. `event_id` grows; an event is told once. */
export interface FileUpdate extends Progress {
  readonly event_id: number;
}

export interface WatchOptions {
  /** Only what comes after this event; default all there was and will be. */
  readonly after?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const PAGE = 500;
const SOCKET_TRIES = 3;
const PAUSES_MS = [100, 200, 400, 800, 1600];
/** So often in a row the service may not answer, which is about a minute. */
const PATIENCE = 40;

/**
 * Follows a file. See `Client.watch`. The socket brings what happens at once; the log of events, read whenever a socket
 * has opened, closed or told of the end, makes sure that nothing is missing.
 */
export async function* watch(
  transport: Transport,
  url: string,
  fileId: string,
  { after = 0, signal }: WatchOptions,
): AsyncGenerator<FileUpdate, void, void> {
  let cursor = after;
  let [over, failures, refusals, quiet] = [false, 0, 0, 0];
  while (!over) {
    signal?.throwIfAborted();
    const socket = refusals < SOCKET_TRIES ? await connect(transport, url, fileId, signal) : null;
    refusals = socket ? 0 : refusals + 1;
    try {
      const ended = quiet > 0 && (await hasEnded(transport, fileId, signal));
      for await (const update of rounds(transport, socket, fileId, cursor, signal)) {
        quiet = 0;
        cursor = update.event_id;
        over = isOver(update);
        yield update;
      }
      // Who goes on after the last event is told of nothing more.
      over ||= ended && quiet > 0;
      failures = 0;
    } catch (error) {
      failures += 1;
      if (!isPassing(error) || failures > PATIENCE) throw error;
    } finally {
      socket?.close();
    }
    if (!over) await pause(PAUSES_MS[Math.min(quiet++, PAUSES_MS.length - 1)]!, signal);
  }
}

/** What comes after an event while a socket lives: what the log has, what the socket tells, and when that ends the log. */
async function* rounds(
  transport: Transport,
  socket: LiveSocket | null,
  fileId: string,
  after: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<FileUpdate, void, void> {
  const stop = () => socket?.close();
  signal?.addEventListener('abort', stop);
  let cursor = after;
  try {
    let over = false;
    for await (const update of logOf(transport, fileId, cursor, signal)) {
      cursor = update.event_id;
      // A file that has failed may have been parsed again.
      over = isOver(update);
      yield update;
    }
    if (over || !socket) return;
    for await (const update of updatesOf(socket, fileId)) {
      if (update.event_id <= cursor) continue;
      cursor = update.event_id;
      yield update;
    }
    // The end itself, and before it whatever another node of the service may have told late.
    yield* logOf(transport, fileId, cursor, signal);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** What a socket tells, without the end. */
async function* updatesOf(socket: LiveSocket, fileId: string): AsyncGenerator<FileUpdate, void, void> {
  for await (const { type, event_id, data } of socket.messages()) {
    if (data && isOver(data)) return;
    if (type === 'progress_update' && event_id !== undefined)
      yield { event_id, file_id: fileId, ...data } as FileUpdate;
  }
}

/** Whether nothing more happens to a file of this status. */
export const isOver = ({ status }: { readonly status: string }): boolean => status === 'ready' || status === 'failed';

/** A socket cannot send the access token, so it shows a ticket that is good once. */
async function connect(
  transport: Transport,
  url: string,
  fileId: string,
  signal: AbortSignal | undefined,
): Promise<LiveSocket | null> {
  try {
    const { ticket } = await transport.call('createTicket', { body: { file_id: fileId } }, { signal });
    return await openSocket(`${url.replace(/^http/, 'ws')}/v1/ws/${encodeURIComponent(fileId)}?ticket=${ticket}`);
  } catch (error) {
    if (isPassing(error)) return null;
    throw error;
  }
}

const hasEnded = async (transport: Transport, fileId: string, signal: AbortSignal | undefined): Promise<boolean> =>
  isOver(await transport.call('getProgress', { params: { file_id: fileId } }, { signal }));

async function* logOf(transport: Transport, fileId: string, after: number, signal: AbortSignal | undefined) {
  for (let cursor = after; ; ) {
    const input = { params: { file_id: fileId }, query: { after: cursor, limit: PAGE } };
    const { items, next } = await transport.call('listFileEvents', input, { signal });
    for (const { event_id, file_id, data } of items) yield { event_id, file_id, ...data };
    if (items.length < PAGE) return;
    cursor = next;
  }
}

const isPassing = (error: unknown): boolean =>
  error instanceof IntaktError && (error.status === 0 || error.status === 429 || error.status >= 500);

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
}
