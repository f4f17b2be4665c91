import type { WebSocket } from '@fastify/websocket';
import type { FileEvent } from '../backends/events/events.ts';
import type { Actor } from '../core/actor.ts';
import type { Follower } from './follow.ts';

/** How often something is sent on a connection that has nothing to say, so that nobody on the way closes it. */
export const HEARTBEAT_MS = 25_000;
/** Bytes that may wait for a socket's other end to read them; what asks on without reading is cut off. */
const MOST_UNREAD = 64 * 1024;

/** Tells a socket where the file stands and then all that happens to it; answers `ping`; closes when access ends. */
export async function talk(socket: WebSocket, follower: Follower, actor: Actor, fileId: string): Promise<void> {
  const closed = new AbortController();
  const heartbeat = beat(socket);
  const watch = follower.watch(actor, fileId, () => socket.close(1008, 'access ended'));
  socket.once('close', () => {
    clearInterval(heartbeat);
    watch[Symbol.dispose]();
    closed.abort();
  });
  socket.on('error', () => socket.terminate());
  socket.on('message', (data) => isPing(String(data)) && send(socket, { type: 'pong' }));
  const following = follower.follow(actor, fileId, 'newest', closed.signal);
  let step = await following.next();
  for (let first = true; !step.done; first = false) {
    for (const message of toMessages(step.value, first)) send(socket, message);
    step = await following.next();
  }
  if (step.value === 'lost') socket.close(1008, 'access ended');
}

function send(socket: WebSocket, message: object): void {
  if (socket.bufferedAmount > MOST_UNREAD) socket.terminate();
  else if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
}

/** Ends a socket whose other end is gone without a word. */
function beat(socket: WebSocket): NodeJS.Timeout {
  let answered = true;
  socket.on('pong', () => {
    answered = true;
  });
  return setInterval(() => {
    if (!answered) return socket.terminate();
    answered = false;
    socket.ping();
  }, HEARTBEAT_MS);
}

/** A socket's messages for an event: how far the file is, and at first and where its status changed, that too. */
function toMessages({ id, type, data }: FileEvent, first: boolean): object[] {
  const { status, phase, progress } = data;
  const update = { type: 'progress_update', data: { progress, status, phase }, event_id: id };
  const change = { type: 'status_update', data: { status }, event_id: id };
  return first || type === 'status_update' ? [update, change] : [update];
}

function isPing(text: string): boolean {
  try {
    return (JSON.parse(text) as { type?: unknown } | null)?.type === 'ping';
  } catch {
    return false;
  }
}
