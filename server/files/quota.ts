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

/** Holds workspaces to their quotas. What is refused is refused with Problem `quota_exceeded`. */
export interface Quota {
  /**
   * Stores an upload that may have `most` bytes at most, or fewer where the workspace has no room for so many. What is too
   * much is refused before the rest is read. `store` must throw Problem `file_too_large` beyond the bytes it is given.
   */
  within<T>(workspaceId: string, most: number, store: (bytes: number) => Promise<T>): Promise<T>;
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
  return {
    async within(workspaceId, most, store) {
      const { max_bytes: maxBytes, max_files: maxFiles } = await quotasOf(query, workspaceId);
      if (maxBytes === null && maxFiles === null) return store(most);
      const used = await usageOf(query, workspaceId);
      if (maxFiles !== null && used.files >= maxFiles) throw exceeded('files', maxFiles);
      const left = maxBytes === null ? most : maxBytes - used.bytes;
      if (left <= 0) throw exceeded('bytes', maxBytes!);
      if (left >= most) return store(most);
      return store(left).catch((error) => {
        throw error instanceof Problem && error.code === 'file_too_large' ? exceeded('bytes', maxBytes!) : error;
      });
    },

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
