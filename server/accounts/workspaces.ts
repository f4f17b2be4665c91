import type { Audit } from '../audit/audit.ts';
import type { Database } from '../backends/db/db.ts';
import { allowInWorkspace } from '../core/access.ts';
import type { Actor } from '../core/actor.ts';
import type { Clock } from '../core/clock.ts';
import { newId } from '../core/ids.ts';
import { Problem } from '../core/problem.ts';
import type { Keys } from '../keys/keys.ts';
import type { StoredWorkspaceKeys } from '../keys/workspace-keys.ts';
import { formatFernetKey } from '../seal/fernet.ts';
import { requireConfirmed } from './login.ts';
import { insertWorkspace } from './workspace-store.ts';

/** Workspaces: whose data is apart from all other workspaces' data, down to the keys. */
export interface Workspaces {
  /** The workspace that new users join. */
  readonly defaultId: string;
  /**
   * The workspace's Fernet keys, newest first, as Fernet libraries take them. Whoever holds them can open every token
   * of the workspace, so this is written to the audit log first.
   * @throws Problem `reveal_not_allowed` unless the actor is an administrator who may reveal; `confirmation_required`.
   */
  exportKeys(actor: Actor, reason: string): Promise<readonly string[]>;
}

/** What is stored of a workspace's keys, for `createKeys`. @throws Problem `internal` when there is no such workspace. */
export const loadWorkspaceKeys =
  ({ query }: Database) =>
  async (workspaceId: string): Promise<StoredWorkspaceKeys> => {
    const row = await query.selectFrom('workspaces').selectAll().where('id', '=', workspaceId).executeTakeFirst();
    if (!row) throw new Problem('internal', `There is no workspace ${workspaceId}.`);
    return { wrappedKey: row.wrapped_key, wrappedFernetKeys: JSON.parse(row.wrapped_fernet_keys) as string[] };
  };

/** Workspaces in the metadata database; the first start makes the default one, every start rewraps after a new root. */
export async function createWorkspaces(db: Database, keys: Keys, audit: Audit, clock: Clock): Promise<Workspaces> {
  const ids = (await db.query.selectFrom('workspaces').select('id').orderBy('created_at').execute()).map(
    ({ id }) => id,
  );
  for (const id of ids) await rewrap(id);
  const defaultId = ids[0] ?? (await create('default'));
  return {
    defaultId,
    async exportKeys(actor, reason) {
      allowInWorkspace(actor, 'export_keys');
      requireConfirmed(actor, clock);
      const { fernetKeys } = await keys.openWorkspace(actor.workspaceId);
      const detail = { reason, keys: fernetKeys.length };
      await db.transaction((tx) => audit.append(tx, actor, 'keys.export', `workspace:${actor.workspaceId}`, detail));
      return fernetKeys.map(formatFernetKey);
    },
  };

  async function rewrap(id: string): Promise<void> {
    const wrapped = await keys.rewrapWorkspace(id);
    if (!wrapped) return;
    const by = { workspaceId: id, actorKind: 'system' as const, actorId: null, actorName: 'start', address: '' };
    await db.transaction(async (tx) => {
      await tx.updateTable('workspaces').set({ wrapped_key: wrapped }).where('id', '=', id).execute();
      await audit.appendAs(tx, by, 'keys.rewrap', `workspace:${id}`, {});
    });
  }

  async function create(name: string): Promise<string> {
    const id = newId();
    await insertWorkspace(db.query, { id, name, created_at: clock() }, await keys.newWorkspace(id));
    return id;
  }
}
