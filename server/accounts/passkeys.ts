import type { Audit } from '../audit/audit.ts';
import type { Database } from '../backends/db/db.ts';
import type { PasskeyRow } from '../backends/db/schema.ts';
import { allowInWorkspace } from '../core/access.ts';
import type { Actor } from '../core/actor.ts';
import { type Clock, isoTime, isoTimeOrNull } from '../core/clock.ts';
import { newId } from '../core/ids.ts';
import { Problem } from '../core/problem.ts';
import type { Challenges } from './challenges.ts';
import { requireConfirmed } from './login.ts';
import { countUse, findPasskey, insertPasskey, listPasskeys, removePasskey, renamePasskey } from './passkey-store.ts';
import { findUser } from './store.ts';
import { keepAWayIn } from './ways-in.ts';
import {
  type Credential,
  challengeOf,
  type NewPasskeyResponse,
  type PasskeyResponse,
  type WebAuthn,
} from './webauthn.ts';

/** What is told of a passkey. */
export interface Passkey {
  readonly passkey_id: string;
  readonly name: string;
  readonly created_at: string;
  readonly last_used_at: string | null;
}

/**
 * Passkeys (WebAuthn Level 3): discoverable credentials that verify their user, so that one is a login by itself, without
 * a name, and in place of a code after the password. The options are what a browser's
 * `PublicKeyCredential.parseCreationOptionsFromJSON` and `parseRequestOptionsFromJSON` take.
 */
export interface Passkeys {
  list(actor: Actor): Promise<Passkey[]>;
  /** Options for a new one, good for five minutes. @throws Problem `confirmation_required`. */
  creationOptions(actor: Actor): Promise<object>;
  /** @throws Problem `passkey_invalid`. */
  add(actor: Actor, name: string, response: NewPasskeyResponse): Promise<Passkey>;
  /** @throws Problem `passkey_not_found`. */
  rename(actor: Actor, passkeyId: string, name: string): Promise<Passkey>;
  /** @throws Problem `passkey_not_found`, `confirmation_required`, `last_way_in`. */
  remove(actor: Actor, passkeyId: string): Promise<void>;
  /** Options for a login of whoever it may be, good for five minutes. */
  loginOptions(): Promise<object>;
  /** Options for one of the user's passkeys that answers a challenge which is kept elsewhere; `null` if they have none. */
  answerOptions(userId: string, challenge: string): Promise<object | null>;
  /** The id of the user whose passkey has answered `loginOptions`, which is spent; `null` for all that is not right. */
  checkLogin(response: PasskeyResponse): Promise<string | null>;
  /** Whether one of the user's passkeys has answered the challenge. */
  checkAnswer(userId: string, challenge: string, response: PasskeyResponse): Promise<boolean>;
}

interface Needs {
  db: Database;
  clock: Clock;
  webAuthn: WebAuthn;
  challenges: Challenges;
  audit: Audit;
}

const CHALLENGE_SECONDS = 5 * 60;

