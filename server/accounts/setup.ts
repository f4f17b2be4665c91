import { createHash, timingSafeEqual } from 'node:crypto';
import type { Queryable } from '../backends/db/db.ts';
import { newSecret } from '../core/ids.ts';
import { Problem } from '../core/problem.ts';
import { hasOperator, type Membership } from './store.ts';

/**
 * The way in for the first administrator: a token that is made at each start while nobody runs the service, is told only
 * to whoever started it, and is good for one use.
 */
export interface Setup {
  /** `null` when there is somebody who runs the service. */
  readonly token: string | null;
  /** @throws Problem `setup_token_invalid`. */
  check(token: string): void;
  /** What the bearer of the token becomes. @throws Problem `setup_token_invalid` when it was used meanwhile. */
  spend(tx: Queryable, token: string, membership: Membership): Promise<Membership>;
}

/** A set-up token, if one is needed. */
export async function createSetup(db: Queryable): Promise<Setup> {
  const token = (await hasOperator(db)) ? null : newSecret();
  const check: Setup['check'] = (given) => {
    if (token === null || !timingSafeEqual(hashOf(given), hashOf(token))) throw invalid();
  };
  return {
    token,
    check,
    async spend(tx, given, membership) {
      check(given);
      const others = await tx
        .selectFrom('users')
        .innerJoin('members', 'members.user_id', 'users.id')
        .select('users.id')
        .where('users.operator', '=', 1)
        .execute();
      if (others.length > 0) throw invalid();
      return membership;
    },
  };
}

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest();

const invalid = () =>
  new Problem(
    'setup_token_invalid',
    'The set-up token is wrong or spent. The service prints one at its start as long as nobody runs it.',
  );
