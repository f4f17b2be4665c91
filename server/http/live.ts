import type { WebSocket } from '@fastify/websocket';
import type { FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { Accounts } from '../accounts/accounts.ts';
import type { Tickets } from '../accounts/tickets.ts';
import type { EventBus, FileEvent } from '../backends/events/events.ts';
import type { Actor } from '../core/actor.ts';
import type { Files } from '../files/files.ts';
import type { App } from './app-type.ts';
import { toEvent, toProgress } from './resources.ts';
import * as schemas from './schemas.ts';
import { isOver } from './wait.ts';

interface Needs {
  files: Files;
  events: EventBus;
  accounts: Accounts;
  tickets: Tickets;
}

const params = Type.Object({ file_id: Type.String() });
const ticketQuery = {
  ticket: Type.Optional(
    Type.String({ maxLength: 200, description: 'A one-time ticket, where no header can be sent.' }),
  ),
};
const after = Type.Integer({ minimum: 0, default: 0, description: 'The last event already seen.' });
const HEARTBEAT_MS = 25_000;
/** Bytes that may wait for a socket's other end to read them; what asks on without reading is cut off. */
const MOST_UNREAD = 64 * 1024;
const PAGE = 500;

/** Live progress: WebSocket, Server-Sent Events and polling, three readers of one log of events. */
export function liveRoutes(app: App, { files, events, accounts, tickets }: Needs): void {
  app.post(
    '/tickets',
    {
      schema: {
        operationId: 'createTicket',
        tags: ['live'],
        summary: 'A one-time ticket to follow a file where no header can be sent',
        body: Type.Object({ file_id: Type.String() }),
        response: { 201: Type.Object({ ticket: Type.String(), expires_in: Type.Integer() }), ...schemas.errors },
      },
    },
    async (request, reply) => {
      const file = await files.get(request.actor, request.body.file_id);
      return reply
        .code(201)
        .send({ ticket: await tickets.issue(request.actor, file.id), expires_in: tickets.lifetimeSeconds });
    },
  );

  app.get(
    '/events',
    {
      schema: {
        operationId: 'listEvents',
        tags: ['live'],
        summary: 'What happened to the caller’s files after an event',
        querystring: Type.Object({ after, limit: Type.Integer({ minimum: 1, maximum: PAGE, default: 100 }) }),
        response: { 200: schemas.EventList, ...schemas.errors },
      },
    },
    async (request) =>
      toList(await files.events(request.actor, null, request.query.after, request.query.limit), request.query.after),
  );

  app.get(
    '/files/:file_id/events',
    {
      config: { ticket: true },
      schema: {
        operationId: 'listFileEvents',
        tags: ['live'],
        summary: 'What happened to a file after an event',
        description:
          'With `Accept: text/event-stream` a stream that goes on from `Last-Event-ID` and ends when the file is ready or has failed.',
        params,
        querystring: Type.Object({
          after,
          limit: Type.Integer({ minimum: 1, maximum: PAGE, default: 100 }),
          ...ticketQuery,
        }),
        response: { 200: schemas.EventList, ...schemas.errors },
      },
    },
    async (request, reply) => {
      const { file_id: fileId } = request.params;
      const { after: cursor, limit } = request.query;
      if (!request.headers.accept?.includes('text/event-stream')) {
        return toList(await files.events(request.actor, fileId, cursor, limit), cursor);
      }
      const lastId = Number(request.headers['last-event-id'] ?? cursor);
      return stream(request, reply, fileId, Number.isSafeInteger(lastId) && lastId > 0 ? lastId : 0);
    },
  );

  app.get(
    '/ws/:file_id',
    {
      websocket: true,
      config: { ticket: true },
      schema: { hide: true, params, querystring: Type.Object(ticketQuery) },
      preHandler: mayRead,
    },
    (socket, request) => {
      const { file_id: fileId } = request.params;
      talk(socket, request.actor, fileId).catch(() => socket.close(1011, 'internal'));
    },
  );

  /** Before the handshake, so that who may not read the file gets a 404 and no socket. */
  async function mayRead(request: FastifyRequest): Promise<void> {
    await files.get(request.actor, (request.params as { file_id: string }).file_id);
  }

  async function stillMay(actor: Actor, fileId: string): Promise<boolean> {
    try {
      await files.get(await accounts.actorOf(actor.sessionId, actor.address), fileId);
      return true;
    } catch {
      return false;
    }
  }

  async function talk(socket: WebSocket, actor: Actor, fileId: string): Promise<void> {
    const send = (message: object) => {
      if (socket.bufferedAmount > MOST_UNREAD) socket.terminate();
      else if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
    };
    socket.on('message', (data) => {
      if (isPing(String(data))) send({ type: 'pong' });
    });
    socket.on('error', () => socket.terminate());
    const follow = async () => {
      for await (const event of eventsFrom(actor, fileId, 'snapshot', closed)) {
        if (!(await stillMay(actor, fileId))) return socket.close(1008, 'access ended');
        for (const message of toMessages(event)) send(message);
      }
    };
    const closed = new AbortController();
    const heartbeat = beat(socket, () => stillMay(actor, fileId));
    socket.once('close', () => {
      clearInterval(heartbeat);
      closed.abort();
    });
    await follow();
  }

  /** A snapshot or what is in the log after a cursor, and then what follows, without a gap and without an event twice. */
  async function* eventsFrom(actor: Actor, fileId: string, from: 'snapshot' | number, { signal }: AbortController) {
    const queue: FileEvent[] = [];
    let wake = () => {};
    const unsubscribe = events.subscribe(fileId, (event) => {
      queue.push(event);
      wake();
    });
    const stop = () => wake();
    signal.addEventListener('abort', stop);
    try {
      let cursor = from === 'snapshot' ? 0 : from;
      if (from === 'snapshot') {
        const file = await files.get(actor, fileId);
        const { status, phase, progress } = toProgress(file);
        yield {
          id: 0,
          workspaceId: '',
          fileId,
          type: 'status_update',
          data: { status, phase, progress },
          createdAt: file.created_at,
        } as FileEvent;
      } else {
        for (;;) {
          const page = await files.events(actor, fileId, cursor, PAGE);
          for (const event of page) yield event;
          cursor = page.at(-1)?.id ?? cursor;
          if (page.length < PAGE) break;
        }
      }
      while (!signal.aborted) {
        const event = queue.shift();
        // An event of id 0 is in no log: the file is gone.
        if (event && (event.id === 0 || event.id > cursor)) yield event;
        else if (!event) {
          await new Promise<void>((resolve) => {
            wake = resolve;
            if (queue.length > 0 || signal.aborted) resolve();
          });
        }
      }
    } finally {
      signal.removeEventListener('abort', stop);
      unsubscribe();
    }
  }

  async function stream(
    request: FastifyRequest,
    reply: FastifyReply,
    fileId: string,
    cursor: number,
  ): Promise<FastifyReply> {
    const { actor } = request;
    const file = await files.get(actor, fileId);
    // RFC-less but standard (WHATWG HTML, 9.2): 204 tells an EventSource not to come back.
    if (isOver(file.status) && cursor > 0 && (await files.events(actor, fileId, cursor, 1)).length === 0)
      return reply.code(204).send();
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    const closed = new AbortController();
    raw.once('close', () => closed.abort());
    const heartbeat = setInterval(() => raw.write(': still here\n\n'), HEARTBEAT_MS);
    try {
      for await (const event of eventsFrom(actor, fileId, cursor, closed)) {
        if (!(await stillMay(actor, fileId))) break;
        raw.write(`id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(toEvent(event).data)}\n\n`);
        if (isOver(event.data.status)) break;
      }
    } catch (error) {
      request.log.error({ name: (error as Error).name }, 'event stream failed');
    } finally {
      clearInterval(heartbeat);
      raw.end();
    }
    return reply;
  }
}

/** Ends a socket whose other end is gone without a word, or whose access has ended while nothing happened. */
function beat(socket: WebSocket, stillMay: () => Promise<boolean>): NodeJS.Timeout {
  let answered = true;
  socket.on('pong', () => {
    answered = true;
  });
  return setInterval(async () => {
    if (!answered) return socket.terminate();
    answered = false;
    socket.ping();
    if (!(await stillMay())) socket.close(1008, 'access ended');
  }, HEARTBEAT_MS);
}

function toList(page: readonly FileEvent[], cursor: number) {
  return { items: page.map(toEvent), next: page.at(-1)?.id ?? cursor };
}

/** A socket's messages for an event: how far it is, and where its status changed, that too. */
function toMessages({ id, type, data }: FileEvent): object[] {
  const { status, phase, progress } = data;
  const update = { type: 'progress_update', data: { progress, status, phase }, event_id: id };
  return type === 'progress_update' ? [update] : [update, { type: 'status_update', data: { status }, event_id: id }];
}

function isPing(text: string): boolean {
  try {
    return (JSON.parse(text) as { type?: unknown } | null)?.type === 'ping';
  } catch {
    return false;
  }
}
