import type { Audit } from '../audit/audit.ts';
import type { Database, Queryable } from '../backends/db/db.ts';
import { allowInWorkspace } from '../core/access.ts';
import type { Actor } from '../core/actor.ts';
import type { Detection } from '../infer/infer.ts';
import { parsePolicy, parseTaughtKinds } from '../infer/taught.ts';

/** What is looked for in the files of a workspace, and what becomes of it. Acts on files that are parsed from then on. */
export interface DetectionSettings {
  get(actor: Actor): Promise<Detection>;
  /**
   * Sets both anew. @throws Problem `forbidden`; `invalid_request` that names the kind or field that is wrong.
   */
  set(actor: Actor, settings: { readonly policy: unknown; readonly taught: unknown }): Promise<Detection>;
  /** For the parser; `undefined` where the workspace has set nothing. */
  of(workspaceId: string): Promise<Detection | undefined>;
}

/** Detection settings in the metadata database. */
export function createDetectionSettings(db: Database, audit: Audit): DetectionSettings {
  return {
    async get(actor) {
      allowInWorkspace(actor, 'see_workspace');
      return read(db.query, actor.workspaceId);
    },

    async set(actor, settings) {
      allowInWorkspace(actor, 'change_workspace');
      const taught = parseTaughtKinds(settings.taught);
      const detection = { policy: parsePolicy(settings.policy, taught), taught };
      const { workspaceId } = actor;
      await db.transaction(async (tx) => {
        await tx
          .updateTable('workspaces')
          .set({ policy: JSON.stringify(detection) })
          .where('id', '=', workspaceId)
          .execute();
        const detail = { policy: detection.policy, taught: taught.map(({ id }) => id) };
        await audit.append(tx, actor, 'workspace.change_detection', `workspace:${workspaceId}`, detail);
      });
      return detection;
    },

    async of(workspaceId) {
      const detection = await read(db.query, workspaceId);
      const isUsual = Object.keys(detection.policy).length === 0 && detection.taught.length === 0;
      return isUsual ? undefined : detection;
    },
  };
}

async function read(query: Queryable, workspaceId: string): Promise<Detection> {
  const row = await query.selectFrom('workspaces').select('policy').where('id', '=', workspaceId).executeTakeFirst();
  const { policy = {}, taught = [] } = JSON.parse(row?.policy ?? '{}') as Partial<Detection>;
  return { policy, taught };
}
