import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { Database, Queryable } from '../backends/db/db.ts';
import type { Clock } from '../core/clock.ts';
import { isId, newId, newSecret } from '../core/ids.ts';
import { Problem } from '../core/problem.ts';

/** A session: one login and everything refreshed from it, until `expiresAt`. */
export interface Session {
  readonly id: string;
  readonly userId: string;
  readonly workspaceId: string;
  readonly expiresAt: number;
}

/**
 * Refresh tokens: opaque, stored only as a hash, spent at each use. Using a spent one ends the whole session (RFC 9700,
 * 4.14.2), except within ten seconds of its use, when it gives the same successor: two tabs do not log their user out.
 */
export interface Sessions {
  start(tx: Queryable, userId: string, workspaceId: string): Promise<{ session: Session; refreshToken: string }>;
  /** Spends a refresh token. @throws Problem `refresh_token_invalid`. */
  refresh(refreshToken: string): Promise<{ session: Session; refreshToken: string }>;
  /** The session with this id if it is neither over nor revoked. */
  findLive(sessionId: string): Promise<Session | undefined>;
  revokeAllOf(db: Queryable, userId: string): Promise<void>;
}

const GRACE_MS = 10_000;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');
const sameText = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

interface Needs {
  db: Database;
  secretKey: string;
  lifetimeDays: number;
  clock: Clock;
}

/** Sessions in the metadata database. */
export function createSessions({ db, secretKey, lifetimeDays, clock }: Needs): Sessions {
  const successorKey = new Uint8Array(hkdfSync('sha256', secretKey, '', 'intakt refresh tokens v1', 32));
  // Derived, so that the same successor can be given again though only its hash is stored.
  const successorOf = (secret: string): string => createHmac('sha256', successorKey).update(secret).digest('base64url');

  return {
    async start(tx, userId, workspaceId) {
      const secret = newSecret();
      const now = clock();
      const session = { id: newId(), userId, workspaceId, expiresAt: now + lifetimeDays * 86_400_000 };
      await tx
        .insertInto('sessions')
        .values({
          id: session.id,
          workspace_id: workspaceId,
          user_id: userId,
          refresh_hash: sha256(secret),
          previous_hash: null,
          rotated_at: now,
          created_at: now,
          expires_at: session.expiresAt,
          revoked_at: null,
        })
        .execute();
      return { session, refreshToken: `${session.id}.${secret}` };
    },

    async refresh(refreshToken) {
      const [id = '', secret = ''] = refreshToken.split('.');
      if (!isId(id) || secret.length !== 43) throw invalid();
      const outcome = await db.transaction((tx) => rotate(tx, id, secret));
      if (!outcome) throw invalid();
      return outcome;
    },

    async findLive(sessionId) {
      const row = await db.query
        .selectFrom('sessions')
        .select(['id', 'user_id', 'workspace_id', 'expires_at'])
        .where('id', '=', sessionId)
        .where('revoked_at', 'is', null)
        .where('expires_at', '>', clock())
        .executeTakeFirst();
      return row && { id: row.id, userId: row.user_id, workspaceId: row.workspace_id, expiresAt: row.expires_at };
    },

    async revokeAllOf(tx, userId) {
      await tx
        .updateTable('sessions')
        .set({ revoked_at: clock() })
        .where('user_id', '=', userId)
        .where('revoked_at', 'is', null)
        .execute();
    },
  };

  /** The renewed session, or `null` when the token is not good; a reuse is written down before that is said. */
  async function rotate(tx: Queryable, id: string, secret: string) {
    const row = await tx.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirst();
    const now = clock();
    if (!row || row.revoked_at !== null || row.expires_at <= now) return null;
    const session = { id, userId: row.user_id, workspaceId: row.workspace_id, expiresAt: row.expires_at };
    const hash = sha256(secret);
    const successor = successorOf(secret);
    if (sameText(hash, row.refresh_hash)) {
      await tx
        .updateTable('sessions')
        .set({ refresh_hash: sha256(successor), previous_hash: hash, rotated_at: now })
        .where('id', '=', id)
        .execute();
      return { session, refreshToken: `${id}.${successor}` };
    }
    const justSpent =
      row.previous_hash !== null && sameText(hash, row.previous_hash) && now - row.rotated_at < GRACE_MS;
    if (justSpent) return { session, refreshToken: `${id}.${successor}` };
    await tx.updateTable('sessions').set({ revoked_at: now }).where('id', '=', id).execute();
    return null;
  }
}

const invalid = () =>
  new Problem('refresh_token_invalid', 'The refresh token is unknown, spent or expired. Log in again.');
