import type { Audit } from '../audit/audit.ts';
import type { Database, Queryable } from '../backends/db/db.ts';
import { allowInWorkspace } from '../core/access.ts';
import type { Actor, Role } from '../core/actor.ts';
import { type Clock, isoTime } from '../core/clock.ts';
import { isId, newId } from '../core/ids.ts';
import { Problem } from '../core/problem.ts';
import type { Passwords } from './passwords.ts';
import type { Session, Sessions } from './sessions.ts';
import {
  countAdmins,
  findCredentials,
  findMember,
  findTaken,
  insertMember,
  listMembers,
  type Member,
  updateMember,
} from './store.ts';
import type { AccessTokens } from './tokens.ts';
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
  readonly workspace_id: string;
  readonly created_at: string;
}

/** What a login or refresh gives, in the shape of RFC 6749, 5.1. */
export interface TokenPair {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly token_type: 'bearer';
  readonly expires_in: number;
}

/** Someone who wants to be a user. */
export interface Registration {
  readonly username: string;
  readonly email: string;
  readonly full_name: string;
  readonly password: string;
}

/** What an administrator may change of a member. */
export interface MemberChange {
  readonly role?: Role;
  readonly may_reveal?: boolean;
  readonly active?: boolean;
}

/** Users: who they are, how they sign in, what they may. */
export interface Accounts {
  /**
   * Adds a user to the workspace. The first one becomes its administrator and may reveal; the others are members who
   * may reveal what is in their own files, until an administrator takes the right away.
   * @throws Problem `username_taken`, `email_taken`, `weak_password`, `invalid_request`.
   */
  register(registration: Registration): Promise<User>;
  /** @throws Problem `invalid_credentials`, the same for every reason. */
  login(username: string, password: string, address: string): Promise<TokenPair>;
  /** @throws Problem `refresh_token_invalid`. */
  refresh(refreshToken: string): Promise<TokenPair>;
  /** Who an access token stands for, as they are now. @throws Problem `token_expired` or `unauthorized`. */
  authenticate(accessToken: string, address: string): Promise<Actor>;
  /** Who a live session belongs to, as they are now. @throws Problem `unauthorized`. */
  actorOf(sessionId: string, address: string): Promise<Actor>;
  me(actor: Actor): Promise<User>;
  /** @throws Problem `forbidden` unless the actor is an administrator. */
  list(actor: Actor, limit: number, offset: number): Promise<{ items: User[]; total: number }>;
  /** Acts at once on every request and on what sockets are told. @throws Problem `forbidden`, `user_not_found`, `last_admin`. */
  change(actor: Actor, userId: string, change: MemberChange): Promise<User>;
}

interface Needs {
  db: Database;
  clock: Clock;
  passwords: Passwords;
  accessTokens: AccessTokens;
  sessions: Sessions;
  workspaces: Workspaces;
  audit: Audit;
}

/** Names and addresses that look the same are the same: NFKC, no outer space, lower case. */
const normalise = (text: string): string => text.normalize('NFKC').trim().toLowerCase();

