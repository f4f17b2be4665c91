import { createHash } from 'node:crypto';
import type { Database } from '../backends/db/db.ts';
import type { Actor } from '../core/actor.ts';
import type { Clock } from '../core/clock.ts';
import { newSecret } from '../core/ids.ts';
import { Problem } from '../core/problem.ts';

/**
 * One-time tickets, for what cannot send a header: a browser's `WebSocket` and `EventSource`. A ticket is good for one
 * file, one use and a minute, and stands for its maker's session, so no access token is ever in a URL.
 */
export interface Tickets {
  readonly lifetimeSeconds: number;
  /** The caller has made sure that the actor may read the file. */
  issue(actor: Actor, fileId: string): Promise<string>;
  /** Spends a ticket; the id of the session it stands for. @throws Problem `ticket_invalid`. */
  spend(ticket: string, fileId: string): Promise<string>;
  /** Removes those that have expired. */
  sweep(): Promise<void>;
}

const LIFETIME_SECONDS = 60;
const hashOf = (ticket: string): string => createHash('sha256').update(ticket).digest('base64url');

/** Tickets in the metadata database. */
export function createTickets({ query }: Database, clock: Clock): Tickets {
  return {
    async sweep() {
      await query.deleteFrom('tickets').where('expires_at', '<', clock()).execute();
    },
    lifetimeSeconds: LIFETIME_SECONDS,
    async issue({ workspaceId, sessionId }, fileId) {
      const ticket = newSecret();
      const now = clock();
      await query
        .insertInto('tickets')
        .values({
          hash: hashOf(ticket),
          workspace_id: workspaceId,
          session_id: sessionId,
          file_id: fileId,
          expires_at: now + LIFETIME_SECONDS * 1000,
        })
        .execute();
      return ticket;
    },
    async spend(ticket, fileId) {
      const row = await query
        .deleteFrom('tickets')
        .where('hash', '=', hashOf(ticket))
        .returningAll()
        .executeTakeFirst();
      if (!row || row.file_id !== fileId || row.expires_at < clock()) {
        throw new Problem(
          'ticket_invalid',
          'The ticket is unknown, spent, expired or for another file. Ask for a new one.',
        );
      }
      return row.session_id;
    },
  };
}