/** Passkeys in the metadata database. */
export function createPasskeys({ db, clock, webAuthn, challenges, audit }: Needs): Passkeys {
  return {
    async list(actor) {
      allowInWorkspace(actor, 'change_own_account');
      return (await listPasskeys(db.query, actor.id)).map(toPasskey);
    },

    async creationOptions(actor) {
      allowInWorkspace(actor, 'change_own_account');
      requireConfirmed(actor, clock);
      const { id, username: name, full_name: fullName } = (await findUser(db.query, actor.id))!;
      const challenge = await challenges.make({ kind: 'new_passkey', userId: id, seconds: CHALLENGE_SECONDS });
      const known = (await listPasskeys(db.query, id)).map(({ credential }) => credential);
      return webAuthn.creationOptions({ id, name, fullName }, challenge, known);
    },

    async add(actor, name, response) {
      allowInWorkspace(actor, 'change_own_account');
      const challenge = challengeOf(response) ?? '';
      const asked = await db.transaction((tx) => challenges.spend(tx, 'new_passkey', challenge));
      const credential = asked?.userId === actor.id ? await webAuthn.verifyNew(response, challenge) : null;
      if (!credential) throw invalid();
      const passkey = newPasskey(actor.id, name, credential, clock());
      await db
        .transaction(async (tx) => {
          await insertPasskey(tx, passkey);
          await audit.append(tx, actor, 'passkey.add', `user:${actor.id}`, { passkey: passkey.id });
        })
        .catch((error) => {
          throw db.isUniqueViolation(error) ? invalid() : error;
        });
      return toPasskey(passkey);
    },

    async rename(actor, passkeyId, name) {
      allowInWorkspace(actor, 'change_own_account');
      return db.transaction(async (tx) => {
        const passkey = (await listPasskeys(tx, actor.id)).find(({ id }) => id === passkeyId);
        if (!passkey) throw notFound(passkeyId);
        await renamePasskey(tx, actor.id, passkeyId, name);
        await audit.append(tx, actor, 'passkey.rename', `user:${actor.id}`, { passkey: passkeyId });
        return toPasskey({ ...passkey, name });
      });
    },

    async remove(actor, passkeyId) {
      allowInWorkspace(actor, 'change_own_account');
      requireConfirmed(actor, clock);
      await db.transaction(async (tx) => {
        if (!(await removePasskey(tx, actor.id, passkeyId))) throw notFound(passkeyId);
        await keepAWayIn(tx, actor.id);
        await audit.append(tx, actor, 'passkey.remove', `user:${actor.id}`, { passkey: passkeyId });
      });
    },

    async loginOptions() {
      return webAuthn.requestOptions(await challenges.make({ kind: 'passkey', seconds: CHALLENGE_SECONDS }), []);
    },

    async answerOptions(userId, challenge) {
      const passkeys = await listPasskeys(db.query, userId);
      return passkeys.length === 0 ? null : webAuthn.requestOptions(challenge, passkeys.map(toCredential));
    },

    async checkLogin(response) {
      const challenge = challengeOf(response) ?? '';
      const asked = await db.transaction((tx) => challenges.spend(tx, 'passkey', challenge));
      const passkey = asked ? await findPasskey(db.query, response.id) : undefined;
      // A discoverable credential says whose it is (7.2, step 6).
      if (!passkey || decoded(response.response.userHandle) !== passkey.user_id) return null;
      return (await use(passkey, challenge, response, true)) ? passkey.user_id : null;
    },

    async checkAnswer(userId, challenge, response) {
      const passkey = await findPasskey(db.query, response.id);
      return passkey?.user_id === userId && use(passkey, challenge, response, false);
    },
  };

  async function use(passkey: PasskeyRow, challenge: string, response: PasskeyResponse, verified: boolean) {
    const counter = await webAuthn.verify(response, challenge, toCredential(passkey), verified);
    return counter !== null && countUse(db.query, passkey.id, counter, clock());
  }
}

const newPasskey = (userId: string, name: string, credential: Credential, now: number): PasskeyRow => ({
  id: newId(),
  credential: credential.id,
  user_id: userId,
  name,
  public_key: credential.publicKey,
  counter: credential.counter,
  transports: JSON.stringify(credential.transports ?? []),
  created_at: now,
  last_used_at: null,
});

const toCredential = ({ credential: id, public_key: publicKey, counter, transports }: PasskeyRow): Credential => ({
  id,
  publicKey: new Uint8Array(publicKey),
  counter: Number(counter),
  transports: JSON.parse(transports) as string[],
});

const toPasskey = ({ id, name, created_at: createdAt, last_used_at: lastUsedAt }: PasskeyRow): Passkey => ({
  passkey_id: id,
  name,
  created_at: isoTime(createdAt),
  last_used_at: isoTimeOrNull(lastUsedAt),
});

const decoded = (base64url = ''): string => Buffer.from(base64url, 'base64url').toString();

const invalid = () =>
  new Problem(
    'passkey_invalid',
    'The passkey could not be verified: its challenge is spent or expired, or it is for another site or known already.',
  );

const notFound = (id: string) => new Problem('passkey_not_found', `You have no passkey ${id}.`);
