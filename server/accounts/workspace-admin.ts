import type { Audit } from '../audit/audit.ts';
import type { Database, Queryable } from '../backends/db/db.ts';
import { allowInWorkspace } from '../core/access.ts';
import type { Actor, Role } from '../core/actor.ts';
import { type Clock, isoTime } from '../core/clock.ts';
import { isId, newId } from '../core/ids.ts';
import { Problem } from '../core/problem.ts';
import type { Keys } from '../keys/keys.ts';
import { refuseEmpty } from './change.ts';
import { cleanName } from './client-rules.ts';
import { refuseMoreThanHeld } from './grants.ts';
import { requireConfirmed } from './login.ts';
import { insertMember, removeStrandedUsers } from './store.ts';
import {
  closeWorkspace,
  deleteWorkspace,
  findWorkspace,
  insertWorkspace,
  listWorkspaces,
  QUOTAS,
  updateWorkspace,
  type WorkspaceQuotas,
  type WorkspaceView,
} from './workspace-store.ts';

/** A workspace as someone sees it. */
export interface Workspace {
  readonly workspace_id: string;
  readonly name: string;
  /** Whether every member may read every file. */
  readonly shared_files: boolean;
  /** What the caller is there; `null` for who is not there and runs the service. */
  readonly role: Role | null;
  readonly quotas: WorkspaceQuotas;
  readonly created_at: string;
}

/** What a workspace holds. */
export interface WorkspaceUsage {
  readonly bytes: number;
  readonly files: number;
  readonly rows: number;
}

/** What administrators of a workspace may change of it. */
export interface OwnWorkspaceChange {
  readonly name?: string;
  readonly shared_files?: boolean;
}

/** What whoever runs the service may change of a workspace. */
export type WorkspaceChange = { readonly name?: string } & Partial<WorkspaceQuotas>;

/** Workspaces: made, named, bounded and removed by whoever runs the service; changed by their administrators. */
export interface WorkspaceAdmin {
  /** The caller's, or `all`. @throws Problem `forbidden` for all, unless they run the service. */
  list(
    actor: Actor,
    page: { all: boolean; limit: number; offset: number },
  ): Promise<{ items: Workspace[]; total: number }>;
  /** @throws Problem `workspace_not_found` unless it is the current one or the caller runs the service. */
  get(actor: Actor, workspaceId: string): Promise<Workspace & { usage: WorkspaceUsage }>;
  /** The maker becomes its first administrator. @throws Problem `forbidden`. */
  create(actor: Actor, workspace: WorkspaceChange & { readonly name: string }): Promise<Workspace>;
  /** @throws Problem `forbidden`, `workspace_not_found`. */
  change(actor: Actor, workspaceId: string, change: WorkspaceChange): Promise<Workspace>;
  /** @throws Problem `forbidden`. */
  changeOwn(actor: Actor, change: OwnWorkspaceChange): Promise<Workspace>;
  /**
   * Removes a workspace with all its files, rows, keys, clients, invitations and memberships, and the users who are nowhere
   * else: what was encrypted under its keys cannot be read any more. Its audit log stays.
   * @throws Problem `forbidden`, `confirmation_required`, `workspace_not_found`, `workspace_in_use` for the default one and
   * the one that the caller is signed in to.
   */
  remove(actor: Actor, workspaceId: string): Promise<void>;
}

interface Needs {
  db: Database;
  keys: Keys;
  audit: Audit;
  clock: Clock;
  defaultId: string;
  usageOf: (query: Queryable, workspaceId: string) => Promise<WorkspaceUsage>;
  /** Removes all files of a workspace, with what is stored of them. */
  removeFiles: (workspaceId: string) => Promise<void>;
}

