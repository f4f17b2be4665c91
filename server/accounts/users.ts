import type { Audit } from '../audit/audit.ts';
import type { Database, Queryable } from '../backends/db/db.ts';
import { allowInWorkspace } from '../core/access.ts';
import type { Actor, Origin, Role } from '../core/actor.ts';
import type { Clock } from '../core/clock.ts';
import { isId } from '../core/ids.ts';
import { Problem } from '../core/problem.ts';
import { refuseEmpty } from './change.ts';
import { refuseMoreThanHeld, type Standing, scopesOfMember, widenedScopes } from './grants.ts';
import { type Login, requireConfirmed } from './login.ts';
import type { Passwords } from './passwords.ts';
import type { Sessions, TokenPair } from './sessions.ts';
import {
  findAdmin,
  findMember,
  findUser,
  hasActiveOperator,
  listMembers,
  listMemberships,
  type Member,
  normalise,
  removeMember,
  removeUser,
  updateMember,
  updateUser,
} from './store.ts';
import { emailTaken, namesOf, refuseEmail, toUser, type User } from './user.ts';

/** Another password, and the proof that it is its owner who wants it. */
export interface PasswordChange {
  /** Left out by who has none: they came in by an OpenID provider. */
  readonly current?: string | undefined;
  readonly password: string;
  /** Of the second factor, where they have one. */
  readonly code?: string | undefined;
}

/** What an administrator may change of a member. */
export interface MemberChange {
  readonly role?: Role;
  readonly may_reveal?: boolean;
  readonly active?: boolean;
}

/** What users may change of themselves. */
export interface ProfileChange {
  readonly full_name?: string;
  readonly email?: string;
}

/** Users: who there is, what they are in the workspace, and what they change of themselves. */
export interface Users {
  me(actor: Actor): Promise<User>;
  /** @throws Problem `email_taken`, `invalid_request`; `confirmation_required` for another e-mail address. */
  changeProfile(actor: Actor, change: ProfileChange): Promise<User>;
  /**
   * Sets another password, or the first, and ends all of the user's sessions; the pair is of a new one.
   * @throws Problem as `Login.confirm` for the current password and code, as `Login.allowFirstPassword` without one;
   * `weak_password`; `unauthorized` when the session has ended meanwhile.
   */
  changePassword(actor: Actor, change: PasswordChange, origin: Origin): Promise<TokenPair>;
  /** @throws Problem `forbidden`. */
  list(actor: Actor, limit: number, offset: number): Promise<{ items: User[]; total: number }>;
  /** @throws Problem `forbidden`, `user_not_found`. */
  get(actor: Actor, userId: string): Promise<User>;
  /**
   * Acts at once on every request and open socket. @throws Problem `forbidden`, `user_not_found`, `last_admin`;
   * `insufficient_scope` and `reveal_not_allowed` for who would give what they do not hold.
   */
  change(actor: Actor, userId: string, change: MemberChange): Promise<User>;
  /** Ends all sessions of a user in the workspace. @throws Problem `forbidden`, `user_not_found`. */
  endSessions(actor: Actor, userId: string): Promise<void>;
  /**
   * Takes a user out of the workspace, and removes them where they are in no other. Their files become the
   * administrator's. @throws Problem `forbidden`, `user_not_found`, `last_admin`, `confirmation_required`.
   */
  remove(actor: Actor, userId: string): Promise<void>;
  /** The same of oneself; the files become those of an administrator. @throws Problem as `remove`. */
  leave(actor: Actor): Promise<void>;
}

interface Needs {
  db: Database;
  clock: Clock;
  passwords: Passwords;
  sessions: Sessions;
  login: Login;
  audit: Audit;
  /** Gives all files of one owner in a workspace to another. */
  reassignFiles: (tx: Queryable, workspaceId: string, from: string, to: string) => Promise<void>;
}

