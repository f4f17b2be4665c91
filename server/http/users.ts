import Type from 'typebox';
import type { Users } from '../accounts/users.ts';
import type { App } from './app-type.ts';
import { originOf } from './bearer.ts';
import { Code, errors, noContent, Password, paging, Role, TokenPair, text, User, UserList } from './schemas.ts';

const params = Type.Object({ user_id: Type.String() });

/** The caller's own account, and the users of the workspace. */
export function userRoutes(app: App, users: Users): void {
  app.get(
    '/users/me',
    { schema: { operationId: 'getMe', tags: ['users'], summary: 'The caller', response: { 200: User, ...errors } } },
    (request) => users.me(request.actor),
  );

  app.patch(
    '/users/me',
    {
      schema: {
        operationId: 'changeMe',
        tags: ['users'],
        summary: 'Change the caller’s own name or e-mail address',
        body: Type.Object(
          { full_name: Type.Optional(Type.String({ maxLength: 200 })), email: Type.Optional(text(254)) },
          { minProperties: 1 },
        ),
        response: { 200: User, ...errors },
      },
    },
    (request) => users.changeProfile(request.actor, request.body),
  );

  app.put(
    '/users/me/password',
    {
      schema: {
        operationId: 'changePassword',
        tags: ['users'],
        summary: 'Set another password, or the first; ends all sessions and gives a new one',
        description:
          'Who came in by an OpenID provider and has no password leaves `current_password` out; the login, or what was sent to POST /v1/auth/confirm, must be no older than 15 minutes.',
        body: Type.Object({
          current_password: Type.Optional(Password),
          new_password: Password,
          code: Type.Optional(Code),
        }),
        response: { 200: TokenPair, ...errors },
      },
    },
    (request) => {
      const { current_password: current, new_password: password, code } = request.body;
      return users.changePassword(request.actor, { current, password, code }, originOf(request));
    },
  );

  app.delete(
    '/users/me',
    {
      schema: {
        operationId: 'deleteMe',
        tags: ['users'],
        summary: 'Leave the workspace; an administrator gets the caller’s files',
        response: { 204: noContent, ...errors },
      },
    },
    async (request, reply) => {
      await users.leave(request.actor);
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/users',
    {
      schema: {
        operationId: 'listUsers',
        tags: ['users'],
        summary: 'The users of the workspace, for administrators',
        querystring: Type.Object(paging(100)),
        response: { 200: UserList, ...errors },
      },
    },
    async (request) => {
      const { limit, offset } = request.query;
      return { ...(await users.list(request.actor, limit, offset)), limit, offset };
    },
  );

  app.get(
    '/users/:user_id',
    {
      schema: {
        operationId: 'getUser',
        tags: ['users'],
        summary: 'A user of the workspace, for administrators',
        params,
        response: { 200: User, ...errors },
      },
    },
    (request) => users.get(request.actor, request.params.user_id),
  );

  app.patch(
    '/users/:user_id',
    {
      schema: {
        operationId: 'changeUser',
        tags: ['users'],
        summary: 'Change the role, the right to reveal, or whether a user is active; acts at once',
        params,
        body: Type.Object(
          {
            role: Type.Optional(Role),
            may_reveal: Type.Optional(Type.Boolean()),
            active: Type.Optional(Type.Boolean()),
          },
          { minProperties: 1 },
        ),
        response: { 200: User, ...errors },
      },
    },
    (request) => users.change(request.actor, request.params.user_id, request.body),
  );

  app.delete(
    '/users/:user_id',
    {
      schema: {
        operationId: 'deleteUser',
        tags: ['users'],
        summary: 'Remove a user; their files become the caller’s',
        params,
        response: { 204: noContent, ...errors },
      },
    },
    async (request, reply) => {
      await users.remove(request.actor, request.params.user_id);
      return reply.code(204).send(null);
    },
  );

  app.delete(
    '/users/:user_id/sessions',
    {
      schema: {
        operationId: 'endUserSessions',
        tags: ['users'],
        summary: 'End all sessions of a user',
        params,
        response: { 204: noContent, ...errors },
      },
    },
    async (request, reply) => {
      await users.endSessions(request.actor, request.params.user_id);
      return reply.code(204).send(null);
    },
  );
}
