import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { Tickets } from '../accounts/tickets.ts';
import type { EventBus, FileEvent } from '../backends/events/events.ts';
import { Problem } from '../core/problem.ts';
import type { Files } from '../files/files.ts';
import type { AccessWatch } from './access-watch.ts';
import type { App } from './app-type.ts';
import { cursorOf, streamEvents } from './event-stream.ts';
import { createFollower, PAGE } from './follow.ts';
import { toEvent } from './resources.ts';
import * as schemas from './schemas.ts';
import { talk } from './socket.ts';

interface Needs {
  files: Files;
  events: EventBus;
  accesses: AccessWatch;
  tickets: Tickets;
}

const params = Type.Object({ file_id: Type.String() });
const ticketQuery = {
  ticket: Type.Optional(
    Type.String({ maxLength: 200, description: 'A one-time ticket, where no header can be sent.' }),
  ),
};
const after = schemas.wholeNumber(0, { default: 0, description: 'The last event already seen.' });

/** Live progress: WebSocket, Server-Sent Events and polling, three readers of one log of events. */
export function liveRoutes(app: App, { files, events, accesses, tickets }: Needs): void {
  const follower = createFollower({ files, events, accesses });
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
      accesses.refuseMore(request.actor);
      return streamEvents(request, reply, { files, follower, fileId, cursor: cursorOf(request, cursor) });
    },
  );

  app.route({
    method: 'GET',
    url: '/ws/:file_id',
    config: { ticket: true },
    schema: { hide: true, params, querystring: Type.Object(ticketQuery) },
    preHandler: mayRead,
    handler: (_, reply) => {
      reply.header('upgrade', 'websocket').header('connection', 'upgrade');
      throw new Problem(
        'upgrade_required',
        'This is a WebSocket: open it with one. GET /v1/files/{file_id}/events tells the same without.',
      );
    },
    wsHandler: (socket, request) => {
      const { file_id: fileId } = request.params;
      talk(socket, follower, request.actor, fileId).catch(() => socket.close(1011, 'internal'));
    },
  });

  /** Before the handshake, so that who may not read the file gets a 404 and no socket. */
  async function mayRead(request: FastifyRequest): Promise<void> {
    await files.get(request.actor, (request.params as { file_id: string }).file_id);
    accesses.refuseMore(request.actor);
  }
}

function toList(page: readonly FileEvent[], cursor: number) {
  return { items: page.map(toEvent), next: page.at(-1)?.id ?? cursor };
}
