import { Problem } from '../core/problem.ts';
import { normalise } from '../seal/normalise.ts';
import type { Sealer } from '../seal/sealer.ts';
import { damaged } from './cipher.ts';
import type { Stored } from './encode.ts';
import type { Handle } from './handle.ts';
import type { Page, Query, Reading, RejectPage, Row, Verified } from './query.ts';
import { type Selection, select, sqlFrom, sqlOf } from './select.ts';
import { type Filter, filter, order } from './where.ts';

/** What a call has besides the open file. */
export interface Keyring {
  /** Made when it is first needed, which takes 70 µs. @throws Problem `key_invalid` when the call brought no Fernet key. */
  readonly sealer: () => Sealer;
  readonly blindIndexKey: Uint8Array | undefined;
}

const LONGEST_PAGE = 10_000;
/** About so many cells make a batch of a stream. */
const BATCH_CELLS = 20_000;
const CONFIRMED_AT_ONCE = 1024;

/** The calls that a thread answers, by name. Each throws the problems that `Datasets` tells of. */
export const answers = { verify, page, query, rejects, scan };
export type Answers = typeof answers;

function verify({ db, meta }: Handle): Verified {
  const last = (sql: string) => db.prepare(sql).pluck().get() ?? 0;
  const complete =
    last('select max(n) from rows') === meta.rows && last('select max(id) from rejects') === meta.rejects;
  if (!complete) throw damaged();
  return { rows: meta.rows, rejects: meta.rejects, columns: meta.columns };
}

function page(handle: Handle, request: Reading & { offset: number; limit: number }, { sealer }: Keyring): Page {
  checkPaging(request);
  const selection = select(handle, request, sealer);
  const rows = between(handle, selection, request.offset + 1, request.offset + request.limit);
  return { columns: selection.names, rows, total: handle.meta.rows };
}

function query(handle: Handle, request: Query, keyring: Keyring): Page {
  checkPaging(request);
  const { where = [], sort = [], limit, offset } = request;
  if (where.length === 0 && sort.length === 0) return page(handle, request, keyring);
  const selection = select(handle, request, keyring.sealer);
  const wanted = filter(handle, where, keyring.blindIndexKey);
  const bounds = { order: order(handle, sort), limit, offset, after: 0, counted: true };
  const { ids, total } =
    where.length > 0 ? find(handle, wanted, bounds, keyring) : all(handle, wanted, bounds, keyring);
  return { columns: selection.names, rows: byNumber(handle, selection, ids), total };
}

/** One batch of a stream, from the row after number `after` on; `last` is where to go on from, `null` at the end. */
function scan(
  handle: Handle,
  request: Omit<Query, 'sort' | 'offset' | 'limit'> & { after: number },
  keyring: Keyring,
): { page: Page; last: number | null } {
  const { where = [], after } = request;
  const selection = select(handle, request, keyring.sealer);
  const limit = Math.max(1, Math.floor(BATCH_CELLS / (selection.names.length + 1)));
  const bounds = { order: 'order by rows.n', limit, offset: 0, after, counted: false };
  const rows =
    where.length === 0
      ? between(handle, selection, after + 1, after + limit)
      : byNumber(handle, selection, pick(handle, filter(handle, where, keyring.blindIndexKey), bounds, keyring).ids);
  const last = rows.length < limit ? null : rows.at(-1)!.n;
  return { page: { columns: selection.names, rows, total: handle.meta.rows }, last };
}

function rejects({ db, meta }: Handle, request: { offset: number; limit: number; includeRaw: boolean }): RejectPage {
  checkPaging(request);
  const sql = `select row, "column", code, detail${request.includeRaw ? ', raw' : ''} from rejects
    where id > ? order by id limit ?`;
  const items = db.prepare(sql).all(request.offset, request.limit) as RejectPage['items'];
  return { items, total: meta.rejects };
}

function checkPaging({ offset, limit }: { offset: number; limit: number }): void {
  if (Number.isSafeInteger(offset) && offset >= 0 && Number.isInteger(limit) && limit >= 0 && limit <= LONGEST_PAGE)
    return;
  throw new Problem('invalid_request', `offset must be 0 or more and limit from 0 to ${LONGEST_PAGE}.`);
}

