import type { ColumnProfile } from '../infer/profile.ts';
import { isPlainText, shownValue, storage, type TypedValue, valueText } from '../infer/values.ts';
import type { Sealer } from '../seal/sealer.ts';
import type { Stored } from './encode.ts';
import type { Handle } from './handle.ts';
import type { ColumnPlaces, Place } from './layout.ts';
import type { CellValue, Reading, Row } from './query.ts';

const RAW_SIGN = '=';

/** The SQL that reads columns, and what turns its rows into cells. */
export interface Selection {
  /** Names of the columns. */
  readonly names: readonly string[];
  /** `select rows.n, … from rows join …`, ready for a `where`. */
  readonly sql: string;
  /** Rows of `n` followed by the stored values, in place of which the cells are put. */
  rows(stored: Stored[][]): Row[];
}

/** SQL for a place; names in the file are ordinals, so nothing of a request ever becomes SQL. */
export function sqlOf({ table, column }: Place): string {
  return `${table}.${column}`;
}

/** `from rows`, joined with the side tables among `places`. */
export function sqlFrom(places: readonly (Place | null)[]): string {
  const tables = new Set(places.map((place) => place?.table ?? 'rows'));
  tables.delete('rows');
  return `from rows${[...tables].map((table) => ` join ${table} on ${table}.n = rows.n`).join('')}`;
}

/**
 * The selection of the columns that are wanted.
 * @throws Problem `column_unknown`; `key_invalid` when plain values are wanted and `sealer` has no key.
 */
export function select(handle: Handle, reading: Reading, sealer: () => Sealer): Selection {
  const ordinals = reading.columns?.map(handle.ordinal) ?? handle.meta.columns.map((_, k) => k);
  const columns = ordinals.map((k) => column(handle, k, reading, sealer));
  const sql = ['rows.n', ...columns.map(({ sql }) => sql)].join(', ');
  return {
    names: ordinals.map((k) => handle.meta.columns[k]!.name),
    sql: `select ${sql} ${sqlFrom(columns.flatMap(({ places }) => places))}`,
    rows(stored) {
      for (const [c, { decode }] of columns.entries()) decode?.(stored, c + 1);
      return stored.map(([n, ...cells]) => ({ n: n as number, cells: cells as readonly CellValue[] }));
    },
  };
}

interface SelectedColumn {
  readonly sql: string;
  readonly places: readonly (Place | null)[];
  /** Replaces the stored values at index `c` of every row; absent when they are the cells. */
  readonly decode?: (rows: (Stored | boolean)[][], c: number) => void;
}

function column(handle: Handle, k: number, { level, raw }: Reading, sealer: () => Sealer): SelectedColumn {
  const places = handle.layout.columns[k]!;
  const profile = handle.meta.columns[k]!;
  const { sealed } = profile;
  if (sealed && level === 'mask') return { sql: sqlOf(places.mask!), places: [places.mask] };
  if (sealed && level === 'token') return { sql: sqlOf(places.value), places: [] };
  const kept = raw && places.raw !== null;
  const base = { sql: selected(places, profile, kept), places: kept ? [places.raw] : [] };
  if (sealed) return { ...base, decode: opener(sealer()) };
  if (raw && !isPlainText(profile.type)) return { ...base, decode: each((value) => writtenOut(value, profile)) };
  return isShownAsStored(profile) ? base : { ...base, decode: each((value) => shownValue(value, profile)) };
}

/** Before raw text beside keys stands a sign that no key begins with. */
function selected({ value, raw }: ColumnPlaces, profile: ColumnProfile, kept: boolean): string {
  const typed = profile.format === 'utc' ? `${sqlOf(value)} || 'Z'` : sqlOf(value);
  if (!kept) return typed;
  return `coalesce(${storage(profile) === 'key' ? `'${RAW_SIGN}' || ` : ''}${sqlOf(raw!)}, ${typed})`;
}

function isShownAsStored(profile: ColumnProfile): boolean {
  return profile.type !== 'boolean' && profile.type !== 'duration' && storage(profile) !== 'key';
}

/** The text of the file: numbers and keys as they are written; what is text already stands as it stood. */
function writtenOut(value: TypedValue, profile: ColumnProfile): string {
  if (typeof value === 'number') return valueText(value, profile);
  if (storage(profile) !== 'key') return value;
  return value.startsWith(RAW_SIGN) ? value.slice(1) : valueText(value, profile);
}

function each(change: (value: TypedValue) => CellValue): NonNullable<SelectedColumn['decode']> {
  return (rows, c) => {
    for (const row of rows) if (row[c] !== null) row[c] = change(row[c] as TypedValue);
  };
}

function opener(sealer: Sealer): NonNullable<SelectedColumn['decode']> {
  return (rows, c) => {
    const filled = rows.filter((row) => row[c]);
    const values = sealer.open(filled.map((row) => row[c] as string));
    filled.forEach((row, i) => {
      row[c] = values[i]!;
    });
  };
}
