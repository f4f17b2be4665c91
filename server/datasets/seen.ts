import type { Audit } from '../audit/audit.ts';
import type { AuditEntry } from '../audit/chain.ts';
import { type RowRange, type RowsRead, rangesOf } from '../audit/rows.ts';
import type { Blobs } from '../backends/blobs/blobs.ts';
import type { Database } from '../backends/db/db.ts';
import type { DatasetRow } from '../backends/db/schema.ts';
import { allowInWorkspace } from '../core/access.ts';
import type { Actor } from '../core/actor.ts';
import { isId } from '../core/ids.ts';
import { Problem } from '../core/problem.ts';
import { findDataset, listDatasets } from '../files/store.ts';
import type { ColumnProfile } from '../infer/profile.ts';
import type { Keys } from '../keys/keys.ts';
import type { Datasets } from './query.ts';
import { refOf } from './ref.ts';

/** Where a value is: rows of a sealed column. */
export interface Match {
  readonly dataset_id: string;
  readonly file_id: string;
  readonly column: string;
  readonly rows: RowRange[];
}

/** Entries of reads that gave rows plain, newest first, and how many there are. */
export interface Seen {
  readonly items: AuditEntry[];
  readonly total: number;
  /** Whether all datasets, rows and entries were looked at; the newest come first where there are too many. */
  readonly complete: boolean;
}

/** Who has seen a row or a value: the audit log asked the other way round. */
export interface SeenBy {
  /** @throws Problem `forbidden`, `dataset_not_found` for one that is not there and that nobody has read. */
  row(actor: Actor, datasetId: string, row: number, page: Page): Promise<Seen>;
  /**
   * Looks a value up in all sealed columns of the workspace, or of one dataset. That tells where the value is, so it is an
   * entry itself, with the rows and without the value.
   * @throws Problem `forbidden`, `reveal_not_allowed`, `dataset_not_found`.
   */
  value(actor: Actor, value: string, datasetId: string | undefined, page: Page): Promise<Seen & { matches: Match[] }>;
}

interface Page {
  readonly limit: number;
  readonly offset: number;
}

interface Needs {
  db: Database;
  blobs: Blobs;
  keys: Keys;
  audit: Audit;
  datasets: Datasets;
}

/** Bounds of one question, so that its memory is bounded: entries, rows that hold the value, ranges asked for at once. */
const [MOST_ENTRIES, MOST_ROWS, RANGES_AT_ONCE] = [5000, 2000, 200];

/** Answers from the audit log and the blind indexes of the datasets. */
export function createSeenBy({ db, audit, datasets, ...stored }: Needs): SeenBy {
  return {
    async row(actor, datasetId, row, page) {
      allowInWorkspace(actor, 'read_audit');
      const read: RowsRead = { datasetId, rows: [[row, row]] };
      const entries = isId(datasetId) ? await audit.whoRead(actor.workspaceId, read, MOST_ENTRIES) : [];
      if (entries.length === 0) await one(actor, datasetId);
      return pageOf(entries, page, entries.length < MOST_ENTRIES);
    },

    async value(actor, value, datasetId, page) {
      allowInWorkspace(actor, 'search_audit');
      const matches: Match[] = [];
      let rowsLeft = MOST_ROWS;
      const within =
        datasetId === undefined ? listDatasets(db.query, actor.workspaceId) : [await one(actor, datasetId)];
      for await (const dataset of within) {
        for (const match of await matchesIn(actor, dataset, value, rowsLeft)) {
          matches.push(match);
          rowsLeft -= countOf(match.rows);
        }
        if (rowsLeft <= 0) break;
      }
      const seen = await readersOf(actor, matches);
      const detail = { dataset: datasetId ?? null, matches: matches.map(({ rows: _, ...match }) => match) };
      const reads = matches.map(({ dataset_id, rows }) => ({ datasetId: dataset_id, rows }));
      const target = `workspace:${actor.workspaceId}`;
      await db.transaction((tx) => audit.append(tx, actor, 'audit.seen', target, detail, reads));
      return { ...pageOf(seen.entries, page, seen.complete && rowsLeft > 0), matches };
    },
  };

  async function one(actor: Actor, datasetId: string): Promise<DatasetRow> {
    const dataset = isId(datasetId) ? await findDataset(db.query, actor.workspaceId, datasetId) : undefined;
    if (!dataset) throw new Problem('dataset_not_found', `There is no dataset ${datasetId} in this workspace.`);
    return dataset;
  }

  async function matchesIn(actor: Actor, dataset: DatasetRow, value: string, most: number): Promise<Match[]> {
    const ref = await refOf(stored, actor, dataset);
    const matches: Match[] = [];
    for (const { name, sealed } of JSON.parse(dataset.columns) as ColumnProfile[]) {
      if (!sealed) continue;
      const where = [{ column: name, op: 'eq' as const, value }];
      const reading = { columns: [name], level: 'mask' as const, raw: false, offset: 0, limit: most };
      const { rows } = await datasets.query(ref, { ...reading, where });
      if (rows.length === 0) continue;
      const found = rangesOf(rows.map(({ n }) => n));
      matches.push({ dataset_id: dataset.id, file_id: dataset.file_id, column: name, rows: found });
    }
    return matches;
  }

  async function readersOf(actor: Actor, matches: readonly Match[]) {
    const found = new Map<number, AuditEntry>();
    let complete = true;
    for (const { dataset_id: datasetId, column, rows } of matches) {
      for (let at = 0; at < rows.length; at += RANGES_AT_ONCE) {
        const read = { datasetId, rows: rows.slice(at, at + RANGES_AT_ONCE) };
        const entries = await audit.whoRead(actor.workspaceId, read, MOST_ENTRIES);
        complete &&= entries.length < MOST_ENTRIES;
        for (const entry of entries) if (gave(entry, datasetId, column)) found.set(entry.entry_id, entry);
      }
    }
    const entries = [...found.values()].sort((a, b) => b.entry_id - a.entry_id);
    return { entries: entries.slice(0, MOST_ENTRIES), complete: complete && entries.length <= MOST_ENTRIES };
  }
}

/** Whether the read was of this column: an original and an export hold all, others say which. */
function gave({ detail }: AuditEntry, datasetId: string, column: string): boolean {
  const { sealed_columns: columns, matches } = detail as { sealed_columns?: unknown; matches?: Match[] };
  if (Array.isArray(columns)) return columns.includes(column);
  return matches?.some((match) => match.dataset_id === datasetId && match.column === column) ?? true;
}

const countOf = (rows: readonly RowRange[]): number => rows.reduce((sum, [first, last]) => sum + last - first + 1, 0);

const pageOf = (entries: readonly AuditEntry[], { limit, offset }: Page, complete: boolean): Seen => ({
  items: entries.slice(offset, offset + limit),
  total: entries.length,
  complete,
});
