import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Files } from '../files/files.ts';
import type { Follower } from './follow.ts';
import { toEvent } from './resources.ts';
import { HEARTBEAT_MS } from './socket.ts';
import { isOver } from './wait.ts';

/**
 * Server-Sent Events (WHATWG HTML, 9.2) of a file after `cursor`, until it is ready or has failed. Where that was told
 * already the answer is 204, which tells an `EventSource` not to come back.
 */
export async function streamEvents(
  request: FastifyRequest,
  reply: FastifyReply,
  { files, follower, fileId, cursor }: { files: Files; follower: Follower; fileId: string; cursor: number },
): Promise<FastifyReply> {
  const { actor } = request;
  const { status } = await files.get(actor, fileId);
  const nothingMore = cursor > 0 && (await files.events(actor, fileId, cursor, 1)).length === 0;
  if (isOver(status) && nothingMore) return reply.code(204).send();
  const told = reply.getHeaders() as OutgoingHttpHeaders;
  reply.hijack();
  const { raw } = reply;
  // With what every answer carries: CORS, the limits, `nosniff`. The framework sends none of it any more.
  raw.writeHead(200, { ...told, 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
  const closed = new AbortController();
  raw.once('close', () => closed.abort());
  using _ = follower.watch(actor, fileId, () => closed.abort());
  const heartbeat = setInterval(() => raw.write(': still here\n\n'), HEARTBEAT_MS);
  try {
    for await (const event of follower.follow(actor, fileId, cursor, closed.signal)) {
      raw.write(`id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(toEvent(event).data)}\n\n`);
      // A file that had failed may have been parsed again since.
      if (isOver(event.data.status) && (await files.events(actor, fileId, event.id, 1)).length === 0) break;
    }
  } catch (error) {
    request.log.error({ name: (error as Error).name }, 'event stream failed');
  } finally {
    clearInterval(heartbeat);
    raw.end();
  }
  return reply;
}

/** The cursor of a `Last-Event-ID`, else `after`; what is no number of an event counts as none. */
export function cursorOf(request: FastifyRequest, after: number): number {
  const lastId = Number(request.headers['last-event-id'] ?? after);
  return Number.isSafeInteger(lastId) && lastId > 0 ? lastId : 0;
}
