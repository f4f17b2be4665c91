import type { Audit } from '../audit/audit.ts';
import { type RowRange, rangesOf, rowsBetween } from '../audit/rows.ts';
import type { Blobs } from '../backends/blobs/blobs.ts';
import type { Database } from '../backends/db/db.ts';
import type { DatasetRow, FileRow } from '../backends/db/schema.ts';
import { allowOnFile } from '../core/access.ts';
import type { Actor } from '../core/actor.ts';
import { isId } from '../core/ids.ts';
import { Problem } from '../core/problem.ts';
import { findDataset, findFile } from '../files/store.ts';
import type { ColumnProfile } from '../infer/profile.ts';
import type { Keys } from '../keys/keys.ts';
import { type CsvOptions, toCsv } from './export.ts';
import type { DatasetRef, Datasets, Level, Page, Query, RejectPage } from './query.ts';
import { refOf } from './ref.ts';

/** How rows are asked for. */
export interface ReadRequest {
  readonly level: Level;
  /** Why plain values are needed; goes into the audit log. */
  readonly reason?: string;
}

/** A page by row number. */
export interface PageRequest extends ReadRequest {
  readonly offset: number;
  readonly limit: number;
  readonly columns?: readonly string[];
  /** Cells as they stood in the file instead of typed values. */
  readonly raw: boolean;
}

/** Reading datasets. What a caller gets for a sealed column is decided here and nowhere else. */
export interface DatasetReads {
  /** @throws Problem `dataset_not_found` when there is none that the actor may read. */
  get(actor: Actor, datasetId: string): Promise<DatasetRow>;
  /** @throws Problem `dataset_not_found`, `reveal_not_allowed`, `invalid_request` for a column that does not exist. */
  page(actor: Actor, datasetId: string, request: PageRequest): Promise<Page>;
  query(actor: Actor, datasetId: string, request: Query & ReadRequest): Promise<Page>;
  /** All rows as CSV, a piece at a time; memory does not grow with the dataset. */
  exportCsv(
    actor: Actor,
    datasetId: string,
    request: ReadRequest & CsvOptions & { columns?: readonly string[]; raw: boolean },
  ): Promise<AsyncIterable<string>>;
  rejects(
    actor: Actor,
    datasetId: string,
    request: ReadRequest & { limit: number; offset: number },
  ): Promise<RejectPage>;
}

interface Needs {
  db: Database;
  blobs: Blobs;
  keys: Keys;
  audit: Audit;
  datasets: Datasets;
}

/** The rows of so many matches are named in the audit log. */
const MOST_MATCHES = 10_000;

