import type { Cell, Reject } from '../../server/core/batch.ts';
import type { Source } from '../../server/core/source.ts';
import type { Format, ReadLimits, ReadOptions } from '../../server/parse/format.ts';

/** Limits that no small test reaches. */
export const roomyLimits: ReadLimits = {
  columns: 1500,
  rows: 5_000_000,
  cells: 50_000_000,
  cellLength: 100_000,
  unpackedBytes: 1 << 30,
};

/** One table with its rows turned upright. */
export interface ReadTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly dialect: Readonly<Record<string, string | number | boolean>>;
  readonly rows: Cell[][];
  readonly raws: Cell[][];
  readonly rejects: Reject[];
}

/** A source over bytes in memory that gives chunks of `chunkBytes`, each spoiled once the next one is asked for. */
export function sourceOf(bytes: Uint8Array, chunkBytes = 65_536): Source {
  return {
    size: bytes.length,
    async *stream(start = 0, end = bytes.length) {
      for (let at = start; at < end; at += chunkBytes) {
        const chunk = Uint8Array.from(bytes.subarray(at, Math.min(end, at + chunkBytes)));
        yield chunk;
        chunk.fill(0x2a);
      }
    },
  };
}

/** Everything that `format` makes of `bytes`. @throws whatever the format throws. */
export async function readTables(
  format: Format,
  bytes: Uint8Array,
  options: Partial<ReadOptions> & { chunkBytes?: number; name?: string } = {},
): Promise<ReadTable[]> {
  const { chunkBytes, name = 'test', ...given } = options;
  const tables: ReadTable[] = [];
  for await (const event of format.read(sourceOf(bytes, chunkBytes), name, { limits: roomyLimits, ...given })) {
    const table = tables.at(-1);
    if (event.type === 'table') tables.push({ ...event, rows: [], raws: [], rejects: [] });
    else if (event.type === 'reject') table!.rejects.push(event.reject);
    else if (event.type === 'batch') addRows(table!, event.batch);
  }
  return tables;
}

function addRows(
  table: ReadTable,
  batch: { length: number; columns: readonly (readonly Cell[])[]; raws?: readonly (readonly Cell[] | undefined)[] },
) {
  for (let row = 0; row < batch.length; row++) {
    table.rows.push(batch.columns.map((column) => column[row]!));
    table.raws.push(batch.columns.map((_, index) => batch.raws?.[index]?.[row] ?? null));
  }
}
