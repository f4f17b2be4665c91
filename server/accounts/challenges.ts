import { createHash } from 'node:crypto';
import type { Database, Queryable } from '../backends/db/db.ts';
import type { Clock } from '../core/clock.ts';
import { newSecret } from '../core/ids.ts';
import { deriveKey, unwrapKey, type WrappingKey, wrapKey, wrappingKey } from '../seal/envelope.ts';

/** What a challenge is one step of. One kind is never taken for another. */
export type ChallengeKind = 'setup' | 'second_factor' | 'passkey' | 'new_passkey' | 'oidc_login' | 'oidc_code';

/** What is to be kept until the next step. */
export interface NewChallenge {
  readonly kind: ChallengeKind;
  /** Whose it is, where that is known; it goes with them. */
  readonly userId?: string;
  readonly data?: object;
  readonly seconds: number;
}

/** What was kept. `D` is what was given as `data`. */
export interface Challenge<D> {
  readonly userId: string | null;
  readonly data: D;
}

/**
 * One-time secrets between two steps of signing in. Only a hash of each is stored, and what is kept with it is encrypted
 * under the secret itself: whoever reads the table has neither.
 */
export interface Challenges {
  /** Keeps something; the secret (256 bits as base64url) by which alone it can be had back. */
  make(challenge: NewChallenge): Promise<string>;
  /** What is kept, without spending it; `null` when it is unknown, spent, expired or of another kind. */
  find<D>(kind: ChallengeKind, secret: string): Promise<Challenge<D> | null>;
  /** What was kept, once; `null` as in `find`. */
  spend<D>(tx: Queryable, kind: ChallengeKind, secret: string): Promise<Challenge<D> | null>;
  /** Removes those that have expired. */
  sweep(): Promise<void>;
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url');
const keyOf = (secret: string): WrappingKey => wrappingKey(deriveKey(Buffer.from(secret, 'base64url'), 'challenge'));
const contextOf = (kind: ChallengeKind, hash: string) => ({ kind: 'challenge', workspace: kind, id: hash }) as const;

/** Challenges in the metadata database. */
export function createChallenges({ query }: Database, clock: Clock): Challenges {
  function open<D>(row: { user_id: string | null; data: string }, kind: ChallengeKind, secret: string): Challenge<D> {
    const plain = unwrapKey(keyOf(secret), Buffer.from(row.data, 'base64'), contextOf(kind, hashOf(secret)));
    return { userId: row.user_id, data: JSON.parse(Buffer.from(plain).toString()) as D };
  }

  async function sweep(): Promise<void> {
    await query.deleteFrom('challenges').where('expires_at', '<=', clock()).execute();
  }

  return {
    sweep,

    async make({ kind, userId = null, data = {}, seconds }) {
      const secret = newSecret();
      const hash = hashOf(secret);
      const kept = wrapKey(keyOf(secret), Buffer.from(JSON.stringify(data)), contextOf(kind, hash));
      // Whoever is not signed in may ask for some: no more are kept than can be used.
      await sweep();
      await query
        .insertInto('challenges')
        .values({
          hash,
          kind,
          user_id: userId,
          data: Buffer.from(kept).toString('base64'),
          expires_at: clock() + seconds * 1000,
        })
        .execute();
      return secret;
    },

    async find(kind, secret) {
      const row = await query
        .selectFrom('challenges')
        .selectAll()
        .where('hash', '=', hashOf(secret))
        .where('kind', '=', kind)
        .where('expires_at', '>', clock())
        .executeTakeFirst();
      return row ? open(row, kind, secret) : null;
    },

    async spend(tx, kind, secret) {
      const row = await tx
        .deleteFrom('challenges')
        .where('hash', '=', hashOf(secret))
        .where('kind', '=', kind)
        .returningAll()
        .executeTakeFirst();
      return row && row.expires_at > clock() ? open(row, kind, secret) : null;
    },
  };
}