/** Reads over the published datasets. */
export function createDatasetReads({ db, audit, datasets, ...stored }: Needs): DatasetReads {
  return {
    get: async (actor, datasetId) => (await find(actor, datasetId)).dataset,

    async page(actor, datasetId, { reason, ...request }) {
      const { limit, offset, columns, level } = request;
      const found = await find(actor, datasetId);
      const read = await permit(actor, found, { level, reason, columns, detail: { offset, limit } });
      await read.tell(rowsBetween(offset + 1, Math.min(offset + limit, found.dataset.row_count)));
      return still(actor, datasetId, datasets.page(await refOf(stored, actor, found.dataset), request));
    },

    async query(actor, datasetId, { reason, ...request }) {
      const { level, where = [], limit, offset, columns } = request;
      const conditions = where.map(({ column, op }) => ({ column, op }));
      const compared = where.filter(({ value }) => value !== undefined).map(({ column }) => column);
      const found = await find(actor, datasetId);
      const detail = { where: conditions, limit, offset };
      const read = await permit(actor, found, { level, reason, columns, detail, compared });
      const ref = await refOf(stored, actor, found.dataset);
      const page = await still(actor, datasetId, datasets.query(ref, request));
      // Which rows they are is known only now; nobody has been told of them yet.
      const hasMore = read.compares && page.rows.length < page.total;
      await read.tell(hasMore ? await allMatches(ref, request, found.dataset.row_count) : numbersOf(page));
      return page;
    },

    async exportCsv(actor, datasetId, { level, reason, raw, columns, formulas }) {
      const found = await find(actor, datasetId);
      const read = await permit(actor, found, { level, reason, columns, detail: { export: 'csv' } });
      await read.tell(rowsBetween(1, found.dataset.row_count));
      const pages = datasets.stream(await refOf(stored, actor, found.dataset), {
        level,
        raw,
        ...(columns && { columns }),
      });
      return toCsv(pages, JSON.parse(found.dataset.columns) as ColumnProfile[], { formulas });
    },

    async rejects(actor, datasetId, { level, reason, limit, offset }) {
      const found = await find(actor, datasetId);
      const detail = { rejects: true, limit, offset };
      const read = await permit(actor, found, { level, reason, columns: undefined, detail });
      // A reject may repeat what stands in a row, and does not say in which.
      await read.tell(found.dataset.reject_count > 0 ? rowsBetween(1, found.dataset.row_count) : []);
      const page = datasets.rejects(await refOf(stored, actor, found.dataset), {
        limit,
        offset,
        includeRaw: level === 'plain',
      });
      return still(actor, datasetId, page);
    },
  };

  /**
   * The rows of all matches, of which a page may show few: that there are any tells of each that it holds the value. All
   * rows of the dataset where they are too many to be named.
   */
  async function allMatches(ref: DatasetRef, { where = [] }: Query, rowCount: number): Promise<RowRange[]> {
    const bare = { columns: [], level: 'mask', raw: false, offset: 0, limit: MOST_MATCHES } as const;
    const page = await datasets.query(ref, { ...bare, where });
    return page.total > page.rows.length ? rowsBetween(1, rowCount) : numbersOf(page);
  }

  /** What was read, or why not: that it has been removed meanwhile comes before whatever came of that. */
  async function still<T>(actor: Actor, datasetId: string, reading: Promise<T>): Promise<T> {
    return reading.catch(async (error) => {
      await find(actor, datasetId);
      throw error;
    });
  }

  async function find(actor: Actor, datasetId: string): Promise<Found> {
    const dataset = isId(datasetId) ? await findDataset(db.query, actor.workspaceId, datasetId) : undefined;
    const file = dataset && (await findFile(db.query, actor.workspaceId, dataset.file_id));
    if (!dataset || !file) throw notFound(datasetId);
    try {
      allowOnFile(actor, 'read', ownership(file));
    } catch (error) {
      throw (error as Problem).code === 'file_not_found' ? notFound(datasetId) : error;
    }
    return { dataset, file };
  }

  /**
   * Decides on a read before anything is read, and writes a refusal down. A plain read must be told of before its rows
   * are given away; so must a comparison with a sealed column, which tells whether a value is there.
   */
  async function permit(
    actor: Actor,
    { dataset, file }: Found,
    { level, reason, columns, detail, compared = [] }: Wanted,
  ): Promise<{ compares: boolean; tell(rows: readonly RowRange[]): Promise<void> }> {
    const sealed = (JSON.parse(dataset.columns) as ColumnProfile[])
      .filter((column) => column.sealed)
      .map(({ name }) => name);
    const compares = compared.some((name) => sealed.includes(name));
    if (level !== 'plain' && !compares) return { compares, tell: async () => {} };
    const action = level === 'plain' ? 'dataset.reveal' : 'dataset.search';
    const given = sealed.filter((name) => !columns || columns.includes(name) || compared.includes(name));
    const target = `dataset:${dataset.id}`;
    const entry = {
      ...detail,
      columns: columns ?? 'all',
      file: file.id,
      sealed_columns: given,
      reason: reason ?? null,
    };
    try {
      allowOnFile(actor, 'reveal', ownership(file));
    } catch (error) {
      await audit.refuse(actor, error as Problem, `${action}_refused`, target, entry);
      throw error;
    }
    return {
      compares,
      tell(rows) {
        const reads = rows.length > 0 && given.length > 0 ? [{ datasetId: dataset.id, rows }] : [];
        return db.transaction((tx) => audit.append(tx, actor, action, target, entry, reads));
      },
    };
  }
}

interface Found {
  readonly dataset: DatasetRow;
  readonly file: FileRow;
}

/** What `permit` decides on and writes down. */
interface Wanted {
  readonly level: Level;
  readonly reason: string | undefined;
  /** Those that are given; all when left out. */
  readonly columns: readonly string[] | undefined;
  readonly detail: object;
  /** Columns that are compared with a value. */
  readonly compared?: readonly string[];
}

const numbersOf = ({ rows }: Page): RowRange[] => rangesOf(rows.map(({ n }) => n));
const ownership = (file: FileRow) => ({ id: file.id, workspaceId: file.workspace_id, ownerId: file.owner_id });
const notFound = (datasetId: string) =>
  new Problem('dataset_not_found', `There is no dataset ${datasetId} that you may read.`);