/** Users in the metadata database. */
export function createAccounts({ db, clock, passwords, accessTokens, sessions, workspaces, audit }: Needs): Accounts {
  return {
    async register(registration) {
      refuseUnusable(registration);
      const passwordHash = await passwords.hash(registration.password);
      const { username, email } = registration;
      const user = {
        id: newId(),
        username: username.normalize('NFKC').trim(),
        username_key: normalise(username),
        email: email.trim(),
        email_key: normalise(email),
        full_name: registration.full_name.trim(),
        password_hash: passwordHash,
        active: 1,
        created_at: clock(),
      };
      const workspaceId = workspaces.defaultId;
      const member = await db.transaction(async (tx) => {
        await refuseTaken(tx, user.username_key, user.email_key);
        const first = (await countAdmins(tx, workspaceId)) === 0;
        await insertMember(tx, user, workspaceId, first ? 'admin' : 'member', true);
        await audit.appendAs(
          tx,
          { workspaceId, actorId: user.id, actorName: user.username, address: '' },
          'user.register',
          `user:${user.id}`,
          {},
        );
        return (await findMember(tx, workspaceId, user.id))!;
      });
      return toUser(member);
    },

    async login(username, password, address) {
      const stored = await findCredentials(db.query, normalise(username));
      const good = await passwords.matches(password, stored?.password_hash);
      if (!good || !stored) throw wrongCredentials();
      const { id, username: actorName, workspace_id: workspaceId } = stored;
      const { session, refreshToken } = await db.transaction(async (tx) => {
        // As they are now: the password took a while, and whoever was locked out meanwhile must not get a session.
        const member = await findMember(tx, workspaceId, id);
        if (!member?.active) throw wrongCredentials();
        const started = await sessions.start(tx, id, workspaceId);
        const by = { workspaceId, actorId: id, actorName, address };
        await audit.appendAs(tx, by, 'user.login', `session:${started.session.id}`, {});
        return started;
      });
      return toPair(session, refreshToken);
    },

    async refresh(refreshToken) {
      const renewed = await sessions.refresh(refreshToken);
      return toPair(renewed.session, renewed.refreshToken);
    },

    async authenticate(accessToken, address) {
      const claims = await accessTokens.verify(accessToken);
      return liveActor(claims.sessionId, address);
    },

    actorOf: liveActor,

    async me(actor) {
      return toUser((await findMember(db.query, actor.workspaceId, actor.userId))!);
    },

    async list(actor, limit, offset) {
      allowInWorkspace(actor, 'list_users');
      const { items, total } = await listMembers(db.query, actor.workspaceId, limit, offset);
      return { items: items.map(toUser), total };
    },

    async change(actor, userId, { role, may_reveal: mayReveal, active }) {
      allowInWorkspace(actor, 'change_user');
      const change = {
        ...(role && { role }),
        ...(mayReveal !== undefined && { mayReveal }),
        ...(active !== undefined && { active }),
      };
      const member = await db.transaction(async (tx) => {
        const before = isId(userId) ? await findMember(tx, actor.workspaceId, userId) : undefined;
        if (!before) throw new Problem('user_not_found', `There is no user ${userId} in this workspace.`);
        await updateMember(tx, actor.workspaceId, userId, change);
        if ((await countAdmins(tx, actor.workspaceId)) === 0) {
          throw new Problem(
            'last_admin',
            'This would leave the workspace without an active administrator. Make another one first.',
          );
        }
        if (active === false) await sessions.revokeAllOf(tx, userId);
        await audit.append(tx, actor, 'user.change', `user:${userId}`, change);
        return (await findMember(tx, actor.workspaceId, userId))!;
      });
      return toUser(member);
    },
  };

  async function refuseTaken(tx: Queryable, usernameKey: string, emailKey: string): Promise<void> {
    const taken = await findTaken(tx, usernameKey, emailKey);
    if (taken === 'username')
      throw new Problem('username_taken', 'Another user has this username. Choose another one.');
    if (taken === 'email')
      throw new Problem('email_taken', 'Another user has this e-mail address. Log in instead, or use another one.');
  }

  async function liveActor(sessionId: string, address: string): Promise<Actor> {
    const session = await sessions.findLive(sessionId);
    const member = session && (await findMember(db.query, session.workspaceId, session.userId));
    if (!session || !member?.active) throw new Problem('unauthorized', 'The session has ended. Log in again.');
    const { id: userId, username, workspaceId, role, mayReveal } = member;
    return { userId, username, workspaceId, role, mayReveal, sessionId: session.id, address };
  }

  async function toPair({ id, userId, workspaceId }: Session, refreshToken: string): Promise<TokenPair> {
    return {
      access_token: await accessTokens.issue({ sessionId: id, userId, workspaceId }),
      refresh_token: refreshToken,
      token_type: 'bearer',
      expires_in: accessTokens.lifetimeSeconds,
    };
  }
}

const wrongCredentials = () =>
  new Problem('invalid_credentials', 'The username or the password is wrong. Check both and try again.');

function refuseUnusable({ username, email }: Registration): void {
  if (!/^[^\s\p{C}]{1,64}$/u.test(username.normalize('NFKC').trim())) {
    throw new Problem('invalid_request', 'The username must have 1 to 64 characters without spaces.');
  }
  if (!/^[^\s@]+@[^\s@]+$/.test(email.trim())) throw new Problem('invalid_request', 'The e-mail address is not valid.');
}

function toUser(member: Member): User {
  return {
    user_id: member.id,
    username: member.username,
    email: member.email,
    full_name: member.fullName,
    role: member.role,
    may_reveal: member.mayReveal,
    active: member.active,
    workspace_id: member.workspaceId,
    created_at: isoTime(member.createdAt),
  };
}
