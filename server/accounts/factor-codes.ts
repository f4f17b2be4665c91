import type { Database, Queryable } from '../backends/db/db.ts';
import type { RootKeys } from '../backends/keys/keys.ts';
import type { Clock } from '../core/clock.ts';
import { Problem } from '../core/problem.ts';
import { removeRecoveryCodes, spendRecoveryCode } from './recovery-codes.ts';
import type { Method } from './sessions.ts';
import { newTotpSecret, totpStep } from './totp.ts';

/**
 * The codes of second factors: those of an authenticator app (TOTP, RFC 6238), whose secret is stored under the root
 * key, and recovery codes. Who may do what with them is said by those who call.
 */
export interface FactorCodes {
  /** Whether a user is asked for a second factor after the password. */
  isOn(userId: string): Promise<boolean>;
  /**
   * Which method a code is good for, `null` when for none; a good one is spent. After 100 wrong ones in a row
   * (NIST SP 800-63B, 3.2.2) codes of the app are good for nothing until a recovery code was.
   */
  check(userId: string, code: string): Promise<Extract<Method, 'otp' | 'recovery'> | null>;
  /** A new secret, not asked for before `confirm`. @throws Problem `second_factor_exists`. */
  start(userId: string): Promise<Uint8Array>;
  /**
   * The step of a code of the secret that waits for it; `null` for a wrong code.
   * @throws Problem `second_factor_not_found` when none is waiting.
   */
  tryFirst(userId: string, code: string): Promise<number | null>;
  /** Asks for codes from now on; those up to `step` are spent. `false` when nothing was waiting any more. */
  turnOn(tx: Queryable, userId: string, step: number): Promise<boolean>;
  /** Asks for no codes any more; `false` when none were asked for. */
  turnOff(tx: Queryable, userId: string): Promise<boolean>;
  /** Puts every secret under the current root; at the start of the service. */
  rewrap(): Promise<void>;
}

interface Needs {
  db: Database;
  root: RootKeys;
  clock: Clock;
}

const MOST_FAILURES = 100;
const contextOf = (userId: string) => ({ kind: 'totp', workspace: '', id: userId }) as const;

/** Codes in the metadata database. */
export function createFactorCodes({ db, root, clock }: Needs): FactorCodes {
  const find = (userId: string) =>
    db.query.selectFrom('totp_secrets').selectAll().where('user_id', '=', userId).executeTakeFirst();

  async function stepOf(stored: { user_id: string; wrapped_secret: Uint8Array }, code: string): Promise<number | null> {
    const secret = await root.unwrap(new Uint8Array(stored.wrapped_secret), contextOf(stored.user_id));
    return totpStep(secret, code, clock());
  }

  async function checkTotp(userId: string, code: string): Promise<boolean> {
    const stored = await find(userId);
    if (!stored || stored.confirmed_at === null || stored.failures >= MOST_FAILURES) return false;
    const step = await stepOf(stored, code);
    const of = db.query.updateTable('totp_secrets').where('user_id', '=', userId);
    if (step !== null) {
      const { numUpdatedRows } = await of
        .set({ last_step: step, failures: 0 })
        .where('last_step', '<', step)
        .where('failures', '<', MOST_FAILURES)
        .executeTakeFirst();
      if (numUpdatedRows > 0n) return true;
    }
    await of.set((e) => ({ failures: e('failures', '+', 1) })).execute();
    return false;
  }

  async function checkRecovery(userId: string, code: string): Promise<boolean> {
    if (!(await spendRecoveryCode(db.query, userId, code))) return false;
    await db.query.updateTable('totp_secrets').set({ failures: 0 }).where('user_id', '=', userId).execute();
    return true;
  }

  return {
    isOn: async (userId) => typeof (await find(userId))?.confirmed_at === 'number',

    async check(userId, code) {
      const digits = code.replace(/\s/g, '');
      if (/^\d{6}$/.test(digits)) return (await checkTotp(userId, digits)) ? 'otp' : null;
      return (await checkRecovery(userId, code)) ? 'recovery' : null;
    },

    async start(userId) {
      const secret = newTotpSecret();
      const wrapped = await root.wrap(secret, contextOf(userId));
      const now = clock();
      await db
        .transaction(async (tx) => {
          await tx.deleteFrom('totp_secrets').where('user_id', '=', userId).where('confirmed_at', 'is', null).execute();
          const waiting = { confirmed_at: null, last_step: 0, failures: 0, created_at: now };
          await tx
            .insertInto('totp_secrets')
            .values({ user_id: userId, wrapped_secret: wrapped, ...waiting })
            .execute();
        })
        .catch((error) => {
          throw db.isUniqueViolation(error) ? alreadyOn() : error;
        });
      return secret;
    },

    async tryFirst(userId, code) {
      const stored = await find(userId);
      if (!stored || stored.confirmed_at !== null) throw nothingWaits();
      return stepOf(stored, code.replace(/\s/g, ''));
    },

    async turnOn(tx, userId, step) {
      const { numUpdatedRows } = await tx
        .updateTable('totp_secrets')
        .set({ confirmed_at: clock(), last_step: step })
        .where('user_id', '=', userId)
        .where('confirmed_at', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },

    async turnOff(tx, userId) {
      await removeRecoveryCodes(tx, userId);
      const { numDeletedRows } = await tx.deleteFrom('totp_secrets').where('user_id', '=', userId).executeTakeFirst();
      return numDeletedRows > 0n;
    },

    async rewrap() {
      const all = await db.query.selectFrom('totp_secrets').select(['user_id', 'wrapped_secret']).execute();
      for (const { user_id: userId, wrapped_secret: wrapped } of all) {
        const old = new Uint8Array(wrapped);
        if (root.isCurrent(old)) continue;
        const context = contextOf(userId);
        const renewed = await root.wrap(await root.unwrap(old, context), context);
        await db.query
          .updateTable('totp_secrets')
          .set({ wrapped_secret: renewed })
          .where('user_id', '=', userId)
          .execute();
      }
    },
  };
}

const alreadyOn = () =>
  new Problem('second_factor_exists', 'The second factor is on already. Turn it off before you set up another one.');

const nothingWaits = () =>
  new Problem(
    'second_factor_not_found',
    'No second factor waits for its first code. Begin with POST /v1/users/me/totp.',
  );
