import { decodeJwt } from 'jose';
import type { ClientRow, SessionRow } from '../backends/db/schema.ts';
import { allowInWorkspace, scopesOf } from '../core/access.ts';
import type { Actor, Origin, Scope } from '../core/actor.ts';
import type { Authenticate } from './authenticate.ts';
import type { ClientLogin } from './client-login.ts';
import type { Login } from './login.ts';
import { OAuthError } from './oauth-error.ts';
import { invalidScope, isWithin, toScopes } from './oauth-scopes.ts';
import type { Refresh } from './refresh.ts';
import type { Sessions, TokenPair } from './sessions.ts';
import type { AccessTokens } from './tokens.ts';

/** Client id and client key as they came; a client that has no key of its own sends its name at most. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly secret: string;
}

/** The parameters of a token request (RFC 6749, 4.3.2, 4.4.2, 6), and `otp`, a code of the user's second factor. */
export interface TokenRequest {
  readonly grant_type?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly otp?: string | undefined;
  readonly refresh_token?: string | undefined;
  readonly scope?: string | undefined;
}

/** RFC 6749, 5.1. A client that logs in for itself gets no refresh token (4.4.3). */
export type TokenAnswer = Omit<TokenPair, 'refresh_token'> & {
  readonly refresh_token?: string;
  readonly scope: string;
};

/** RFC 7662, 2.2. */
export type Introspection =
  | { readonly active: false }
  | {
      readonly active: true;
      readonly scope: string;
      readonly sub: string;
      readonly username?: string;
      readonly client_id?: string;
      readonly token_type?: 'bearer';
      readonly iat: number;
      readonly exp: number;
      readonly workspace_id: string;
    };

/** OAuth 2.0 over the logins and sessions that there are. Everything is refused with an `OAuthError` or a `Problem`. */
export interface OAuth {
  readonly grantTypes: readonly string[];
  /** Starts a session, or goes on with one. A client's key is checked whenever one is sent. */
  token(request: TokenRequest, credentials: ClientCredentials | null, origin: Origin): Promise<TokenAnswer>;
  /** Ends the session of an access or refresh token (RFC 7009); a token that is good for nothing is no error. */
  revoke(token: string, credentials: ClientCredentials | null, origin: Origin): Promise<void>;
  /** What a token is good for, told to a client by its key or to an actor who may ask; only of their own workspace. */
  introspect(token: string, asker: ClientCredentials | Actor, origin: Origin): Promise<Introspection>;
}

interface Needs {
  login: Login;
  clientLogin: ClientLogin;
  refresh: Refresh;
  sessions: Sessions;
  accessTokens: AccessTokens;
  authenticate: Authenticate;
  /** Whether passwords are taken. */
  passwordGrant: boolean;
}

