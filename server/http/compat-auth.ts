import Type from 'typebox';
import type { Authenticate } from '../accounts/authenticate.ts';
import type { ClientLogin } from '../accounts/client-login.ts';
import type { Login } from '../accounts/login.ts';
import type { Refresh } from '../accounts/refresh.ts';
import { scopesOf } from '../core/access.ts';
import type { Actor } from '../core/actor.ts';
import { Problem } from '../core/problem.ts';
import type { App } from './app-type.ts';
import { originOf } from './bearer.ts';
import { Caller, errors, TokenPair, text } from './schemas.ts';

interface Needs {
  authenticate: Authenticate;
  clientLogin: ClientLogin;
  login: Login;
  refresh: Refresh;
}

/** Logging in with a client key, and short names of calls that are taught under `/auth` and `/users`. */
export function compatAuthRoutes(app: App, { authenticate, clientLogin, login, refresh }: Needs): void {
  app.post(
    '/login',
    {
      config: { public: true },
      schema: {
        operationId: 'loginWithKey',
        tags: ['auth'],
        summary: 'Log in with a client key, or as POST /auth/login',
        security: [],
        body: Type.Object({
          client_key: Type.Optional(text(200)),
          username: Type.Optional(text(254)),
          password: Type.Optional(text(1000)),
          code: Type.Optional(Type.String({ maxLength: 100, description: 'Of the user’s second factor.' })),
        }),
        response: { 200: Type.Object({ ...TokenPair.properties, user_id: Type.String() }), ...errors },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      const { client_key: key, username, password, code } = request.body;
      const origin = originOf(request);
      if (key !== undefined) {
        const { client, pair } = await clientLogin.withKey(key, { origin });
        return { ...pair, user_id: client.id };
      }
      if (username === undefined || password === undefined) {
        throw new Problem('invalid_request', 'Send client_key, or username and password.');
      }
      const pair = await login.withPassword(username, password, { origin, code });
      return { ...pair, user_id: (await authenticate.byAccessToken(pair.access_token, origin.address)).id };
    },
  );

  app.post(
    '/refresh-token',
    {
      config: { public: true },
      schema: {
        operationId: 'refreshToken',
        tags: ['auth'],
        summary: 'As POST /auth/refresh',
        security: [],
        body: Type.Object({ refresh_token: text(500) }),
        response: { 200: TokenPair, ...errors },
      },
    },
    async (request) => (await refresh(request.body.refresh_token, originOf(request))).pair,
  );

  app.post(
    '/logout',
    {
      schema: {
        operationId: 'endOwnSession',
        tags: ['auth'],
        summary: 'As POST /auth/logout',
        response: { 200: Type.Object({ message: Type.String() }), ...errors },
      },
    },
    async (request) => {
      await login.logout(request.actor);
      return { message: 'Logged out: the access token and its refresh tokens are good for nothing any more.' };
    },
  );

  app.get(
    '/me',
    {
      schema: {
        operationId: 'getCaller',
        tags: ['auth'],
        summary: 'Who asks: a user or a client',
        response: { 200: Caller, ...errors },
      },
    },
    (request) => toCaller(request.actor),
  );

  app.get(
    '/secure-data',
    {
      schema: {
        operationId: 'getSecureData',
        tags: ['auth'],
        summary: 'A small document that only who is logged in reads',
        response: { 200: Type.Object({ message: Type.String(), ...Caller.properties }), ...errors },
      },
    },
    (request) => ({
      message: `Hello ${request.actor.name}. Only who is logged in reads this.`,
      ...toCaller(request.actor),
    }),
  );

  app.get(
    '/profile',
    {
      schema: {
        operationId: 'getProfile',
        tags: ['auth'],
        summary: 'The name of who asks',
        response: { 200: Type.Object({ user: Type.String() }), ...errors },
      },
    },
    (request) => ({ user: request.actor.name }),
  );
}

const toCaller = (actor: Actor) => ({
  kind: actor.kind,
  user_id: actor.id,
  name: actor.name,
  workspace_id: actor.workspaceId,
  role: actor.role,
  may_reveal: actor.mayReveal,
  scopes: scopesOf(actor),
});
