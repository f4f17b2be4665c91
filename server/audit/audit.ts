import type { Database, Queryable } from '../backends/db/db.ts';
import { allowInWorkspace } from '../core/access.ts';
import type { Actor } from '../core/actor.ts';
import type { Clock } from '../core/clock.ts';
import type { Problem } from '../core/problem.ts';
import { type AuditEntry, hashOf } from './chain.ts';
import { type ExportFormat, exportLines } from './export.ts';
import { createRefusals } from './refusals.ts';
import type { RowsRead } from './rows.ts';
import { type AuditFilter, entriesOf, entriesThatRead, headOf, insertEntry, pagesOf, toEntry } from './store.ts';
import { type Verdict, verifyChain } from './verify.ts';

/** Who an entry is about, when there is no actor yet (a login) or none at all (the system). */
export interface AuditBy {
  readonly workspaceId: string;
  /** `nobody` is not signed in; `system` is the service itself or whoever has its machine. */
  readonly actorKind: 'user' | 'client' | 'nobody' | 'system';
  readonly actorId: string | null;
  readonly actorName: string;
  readonly address: string;
}

/** A page of entries: by number of entries left out, or by the entry it goes on after. */
export interface AuditPage extends AuditFilter {
  /** Only entries with a smaller id. */
  readonly before?: number | undefined;
  readonly limit: number;
  readonly offset: number;
}

/**
 * The append-only log of who did what. Each entry's hash covers the one before it in its workspace (SHA-256), so that
 * a changed, removed, reordered or inserted entry is found, unless it is the newest ones that are gone: that is found by a
 * head that was kept elsewhere. An entry is committed before the answer it speaks of is sent.
 */
export interface Audit {
  /**
   * Appends within `tx`; the caller commits before it answers. `reads` says which rows the actor gets plain, and becomes
   * part of the detail.
   */
  append(
    tx: Queryable,
    actor: Actor,
    action: string,
    target: string,
    detail: object,
    reads?: readonly RowsRead[],
  ): Promise<void>;
  appendAs(
    tx: Queryable,
    by: AuditBy,
    action: string,
    target: string,
    detail: object,
    reads?: readonly RowsRead[],
  ): Promise<void>;
  /**
   * Writes a refusal down, in a transaction of its own: each `problem` once, and what one actor is refused again and again
   * not without bound. The caller throws the problem.
   */
  refuse(actor: Actor, problem: Problem, action: string, target: string, detail: object): Promise<void>;
  /** Newest first. @throws Problem `forbidden`. */
  list(actor: Actor, page: AuditPage): Promise<{ items: AuditEntry[]; total: number }>;
  /**
   * All entries after one id, oldest first, with all it takes to verify the chain; memory does not grow with the log.
   * That they were exported is an entry as well, the last of them. @throws Problem `forbidden`.
   */
  export(actor: Actor, after: number, format: ExportFormat): Promise<AsyncIterable<string>>;
  /** Whether the chain holds. @throws Problem `forbidden`. */
  verify(actor: Actor): Promise<Verdict>;
  /** Up to `limit` entries, newest first, of reads that gave some of these rows plain. The caller has made sure who asks. */
  whoRead(workspaceId: string, read: RowsRead, limit: number): Promise<AuditEntry[]>;
}

/** The audit log in the metadata database. */
export function createAudit(db: Database, clock: Clock): Audit {
  const appendAs: Audit['appendAs'] = async (tx, by, action, target, detail, reads = []) => {
    const head = await headOf(tx, by.workspaceId);
    const told = reads.map(({ datasetId, rows }) => ({ dataset_id: datasetId, rows }));
    const row = {
      workspace_id: by.workspaceId,
      number: head.number + 1,
      created_at: clock(),
      actor_kind: by.actorKind,
      actor_id: by.actorId,
      // What is no Unicode would not come back from the database as it went in.
      actor_name: by.actorName.toWellFormed(),
      address: by.address,
      action,
      target: target.toWellFormed(),
      detail: JSON.stringify(told.length > 0 ? { ...detail, reads: told } : detail),
      previous_hash: head.hash,
      hash: '',
    };
    await insertEntry(tx, { ...row, hash: hashOf(toEntry(row)) }, reads);
  };
  const append: Audit['append'] = (tx, actor, ...entry) => {
    const { workspaceId, kind: actorKind, id: actorId, name: actorName, address } = actor;
    return appendAs(tx, { workspaceId, actorKind, actorId, actorName, address }, ...entry);
  };

  const refusals = createRefusals(clock);

  return {
    appendAs,
    append,

    async refuse(actor, problem, action, target, detail) {
      if (!refusals.isNews(actor, problem, `${action} ${target}`)) return;
      const told = { ...detail, code: problem.code };
      await db.transaction((tx) => append(tx, actor, action, target, told));
    },

    async list(actor, { before, limit, offset, ...filter }) {
      allowInWorkspace(actor, 'read_audit');
      const of = entriesOf(db.query, actor.workspaceId, filter);
      const page = before === undefined ? of : of.where('number', '<', before);
      const rows = await page.selectAll().orderBy('number', 'desc').limit(limit).offset(offset).execute();
      const { total } = await of.select((e) => e.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
      return { items: rows.map(toEntry), total: Number(total) };
    },

    async export(actor, after, format) {
      allowInWorkspace(actor, 'read_audit');
      const { workspaceId } = actor;
      const last = await db.transaction(async (tx) => {
        await append(tx, actor, 'audit.export', `workspace:${workspaceId}`, { after, format });
        return (await headOf(tx, workspaceId)).number;
      });
      return exportLines(pagesOf(db.query, workspaceId, after, last), format);
    },

    async verify(actor) {
      allowInWorkspace(actor, 'read_audit');
      return verifyChain(db.query, actor.workspaceId);
    },

    whoRead: (workspaceId, read, limit) => entriesThatRead(db.query, workspaceId, read, limit),
  };
}
