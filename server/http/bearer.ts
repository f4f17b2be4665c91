import type { FastifyRequest } from 'fastify';
import type { Authenticate } from '../accounts/authenticate.ts';
import type { Tickets } from '../accounts/tickets.ts';
import type { Actor, Origin } from '../core/actor.ts';
import { Problem } from '../core/problem.ts';
import type { App } from './app-type.ts';
import type { RateLimits } from './rate-limit.ts';

interface Needs {
  authenticate: Authenticate;
  tickets: Tickets;
}

/** Finds out who asks, before every route that is not public (RFC 6750), and holds back who asks too often. */
export function requireBearer(app: App, { authenticate, tickets }: Needs, rateLimits: RateLimits): void {
  app.decorateRequest('actor', null as never);
  app.addHook('onRequest', async (request, reply) => {
    const { config } = request.routeOptions;
    if (config.public || request.is404) return rateLimits.countAddress(request, reply);
    request.actor = await actorOf(request).catch(async (error) => {
      await rateLimits.countAddress(request, reply);
      throw error;
    });
    await rateLimits.countActor(request, reply, request.actor);
  });

  async function actorOf(request: FastifyRequest): Promise<Actor> {
    const { config } = request.routeOptions;
    // Not validated yet: a ticket that is given twice is a list.
    const ticket = config.ticket ? (request.query as { ticket?: string | string[] }).ticket : undefined;
    return ticket === undefined ? byToken(request) : byTicket(request, String(ticket));
  }

  async function byToken(request: FastifyRequest) {
    const { authorization } = request.headers;
    if (!authorization) {
      throw new Problem(
        'unauthorized',
        'Send the header "Authorization: Bearer <access token>". POST /v1/auth/login gives a token.',
      );
    }
    const token = /^Bearer +([\w~+/.-]+=*)$/i.exec(authorization)?.[1];
    if (!token)
      throw new Problem('unauthorized', 'The Authorization header is not of the form "Bearer <access token>".');
    return authenticate.byAccessToken(token, request.ip);
  }

  async function byTicket(request: FastifyRequest, ticket: string) {
    const { file_id: fileId = '' } = request.params as { file_id?: string };
    return authenticate.bySession(await tickets.spend(ticket, fileId), request.ip);
  }
}

/** Where a request comes from; behind a trusted proxy, what that says of it. */
export const originOf = (request: FastifyRequest): Origin => ({
  address: request.ip,
  userAgent: request.headers['user-agent'] ?? '',
});