/** Users in the metadata database. */
export function createUsers(needs: Needs): Users {
  const { db, clock, passwords, sessions, login, audit, reassignFiles } = needs;

  return {
    async me(actor) {
      const member = await findMember(db.query, actor.workspaceId, actor.id);
      if (member) return toUser(member);
      throw new Problem('user_not_found', 'A client asks here, and is no user. GET /v1/me tells of it.');
    },

    async changeProfile(actor, { full_name: fullName, email }) {
      allowInWorkspace(actor, 'change_own_account');
      if (email !== undefined) {
        requireConfirmed(actor, clock);
        refuseEmail(email);
      }
      const change = {
        ...(fullName !== undefined && { full_name: fullName.trim() }),
        ...(email !== undefined && { email: email.trim(), email_key: normalise(email) }),
      };
      refuseEmpty(change);
      await db
        .transaction(async (tx) => {
          await updateUser(tx, actor.id, change);
          await audit.append(tx, actor, 'user.change_profile', `user:${actor.id}`, { changed: Object.keys(change) });
        })
        .catch((error) => {
          throw db.isUniqueViolation(error) ? emailTaken() : error;
        });
      return toUser((await findMember(db.query, actor.workspaceId, actor.id))!);
    },

    async changePassword(actor, { current, password, code }, origin) {
      allowInWorkspace(actor, 'change_own_account');
      const methods =
        current === undefined
          ? await login.allowFirstPassword(actor, code)
          : await login.confirm(actor, { password: current, code });
      const user = (await findUser(db.query, actor.id))!;
      const passwordHash = await passwords.hash(password, namesOf(user));
      await db.transaction(async (tx) => {
        // Somebody may have ended it meanwhile, because it is not its owner who acts.
        await sessions.require(tx, actor.sessionId);
        await updateUser(tx, actor.id, { password_hash: passwordHash });
        await sessions.revokeAll(tx, { userId: actor.id });
        const detail = current === undefined ? { first: true } : {};
        await audit.append(tx, actor, 'user.change_password', `user:${actor.id}`, detail);
      });
      const { workspaceId } = actor;
      return login.begin({ ...user, password_hash: passwordHash }, methods, { origin, workspaceId });
    },

    async list(actor, limit, offset) {
      allowInWorkspace(actor, 'list_users');
      const { items, total } = await listMembers(db.query, actor.workspaceId, limit, offset);
      return { items: items.map(toUser), total };
    },

    async get(actor, userId) {
      allowInWorkspace(actor, 'list_users');
      return toUser(await find(db.query, actor, userId));
    },

    async change(actor, userId, { role, may_reveal: mayReveal, active }) {
      allowInWorkspace(actor, 'change_user');
      const change = {
        ...(role && { role }),
        ...(mayReveal !== undefined && { mayReveal }),
        ...(active !== undefined && { active }),
      };
      refuseEmpty(change);
      const { workspaceId } = actor;
      const member = await db.transaction(async (tx) => {
        const before = await find(tx, actor, userId);
        const widened = widenedScopes(standingOf(before), standingOf({ ...before, ...change }));
        refuseMoreThanHeld(actor, widened);
        // To take something from somebody never waits.
        if (widened.length > 0) requireConfirmed(actor, clock);
        await updateMember(tx, workspaceId, userId, change);
        await keepAnAdmin(tx, workspaceId);
        if (active === false) await keepAnOperator(tx);
        if (active === false) await sessions.revokeAll(tx, { userId, workspaceId });
        await audit.append(tx, actor, 'user.change', `user:${userId}`, change);
        return find(tx, actor, userId);
      });
      return toUser(member);
    },

    async endSessions(actor, userId) {
      allowInWorkspace(actor, 'change_user');
      await db.transaction(async (tx) => {
        await find(tx, actor, userId);
        await sessions.revokeAll(tx, { userId, workspaceId: actor.workspaceId });
        await audit.append(tx, actor, 'session.end_all', `user:${userId}`, {});
      });
    },

    async remove(actor, userId) {
      allowInWorkspace(actor, 'change_user');
      await takeOut(actor, userId);
    },

    async leave(actor) {
      allowInWorkspace(actor, 'change_own_account');
      await takeOut(actor, actor.id);
    },
  };

  async function takeOut(actor: Actor, userId: string): Promise<void> {
    const { workspaceId } = actor;
    const self = userId === actor.id;
    requireConfirmed(actor, clock);
    await db.transaction(async (tx) => {
      await find(tx, actor, userId);
      await removeMember(tx, workspaceId, userId);
      const admin = await keepAnAdmin(tx, workspaceId);
      await reassignFiles(tx, workspaceId, userId, self ? admin : actor.id);
      await sessions.revokeAll(tx, { userId, workspaceId });
      await audit.append(tx, actor, 'user.remove', `user:${userId}`, {});
      if ((await listMemberships(tx, userId)).length === 0) await removeUser(tx, userId);
      await keepAnOperator(tx);
    });
  }

  async function find(query: Queryable, { workspaceId }: Actor, userId: string): Promise<Member> {
    const member = isId(userId) ? await findMember(query, workspaceId, userId) : undefined;
    if (!member) throw new Problem('user_not_found', `There is no user ${userId} in this workspace.`);
    return member;
  }

  /** Who is left; the id of one of them. */
  async function keepAnAdmin(tx: Queryable, workspaceId: string): Promise<string> {
    const admin = await findAdmin(tx, workspaceId);
    if (admin !== undefined) return admin;
    throw lastAdmin('the workspace without an active administrator');
  }

  async function keepAnOperator(tx: Queryable): Promise<void> {
    if (await hasActiveOperator(tx)) return;
    throw lastAdmin('the service without anybody active who runs it');
  }
}

const standingOf = ({ role, mayReveal, active }: Member): Standing => ({
  ...{ role, active },
  scopes: scopesOfMember(role, mayReveal),
});

const lastAdmin = (what: string) => new Problem('last_admin', `This would leave ${what}. Make another one first.`);
