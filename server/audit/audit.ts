import { createHash } from 'node:crypto';
import type { Queryable } from '../backends/db/db.ts';
import type { AuditRow } from '../backends/db/schema.ts';
import { allowInWorkspace } from '../core/access.ts';
import type { Actor } from '../core/actor.ts';
import { type Clock, isoTime } from '../core/clock.ts';

/** Who an entry is about, when there is no actor yet (a login) or none at all (the system). */
export interface AuditBy {
  readonly workspaceId: string;
  /** `nobody` is not signed in; `system` is the service itself or whoever has its machine. */
  readonly actorKind: 'user' | 'client' | 'nobody' | 'system';
  readonly actorId: string | null;
  readonly actorName: string;
  readonly address: string;
}

/** One entry as it is told. `detail` never holds a value of a row. */
export interface AuditEntry {
  readonly entry_id: number;
  readonly at: string;
  readonly actor_kind: string;
  readonly actor_id: string | null;
  readonly actor: string;
  readonly address: string;
  readonly action: string;
  readonly target: string;
  readonly detail: Record<string, unknown>;
  readonly hash: string;
}

/** What is listed. */
export interface AuditFilter {
  readonly action?: string;
  /** An exact target, such as `file:…` or `dataset:…`. */
  readonly target?: string;
  readonly limit: number;
  readonly offset: number;
}

/**
 * The append-only log of who did what. Each entry's hash covers the one before it in its workspace (SHA-256), so that
 * a changed, removed or reordered entry is found, unless it is the newest ones that are gone. An entry is committed before
 * the answer it speaks of is sent.
 */
export interface Audit {
  /** Appends within `tx`; the caller commits before it answers. */
  append(tx: Queryable, actor: Actor, action: string, target: string, detail: object): Promise<void>;
  appendAs(tx: Queryable, by: AuditBy, action: string, target: string, detail: object): Promise<void>;
  /** Newest first. @throws Problem `forbidden` unless the actor is an administrator. */
  list(actor: Actor, filter: AuditFilter): Promise<{ items: AuditEntry[]; total: number }>;
  /** The id of the first entry whose hash does not follow from its content and the entry before it; `null` if all do. */
  verify(workspaceId: string): Promise<number | null>;
}

/** The audit log in the metadata database. */
export function createAudit(db: Queryable, clock: Clock): Audit {
  const appendAs: Audit['appendAs'] = async (tx, by, action, target, detail) => {
    const previous = await tx
      .selectFrom('audit_entries')
      .select('hash')
      .where('workspace_id', '=', by.workspaceId)
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
    const content = {
      workspace_id: by.workspaceId,
      created_at: clock(),
      actor_kind: by.actorKind,
      actor_id: by.actorId,
      actor_name: by.actorName,
      address: by.address,
      action,
      target,
      detail: JSON.stringify(detail),
      previous_hash: previous?.hash ?? '',
    };
    await tx
      .insertInto('audit_entries')
      .values({ ...content, hash: hashOf(content) })
      .execute();
  };

  return {
    appendAs,
    append(tx, { workspaceId, kind: actorKind, id: actorId, name: actorName, address }, action, target, detail) {
      return appendAs(tx, { workspaceId, actorKind, actorId, actorName, address }, action, target, detail);
    },

    async list(actor, { action, target, limit, offset }) {
      allowInWorkspace(actor, 'read_audit');
      let of = db.selectFrom('audit_entries').where('workspace_id', '=', actor.workspaceId);
      if (action) of = of.where('action', '=', action);
      if (target) of = of.where('target', '=', target);
      const rows = await of.selectAll().orderBy('id', 'desc').limit(limit).offset(offset).execute();
      const { total } = await of.select((e) => e.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
      return { items: rows.map(toEntry), total: Number(total) };
    },

    async verify(workspaceId) {
      let previous = '';
      let after = 0;
      for (;;) {
        const rows = await db
          .selectFrom('audit_entries')
          .selectAll()
          .where('workspace_id', '=', workspaceId)
          .where('id', '>', after)
          .orderBy('id')
          .limit(1000)
          .execute();
        for (const { id, hash, ...content } of rows) {
          if (content.previous_hash !== previous || hashOf(content) !== hash) return id as number;
          previous = hash;
          after = id as number;
        }
        if (rows.length < 1000) return null;
      }
    },
  };
}

type Content = Omit<AuditRow, 'id' | 'hash'>;

function hashOf(content: Content): string {
  const { workspace_id, created_at, actor_kind, actor_id, actor_name, address, action, target, detail } = content;
  const who = [actor_kind, actor_id, actor_name, address];
  const fields = [workspace_id, created_at, ...who, action, target, detail, content.previous_hash];
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex');
}

function toEntry(row: Omit<AuditRow, 'id'> & { id: number }): AuditEntry {
  return {
    entry_id: row.id,
    at: isoTime(row.created_at),
    actor_kind: row.actor_kind,
    actor_id: row.actor_id,
    actor: row.actor_name,
    address: row.address,
    action: row.action,
    target: row.target,
    detail: JSON.parse(row.detail) as Record<string, unknown>,
    hash: row.hash,
  };
}
