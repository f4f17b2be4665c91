import { createHash, timingSafeEqual } from 'node:crypto';
import type { Queryable } from '../backends/db/db.ts';
import { newSecret } from '../core/ids.ts';
import { Problem } from '../core/problem.ts';
import type { Challenges } from './challenges.ts';
import { hasOperator } from './store.ts';

/** How long a set-up token that was made on the machine is good for. */
export const SETUP_HOURS = 24;

/**
 * The way in for the first administrator: a token that is made at each start while nobody runs the service, or on its
 * machine later, is told only to whoever did that, and is good for one use.
 */
export interface Setup {
  /** That of this start; `null` when there is somebody who runs the service. */
  readonly token: string | null;
  /** @throws Problem `setup_token_invalid`. */
  check(token: string): Promise<void>;
  /** For the user who is being made with the token. @throws Problem `setup_token_invalid` when it was used meanwhile. */
  spend(tx: Queryable, token: string, userId: string): Promise<void>;
}

/** A set-up token, if one is needed. */
export async function createSetup(db: Queryable, challenges: Challenges): Promise<Setup> {
  const token = (await hasOperator(db)) ? null : newSecret();
  const isOurs = (given: string) => token !== null && timingSafeEqual(hashOf(given), hashOf(token));
  return {
    token,
    async check(given) {
      if (!isOurs(given) && !(await challenges.find('setup', given))) throw invalid();
    },
    async spend(tx, given, userId) {
      if (!isOurs(given) && !(await challenges.spend(tx, 'setup', given))) throw invalid();
      if (await hasOperator(tx, userId)) throw invalid();
    },
  };
}

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest();

const invalid = () =>
  new Problem(
    'setup_token_invalid',
    'The set-up token is wrong or spent. The service prints one at its start as long as nobody runs it; on its machine `intakt users --local setup-link` does.',
  );
