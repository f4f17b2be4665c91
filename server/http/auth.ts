import Type from 'typebox';
import type { Login } from '../accounts/login.ts';
import type { Refresh } from '../accounts/refresh.ts';
import type { Registrations } from '../accounts/registration.ts';
import { Problem } from '../core/problem.ts';
import type { App } from './app-type.ts';
import { originOf } from './bearer.ts';
import { PasskeyResponse } from './passkeys.ts';
import { Code, errors, noContent, Password, Registration, SessionList, TokenPair, text, User } from './schemas.ts';

interface Needs {
  registrations: Registrations;
  login: Login;
  refresh: Refresh;
}

/** Registering, logging in and out, and the caller's sessions. */
export function authRoutes(app: App, { registrations, login, refresh }: Needs): void {
  const open = { public: true };

  app.post(
    '/auth/setup',
    {
      config: open,
      schema: {
        operationId: 'setUp',
        tags: ['auth'],
        summary: 'Make the first administrator, with the token that the service prints at its start',
        security: [],
        body: Type.Object({ token: text(200), ...Registration }),
        response: { 201: User, ...errors },
      },
    },
    async (request, reply) => {
      const { token, ...registration } = request.body;
      return reply.code(201).send(await registrations.setUp(token, registration, originOf(request)));
    },
  );

  app.post(
    '/auth/register',
    {
      config: open,
      schema: {
        operationId: 'register',
        tags: ['auth'],
        summary: 'Register a user',
        description: 'Whether an `invitation` is needed, or nobody can register, is a setting (REGISTRATION).',
        security: [],
        body: Type.Object({ ...Registration, invitation: Type.Optional(text(200)) }),
        response: { 201: User, ...errors },
      },
    },
    async (request, reply) => {
      const { invitation, ...registration } = request.body;
      return reply.code(201).send(await registrations.register(registration, originOf(request), invitation));
    },
  );

  app.post(
    '/auth/login',
    {
      config: open,
      schema: {
        operationId: 'login',
        tags: ['auth'],
        summary: 'Log in with a password',
        description:
          'Who has a second factor sends a `code` as well, or gets 401 `second_factor_required` with a `challenge` for POST /v1/auth/login/second-factor.',
        security: [],
        body: Type.Object({
          username: text(254),
          password: text(1000),
          workspace_id: Type.Optional(
            Type.String({ maxLength: 64, description: 'Where to act, for members of several workspaces.' }),
          ),
          code: Type.Optional(Code),
        }),
        response: { 200: TokenPair, ...errors },
      },
    },
    (request) => {
      const { username, password, workspace_id: workspaceId, code } = request.body;
      return login.withPassword(username, password, { origin: originOf(request), workspaceId, code });
    },
  );

  app.post(
    '/auth/login/second-factor',
    {
      config: open,
      schema: {
        operationId: 'loginSecondFactor',
        tags: ['auth'],
        summary: 'The second step of a login, after the right password',
        security: [],
        body: Type.Object({
          challenge: text(100),
          code: Type.Optional(Code),
          passkey: Type.Optional(PasskeyResponse),
        }),
        response: { 200: TokenPair, ...errors },
      },
    },
    (request) => {
      const { challenge, code, passkey } = request.body;
      const given = code === undefined ? passkey && { passkey } : { code };
      if (!given) throw oneNeeded('code', 'passkey');
      return login.withSecondFactor(challenge, given, originOf(request));
    },
  );

  app.post(
    '/auth/refresh',
    {
      config: open,
      schema: {
        operationId: 'refresh',
        tags: ['auth'],
        summary: 'Get a new pair of tokens; the refresh token is spent',
        security: [],
        body: Type.Object({ refresh_token: text(500) }),
        response: { 200: TokenPair, ...errors },
      },
    },
    async (request) => (await refresh(request.body.refresh_token, originOf(request))).pair,
  );

  app.post(
    '/auth/logout',
    {
      schema: {
        operationId: 'logout',
        tags: ['auth'],
        summary: 'End the session: its access token, its refresh tokens and its open sockets',
        response: { 204: noContent, ...errors },
      },
    },
    async (request, reply) => {
      await login.logout(request.actor);
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/auth/confirm',
    {
      schema: {
        operationId: 'confirm',
        tags: ['auth'],
        summary: 'Prove anew who you are, before a sensitive change',
        description: 'With the password, and a code where there is a second factor; or with a passkey alone.',
        body: Type.Object({
          password: Type.Optional(Password),
          code: Type.Optional(Code),
          passkey: Type.Optional(PasskeyResponse),
        }),
        response: { 204: noContent, ...errors },
      },
    },
    async (request, reply) => {
      const { password, code, passkey } = request.body;
      const proof = password === undefined ? passkey && { passkey } : { password, code };
      if (!proof) throw oneNeeded('password', 'passkey');
      await login.confirm(request.actor, proof);
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/auth/workspace',
    {
      schema: {
        operationId: 'switchWorkspace',
        tags: ['auth'],
        summary: 'A session in another of the caller’s workspaces',
        body: Type.Object({ workspace_id: text(64) }),
        response: { 200: TokenPair, ...errors },
      },
    },
    (request) => login.switchWorkspace(request.actor, request.body.workspace_id, originOf(request)),
  );

  app.get(
    '/sessions',
    {
      schema: {
        operationId: 'listSessions',
        tags: ['auth'],
        summary: 'The caller’s sessions, newest first',
        response: { 200: SessionList, ...errors },
      },
    },
    async (request) => ({ items: await login.sessions(request.actor) }),
  );

  app.delete(
    '/sessions',
    {
      schema: {
        operationId: 'endSessions',
        tags: ['auth'],
        summary: 'End the caller’s other sessions, or all',
        querystring: Type.Object({
          everywhere: Type.Boolean({ default: false, description: 'This one as well.' }),
        }),
        response: { 204: noContent, ...errors },
      },
    },
    async (request, reply) => {
      await login.endSessions(request.actor, request.query.everywhere);
      return reply.code(204).send(null);
    },
  );

  app.delete(
    '/sessions/:session_id',
    {
      schema: {
        operationId: 'endSession',
        tags: ['auth'],
        summary: 'End one of the caller’s sessions',
        params: Type.Object({ session_id: Type.String() }),
        response: { 204: noContent, ...errors },
      },
    },
    async (request, reply) => {
      await login.endSession(request.actor, request.params.session_id);
      return reply.code(204).send(null);
    },
  );
}

const oneNeeded = (a: string, b: string) => new Problem('invalid_request', `body must have the property ${a} or ${b}.`);
