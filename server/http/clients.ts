import Type from 'typebox';
import type { Clients } from '../accounts/clients.ts';
import { SCOPES } from '../core/actor.ts';
import type { App } from './app-type.ts';
import { Client, ClientList, ClientWithKey, errors, noContent, nullable, paging, Role, text } from './schemas.ts';

const params = Type.Object({ client_id: Type.String() });
const Scopes = Type.Array(Type.Union(SCOPES.map((scope) => Type.Literal(scope))), {
  minItems: 1,
  maxItems: SCOPES.length,
  description: `What it may do: ${SCOPES.join(', ')}. Only what whoever asks may do.`,
});
const Networks = Type.Array(text(50), {
  maxItems: 100,
  description: 'Addresses or CIDR blocks it may come from; none for anywhere.',
});
const Expiry = nullable(Type.String({ format: 'date-time', description: 'When it ends; null for never.' }));

/** Programs that log in with a key of their own, for administrators. */
export function clientRoutes(app: App, clients: Clients): void {
  app.post(
    '/clients',
    {
      schema: {
        operationId: 'createClient',
        tags: ['clients'],
        summary: 'Make a client; its key is told once',
        body: Type.Object({
          name: text(100),
          role: Type.Union(Role.anyOf, { default: 'member' }),
          scopes: Type.Array(Scopes.items, { ...Scopes, default: ['files:read', 'files:write'] }),
          networks: Type.Array(Networks.items, { ...Networks, default: [] }),
          expires_at: Type.Union(Expiry.anyOf, { default: null }),
        }),
        response: { 201: ClientWithKey, ...errors },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      return reply.code(201).send(await clients.create(request.actor, request.body));
    },
  );

  app.get(
    '/clients',
    {
      schema: {
        operationId: 'listClients',
        tags: ['clients'],
        summary: 'The clients of the workspace, newest first',
        querystring: Type.Object(paging(100)),
        response: { 200: ClientList, ...errors },
      },
    },
    async (request) => {
      const { limit, offset } = request.query;
      return { ...(await clients.list(request.actor, limit, offset)), limit, offset };
    },
  );

  app.get(
    '/clients/:client_id',
    {
      schema: {
        operationId: 'getClient',
        tags: ['clients'],
        summary: 'A client',
        params,
        response: { 200: Client, ...errors },
      },
    },
    (request) => clients.get(request.actor, request.params.client_id),
  );

  app.patch(
    '/clients/:client_id',
    {
      schema: {
        operationId: 'changeClient',
        tags: ['clients'],
        summary: 'Change what a client may do, from where and how long; acts at once',
        params,
        body: Type.Object(
          {
            name: Type.Optional(text(100)),
            role: Type.Optional(Role),
            scopes: Type.Optional(Scopes),
            networks: Type.Optional(Networks),
            expires_at: Type.Optional(Expiry),
          },
          { minProperties: 1 },
        ),
        response: { 200: Client, ...errors },
      },
    },
    (request) => clients.change(request.actor, request.params.client_id, request.body),
  );

  app.post(
    '/clients/:client_id/rotate',
    {
      schema: {
        operationId: 'rotateClient',
        tags: ['clients'],
        summary: 'Give a client another key, which is told once',
        description: 'The keys it has, and the sessions begun with them, end after `overlap_hours`; at once for 0.',
        params,
        body: Type.Object({ overlap_hours: Type.Integer({ minimum: 0, maximum: 24 * 30, default: 24 }) }),
        response: { 200: ClientWithKey, ...errors },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      return clients.rotate(request.actor, request.params.client_id, request.body.overlap_hours);
    },
  );

  app.delete(
    '/clients/:client_id',
    {
      schema: {
        operationId: 'revokeClient',
        tags: ['clients'],
        summary: 'Revoke a client: its keys and sessions end at once, its files stay',
        params,
        response: { 204: noContent, ...errors },
      },
    },
    async (request, reply) => {
      await clients.revoke(request.actor, request.params.client_id);
      return reply.code(204).send(null);
    },
  );
}
