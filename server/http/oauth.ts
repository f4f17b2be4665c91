import formbody from '@fastify/formbody';
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { Authenticate } from '../accounts/authenticate.ts';
import type { ClientCredentials, OAuth } from '../accounts/oauth.ts';
import type { Audit } from '../audit/audit.ts';
import { type Actor, SCOPES } from '../core/actor.ts';
import type { App } from './app-type.ts';
import { originOf } from './bearer.ts';
import { answerOAuthErrors, type ClientFields, credentialsOf } from './oauth-form.ts';

interface Needs {
  oauth: OAuth;
  authenticate: Authenticate;
  audit: Audit;
  /** Where people reach the service, without a slash at the end; empty for where the request came to. */
  publicUrl: string;
}

const optional = (maxLength: number) => Type.Optional(Type.String({ maxLength }));
const clientFields = { client_id: optional(100), client_secret: optional(200) };
const tokenField = { token: Type.String({ minLength: 1, maxLength: 2000 }), token_type_hint: optional(50) };
const refusal = Type.Object({ error: Type.String(), error_description: Type.String() });
const refusals = { '4xx': refusal, '5xx': refusal };
const form = ['application/x-www-form-urlencoded'];

/** OAuth 2.0 (RFC 6749, 7009, 7662, 8414): forms go in, and what is refused is refused in its words. */
export async function oauthRoutes(app: App, { oauth, authenticate, audit, publicUrl }: Needs): Promise<void> {
  app.removeAllContentTypeParsers();
  await app.register(formbody);
  app.setErrorHandler(answerOAuthErrors(audit));
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store').header('pragma', 'no-cache');
  });

  app.post(
    '/token',
    {
      config: { public: true },
      schema: {
        operationId: 'issueToken',
        tags: ['oauth'],
        summary: 'Get an access token (RFC 6749)',
        description:
          'Grants: password (unless it is turned off), refresh_token, and client_credentials with the client’s id and key, in the form or by HTTP Basic. `otp` is a code of the user’s second factor.',
        security: [],
        consumes: form,
        body: Type.Object({
          grant_type: optional(50),
          username: optional(254),
          password: optional(1000),
          otp: optional(100),
          refresh_token: optional(500),
          scope: Type.Optional(Type.String({ maxLength: 200, description: `Some of: ${SCOPES.join(' ')}.` })),
          ...clientFields,
        }),
        response: {
          200: Type.Object({
            access_token: Type.String(),
            token_type: Type.Literal('bearer'),
            expires_in: Type.Integer(),
            refresh_token: Type.Optional(Type.String()),
            scope: Type.String(),
          }),
          ...refusals,
        },
      },
    },
    (request) => oauth.token(request.body, credentialsOf(request, request.body), originOf(request)),
  );

  app.post(
    '/revoke',
    {
      config: { public: true },
      schema: {
        operationId: 'revokeToken',
        tags: ['oauth'],
        summary: 'End the session of an access or refresh token (RFC 7009)',
        security: [],
        consumes: form,
        body: Type.Object({ ...tokenField, ...clientFields }),
        response: { 200: Type.Object({}), ...refusals },
      },
    },
    async (request) => {
      await oauth.revoke(request.body.token, credentialsOf(request, request.body), originOf(request));
      return {};
    },
  );

  app.post(
    '/introspect',
    {
      config: { public: true },
      schema: {
        operationId: 'introspectToken',
        tags: ['oauth'],
        summary: 'What a token is good for (RFC 7662), for clients by their key and for administrators',
        security: [{ client: [] }, { bearer: [] }],
        consumes: form,
        body: Type.Object({ ...tokenField, ...clientFields }),
        response: {
          200: Type.Object({
            active: Type.Boolean(),
            scope: Type.Optional(Type.String()),
            sub: Type.Optional(Type.String()),
            username: Type.Optional(Type.String()),
            client_id: Type.Optional(Type.String()),
            token_type: Type.Optional(Type.String()),
            iat: Type.Optional(Type.Integer()),
            exp: Type.Optional(Type.Integer()),
            workspace_id: Type.Optional(Type.String()),
          }),
          ...refusals,
        },
      },
    },
    async (request) => oauth.introspect(request.body.token, await askerOf(request, request.body), originOf(request)),
  );

  app.get(
    '/.well-known/oauth-authorization-server',
    {
      config: { public: true },
      schema: {
        operationId: 'getOAuthMetadata',
        tags: ['oauth'],
        summary: 'Where the calls of OAuth 2.0 are and what they take (RFC 8414)',
        security: [],
        response: { 200: Type.Record(Type.String(), Type.Unknown()) },
      },
    },
    async (request) => {
      const issuer = publicUrl || `${request.protocol}://${request.host}`;
      const byKey = ['client_secret_basic', 'client_secret_post'];
      return {
        issuer,
        token_endpoint: `${issuer}/v1/token`,
        token_endpoint_auth_methods_supported: [...byKey, 'none'],
        grant_types_supported: oauth.grantTypes,
        response_types_supported: [],
        scopes_supported: SCOPES,
        revocation_endpoint: `${issuer}/v1/revoke`,
        revocation_endpoint_auth_methods_supported: [...byKey, 'none'],
        introspection_endpoint: `${issuer}/v1/introspect`,
        introspection_endpoint_auth_methods_supported: byKey,
        service_documentation: `${issuer}/docs`,
      };
    },
  );

  async function askerOf(request: FastifyRequest, body: ClientFields): Promise<ClientCredentials | Actor> {
    const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (token) {
      request.actor = await authenticate.byAccessToken(token, request.ip);
      return request.actor;
    }
    return credentialsOf(request, body) ?? { clientId: '', secret: '' };
  }
}