/** Workspaces in the metadata database. */
export function createWorkspaceAdmin({
  db,
  keys,
  audit,
  clock,
  defaultId,
  usageOf,
  removeFiles,
}: Needs): WorkspaceAdmin {
  return {
    async list(actor, { all, limit, offset }) {
      allowInWorkspace(actor, all ? 'run_service' : 'see_workspace');
      const of = all || actor.kind === 'user' ? { userId: actor.id, all } : { workspaceId: actor.workspaceId };
      const { items, total } = await listWorkspaces(db.query, of, limit, offset);
      return { items: items.map((view) => toWorkspace(seenBy(actor, view))), total };
    },

    async get(actor, workspaceId) {
      allowInWorkspace(actor, 'see_workspace');
      if (workspaceId !== actor.workspaceId) {
        if (!actor.operator) throw notFound(workspaceId);
        allowInWorkspace(actor, 'run_service');
      }
      return { ...toWorkspace(await find(db.query, actor, workspaceId)), usage: await usageOf(db.query, workspaceId) };
    },

    async create(actor, { name, ...given }) {
      allowInWorkspace(actor, 'run_service');
      const quotas = quotasIn(given);
      const id = newId();
      const stored = await keys.newWorkspace(id);
      return db.transaction(async (tx) => {
        await insertWorkspace(tx, { id, name: cleanName(name), created_at: clock(), ...quotas }, stored);
        await insertMember(tx, actor.id, { workspaceId: id, role: 'admin', mayReveal: true }, clock());
        await tell(tx, actor, id, 'workspace.create', { name, ...quotas });
        return toWorkspace(await find(tx, actor, id));
      });
    },

    async change(actor, workspaceId, { name, ...given }) {
      allowInWorkspace(actor, 'run_service');
      const change = { ...(name !== undefined && { name: cleanName(name) }), ...quotasIn(given) };
      refuseEmpty(change);
      return db.transaction(async (tx) => {
        await find(tx, actor, workspaceId);
        await updateWorkspace(tx, workspaceId, change);
        await tell(tx, actor, workspaceId, 'workspace.change', change);
        return toWorkspace(await find(tx, actor, workspaceId));
      });
    },

    async changeOwn(actor, { name, shared_files: shared }) {
      allowInWorkspace(actor, 'change_workspace');
      // Members who may reveal do so in all files that are shared.
      if (shared) refuseMoreThanHeld(actor, ['reveal']);
      const change = {
        ...(name !== undefined && { name: cleanName(name) }),
        ...(shared !== undefined && { shared_files: Number(shared) }),
      };
      refuseEmpty(change);
      const { workspaceId } = actor;
      return db.transaction(async (tx) => {
        await updateWorkspace(tx, workspaceId, change);
        await tell(tx, actor, workspaceId, 'workspace.change', change);
        return toWorkspace(await find(tx, actor, workspaceId));
      });
    },

    async remove(actor, workspaceId) {
      allowInWorkspace(actor, 'run_service');
      requireConfirmed(actor, clock);
      const { name } = await find(db.query, actor, workspaceId);
      if (workspaceId === defaultId) throw inUse('New users join it.');
      if (workspaceId === actor.workspaceId) throw inUse('You are signed in to it: switch to another one first.');
      const usage = await usageOf(db.query, workspaceId);
      // First nobody may get in any more. What somebody still sends is found when the rest is gone.
      await db.transaction(async (tx) => {
        await closeWorkspace(tx, workspaceId);
        await tell(tx, actor, workspaceId, 'workspace.close', { name, ...usage });
      });
      do await removeFiles(workspaceId);
      while (!(await removeEmpty(actor, workspaceId, { name, ...usage })));
      keys.forget(workspaceId);
      await db.purge();
    },
  };

  /** `false` when a file has come in meanwhile. */
  function removeEmpty(actor: Actor, workspaceId: string, detail: object): Promise<boolean> {
    return db.transaction(async (tx) => {
      if ((await usageOf(tx, workspaceId)).files > 0) return false;
      await deleteWorkspace(tx, workspaceId);
      await removeStrandedUsers(tx);
      await tell(tx, actor, workspaceId, 'workspace.remove', detail);
      return true;
    });
  }

  async function find(query: Queryable, actor: Actor, workspaceId: string): Promise<WorkspaceView> {
    const workspace = isId(workspaceId) ? await findWorkspace(query, workspaceId, actor.id) : undefined;
    if (!workspace) throw notFound(workspaceId);
    return seenBy(actor, workspace);
  }

  /** In the log of the workspace that is changed and, where it is another one, in that of who changes it. */
  async function tell(tx: Queryable, actor: Actor, workspaceId: string, action: string, detail: object): Promise<void> {
    for (const log of new Set([workspaceId, actor.workspaceId]))
      await audit.append(tx, { ...actor, workspaceId: log }, action, `workspace:${workspaceId}`, detail);
  }
}

/** A client is a member of nothing; what it is stands with the client. */
const seenBy = (actor: Actor, view: WorkspaceView): WorkspaceView =>
  actor.kind === 'client' && view.id === actor.workspaceId ? { ...view, role: actor.role } : view;

const notFound = (id: string) => new Problem('workspace_not_found', `There is no workspace ${id} that you may see.`);
const inUse = (why: string) => new Problem('workspace_in_use', `This workspace cannot be removed. ${why}`);

/** The quotas that were given, and nothing else that was sent. */
function quotasIn(given: Partial<WorkspaceQuotas>): Partial<WorkspaceQuotas> {
  return Object.fromEntries(QUOTAS.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]));
}

const toWorkspace = (view: WorkspaceView): Workspace => ({
  workspace_id: view.id,
  name: view.name,
  shared_files: view.shared_files === 1,
  role: view.role as Role | null,
  quotas: Object.fromEntries(QUOTAS.map((name) => [name, view[name]])) as unknown as WorkspaceQuotas,
  created_at: isoTime(view.created_at),
});
