import type { Queryable } from '../backends/db/db.ts';
import type { UserRow } from '../backends/db/schema.ts';
import type { Role } from '../core/actor.ts';

/** A user with what they are in a workspace. */
export interface Member {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly fullName: string;
  readonly active: boolean;
  readonly createdAt: number;
  readonly workspaceId: string;
  readonly role: Role;
  readonly mayReveal: boolean;
}

const memberColumns = [
  'users.id',
  'users.username',
  'users.email',
  'users.full_name',
  'users.active',
  'users.created_at',
  'members.workspace_id',
  'members.role',
  'members.may_reveal',
] as const;

const members = (db: Queryable) =>
  db.selectFrom('members').innerJoin('users', 'users.id', 'members.user_id').select(memberColumns);

type MemberColumns = Awaited<ReturnType<ReturnType<typeof members>['executeTakeFirstOrThrow']>>;

const toMember = (row: MemberColumns): Member => ({
  id: row.id,
  username: row.username,
  email: row.email,
  fullName: row.full_name,
  active: row.active === 1,
  createdAt: row.created_at,
  workspaceId: row.workspace_id,
  role: row.role as Role,
  mayReveal: row.may_reveal === 1,
});

/** The member of a workspace with this user id, or `undefined`. */
export async function findMember(db: Queryable, workspaceId: string, userId: string): Promise<Member | undefined> {
  const row = await members(db)
    .where('members.workspace_id', '=', workspaceId)
    .where('users.id', '=', userId)
    .executeTakeFirst();
  return row && toMember(row);
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

/** How many active administrators a workspace has. */
export async function countAdmins(db: Queryable, workspaceId: string): Promise<number> {
  const { count } = await db
    .selectFrom('members')
    .innerJoin('users', 'users.id', 'members.user_id')
    .select((e) => e.fn.countAll<number>().as('count'))
    .where('workspace_id', '=', workspaceId)
    .where('role', '=', 'admin')
    .where('active', '=', 1)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Adds a user who is a member of one workspace. @throws the database's error when name or e-mail is taken. */
export async function insertMember(
  db: Queryable,
  user: UserRow,
  workspaceId: string,
  role: Role,
  mayReveal: boolean,
): Promise<void> {
  await db.insertInto('users').values(user).execute();
  await db
    .insertInto('members')
    .values({ workspace_id: workspaceId, user_id: user.id, role, may_reveal: Number(mayReveal) })
    .execute();
}

/** Changes what a member is; a field left out stays. */
export async function updateMember(
  db: Queryable,
  workspaceId: string,
  userId: string,
  change: { role?: Role; mayReveal?: boolean; active?: boolean },
) {
  const { role, mayReveal, active } = change;
  const of = db.updateTable('members').where('workspace_id', '=', workspaceId).where('user_id', '=', userId);
  if (role !== undefined) await of.set({ role }).execute();
  if (mayReveal !== undefined) await of.set({ may_reveal: Number(mayReveal) }).execute();
  if (active !== undefined)
    await db
      .updateTable('users')
      .set({ active: Number(active) })
      .where('id', '=', userId)
      .execute();
}

/** The stored user with this normalised name and the workspace they act in, or `undefined`. */
export function findCredentials(db: Queryable, usernameKey: string) {
  return db
    .selectFrom('users')
    .innerJoin('members', 'members.user_id', 'users.id')
    .select(['users.id', 'users.username', 'users.password_hash', 'members.workspace_id'])
    .where('username_key', '=', usernameKey)
    .executeTakeFirst();
}

/** Which of the two is taken, if any. */
export async function findTaken(
  db: Queryable,
  usernameKey: string,
  emailKey: string,
): Promise<'username' | 'email' | null> {
  const rows = await db
    .selectFrom('users')
    .select('username_key')
    .where((e) => e.or([e('username_key', '=', usernameKey), e('email_key', '=', emailKey)]))
    .execute();
  if (rows.length === 0) return null;
  return rows.some((row) => row.username_key === usernameKey) ? 'username' : 'email';
}
