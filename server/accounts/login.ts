import { createHash } from 'node:crypto';
import type { Audit } from '../audit/audit.ts';
import type { Database } from '../backends/db/db.ts';
import type { UserRow } from '../backends/db/schema.ts';
import { allowInWorkspace } from '../core/access.ts';
import type { Actor, Origin, Scope } from '../core/actor.ts';
import { type Clock, isoTime } from '../core/clock.ts';
import { Problem } from '../core/problem.ts';
import type { Challenges } from './challenges.ts';
import type { FactorCodes } from './factor-codes.ts';
import type { Passkeys } from './passkeys.ts';
import type { Passwords } from './passwords.ts';
import { countRecoveryCodes } from './recovery-codes.ts';
import type { Method, Sessions, TokenPair } from './sessions.ts';
import { findByUsername, findMember, findUser, listMemberships, updateUser } from './store.ts';
import type { Throttle } from './throttle.ts';
import type { PasskeyResponse } from './webauthn.ts';
import type { Workspaces } from './workspaces.ts';

/** What is told of a session. */
export interface SessionInfo {
  readonly session_id: string;
  readonly current: boolean;
  readonly methods: Method[];
  readonly scopes: Scope[] | null;
  readonly address: string;
  readonly user_agent: string;
  readonly created_at: string;
  readonly last_used_at: string;
  readonly expires_at: string;
}

/** What a password login is asked with besides the password. */
export interface LoginOptions {
  readonly origin: Origin;
  /** The workspace to act in. Default: the first that the user joined and is active in. */
  readonly workspaceId?: string | undefined;
  readonly scopes?: readonly Scope[] | null | undefined;
  /** The client through which the user logs in, which has shown its key; the session is bound to it. */
  readonly clientId?: string | undefined;
  /** A code of the second factor, where the user has one. */
  readonly code?: string | undefined;
}

/** What follows the password: a code, or the answer of a passkey to the challenge of the login. */
export type SecondFactor =
  | { readonly code: string }
  | { readonly challenge: string; readonly passkey: PasskeyResponse };

/** Proof of who the caller is: the password, with a code where they have a second factor, or a passkey alone. */
export type Proof =
  | { readonly password: string; readonly code?: string | undefined }
  | { readonly passkey: PasskeyResponse };

/** How a session begins. */
export interface BeginOptions extends Omit<LoginOptions, 'code'> {
  /**
   * The session it comes from, which must live: it ends no later than that, and is no newer proof of who they are.
   */
  readonly from?: string | undefined;
}

/** Signing in as a user, and what comes of it: sessions that are listed and ended. */
export interface Login {
  /**
   * @throws Problem `invalid_credentials`, the same for every reason; after the right password, for who has a second
   * factor, `second_factor_required` with a `challenge` for `withSecondFactor`, or `second_factor_invalid` for a wrong
   * code; `rate_limited`.
   */
  withPassword(username: string, password: string, options: LoginOptions): Promise<TokenPair>;
  /**
   * The second step after the right password. The challenge is good for five minutes, one login, and the password it
   * was given for.
   * @throws Problem `second_factor_invalid`, `invalid_credentials`, `rate_limited`.
   */
  withSecondFactor(
    challenge: string,
    given: { code: string } | { passkey: PasskeyResponse },
    origin: Origin,
  ): Promise<TokenPair>;
  /** With a passkey that has answered `Passkeys.loginOptions`. @throws Problem `passkey_invalid`, `rate_limited`. */
  withPasskey(response: PasskeyResponse, options: Omit<LoginOptions, 'code'>): Promise<TokenPair>;
  /**
   * Starts a session for a user who has shown who they are, and writes it to the audit log.
   * @throws Problem `invalid_credentials` when they are active in no workspace, or not in the one asked for, or have another
   * password than `user` says; `unauthorized` when the session it comes from has ended.
   */
  begin(user: UserRow, methods: readonly Method[], options: BeginOptions): Promise<TokenPair>;
  /** Ends the caller's own session: its access tokens and its refresh tokens, at once. */
  logout(actor: Actor): Promise<void>;
  /** A session in another of the caller's workspaces. @throws Problem `workspace_not_found`. */
  switchWorkspace(actor: Actor, workspaceId: string, origin: Origin): Promise<TokenPair>;
  /** The caller's, newest first; at most 1,000. */
  sessions(actor: Actor): Promise<SessionInfo[]>;
  /** @throws Problem `session_not_found`. */
  endSession(actor: Actor, sessionId: string): Promise<void>;
  /** Ends all of the caller's sessions but, unless `everywhere`, this one. */
  endSessions(actor: Actor, everywhere: boolean): Promise<void>;
  /**
   * Proves anew who the caller is; by which methods.
   * @throws Problem as `withPassword` and `withPasskey`.
   */
  confirm(actor: Actor, proof: Proof): Promise<Method[]>;
  /**
   * In place of the current password, for who has none and wants a first one: that they have proved who they are a
   * short while ago, and a code where they have a second factor. By which methods they are signed in.
   * @throws Problem `confirmation_required`, `second_factor_invalid`; `invalid_request` for who has a password.
   */
  allowFirstPassword(actor: Actor, code: string | undefined): Promise<Method[]>;
  /** Writes a refused login down. A name that nobody has is not kept: it may be a password that was typed too early. */
  noteRefusal(user: UserRow | undefined, origin: Origin, reason: string): Promise<void>;
  /**
   * Spends a proof of a user's second factor; which method it is of. Every guess comes through here.
   * @throws Problem `second_factor_invalid`, which is written to the audit log; `rate_limited`.
   */
  checkSecondFactor(user: UserRow, factor: SecondFactor, origin: Origin): Promise<Method>;
}