/** OAuth 2.0 for the users and clients that there are. */
export function createOAuth(needs: Needs): OAuth {
  const { login, clientLogin, refresh, sessions, accessTokens, authenticate, passwordGrant } = needs;
  const grants: Readonly<Record<string, OAuth['token']>> = {
    ...(passwordGrant && { password: byPassword }),
    refresh_token: byRefreshToken,
    client_credentials: byClient,
  };

  return {
    grantTypes: Object.keys(grants),

    async token(request, credentials, origin) {
      const type = required(request, 'grant_type');
      const grant = Object.hasOwn(grants, type) ? grants[type] : undefined;
      if (grant) return grant(request, credentials, origin);
      throw new OAuthError('unsupported_grant_type', `There are: ${Object.keys(grants).join(', ')}.`);
    },

    async revoke(token, credentials, origin) {
      const client = await identify(credentials, origin);
      const found = await ownerOf(token);
      if (!found) return;
      if (client && found.session.client_id !== null && found.session.client_id !== client.id) {
        throw new OAuthError('unauthorized_client', 'The token was given to another client.');
      }
      await login.logout({ ...found.actor, address: origin.address });
    },

    async introspect(token, asker, origin) {
      const workspaceId = await workspaceOf(asker, origin);
      const found = await ownerOf(token);
      if (!found || found.spent || found.actor.workspaceId !== workspaceId) return { active: false };
      const { actor, session } = found;
      return {
        active: true,
        scope: scopesOf(actor).join(' '),
        sub: actor.id,
        ...(actor.kind === 'user' && { username: actor.name }),
        ...(session.client_id !== null && { client_id: session.client_id }),
        ...timesOf(token, session),
        workspace_id: workspaceId,
      };
    },
  };

  async function byPassword(
    request: TokenRequest,
    credentials: ClientCredentials | null,
    origin: Origin,
  ): Promise<TokenAnswer> {
    const [username, password] = [required(request, 'username'), required(request, 'password')];
    const asked = toScopes(request.scope);
    const client = await identify(credentials, origin);
    // Through a client a user can do no more than the client could.
    const may = client && (JSON.parse(client.scopes) as Scope[]);
    if (may && asked && !isWithin(asked, may)) throw invalidScope(may);
    const options = {
      origin,
      workspaceId: client?.workspace_id,
      scopes: asked ?? may,
      clientId: client?.id,
      code: request.otp || undefined,
    };
    const pair = await login.withPassword(username, password, options).catch((error) => {
      if (error.code !== 'second_factor_required') throw error;
      throw new OAuthError('invalid_grant', 'The user has a second factor. Send a code of it as otp.');
    });
    const answer = await tell(pair, origin);
    if (answer.scope !== '') return answer;
    await login.logout(await authenticate.byAccessToken(pair.access_token, origin.address));
    throw new OAuthError('invalid_scope', 'The user may do nothing of what the scope says.');
  }

  async function byRefreshToken(
    request: TokenRequest,
    credentials: ClientCredentials | null,
    origin: Origin,
  ): Promise<TokenAnswer> {
    const refreshToken = required(request, 'refresh_token');
    const asked = toScopes(request.scope);
    const client = await identify(credentials, origin);
    const owner = asked && (await ownerOf(refreshToken));
    if (owner && !isWithin(asked, scopesOf(owner.actor))) throw invalidScope(scopesOf(owner.actor));
    const { pair } = await refresh(refreshToken, origin, client?.id).catch((error) => {
      throw error.code === 'client_key_invalid' ? new OAuthError('invalid_grant', error.detail) : error;
    });
    return tell(pair, origin);
  }

  async function byClient(
    request: TokenRequest,
    credentials: ClientCredentials | null,
    origin: Origin,
  ): Promise<TokenAnswer> {
    if (!credentials?.secret) {
      throw new OAuthError('invalid_client', 'Send client_id and client_secret, in the form or by HTTP Basic.');
    }
    const { clientId, secret } = credentials;
    const scopes = toScopes(request.scope);
    const seconds = accessTokens.lifetimeSeconds;
    const { pair } = await clientLogin.withKey(secret, { clientId, scopes, origin, seconds }).catch((error) => {
      throw error.code === 'insufficient_scope' ? new OAuthError('invalid_scope', error.detail) : error;
    });
    const { refresh_token: _, ...answer } = await tell(pair, origin);
    return answer;
  }

  /** The client whose key was sent; `null` for one that has none. */
  async function identify(credentials: ClientCredentials | null, origin: Origin): Promise<ClientRow | null> {
    if (!credentials?.secret) return null;
    return clientLogin.identify(credentials.secret, { clientId: credentials.clientId, origin });
  }

  async function workspaceOf(asker: ClientCredentials | Actor, origin: Origin): Promise<string> {
    if (!('secret' in asker)) {
      allowInWorkspace(asker, 'introspect');
      return asker.workspaceId;
    }
    const client = await identify(asker, origin);
    if (client) return client.workspace_id;
    throw new OAuthError('invalid_client', 'Only a client with its key or an administrator may ask.');
  }

  async function tell(pair: TokenPair, { address }: Origin): Promise<TokenAnswer> {
    const actor = await authenticate.byAccessToken(pair.access_token, address);
    return { ...pair, scope: scopesOf(actor).join(' ') };
  }

  /** The live session of an access or refresh token and whose it is, wherever whoever asks is; `null` without one. */
  async function ownerOf(token: string) {
    const session = (await sessions.findByRefreshToken(token)) ?? (await sessionOfAccessToken(token));
    if (!session) return null;
    const actor = await authenticate.bySession(session.id, session.address).catch(() => null);
    return actor && { actor, session, spent: 'spent' in session && session.spent };
  }

  async function sessionOfAccessToken(token: string): Promise<SessionRow | undefined> {
    const claims = await accessTokens.verify(token).catch(() => null);
    return claims ? sessions.find(claims.sessionId) : undefined;
  }
}

/** In seconds since 1970. The token was verified before. */
function timesOf(token: string, session: SessionRow) {
  const seconds = (ms: number) => Math.floor(ms / 1000);
  const end = seconds(session.expires_at);
  if (token.split('.').length !== 3) return { iat: seconds(session.rotated_at), exp: end };
  const { iat = 0, exp = 0 } = decodeJwt(token);
  return { token_type: 'bearer' as const, iat, exp: Math.min(exp, end) };
}

function required(request: TokenRequest, name: keyof TokenRequest): string {
  const value = request[name];
  if (value) return value;
  throw new OAuthError('invalid_request', `${name} is missing.`);
}
