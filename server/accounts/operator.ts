import type { Audit } from '../audit/audit.ts';
import type { Database, Queryable } from '../backends/db/db.ts';
import type { UserRow } from '../backends/db/schema.ts';
import type { Role } from '../core/actor.ts';
import { Problem } from '../core/problem.ts';
import type { Challenges } from './challenges.ts';
import type { FactorCodes } from './factor-codes.ts';
import { removePasskeys } from './passkey-store.ts';
import type { Passwords } from './passwords.ts';
import type { Sessions } from './sessions.ts';
import { SETUP_HOURS } from './setup.ts';
import {
  findAdmin,
  findByUsername,
  hasActiveOperator,
  hasOperator,
  listAllMembers,
  listMemberships,
  type Member,
  updateMember,
  updateUser,
} from './store.ts';
import { listWorkspaces } from './workspace-store.ts';

/** What the operator is told of a member of a workspace. */
export interface OperatorsView {
  readonly user_id: string;
  readonly username: string;
  readonly email: string;
  readonly workspace_id: string;
  readonly role: Role;
  readonly may_reveal: boolean;
  readonly active: boolean;
  readonly operator: boolean;
}

/**
 * What whoever has the machine may do to accounts, without a password of anyone: for an operator who is locked out. It
 * works beside a running service, which sees each change at its next request. Every act is an audit entry of the kind
 * `system`. A user is named by their username; what takes `workspaceId` is about the first workspace they joined when it
 * is left out. @throws Problem `user_not_found`, `last_admin`.
 */
export interface Operator {
  /** All users, once for each workspace they are in. */
  list(): Promise<OperatorsView[]>;
  /** Sets a password and ends all sessions. @throws Problem `weak_password`. */
  setPassword(username: string, password: string): Promise<OperatorsView[]>;
  setRole(username: string, role: Role, workspaceId?: string): Promise<OperatorsView[]>;
  /** Lets a user in, or locks them out and ends their sessions. */
  setActive(username: string, active: boolean, workspaceId?: string): Promise<OperatorsView[]>;
  /** Gives the right to reveal, which in a workspace only who has it can give, or takes it away. */
  setReveal(username: string, mayReveal: boolean, workspaceId?: string): Promise<OperatorsView[]>;
  /** Lets a user run the service, or takes that away. */
  setOperator(username: string, operator: boolean): Promise<OperatorsView[]>;
  /** Takes authenticator app, recovery codes and passkeys away, and ends all sessions: the password is enough again. */
  resetSecondFactor(username: string): Promise<OperatorsView[]>;
  /** A token that makes the first administrator. @throws Problem `forbidden` when somebody runs the service. */
  newSetupToken(): Promise<string>;
}

interface Needs {
  db: Database;
  passwords: Passwords;
  sessions: Sessions;
  codes: FactorCodes;
  challenges: Challenges;
  audit: Audit;
  /** Who has the machine, for the audit log. */
  name: string;
}

/** The operator's acts on the metadata database. */
export function createOperator({ db, passwords, sessions, codes, challenges, audit, name }: Needs): Operator {
  return {
    list: async () => (await listAllMembers(db.query)).map(toView),

    async setPassword(username, password) {
      const user = await findByUsername(db.query, username);
      if (!user) throw unknown(username);
      const hash = await passwords.hash(password, [user.username, user.email, user.full_name]);
      return change(username, 'set_password', {}, async (tx, user) => {
        await updateUser(tx, user.id, { password_hash: hash });
        await sessions.revokeAll(tx, { userId: user.id });
      });
    },

    setRole: (username, role, workspaceId) =>
      change(username, 'set_role', { role }, async (tx, user, members) => {
        const { workspaceId: of } = memberOf(members, workspaceId);
        await updateMember(tx, of, user.id, { role });
        await keepAnAdmin(tx, of);
      }),

    setActive: (username, active, workspaceId) =>
      change(username, active ? 'activate' : 'deactivate', {}, async (tx, user, members) => {
        const { workspaceId: of } = memberOf(members, workspaceId);
        await updateMember(tx, of, user.id, { active });
        if (!active) await sessions.revokeAll(tx, { userId: user.id, workspaceId: of });
        await keepAnAdmin(tx, of);
        if (!active) await keepAnOperator(tx);
      }),

    setReveal: (username, mayReveal, workspaceId) =>
      change(username, 'set_reveal', { may_reveal: mayReveal }, async (tx, user, members) => {
        await updateMember(tx, memberOf(members, workspaceId).workspaceId, user.id, { mayReveal });
      }),

    setOperator: (username, operator) =>
      change(username, 'set_operator', { operator }, async (tx, user) => {
        await updateUser(tx, user.id, { operator: Number(operator) });
        await keepAnOperator(tx);
      }),

    resetSecondFactor: (username) =>
      change(username, 'reset_second_factor', {}, async (tx, user) => {
        await codes.turnOff(tx, user.id);
        await removePasskeys(tx, user.id);
        await sessions.revokeAll(tx, { userId: user.id });
      }),

    async newSetupToken() {
      if (await hasOperator(db.query)) {
        throw new Problem(
          'forbidden',
          'Somebody runs the service already. List the users, and give one of them another password.',
        );
      }
      const { items } = await listWorkspaces(db.query, { userId: '', all: true }, 1, 0);
      const first = items[0]?.id;
      // Before the first start there is no log yet.
      if (first) {
        await db.transaction((tx) =>
          audit.appendAs(tx, bySystem(first), 'operator.setup_link', `workspace:${first}`, {}),
        );
      }
      return challenges.make({ kind: 'setup', seconds: SETUP_HOURS * 3600 });
    },
  };

  function bySystem(workspaceId: string) {
    return { workspaceId, actorKind: 'system' as const, actorId: null, actorName: name, address: '' };
  }

  /** Makes a change to a user, and tells of it in each workspace that they are in. */
  async function change(
    username: string,
    act: string,
    detail: object,
    work: (tx: Queryable, user: UserRow, members: readonly Member[]) => Promise<void>,
  ): Promise<OperatorsView[]> {
    return db.transaction(async (tx) => {
      const user = await findByUsername(tx, username);
      const members = user ? await listMemberships(tx, user.id) : [];
      if (!user || members.length === 0) throw unknown(username);
      await work(tx, user, members);
      for (const { workspaceId } of members) {
        await audit.appendAs(tx, bySystem(workspaceId), `operator.${act}`, `user:${user.id}`, detail);
      }
      return (await listMemberships(tx, user.id)).map(toView);
    });
  }
}

function memberOf(members: readonly Member[], workspaceId: string | undefined): Member {
  const member = workspaceId === undefined ? members[0] : members.find((one) => one.workspaceId === workspaceId);
  if (!member) throw new Problem('user_not_found', `The user is not in workspace ${workspaceId}.`);
  return member;
}

async function keepAnAdmin(tx: Queryable, workspaceId: string): Promise<void> {
  if ((await findAdmin(tx, workspaceId)) === undefined) throw lastOne('the workspace without an active administrator');
}

async function keepAnOperator(tx: Queryable): Promise<void> {
  if (!(await hasActiveOperator(tx))) throw lastOne('the service without anybody active who runs it');
}

const unknown = (username: string) => new Problem('user_not_found', `There is no user "${username}".`);

const lastOne = (what: string) => new Problem('last_admin', `This would leave ${what}. Make another one first.`);

const toView = (member: Member): OperatorsView => ({
  user_id: member.id,
  username: member.username,
  email: member.email,
  workspace_id: member.workspaceId,
  role: member.role,
  may_reveal: member.mayReveal,
  active: member.active,
  operator: member.operator,
});
