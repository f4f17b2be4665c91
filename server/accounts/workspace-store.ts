import type { Queryable } from '../backends/db/db.ts';
import type { StoredWorkspaceKeys } from '../keys/workspace-keys.ts';

/** The most that a workspace may hold, and ask in a minute; `null` where there is no bound. */
export interface WorkspaceQuotas {
  readonly max_bytes: number | null;
  readonly max_files: number | null;
  readonly max_rows: number | null;
  readonly max_requests: number | null;
}

/** A workspace without its keys, with what a user is there. */
export interface WorkspaceView extends WorkspaceQuotas {
  readonly id: string;
  readonly name: string;
  readonly shared_files: number;
  readonly created_at: number;
  readonly role: string | null;
}

/** The columns of quotas. */
export const QUOTAS = [
  'max_bytes',
  'max_files',
  'max_rows',
  'max_requests',
] as const satisfies (keyof WorkspaceQuotas)[];

const NONE: WorkspaceQuotas = { max_bytes: null, max_files: null, max_rows: null, max_requests: null };

/** The quotas of a workspace; none for one that is not there. */
export async function quotasOf(db: Queryable, workspaceId: string): Promise<WorkspaceQuotas> {
  const row = await db.selectFrom('workspaces').select(QUOTAS).where('id', '=', workspaceId).executeTakeFirst();
  return row ?? NONE;
}

const views = (db: Queryable, userId: string) =>
  db
    .selectFrom('workspaces')
    .leftJoin('members', (join) =>
      join.onRef('members.workspace_id', '=', 'workspaces.id').on('members.user_id', '=', userId),
    )
    .select([
      'workspaces.id',
      'workspaces.name',
      'workspaces.shared_files',
      'workspaces.created_at',
      'workspaces.max_bytes',
      'workspaces.max_files',
      'workspaces.max_rows',
      'workspaces.max_requests',
      'members.role',
    ]);

/** A workspace as a user sees it, or `undefined`. */
export function findWorkspace(db: Queryable, workspaceId: string, userId: string): Promise<WorkspaceView | undefined> {
  return views(db, userId).where('workspaces.id', '=', workspaceId).executeTakeFirst();
}

/** A page of workspaces, oldest first, and how many there are: those that a user is active in, all, or one. */
export async function listWorkspaces(
  db: Queryable,
  of: { readonly userId: string; readonly all: boolean } | { readonly workspaceId: string },
  limit: number,
  offset: number,
) {
  let query = views(db, 'userId' in of ? of.userId : '');
  if ('workspaceId' in of) query = query.where('workspaces.id', '=', of.workspaceId);
  else if (!of.all) query = query.where('members.active', '=', 1);
  const items: WorkspaceView[] = await query
    .orderBy('workspaces.created_at')
    .orderBy('workspaces.id')
    .limit(limit)
    .offset(offset)
    .execute();
  const { total } = await query
    .clearSelect()
    .select((e) => e.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  return { items, total: Number(total) };
}

/** Adds a workspace. */
export async function insertWorkspace(
  tx: Queryable,
  workspace: { id: string; name: string; created_at: number } & Partial<WorkspaceQuotas>,
  { wrappedKey, wrappedFernetKeys }: StoredWorkspaceKeys,
): Promise<void> {
  const keys = { wrapped_key: wrappedKey, wrapped_fernet_keys: JSON.stringify(wrappedFernetKeys) };
  await tx
    .insertInto('workspaces')
    .values({ ...NONE, ...workspace, ...keys })
    .execute();
}

/** Changes a workspace; a field left out stays. */
export async function updateWorkspace(
  tx: Queryable,
  workspaceId: string,
  change: Partial<WorkspaceQuotas> & { name?: string; shared_files?: number },
): Promise<void> {
  await tx.updateTable('workspaces').set(change).where('id', '=', workspaceId).execute();
}

/** Lets nobody into a workspace any more: its sessions, clients, invitations and memberships are gone. */
export async function closeWorkspace(tx: Queryable, workspaceId: string): Promise<void> {
  await tx.deleteFrom('tickets').where('workspace_id', '=', workspaceId).execute();
  await tx.deleteFrom('sessions').where('workspace_id', '=', workspaceId).execute();
  await tx.deleteFrom('clients').where('workspace_id', '=', workspaceId).execute();
  await tx.deleteFrom('invitations').where('workspace_id', '=', workspaceId).execute();
  await tx.deleteFrom('members').where('workspace_id', '=', workspaceId).execute();
}

/** Removes a workspace that is closed and has no files, with its keys. */
export async function deleteWorkspace(tx: Queryable, workspaceId: string): Promise<void> {
  await tx.deleteFrom('workspaces').where('id', '=', workspaceId).execute();
}