interface Needs {
  db: Database;
  clock: Clock;
  passwords: Passwords;
  codes: FactorCodes;
  passkeys: Passkeys;
  challenges: Challenges;
  sessions: Sessions;
  throttle: Throttle;
  workspaces: Workspaces;
  audit: Audit;
}

/** How long after they proved who they are someone may make a sensitive change. */
const CONFIRMED_MS = 15 * 60_000;
const CHALLENGE_SECONDS = 5 * 60;

/**
 * Before a change that would let a thief of the session keep it: password, e-mail, second factor, keys.
 * @throws Problem `confirmation_required` when the caller has not proved who they are for a quarter of an hour.
 */
export function requireConfirmed(actor: Actor, clock: Clock): void {
  if (clock() - actor.confirmedAt <= CONFIRMED_MS) return;
  throw new Problem(
    'confirmation_required',
    'This needs a proof of who you are that is no older than 15 minutes. POST /v1/auth/confirm gives one, or log in again.',
  );
}

/** What is kept between the password and the second factor. */
interface Asked {
  readonly password: string;
  readonly workspaceId?: string;
  readonly scopes?: readonly Scope[] | null;
  readonly clientId?: string;
}

/** Logins over the metadata database. */
export function createLogin(needs: Needs): Login {
  const { db, clock, passwords, codes, passkeys, challenges, sessions, throttle, workspaces, audit } = needs;

  const begin: Login['begin'] = async (user, methods, options) => {
    const { origin, workspaceId, scopes = null, clientId, from } = options;
    const started = await db.transaction(async (tx) => {
      // As they are now: the password took a while, and whoever was locked out, or has had another one set, meanwhile must
      // not get a session.
      if ((await findUser(tx, user.id))?.password_hash !== user.password_hash) return null;
      const source = from === undefined ? undefined : await sessions.require(tx, from);
      const times = { confirmedAt: source?.confirmed_at, until: source?.expires_at };
      const memberships = (await listMemberships(tx, user.id)).filter(({ active }) => active);
      const member = workspaceId ? memberships.find((one) => one.workspaceId === workspaceId) : memberships[0];
      if (!member) return null;
      const subject = { userId: user.id, clientId };
      const to = member.workspaceId;
      const session = await sessions.start(tx, { workspaceId: to, subject, methods, scopes, origin, ...times });
      await updateUser(tx, user.id, { last_login_at: clock() });
      await audit.appendAs(tx, by(user, to, origin), 'user.login', `session:${session.sessionId}`, {
        methods,
        ...(clientId !== undefined && { client: clientId }),
      });
      return session;
    });
    if (started) return started.pair;
    await noteRefusal(user, origin, 'inactive');
    throw wrongCredentials();
  };

  const checkSecondFactor: Login['checkSecondFactor'] = (user, factor, origin) =>
    // A count of its own: the right password, which comes before, gives back what was counted on the account.
    throttle.guard({ account: `second factor of ${user.id}`, address: origin.address }, async () => {
      if ('code' in factor) {
        const method = await codes.check(user.id, factor.code);
        if (method) return method;
      } else if (await passkeys.checkAnswer(user.id, factor.challenge, factor.passkey)) return 'passkey';
      await noteRefusal(user, origin, 'second_factor');
      throw wrongFactor(
        'The code is wrong, spent or expired, or the passkey could not be verified. Wait for the next code, or use a recovery code.',
      );
    });

  return {
    begin,
    checkSecondFactor,
    noteRefusal,

    withPassword: (username, password, options) =>
      throttle.guard({ account: username, address: options.origin.address }, async () => {
        const user = await findByUsername(db.query, username);
        const methods = await prove(user, password, options);
        return begin(user!, methods, options);
      }),

    async withSecondFactor(challenge, given, origin) {
      const asked = await challenges.find<Asked>('second_factor', challenge);
      const user = asked?.userId ? await findUser(db.query, asked.userId) : undefined;
      if (!asked || !user || asked.data.password !== fingerprint(user)) throw challengeOver();
      const method = await checkSecondFactor(user, { challenge, ...given }, origin);
      const spent = await db.transaction((tx) => challenges.spend(tx, 'second_factor', challenge));
      if (!spent) throw challengeOver();
      const { workspaceId, scopes, clientId } = asked.data;
      return begin(user, ['pwd', method], { origin, workspaceId, scopes, clientId });
    },

    withPasskey: (response, options) =>
      throttle.guard({ account: null, address: options.origin.address }, async () =>
        begin(await userOf(response, options.origin), ['passkey'], options),
      ),

    async logout(actor) {
      await db.transaction(async (tx) => {
        await sessions.revoke(tx, actor.sessionId);
        await audit.append(tx, actor, `${actor.kind}.logout`, `session:${actor.sessionId}`, {});
      });
    },

    async switchWorkspace(actor, workspaceId, origin) {
      allowInWorkspace(actor, 'change_own_account');
      const user = await findUser(db.query, actor.id);
      const member = await findMember(db.query, workspaceId, actor.id);
      if (!user || !member?.active) {
        throw new Problem('workspace_not_found', `You are in no workspace ${workspaceId}.`);
      }
      const { methods } = await sessions.require(db.query, actor.sessionId);
      return begin(user, JSON.parse(methods) as Method[], { origin, workspaceId, from: actor.sessionId });
    },

    async sessions(actor) {
      allowInWorkspace(actor, 'change_own_account');
      const live = await sessions.listLive({ userId: actor.id });
      return live.map((session) => ({
        session_id: session.id,
        current: session.id === actor.sessionId,
        methods: JSON.parse(session.methods) as Method[],
        scopes: session.scopes === null ? null : (JSON.parse(session.scopes) as Scope[]),
        address: session.address,
        user_agent: session.user_agent,
        created_at: isoTime(session.created_at),
        last_used_at: isoTime(session.rotated_at),
        expires_at: isoTime(session.expires_at),
      }));
    },

    async endSession(actor, sessionId) {
      allowInWorkspace(actor, 'change_own_account');
      const session = await sessions.find(sessionId);
      if (session?.user_id !== actor.id) throw new Problem('session_not_found', `You have no session ${sessionId}.`);
      await db.transaction(async (tx) => {
        await sessions.revoke(tx, sessionId);
        await audit.append(tx, actor, 'session.end', `session:${sessionId}`, {});
      });
    },

    async endSessions(actor, everywhere) {
      allowInWorkspace(actor, 'change_own_account');
      await db.transaction(async (tx) => {
        await sessions.revokeAll(tx, { userId: actor.id }, everywhere ? undefined : actor.sessionId);
        await audit.append(tx, actor, 'session.end_all', `user:${actor.id}`, { everywhere });
      });
    },

    async confirm(actor, proof) {
      allowInWorkspace(actor, 'change_own_account');
      const origin = { address: actor.address, userAgent: '' };
      const methods = await throttle.guard({ account: actor.name, address: actor.address }, async () => {
        const user = await findUser(db.query, actor.id);
        if ('password' in proof) return prove(user, proof.password, { origin, code: proof.code });
        await userOf(proof.passkey, origin, actor.id);
        return ['passkey'] as const;
      });
      await db.transaction(async (tx) => {
        await sessions.confirm(tx, actor.sessionId);
        await audit.append(tx, actor, 'session.confirm', `session:${actor.sessionId}`, { methods });
      });
      return [...methods];
    },

    async allowFirstPassword(actor, code) {
      allowInWorkspace(actor, 'change_own_account');
      const user = (await findUser(db.query, actor.id))!;
      if (user.password_hash !== null) {
        throw new Problem('invalid_request', 'Send current_password: only who has no password sets one without it.');
      }
      requireConfirmed(actor, clock);
      if (await codes.isOn(user.id)) {
        if (code === undefined) throw wrongFactor('You have a second factor. Send a code of it as `code`.');
        await checkSecondFactor(user, { code }, { address: actor.address, userAgent: '' });
      }
      const { methods } = await sessions.require(db.query, actor.sessionId);
      return JSON.parse(methods) as Method[];
    },
  };

  /** What a password, and a code with it, prove. @throws Problem as `withPassword`. */
  async function prove(user: UserRow | undefined, password: string, options: LoginOptions): Promise<Method[]> {
    const { origin, code } = options;
    const good = await passwords.matches(password, user?.password_hash ?? undefined);
    if (!good || !user) {
      await noteRefusal(user, origin, user ? 'password' : 'username');
      throw wrongCredentials();
    }
    if (!(await codes.isOn(user.id))) return ['pwd'];
    if (code === undefined) throw await secondFactorRequired(user, options);
    return ['pwd', await checkSecondFactor(user, { code }, origin)];
  }

  /** Whose passkey it is, if it may be anybody's or is that of `only`. */
  async function userOf(response: PasskeyResponse, origin: Origin, only?: string): Promise<UserRow> {
    const userId = await passkeys.checkLogin(response);
    const user = userId && (only === undefined || userId === only) ? await findUser(db.query, userId) : undefined;
    if (user) return user;
    await noteRefusal(undefined, origin, 'passkey');
    throw new Problem('passkey_invalid', 'The passkey is not known here, or its answer is wrong, spent or expired.');
  }

  /** What is said after the right password; to who is locked out, what is said of a wrong one. */
  async function secondFactorRequired(user: UserRow, options: LoginOptions): Promise<Problem> {
    const { origin, workspaceId, scopes, clientId } = options;
    if (!(await listMemberships(db.query, user.id)).some(({ active }) => active)) {
      await noteRefusal(user, origin, 'inactive');
      return wrongCredentials();
    }
    const data = { password: fingerprint(user), workspaceId, scopes, clientId };
    const challenge = await challenges.make({
      kind: 'second_factor',
      userId: user.id,
      data,
      seconds: CHALLENGE_SECONDS,
    });
    const passkey = await passkeys.answerOptions(user.id, challenge);
    const methods = ['totp'];
    if ((await countRecoveryCodes(db.query, user.id)) > 0) methods.push('recovery');
    if (passkey) methods.push('passkey');
    return new Problem(
      'second_factor_required',
      'The password is right. Send a code with it as `code`, or with the `challenge` to POST /v1/auth/login/second-factor.',
      { extra: { challenge, methods, ...(passkey && { passkey }) } },
    );
  }

  async function noteRefusal(user: UserRow | undefined, origin: Origin, reason: string): Promise<void> {
    const [membership] = user ? await listMemberships(db.query, user.id) : [];
    const workspaceId = membership?.workspaceId ?? workspaces.defaultId;
    const target = `user:${user?.id ?? 'unknown'}`;
    const nobody = { workspaceId, actorKind: 'nobody' as const, actorId: null, actorName: '', address: origin.address };
    await db.transaction((tx) => audit.appendAs(tx, nobody, 'user.login_refused', target, { reason }));
  }
}

const by = (user: UserRow, workspaceId: string, { address }: Origin) => ({
  workspaceId,
  actorKind: 'user' as const,
  actorId: user.id,
  actorName: user.username,
  address,
});

const wrongCredentials = () =>
  new Problem('invalid_credentials', 'The username or the password is wrong. Check both and try again.');

const wrongFactor = (detail: string) => new Problem('second_factor_invalid', detail);

const challengeOver = () => wrongFactor('The challenge is unknown, spent or expired. Log in again.');

/** Changes with the password. */
const fingerprint = ({ password_hash: hash }: UserRow): string =>
  createHash('sha256')
    .update(hash ?? '')
    .digest('base64url');
