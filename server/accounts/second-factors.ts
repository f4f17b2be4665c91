import type { Audit } from '../audit/audit.ts';
import type { Database } from '../backends/db/db.ts';
import { allowInWorkspace } from '../core/access.ts';
import type { Actor } from '../core/actor.ts';
import type { Clock } from '../core/clock.ts';
import { Problem } from '../core/problem.ts';
import type { FactorCodes } from './factor-codes.ts';
import { type Login, requireConfirmed } from './login.ts';
import { removePasskeys } from './passkey-store.ts';
import { countRecoveryCodes, replaceRecoveryCodes } from './recovery-codes.ts';
import type { Sessions } from './sessions.ts';
import { findUser, listMemberships } from './store.ts';
import { showTotpSecret, type TotpSecret } from './totp.ts';

/** What is told of the caller's second factor. */
export interface SecondFactorState {
  /** Whether a code is asked for after the password. */
  readonly totp: boolean;
  readonly recovery_codes_left: number;
}

/** Ten codes, each good once in place of one of the app; told only now. */
export interface RecoveryCodes {
  readonly recovery_codes: string[];
}

/** Turning the second factor of an account on and off. All but `state` and `turnOn` throw Problem `confirmation_required`. */
export interface SecondFactors {
  state(actor: Actor): Promise<SecondFactorState>;
  /** A secret for an authenticator app; nothing is asked for before `turnOn`. @throws Problem `second_factor_exists`. */
  start(actor: Actor): Promise<TotpSecret>;
  /** With the first code of the app. @throws Problem `second_factor_invalid`, `second_factor_not_found`. */
  turnOn(actor: Actor, code: string): Promise<RecoveryCodes>;
  /** @throws Problem `second_factor_not_found`, `second_factor_invalid`, `rate_limited`. */
  turnOff(actor: Actor, code: string): Promise<void>;
  /** Ten new codes; those of before are good for nothing. @throws Problem `second_factor_not_found`. */
  renewRecoveryCodes(actor: Actor): Promise<RecoveryCodes>;
  /**
   * Takes a member's second factor and passkeys away, for who has lost them, and ends their sessions. Somebody who is in
   * other workspaces too, or runs the service, is helped by who runs the service.
   * @throws Problem `forbidden`, `user_not_found`.
   */
  reset(actor: Actor, userId: string): Promise<void>;
}

interface Needs {
  db: Database;
  clock: Clock;
  codes: FactorCodes;
  login: Login;
  sessions: Sessions;
  audit: Audit;
}

/** Second factors in the metadata database. */
export function createSecondFactors({ db, clock, codes, login, sessions, audit }: Needs): SecondFactors {
  return {
    async state(actor) {
      allowInWorkspace(actor, 'change_own_account');
      return { totp: await codes.isOn(actor.id), recovery_codes_left: await countRecoveryCodes(db.query, actor.id) };
    },

    async start(actor) {
      allowSensitive(actor);
      return showTotpSecret(await codes.start(actor.id), actor.name);
    },

    async turnOn(actor, code) {
      allowInWorkspace(actor, 'change_own_account');
      const step = await codes.tryFirst(actor.id, code);
      if (step === null)
        throw new Problem('second_factor_invalid', 'The code is wrong. Is the clock of the app right?');
      return db.transaction(async (tx) => {
        if (!(await codes.turnOn(tx, actor.id, step))) throw notOn();
        await audit.append(tx, actor, 'second_factor.turn_on', `user:${actor.id}`, {});
        return { recovery_codes: await replaceRecoveryCodes(tx, actor.id) };
      });
    },

    async turnOff(actor, code) {
      allowSensitive(actor);
      if (!(await codes.isOn(actor.id))) throw notOn();
      const origin = { address: actor.address, userAgent: '' };
      await login.checkSecondFactor((await findUser(db.query, actor.id))!, { code }, origin);
      await db.transaction(async (tx) => {
        await codes.turnOff(tx, actor.id);
        await audit.append(tx, actor, 'second_factor.turn_off', `user:${actor.id}`, {});
      });
    },

    async renewRecoveryCodes(actor) {
      allowSensitive(actor);
      if (!(await codes.isOn(actor.id))) throw notOn();
      return db.transaction(async (tx) => {
        await audit.append(tx, actor, 'second_factor.new_recovery_codes', `user:${actor.id}`, {});
        return { recovery_codes: await replaceRecoveryCodes(tx, actor.id) };
      });
    },

    async reset(actor, userId) {
      allowInWorkspace(actor, 'change_user');
      requireConfirmed(actor, clock);
      // With it a stolen session would do without the code that turning off asks for.
      if (userId === actor.id) throw new Problem('forbidden', 'Turn your own off with DELETE /v1/users/me/totp.');
      await db.transaction(async (tx) => {
        const memberships = await listMemberships(tx, userId);
        const here = memberships.find(({ workspaceId }) => workspaceId === actor.workspaceId);
        if (!here) throw new Problem('user_not_found', `There is no user ${userId} in this workspace.`);
        if (memberships.length > 1 || here.operator) allowInWorkspace(actor, 'reset_shared_user');
        const totp = await codes.turnOff(tx, userId);
        const passkeys = await removePasskeys(tx, userId);
        await sessions.revokeAll(tx, { userId });
        await audit.append(tx, actor, 'second_factor.reset', `user:${userId}`, { totp, passkeys });
      });
    },
  };

  function allowSensitive(actor: Actor): void {
    allowInWorkspace(actor, 'change_own_account');
    requireConfirmed(actor, clock);
  }
}

const notOn = () => new Problem('second_factor_not_found', 'The second factor is not on.');