function between({ db }: Handle, selection: Selection, first: number, last: number): Row[] {
  const statement = db.prepare(`${selection.sql} where rows.n between ? and ?`).raw();
  return selection.rows(statement.all(first, last) as Stored[][]);
}

/** Fetched by number after a sort or filter chose them: sorting whole rows would cost many times as much. */
function byNumber({ db }: Handle, selection: Selection, ids: readonly number[]): Row[] {
  const statement = db.prepare(`${selection.sql} where rows.n = ?`).raw();
  return selection.rows(ids.map((n) => statement.get(n) as Stored[]));
}

interface Bounds {
  readonly order: string;
  readonly limit: number;
  readonly offset: number;
  /** Only rows with a greater number. */
  readonly after: number;
  /** Whether the rows beyond the limit are of interest, to be counted. */
  readonly counted: boolean;
}

function all(handle: Handle, wanted: Filter, bounds: Bounds, keyring: Keyring): { ids: number[]; total: number } {
  return { ids: pick(handle, wanted, bounds, keyring).ids, total: handle.meta.rows };
}

/** The numbers of the rows wanted, and how many rows meet the filter. */
function find(handle: Handle, wanted: Filter, bounds: Bounds, keyring: Keyring): { ids: number[]; total: number } {
  const { ids, total } = pick(handle, wanted, bounds, keyring);
  if (total !== null) return { ids, total };
  const endSeen = ids.length < bounds.limit && (ids.length > 0 || bounds.offset === 0);
  if (endSeen) return { ids, total: bounds.offset + ids.length };
  const sql = `select count(*) ${sqlFrom(wanted.places)} where ${wanted.sql}`;
  return {
    ids,
    total: handle.db
      .prepare(sql)
      .pluck()
      .get(...wanted.parameters) as number,
  };
}

/** `total` is known when every candidate had to be looked at. */
function pick(
  handle: Handle,
  wanted: Filter,
  bounds: Bounds,
  keyring: Keyring,
): { ids: number[]; total: number | null } {
  if (wanted.confirmations.length > 0) return pickConfirmed(handle, wanted, bounds, keyring);
  const sql = `select rows.n ${sqlFrom(wanted.places)} where rows.n > ? and ${wanted.sql} ${bounds.order} limit ? offset ?`;
  const parameters = [bounds.after, ...wanted.parameters, bounds.limit, bounds.offset];
  return {
    ids: handle.db
      .prepare(sql)
      .pluck()
      .all(...parameters) as number[],
    total: null,
  };
}

function pickConfirmed(handle: Handle, wanted: Filter, bounds: Bounds, { sealer }: Keyring) {
  const opener = sealer();
  const tokens = wanted.confirmations.map(({ place }) => sqlOf(place)).join(', ');
  const sql = `select rows.n, ${tokens} ${sqlFrom(wanted.places)} where rows.n > ? and ${wanted.sql} ${bounds.order}`;
  const candidates = handle.db
    .prepare(sql)
    .raw()
    .iterate(bounds.after, ...wanted.parameters) as Iterable<Stored[]>;
  const ids: number[] = [];
  let total = 0;
  for (const some of chunks(candidates, CONFIRMED_AT_ONCE)) {
    if (!bounds.counted && ids.length === bounds.limit) break;
    for (const n of confirmed(some, wanted, opener)) {
      if (total >= bounds.offset && ids.length < bounds.limit) ids.push(n);
      total++;
    }
  }
  return { ids, total };
}

/** The numbers of those candidates whose tokens hold the values that are looked for. */
function confirmed(candidates: readonly Stored[][], wanted: Filter, sealer: Sealer): number[] {
  const kept = wanted.confirmations.map(({ value }, c) => {
    const values = sealer.open(candidates.map((row) => row[c + 1] as string));
    return values.map((opened) => normalise(opened) === value);
  });
  return candidates.filter((_, i) => kept.every((column) => column[i])).map(([n]) => n as number);
}

function* chunks<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let chunk: T[] = [];
  for (const item of items) {
    if (chunk.push(item) < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
