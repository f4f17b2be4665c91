import type { Audit } from '../audit/audit.ts';
import type { Database, Queryable } from '../backends/db/db.ts';
import type { UserRow } from '../backends/db/schema.ts';
import { allowInWorkspace } from '../core/access.ts';
import type { Actor, Origin, Role } from '../core/actor.ts';
import { type Clock, isoTime, isoTimeOrNull } from '../core/clock.ts';
import { isId, newId } from '../core/ids.ts';
import { Problem } from '../core/problem.ts';
import { refuseEmpty } from './change.ts';
import { refuseMoreThanHeld, type Standing, scopesOfMember, widenedScopes } from './grants.ts';
import type { Invitations } from './invitations.ts';
import { type Login, requireConfirmed } from './login.ts';
import type { Passwords } from './passwords.ts';
import type { Sessions, TokenPair } from './sessions.ts';
import type { Setup } from './setup.ts';
import {
  findAdmin,
  findMember,
  findTaken,
  findUser,
  hasActiveOperator,
  insertMember,
  insertUser,
  listMembers,
  listMemberships,
  type Member,
  type Membership,
  normalise,
  removeMember,
  removeUser,
  updateMember,
  updateUser,
} from './store.ts';
import type { Throttle } from './throttle.ts';
import type { Workspaces } from './workspaces.ts';

/** What is told of a user; never a secret. */
export interface User {
  readonly user_id: string;
  readonly username: string;
  readonly email: string;
  readonly full_name: string;
  readonly role: Role;
  readonly may_reveal: boolean;
  readonly active: boolean;
  readonly operator: boolean;
  readonly workspace_id: string;
  readonly created_at: string;
  readonly last_login_at: string | null;
}

/** Someone who wants to be a user. */
export interface Registration {
  readonly username: string;
  readonly email: string;
  readonly full_name: string;
  readonly password: string;
}

/** Another password, and the proof that it is its owner who wants it. */
export interface PasswordChange {
  /** Left out by who has none: they came in by an OpenID provider. */
  readonly current?: string | undefined;
  readonly password: string;
  /** Of the second factor, where they have one. */
  readonly code?: string | undefined;
}

/** Who may register: anybody, who was invited, or nobody. */
export type RegistrationMode = 'open' | 'invitation' | 'closed';

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

/** Users: who there is and what they are in the workspace. */
export interface Users {
  /**
   * Adds a user: to the workspace they were invited to as what the invitation says, or else to the default one, as a
   * member who may reveal what is in their own files until an administrator takes the right away.
   * @throws Problem `registration_closed`, `invitation_invalid`, `username_taken`, `email_taken`, `weak_password`,
   * `invalid_request`.
   */
  register(registration: Registration, origin: Origin, invitation?: string): Promise<User>;
  /**
   * Adds the first administrator, who also runs the service. @throws Problem `setup_token_invalid`, and as `register`.
   */
  setUp(token: string, registration: Registration, origin: Origin): Promise<User>;
  /**
   * Adds a user who has no password but signs in in another way, which `also` writes down with them. By the rules of
   * `register`, under a mode of its own.
   */
  addForeign(
    registration: Omit<Registration, 'password'>,
    origin: Origin,
    by: {
      mode: RegistrationMode;
      invitation?: string | undefined;
      also: (tx: Queryable, user: UserRow) => Promise<void>;
    },
  ): Promise<User>;
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
  mode: RegistrationMode;
  passwords: Passwords;
  sessions: Sessions;
  login: Login;
  throttle: Throttle;
  setup: Setup;
  invitations: Invitations;
  workspaces: Workspaces;
  audit: Audit;
  /** Gives all files of one owner in a workspace to another. */
  reassignFiles: (tx: Queryable, workspaceId: string, from: string, to: string) => Promise<void>;
}

/** Makes a new user a member of something. */
type Join = (tx: Queryable, user: UserRow) => Promise<Membership>;

