import { normalise } from '../seal/normalise.ts';
import type { Sealer } from '../seal/sealer.ts';
import type { Stored } from './encode.ts';
import type { Handle } from './handle.ts';
import { sqlFrom, sqlOf } from './select.ts';
import type { Filter } from './where.ts';

const CONFIRMED_AT_ONCE = 1024;

/** What a call has besides the open file. */
export interface Keyring {
  /** Made when it is first needed, which takes 70 µs. @throws Problem `key_invalid` when the call brought no Fernet key. */
  readonly sealer: () => Sealer;
  readonly blindIndexKey: Uint8Array | undefined;
}

/** Which of the rows that meet a filter are wanted, in which order. */
export interface Bounds {
  readonly order: string;
  readonly limit: number;
  readonly offset: number;
  /** Only rows with a greater number. */
  readonly after: number;
  /** Whether the rows beyond the limit are of interest, to be counted. */
  readonly counted: boolean;
}

/** The numbers of the rows wanted when no condition was given, and how many rows there are. */
export function sorted(
  handle: Handle,
  wanted: Filter,
  bounds: Bounds,
  keyring: Keyring,
): { ids: number[]; total: number } {
  return { ids: pick(handle, wanted, bounds, keyring).ids, total: handle.meta.rows };
}

/** The numbers of the rows wanted, and how many rows meet the filter. */
export function find(
  handle: Handle,
  wanted: Filter,
  bounds: Bounds,
  keyring: Keyring,
): { ids: number[]; total: number } {
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

/** The numbers of the rows wanted; `total` is known, not `null`, when every candidate had to be looked at. */
export function pick(
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
