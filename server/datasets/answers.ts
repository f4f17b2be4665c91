import { Problem } from '../core/problem.ts';
import { damaged } from './cipher.ts';
import type { Stored } from './encode.ts';
import { find, type Keyring, pick, sorted } from './find.ts';
import type { Handle } from './handle.ts';
import type { Page, Query, Reading, RejectPage, Verified } from './query.ts';
import { type Selection, select } from './select.ts';
import { filter, order } from './where.ts';

const LONGEST_PAGE = 10_000;
/** UTF-16 units of text in a page, so that many answers fit into memory. A row alone may have more. */
const PAGE_UNITS = 4 * 1024 * 1024;
/** About so many cells make a batch of a stream. */
const BATCH_CELLS = 20_000;

/** The calls that a thread answers, by name. Each throws the problems that `Datasets` tells of. */
export const answers = { verify, page, query, rejects, scan };
/** Their types, for whoever calls them from another thread. */
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
  const stored = between(handle, selection, request.offset + 1, request.offset + request.limit);
  return { columns: selection.names, rows: selection.rows(all(stored)), total: handle.meta.rows };
}

function query(handle: Handle, request: Query, keyring: Keyring): Page {
  checkPaging(request);
  const { where = [], sort = [], limit, offset } = request;
  if (where.length === 0 && sort.length === 0) return page(handle, request, keyring);
  const selection = select(handle, request, keyring.sealer);
  const wanted = filter(handle, where, keyring.blindIndexKey);
  const bounds = { order: order(handle, sort), limit, offset, after: 0, counted: true };
  const { ids, total } =
    where.length > 0 ? find(handle, wanted, bounds, keyring) : sorted(handle, wanted, bounds, keyring);
  return { columns: selection.names, rows: selection.rows(all(byNumber(handle, selection, ids))), total };
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
  const stored =
    where.length === 0
      ? between(handle, selection, after + 1, after + limit)
      : byNumber(handle, selection, pick(handle, filter(handle, where, keyring.blindIndexKey), bounds, keyring).ids);
  const { taken, isCut } = asMany(stored);
  const rows = selection.rows(taken);
  const last = isCut || rows.length === limit ? rows.at(-1)!.n : null;
  return { page: { columns: selection.names, rows, total: handle.meta.rows }, last };
}

function rejects({ db, meta }: Handle, request: { offset: number; limit: number; includeRaw: boolean }): RejectPage {
  checkPaging(request);
  const sql = `select row, "column", code, detail${request.includeRaw ? ', raw' : ''} from rejects
    where id > ? order by id limit ?`;
  const stored = db.prepare(sql).raw().iterate(request.offset, request.limit) as Iterable<Stored[]>;
  const items = all(stored).map(([row, column, code, detail, ...raw]) => ({
    ...{ row, column, code, detail },
    ...(raw.length > 0 && { raw: raw[0] }),
  }));
  return { items: items as RejectPage['items'], total: meta.rejects };
}

function checkPaging({ offset, limit }: { offset: number; limit: number }): void {
  if (Number.isSafeInteger(offset) && offset >= 0 && Number.isInteger(limit) && limit >= 0 && limit <= LONGEST_PAGE)
    return;
  throw new Problem('invalid_request', `offset must be 0 or more and limit from 0 to ${LONGEST_PAGE}.`);
}

function between({ db }: Handle, selection: Selection, first: number, last: number): Iterable<Stored[]> {
  return db.prepare(`${selection.sql} where rows.n between ? and ?`).raw().iterate(first, last) as Iterable<Stored[]>;
}

/** Fetched by number after a sort or filter chose them: sorting whole rows would cost many times as much. */
function* byNumber({ db }: Handle, selection: Selection, ids: readonly number[]): Generator<Stored[]> {
  const statement = db.prepare(`${selection.sql} where rows.n = ?`).raw();
  for (const n of ids) yield statement.get(n) as Stored[];
}

/** All of the rows. @throws Problem `page_too_large`. */
function all(rows: Iterable<Stored[]>): Stored[][] {
  const { taken, isCut } = asMany(rows);
  if (!isCut) return taken;
  const detail = `The rows hold more than ${PAGE_UNITS} characters together. Ask for fewer rows (limit) or columns.`;
  throw new Problem('page_too_large', detail);
}

/** So many of the rows as a page holds, and whether that are not all. */
function asMany(rows: Iterable<Stored[]>): { taken: Stored[][]; isCut: boolean } {
  const taken: Stored[][] = [];
  let units = 0;
  for (const row of rows) {
    for (const cell of row) if (typeof cell === 'string') units += cell.length;
    if (units > PAGE_UNITS && taken.length > 0) return { taken, isCut: true };
    taken.push(row);
  }
  return { taken, isCut: false };
}
