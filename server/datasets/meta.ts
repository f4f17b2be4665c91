import type { Database } from 'better-sqlite3-multiple-ciphers';
import type { ColumnProfile } from '../infer/profile.ts';
import { damaged } from './cipher.ts';

const FORMAT = 1;

/** What a dataset file says of itself. It is written last: a file without it was not finished. */
export interface Meta {
  readonly name: string;
  readonly columns: readonly ColumnProfile[];
  readonly dialect: Readonly<Record<string, string | number | boolean>>;
  readonly rows: number;
  readonly rejects: number;
  /** Bits of the blind indexes. */
  readonly indexBits: number;
  /** The file's first bytes, which its cipher does not authenticate, in hex. */
  readonly header: string;
}

/** Stores what is known of the dataset, one row a field, the completeness mark after all others. */
export function writeMeta(db: Database, meta: Meta): void {
  const insert = db.prepare('insert into meta (key, value) values (?, ?)');
  for (const [key, value] of Object.entries(meta)) insert.run(key, JSON.stringify(value));
  insert.run('format', String(FORMAT));
}

/**
 * What is known of the dataset.
 * @throws Problem `data_corrupt` when the file was not finished or is of another format.
 */
export function readMeta(db: Database): Meta {
  if (db.prepare(`select 1 from sqlite_schema where name = 'meta'`).get() === undefined) throw damaged();
  const entries = db.prepare<[], [string, string]>('select key, value from meta').raw().all() as [string, string][];
  const { format, ...meta } = Object.fromEntries(entries.map(([key, value]) => [key, JSON.parse(value)]));
  if (format !== FORMAT) throw damaged();
  return meta as unknown as Meta;
}
