import type { SessionRow } from '../backends/db/schema.ts';
import type { Origin } from '../core/actor.ts';
import { Problem } from '../core/problem.ts';
import type { ClientLogin } from './client-login.ts';
import type { Sessions } from './sessions.ts';

/**
 * Spends a refresh token for a new pair. One that was given to a client is good only as long as, and from where, its key
 * would be; for no other client, and a user's through it only for who has shown its key (RFC 6749, 6). `clientId` is the
 * client that has.
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
    if (session) refuseOthers(session, clientId);
    if (session?.client_id) await clientLogin.goOn(session.client_id, origin);
    return sessions.refresh(refreshToken, origin.address);
  };
}

function refuseOthers({ user_id: userId, client_id: owner }: SessionRow, clientId: string | undefined): void {
  if (clientId !== undefined && clientId !== owner)
    throw new Problem('refresh_token_invalid', 'The refresh token was not given to this client.');
  if (clientId === undefined && owner !== null && userId !== null)
    throw new Problem(
      'refresh_token_invalid',
      'The refresh token was given to a client, which must send its key with it.',
    );
}
