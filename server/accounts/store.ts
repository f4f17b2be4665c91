import type { Queryable } from '../backends/db/db.ts';
import type { UserRow } from '../backends/db/schema.ts';
import type { Role } from '../core/actor.ts';

/** A user with what they are in a workspace. */
export interface Member {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly fullName: string;
  readonly operator: boolean;
  readonly createdAt: number;
  readonly lastLoginAt: number | null;
  readonly workspaceId: string;
  readonly role: Role;
  readonly mayReveal: boolean;
  readonly active: boolean;
}

/** What someone becomes in a workspace. */
export interface Membership {
  readonly workspaceId: string;
  readonly role: Role;
  readonly mayReveal: boolean;
}

const memberColumns = [
  'users.id',
  'users.username',
  'users.email',
  'users.full_name',
  'users.operator',
  'users.created_at',
  'users.last_login_at',
  'members.workspace_id',
  'members.role',
  'members.may_reveal',
  'members.active',
] as const;

const members = (db: Queryable) =>
  db.selectFrom('members').innerJoin('users', 'users.id', 'members.user_id').select(memberColumns);

type MemberColumns = Awaited<ReturnType<ReturnType<typeof members>['executeTakeFirstOrThrow']>>;

const toMember = (row: MemberColumns): Member => ({
  id: row.id,
  username: row.username,
  email: row.email,
  fullName: row.full_name,
  operator: row.operator === 1,
  createdAt: row.created_at,
  lastLoginAt: row.last_login_at,
  workspaceId: row.workspace_id,
  role: row.role as Role,
  mayReveal: row.may_reveal === 1,
  active: row.active === 1,
});

/** Names and addresses that look the same are the same: NFKC, no outer space, lower case. */
export const normalise = (text: string): string => text.normalize('NFKC').trim().toLowerCase();

/** The member of a workspace with this user id, or `undefined`. */
export async function findMember(db: Queryable, workspaceId: string, userId: string): Promise<Member | undefined> {
  const row = await members(db)
    .where('members.workspace_id', '=', workspaceId)
    .where('users.id', '=', userId)
    .executeTakeFirst();
  return row && toMember(row);
}

/** What a user is in each of their workspaces, the one they joined first at the front. */
export async function listMemberships(db: Queryable, userId: string): Promise<Member[]> {
  const rows = await members(db).where('users.id', '=', userId).orderBy('members.joined_at').execute();
  return rows.map(toMember);
}

/** A page of a workspace's members, oldest first, and how many there are. */
export async function listMembers(db: Queryable, workspaceId: string, limit: number, offset: number) {
  const of = members(db).where('members.workspace_id', '=', workspaceId);
  const rows = await of.orderBy('users.created_at').orderBy('users.id').limit(limit).offset(offset).execute();
  return { items: rows.map(toMember), total: await countMembers(db, workspaceId) };
}

async function countMembers(db: Queryable, workspaceId: string): Promise<number> {
  const { count } = await db
    .selectFrom('members')
    .select((e) => e.fn.countAll<number>().as('count'))
    .where('workspace_id', '=', workspaceId)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** The id of the active administrator of a workspace who joined first, or `undefined`. */
export async function findAdmin(db: Queryable, workspaceId: string): Promise<string | undefined> {
  const of = db.selectFrom('members').select('user_id').where('workspace_id', '=', workspaceId);
  const admins = of.where('role', '=', 'admin').where('active', '=', 1);
  return (await admins.orderBy('joined_at').orderBy('user_id').limit(1).executeTakeFirst())?.user_id;
}

/** Whether there is anybody yet, besides one user, who runs the service. */
export async function hasOperator(db: Queryable, besides = ''): Promise<boolean> {
  const of = db.selectFrom('users').select('id').where('operator', '=', 1).where('id', '!=', besides);
  return (await of.executeTakeFirst()) !== undefined;
}

/** Whether there is anybody who runs the service and can log in: is active in any workspace. */
export async function hasActiveOperator(db: Queryable): Promise<boolean> {
  const of = members(db).where('users.operator', '=', 1).where('members.active', '=', 1);
  return (await of.limit(1).executeTakeFirst()) !== undefined;
}

/** What every user is in each workspace they are in. */
export async function listAllMembers(db: Queryable): Promise<Member[]> {
  const rows = await members(db).orderBy('users.username_key').orderBy('members.joined_at').execute();
  return rows.map(toMember);
}

/** Adds a user. @throws the database's error when name or e-mail is taken. */
export async function insertUser(db: Queryable, user: UserRow): Promise<void> {
  await db.insertInto('users').values(user).execute();
}

/** Makes a user a member of a workspace. @throws the database's error when they are one. */
export async function insertMember(db: Queryable, userId: string, membership: Membership, now: number): Promise<void> {
  const { workspaceId, role, mayReveal } = membership;
  await db
    .insertInto('members')
    .values({
      workspace_id: workspaceId,
      user_id: userId,
      role,
      may_reveal: Number(mayReveal),
      active: 1,
      joined_at: now,
    })
    .execute();
}

/** Changes what a member is; a field left out stays. */
export async function updateMember(
  db: Queryable,
  workspaceId: string,
  userId: string,
  { role, mayReveal, active }: { role?: Role; mayReveal?: boolean; active?: boolean },
): Promise<void> {
  await db
    .updateTable('members')
    .set({
      ...(role !== undefined && { role }),
      ...(mayReveal !== undefined && { may_reveal: Number(mayReveal) }),
      ...(active !== undefined && { active: Number(active) }),
    })
    .where('workspace_id', '=', workspaceId)
    .where('user_id', '=', userId)
    .execute();
}

/** Changes a user; a field left out stays. @throws the database's error when the e-mail is taken. */
export async function updateUser(db: Queryable, userId: string, change: Partial<UserRow>): Promise<void> {
  await db.updateTable('users').set(change).where('id', '=', userId).execute();
}

/** The stored user with this id, or `undefined`. */
export function findUser(db: Queryable, userId: string): Promise<UserRow | undefined> {
  return db.selectFrom('users').selectAll().where('id', '=', userId).executeTakeFirst();
}

/** The stored user with this name in its normal form, or `undefined`. */
export function findByUsername(db: Queryable, username: string): Promise<UserRow | undefined> {
  return db.selectFrom('users').selectAll().where('username_key', '=', normalise(username)).executeTakeFirst();
}

/** Which of the two is taken, if any. */
export async function findTaken(db: Queryable, username: string, email: string): Promise<'username' | 'email' | null> {
  const rows = await db
    .selectFrom('users')
    .select('username_key')
    .where((e) => e.or([e('username_key', '=', normalise(username)), e('email_key', '=', normalise(email))]))
    .execute();
  if (rows.length === 0) return null;
  return rows.some((row) => row.username_key === normalise(username)) ? 'username' : 'email';
}

/** Takes a user out of a workspace. */
export async function removeMember(db: Queryable, workspaceId: string, userId: string): Promise<void> {
  await db.deleteFrom('members').where('workspace_id', '=', workspaceId).where('user_id', '=', userId).execute();
}

/** Removes the users who are in no workspace any more, but for those who run the service. */
export async function removeStrandedUsers(db: Queryable): Promise<void> {
  await db
    .deleteFrom('users')
    .where('operator', '=', 0)
    .where('id', 'not in', (e) => e.selectFrom('members').select('user_id'))
    .execute();
}

/** Removes a user with all that is theirs alone: sessions, second factors. */
export async function removeUser(db: Queryable, userId: string): Promise<void> {
  await db.deleteFrom('users').where('id', '=', userId).execute();
}
