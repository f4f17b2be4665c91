import type { Origin } from '../core/actor.ts';
import { Problem } from '../core/problem.ts';
import type { ClientLogin } from './client-login.ts';
import type { Sessions } from './sessions.ts';

/**
 * Spends a refresh token for a new pair. A client's is good only as long as, and from where, its key would be; with
 * `clientId` only for that client.
 * @throws Problem `refresh_token_invalid`, `client_key_invalid`.
 */
export type Refresh = (
  refreshToken: string,
  origin: Origin,
  clientId?: string,
) => Promise<Awaited<ReturnType<Sessions['refresh']>>>;

/** Refreshing over the sessions of users and clients. */
export function createRefresh(sessions: Sessions, clientLogin: ClientLogin): Refresh {
  return async (refreshToken, origin, clientId) => {
    const session = await sessions.findByRefreshToken(refreshToken);
    if (clientId !== undefined && session && session.client_id !== null && session.client_id !== clientId) {
      throw new Problem('refresh_token_invalid', 'The refresh token was given to another client.');
    }
    if (session?.client_id) await clientLogin.goOn(session.client_id, origin);
    return sessions.refresh(refreshToken, origin.address);
  };
}
