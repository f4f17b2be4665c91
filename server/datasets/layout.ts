import type { ColumnProfile } from '../infer/profile.ts';
import { storage } from '../infer/values.ts';

/** Where a value is stored: a table of the file and a column of that table. */
export interface Place {
  readonly table: string;
  readonly column: string;
}

/**
 * Where the parts of column k are stored. `value` (c‹k›) holds the typed value, for a sealed column its Fernet token;
 * `raw` (r‹k›) the text as it stood, for a sealed column that text's token, where it differs from the value and NULL
 * where not; `mask` (m‹k›) and `index` (x‹k›) a sealed value's mask and blind index.
 */
export interface ColumnPlaces {
  readonly value: Place;
  readonly raw: Place | null;
  readonly mask: Place | null;
  readonly index: Place | null;
}

/** The tables of a dataset file, all keyed by the row number `n` from 1. */
export interface Layout {
  readonly columns: readonly ColumnPlaces[];
  /** Every table with its columns and their SQL types, in order. `rows` is the first. */
  readonly tables: readonly { readonly name: string; readonly columns: readonly (readonly [string, string])[] }[];
}

/** SQLite takes 2,000 columns in a table; what does not fit beside the values goes into side tables. */
const TABLE_COLUMNS = 1800;

/**
 * The layout of a dataset with these columns. Writer and reader both derive it, so it is part of the file's format.
 * Values are stored as `storage` says, so that they compare as what they stand for.
 */
export function layoutOf(profiles: readonly ColumnProfile[]): Layout {
  const tables = [
    { name: 'rows', columns: profiles.map((profile, k) => [`c${k}`, sqlType(profile)] as [string, string]) },
  ];
  const extra = profiles.reduce((sum, profile) => sum + Number(profile.rawDiffers) + (profile.sealed ? 2 : 0), 0);
  const together = profiles.length + extra <= TABLE_COLUMNS;
  const place = (column: string, type: string): Place => {
    if (tables.at(-1)!.columns.length >= TABLE_COLUMNS || (tables.length === 1 && !together)) {
      tables.push({ name: `side${tables.length}`, columns: [] });
    }
    tables.at(-1)!.columns.push([column, type]);
    return { table: tables.at(-1)!.name, column };
  };
  const columns = profiles.map((profile, k) => ({
    value: { table: 'rows', column: `c${k}` },
    raw: profile.rawDiffers ? place(`r${k}`, 'TEXT') : null,
    mask: profile.sealed ? place(`m${k}`, 'TEXT') : null,
    index: profile.sealed ? place(`x${k}`, 'INTEGER') : null,
  }));
  return { columns, tables };
}

const SQL_TYPES = { integer: 'INTEGER', real: 'REAL', key: 'TEXT', text: 'TEXT' } as const;

function sqlType(profile: ColumnProfile): string {
  return SQL_TYPES[storage(profile)];
}

/** The statement that makes one of the tables, without a semicolon. */
export function statementFor({ name, columns }: Layout['tables'][number]): string {
  const list = columns.map(([column, type]) => `, ${column} ${type}`).join('');
  return `create table ${name} (n integer primary key${list})`;
}

/** The SQL that makes the tables of the layout, and those for rejects and for what is known of the dataset. */
export function schemaOf(layout: Layout): string {
  const tables = layout.tables.map((table) => `${statementFor(table)};`);
  const rejects = 'create table rejects (id integer primary key, row integer, "column" integer, code, detail, raw);';
  return `${tables.join('\n')}\n${rejects}\ncreate table meta (key text primary key, value text) without rowid;`;
}
