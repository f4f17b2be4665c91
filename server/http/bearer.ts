import type { FastifyContextConfig, FastifyReply, FastifyRequest } from 'fastify';
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

/** How the header begins, but for who writes it in another case or with more spaces. */
const USUAL = 'Bearer ';

/** Finds out who asks, before every route that is not public (RFC 6750), and holds back who asks too often. */
export function requireBearer(app: App, { authenticate, tickets }: Needs, rateLimits: RateLimits): void {
  app.decorateRequest('actor', null as never);
  // Nothing is waited for that is known already: every request comes through here.
  app.addHook('onRequest', (request, reply, next) => {
    const entered = enter(request, reply);
    if (entered) entered.then(() => next(), next);
    else next();
  });

  function enter(request: FastifyRequest, reply: FastifyReply): Promise<void> | undefined {
    // Made anew by the framework each time it is asked for.
    const { config } = request.routeOptions;
    if (config.public || request.is404) return rateLimits.countAddress(request, reply);
    const known = config.ticket ? undefined : recall(request);
    if (!known) return lookUp(request, reply, config);
    request.actor = known;
    return rateLimits.countActor(config, reply, known);
  }

  async function lookUp(request: FastifyRequest, reply: FastifyReply, config: FastifyContextConfig): Promise<void> {
    request.actor = await actorOf(request, config).catch(async (error) => {
      await rateLimits.countAddress(request, reply);
      throw error;
    });
    await rateLimits.countActor(config, reply, request.actor);
  }

  async function actorOf(request: FastifyRequest, config: FastifyContextConfig): Promise<Actor> {
    // Not validated yet: a ticket that is given twice is a list.
    const ticket = config.ticket ? (request.query as { ticket?: string | string[] }).ticket : undefined;
    return ticket === undefined ? byToken(request) : byTicket(request, String(ticket));
  }

  function recall({ headers: { authorization }, ip }: FastifyRequest): Actor | undefined {
    return authorization?.startsWith(USUAL) ? authenticate.recall(authorization.slice(USUAL.length), ip) : undefined;
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
