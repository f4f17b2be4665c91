import type { Database, Queryable } from '../backends/db/db.ts';
import { Problem } from '../core/problem.ts';

/** The most that a workspace may hold; `null` for as much as there is room. */
export interface Quotas {
  /** Of originals. */
  readonly max_bytes: number | null;
  readonly max_files: number | null;
  /** Over all datasets. */
  readonly max_rows: number | null;
}

/** What a workspace holds. */
export interface Usage {
  readonly bytes: number;
  readonly files: number;
  readonly rows: number;
}

type Content = AsyncIterable<Uint8Array>;

/** An upload that is to be stored. */
export interface Arrival {
  readonly workspaceId: string;
  readonly fileId: string;
  readonly content: Content;
}

/** Holds workspaces to their quotas. What is refused is refused with Problem `quota_exceeded`. */
export interface Quota {
  /**
   * Stores an upload that may have `most` bytes at most, or fewer where the workspace has no room for so many. What is too
   * much is refused before the rest is read, and what arrives at the same time counts together. To be followed by
   * `settle`, also when it throws.
   */
  within<T>(arrival: Arrival, most: number, store: (content: Content, bytes: number) => Promise<T>): Promise<T>;
  /** What was stored has become a file, which counts by itself, or is gone. */
  settle(fileId: string): void;
  /** Refuses one more file of this size, in the transaction that adds it. */
  refuseFile(tx: Queryable, workspaceId: string, size: number): Promise<void>;
  /** Refuses so many more rows, in the transaction that publishes them. */
  refuseRows(tx: Queryable, workspaceId: string, rows: number): Promise<void>;
}

/** What a workspace holds now. */
export async function usageOf(query: Queryable, workspaceId: string): Promise<Usage> {
  const { bytes, files, rows } = await query
    .selectFrom('files')
    .select((e) => [
      e.fn.sum<number | null>('size').as('bytes'),
      e.fn.countAll<number>().as('files'),
      e.fn.sum<number | null>('row_count').as('rows'),
    ])
    .where('workspace_id', '=', workspaceId)
    .executeTakeFirstOrThrow();
  return { bytes: Number(bytes ?? 0), files: Number(files), rows: Number(rows ?? 0) };
}

/** Quotas as `quotasOf` knows them. */
export function createQuota(
  { query }: Database,
  quotasOf: (query: Queryable, workspaceId: string) => Promise<Quotas>,
): Quota {
  /** Bytes of uploads that belong to no file yet: without them many at a time could each take all that is left. */
  const arriving = new Map<string, { readonly workspaceId: string; bytes: number }>();
  const arrivingIn = (workspaceId: string): number =>
    [...arriving.values()].reduce((sum, one) => sum + (one.workspaceId === workspaceId ? one.bytes : 0), 0);

  async function* counted({ workspaceId, fileId, content }: Arrival, room: number, tooMuch: Problem): Content {
    const one = { workspaceId, bytes: 0 };
    arriving.set(fileId, one);
    for await (const chunk of content) {
      one.bytes += chunk.length;
      if (arrivingIn(workspaceId) > room) throw tooMuch;
      yield chunk;
    }
  }

  return {
    async within(arrival, most, store) {
      const { workspaceId, content } = arrival;
      const { max_bytes: maxBytes, max_files: maxFiles } = await quotasOf(query, workspaceId);
      if (maxBytes === null && maxFiles === null) return store(content, most);
      const used = await usageOf(query, workspaceId);
      if (maxFiles !== null && used.files >= maxFiles) throw exceeded('files', maxFiles);
      if (maxBytes === null) return store(content, most);
      const room = maxBytes - used.bytes;
      const tooMuch = exceeded('bytes', maxBytes);
      if (room <= 0) throw tooMuch;
      return store(counted(arrival, room, tooMuch), most);
    },

    settle: (fileId) => void arriving.delete(fileId),

    async refuseFile(tx, workspaceId, size) {
      const { max_bytes: maxBytes, max_files: maxFiles } = await quotasOf(tx, workspaceId);
      if (maxBytes === null && maxFiles === null) return;
      const used = await usageOf(tx, workspaceId);
      if (maxFiles !== null && used.files + 1 > maxFiles) throw exceeded('files', maxFiles);
      if (maxBytes !== null && used.bytes + size > maxBytes) throw exceeded('bytes', maxBytes);
    },

    async refuseRows(tx, workspaceId, rows) {
      const { max_rows: maxRows } = await quotasOf(tx, workspaceId);
      if (maxRows === null) return;
      const used = await usageOf(tx, workspaceId);
      if (used.rows + rows > maxRows) throw exceeded('rows', maxRows);
    },
  };
}

const exceeded = (what: string, most: number): Problem =>
  new Problem(
    'quota_exceeded',
    `The workspace may hold ${most} ${what}, and with this file it would hold more. Remove files, or ask whoever runs the service for a larger quota.`,
  );
