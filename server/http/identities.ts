import type { FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { Departure, Identities } from '../accounts/identities.ts';
import { Problem } from '../core/problem.ts';
import type { App } from './app-type.ts';
import { originOf } from './bearer.ts';
import { errors, Identity, noContent, TokenPair, text } from './schemas.ts';

interface Needs {
  identities: Identities;
  /** Where people reach the service. */
  publicUrl: () => string;
  loginWays: LoginWays;
}

/** Which ways to log in there are, besides password and passkey. */
export interface LoginWays {
  readonly registration: string;
  /** The OpenID provider, as people know it. */
  readonly oidc: { readonly name: string; readonly registration: string } | null;
}

const COOKIE = 'intakt_oidc';
/** As long as somebody may be at the provider. */
const COOKIE_SECONDS = 600;
const authorization = Type.Object({ authorization_url: Type.String({ description: 'To be opened in this browser.' }) });

/** Signing in with an OpenID provider, and the identities that the caller is linked to. */
export function identityRoutes(app: App, { identities, publicUrl, loginWays }: Needs): void {
  const config = { public: true };
  const cookie = (reply: FastifyReply, value: string, seconds = COOKIE_SECONDS) => {
    const secure = publicUrl().startsWith('https:');
    const parts = [`${nameOf(secure)}=${value}`, 'Path=/', 'HttpOnly', 'SameSite=Lax', `Max-Age=${seconds}`];
    return reply.header('set-cookie', [...parts, ...(secure ? ['Secure'] : [])].join('; '));
  };
  const browserOf = ({ headers }: FastifyRequest): string =>
    cookieOf(headers.cookie ?? '', nameOf(publicUrl().startsWith('https:')));
  const depart = (reply: FastifyReply, { url, browser }: Departure) => {
    cookie(reply, browser).header('cache-control', 'no-store');
    return { authorization_url: url };
  };

  app.get(
    '/auth/options',
    {
      config,
      schema: {
        operationId: 'getLoginOptions',
        tags: ['auth'],
        summary: 'Who may register, and whether there is an OpenID provider to log in with',
        security: [],
        response: {
          200: Type.Object({
            registration: Type.String({ description: 'open, invitation or closed.' }),
            oidc: Type.Union([Type.Object({ name: Type.String(), registration: Type.String() }), Type.Null()]),
          }),
          ...errors,
        },
      },
    },
    async () => loginWays,
  );

  app.get(
    '/auth/oidc',
    {
      config,
      schema: {
        operationId: 'goToProvider',
        tags: ['auth'],
        summary: 'Send the browser to the OpenID provider',
        security: [],
        response: { 302: Type.Null(), ...errors },
      },
    },
    async (_request, reply) => {
      const { authorization_url: url } = depart(reply, await identities.start());
      return reply.redirect(url) as never;
    },
  );

  app.post(
    '/auth/oidc',
    {
      config,
      schema: {
        operationId: 'startOidc',
        tags: ['auth'],
        summary: 'As the GET, for a script: with an invitation, and the address in the answer',
        security: [],
        body: Type.Object({ invitation: Type.Optional(text(200)) }),
        response: { 200: authorization, ...errors },
      },
    },
    async (request, reply) => depart(reply, await identities.start(request.body.invitation)),
  );

  app.get(
    '/auth/oidc/callback',
    {
      config,
      schema: {
        operationId: 'returnFromProvider',
        tags: ['auth'],
        summary: 'Where the OpenID provider sends the browser back to',
        description:
          'A browser is sent on to the service’s page with `#oidc_code=…`, `#oidc_linked=true` or `#oidc_problem=…`; who accepts JSON alone gets that.',
        security: [],
        response: {
          200: Type.Object({ code: Type.Optional(Type.String()), linked: Type.Optional(Type.Boolean()) }),
          302: Type.Null(),
          ...errors,
        },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      const query = request.originalUrl.split('?')[1] ?? '';
      const work = identities.finish(query, browserOf(request), originOf(request));
      if (!wantsPage(request)) return work;
      const told = await work.then(
        (back) => ('code' in back ? { oidc_code: back.code } : { oidc_linked: 'true' }),
        (error) => {
          if (error instanceof Problem && error.status < 500) return { oidc_problem: error.code };
          throw error;
        },
      );
      return reply.redirect(`${publicUrl()}/#${new URLSearchParams(told)}`) as never;
    },
  );

  app.post(
    '/auth/oidc/token',
    {
      config,
      schema: {
        operationId: 'loginOidc',
        tags: ['auth'],
        summary: 'Log in with the code that the browser came back with',
        security: [],
        body: Type.Object({ code: text(100) }),
        response: { 200: TokenPair, ...errors },
      },
    },
    async (request, reply) => {
      const pair = await identities.exchange(request.body.code, browserOf(request), originOf(request));
      cookie(reply, '', 0).header('cache-control', 'no-store');
      return pair;
    },
  );

  app.get(
    '/users/me/identities',
    {
      schema: {
        operationId: 'listIdentities',
        tags: ['users'],
        summary: 'What the caller is linked to at OpenID providers',
        response: { 200: Type.Object({ items: Type.Array(Identity) }), ...errors },
      },
    },
    async (request) => ({ items: await identities.list(request.actor) }),
  );

  app.post(
    '/users/me/identities',
    {
      schema: {
        operationId: 'linkIdentity',
        tags: ['users'],
        summary: 'Begin to link the caller to their identity at the OpenID provider',
        response: { 200: authorization, ...errors },
      },
    },
    async (request, reply) => depart(reply, await identities.startLink(request.actor)),
  );

  app.delete(
    '/users/me/identities/:identity_id',
    {
      schema: {
        operationId: 'unlinkIdentity',
        tags: ['users'],
        summary: 'Take a link away',
        params: Type.Object({ identity_id: Type.String() }),
        response: { 204: noContent, ...errors },
      },
    },
    async (request, reply) => {
      await identities.remove(request.actor, request.params.identity_id);
      return reply.code(204).send(null);
    },
  );
}

/** With the prefix no other host can set it (RFC 6265bis, 4.1.3.2). */
const nameOf = (secure: boolean): string => (secure ? `__Host-${COOKIE}` : COOKIE);

function cookieOf(header: string, name: string): string {
  const found = header.split(';').find((pair) => pair.trim().startsWith(`${name}=`));
  return found?.trim().slice(name.length + 1) ?? '';
}

const wantsPage = ({ headers }: FastifyRequest): boolean => (headers.accept ?? '').includes('text/html');