/** Users in the metadata database. */
export function createUsers(needs: Needs): Users {
  const {
    db,
    clock,
    mode,
    passwords,
    sessions,
    login,
    throttle,
    setup,
    invitations,
    workspaces,
    audit,
    reassignFiles,
  } = needs;

  return {
    register: (registration, origin, invitation) =>
      throttle.guard({ account: null, address: origin.address }, async () => {
        // Before the name and the address are looked for: who is not invited is not told who is here.
        if (invitation !== undefined && mode === 'invitation') await invitations.check(invitation, registration.email);
        return add(registration, origin, joinBy(mode, invitation));
      }),

    setUp: (token, registration, origin) =>
      throttle.guard({ account: null, address: origin.address }, async () => {
        await setup.check(token);
        const join: Join = async (tx, user) => {
          await setup.spend(tx, token, user.id);
          return { workspaceId: workspaces.defaultId, role: 'admin', mayReveal: true };
        };
        return add(registration, origin, join, true);
      }),

    async addForeign(registration, origin, { mode: by, invitation, also }) {
      const join = joinBy(by, invitation);
      return add({ ...registration, password: null }, origin, async (tx, user) => {
        await also(tx, user);
        return join(tx, user);
      });
    },

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

  /** What a new user becomes. @throws Problem `registration_closed`. */
  function joinBy(by: RegistrationMode, invitation: string | undefined): Join {
    if (invitation !== undefined && by !== 'closed') return (tx, user) => invitations.accept(tx, invitation, user);
    if (by !== 'open') throw registrationClosed(by);
    return async () => ({ workspaceId: workspaces.defaultId, role: 'member', mayReveal: true });
  }

  /** Adds a user with what `join` makes them a member of, in one transaction. */
  async function add(
    registration: Omit<Registration, 'password'> & { password: string | null },
    origin: Origin,
    join: Join,
    operator = false,
  ): Promise<User> {
    refuseUnusable(registration);
    const now = clock();
    const { password } = registration;
    const hash = password === null ? null : await passwords.hash(password, namesOf(registration));
    const user = newUser(registration, hash, operator, now);
    const member = await db.transaction(async (tx) => {
      await refuseTaken(tx, registration);
      await insertUser(tx, user);
      const membership = await join(tx, user);
      await insertMember(tx, user.id, membership, now);
      const { workspaceId } = membership;
      const { address } = origin;
      const by = { workspaceId, actorKind: 'user' as const, actorId: user.id, actorName: user.username, address };
      await audit.appendAs(tx, by, 'user.register', `user:${user.id}`, { role: membership.role });
      return (await findMember(tx, workspaceId, user.id))!;
    });
    return toUser(member);
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

/** A user as they are stored when they are new. */
export function newUser(
  registration: Omit<Registration, 'password'>,
  passwordHash: string | null,
  operator: boolean,
  now: number,
): UserRow {
  const { username, email, full_name: fullName } = registration;
  return {
    id: newId(),
    username: username.normalize('NFKC').trim(),
    username_key: normalise(username),
    email: email.trim(),
    email_key: normalise(email),
    full_name: fullName.trim(),
    password_hash: passwordHash,
    operator: Number(operator),
    created_at: now,
    last_login_at: null,
  };
}

/** @throws Problem `username_taken`, `email_taken`. */
async function refuseTaken(tx: Queryable, { username, email }: Omit<Registration, 'password'>): Promise<void> {
  const taken = await findTaken(tx, username, email);
  if (taken === 'username') throw new Problem('username_taken', 'Another user has this username. Choose another one.');
  if (taken === 'email') throw emailTaken();
}

/** @throws Problem `invalid_request` for a name or an address that cannot be one. */
function refuseUnusable({ username, email }: Omit<Registration, 'password'>): void {
  // What is drawn as nothing (DI) would make two names that look the same, in the audit log too.
  if (!/^[^\s\p{C}\p{DI}]{1,64}$/u.test(username.normalize('NFKC').trim())) {
    throw new Problem('invalid_request', 'The username must have 1 to 64 visible characters without spaces.');
  }
  refuseEmail(email);
}

/** What everybody knows of a user, and nobody may choose as a password. */
const namesOf = ({ username, email, full_name: fullName }: Omit<Registration, 'password'>): string[] => [
  username,
  email,
  email.split('@', 1)[0]!,
  fullName,
];

function refuseEmail(email: string): void {
  if (!/^[^\s@]+@[^\s@]+$/.test(email.trim())) throw new Problem('invalid_request', 'The e-mail address is not valid.');
}

const emailTaken = () =>
  new Problem('email_taken', 'Another user has this e-mail address. Log in instead, or use another one.');

const registrationClosed = (mode: RegistrationMode) =>
  new Problem(
    'registration_closed',
    mode === 'invitation'
      ? 'Registering needs an invitation. Ask an administrator for one and send it as `invitation`.'
      : 'Nobody can register here. Ask whoever runs the service for an account.',
  );

function toUser(member: Member): User {
  return {
    user_id: member.id,
    username: member.username,
    email: member.email,
    full_name: member.fullName,
    role: member.role,
    may_reveal: member.mayReveal,
    active: member.active,
    operator: member.operator,
    workspace_id: member.workspaceId,
    created_at: isoTime(member.createdAt),
    last_login_at: isoTimeOrNull(member.lastLoginAt),
  };
}
