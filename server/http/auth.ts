import Type from 'typebox';
import type { Accounts } from '../accounts/accounts.ts';
import type { App } from './app-type.ts';
import { errors, paging, Role, TokenPair, User, UserList } from './schemas.ts';

const text = (maxLength: number) => Type.String({ minLength: 1, maxLength });

/** Registering, logging in, and the users of the workspace. */
export function authRoutes(app: App, accounts: Accounts, loginLimit: object): void {
  const open = { public: true, ...loginLimit };

  app.post(
    '/auth/register',
    {
      config: open,
      schema: {
        operationId: 'register',
        tags: ['auth'],
        summary: 'Register a user',
        description: 'The first user becomes the administrator of the workspace.',
        security: [],
        body: Type.Object({
          username: text(64),
          email: text(254),
          full_name: Type.String({ maxLength: 200, default: '' }),
          password: text(1000),
        }),
        response: { 201: User, ...errors },
      },
    },
    async (request, reply) => reply.code(201).send(await accounts.register(request.body)),
  );

  app.post(
    '/auth/login',
    {
      config: open,
      schema: {
        operationId: 'login',
        tags: ['auth'],
        summary: 'Log in with a password',
        security: [],
        body: Type.Object({ username: text(254), password: text(1000) }),
        response: { 200: TokenPair, ...errors },
      },
    },
    (request) => accounts.login(request.body.username, request.body.password, request.ip),
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
    (request) => accounts.refresh(request.body.refresh_token),
  );

  app.get(
    '/users/me',
    { schema: { operationId: 'getMe', tags: ['users'], summary: 'The caller', response: { 200: User, ...errors } } },
    (request) => accounts.me(request.actor),
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
      return { ...(await accounts.list(request.actor, limit, offset)), limit, offset };
    },
  );

  app.patch(
    '/users/:user_id',
    {
      schema: {
        operationId: 'changeUser',
        tags: ['users'],
        summary: 'Change the role, the right to reveal, or whether a user is active; acts at once',
        params: Type.Object({ user_id: Type.String() }),
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
    (request) => accounts.change(request.actor, request.params.user_id, request.body),
  );
}
