import { timingSafeEqual } from 'node:crypto';
import type { Database } from 'better-sqlite3-multiple-ciphers';
import { Problem } from '../core/problem.ts';
import { clearHeader, damaged, guarded, openCiphered } from './cipher.ts';
import { type Layout, layoutOf, schemaOf } from './layout.ts';
import { type Meta, readMeta } from './meta.ts';

/** Page cache of one open file. */
const CACHE_KIB = 4096;
/** In a scan the clock is looked at once in about so many bytes, and in so many rows at the most. */
const TICK_BYTES = 1024 * 1024;
const MOST_ROWS_PER_TICK = 4096;

/** An open dataset file. */
export interface Handle {
  readonly db: Database;
  readonly meta: Meta;
  readonly layout: Layout;
  /** When the call that uses the handle must be done, in milliseconds since 1970; the SQL function `tick()` sees to it. */
  deadline: number;
  /** In a scan `tick()` is called once in so many rows. */
  readonly rowsPerTick: number;
  /** Ordinal of the column with this name. @throws Problem `column_unknown`. */
  ordinal(name: string): number;
}

/** Open dataset files of one thread, the most recently used kept. */
export interface Handles {
  /** The open file, opened now if need be. @throws Problem `data_corrupt`, `key_invalid`, `storage_failed`. */
  get(path: string, key: Uint8Array): Handle;
  forget(path: string): void;
}

/** Keeps up to `maxOpen` files open. */
export function createHandles(maxOpen: number): Handles {
  const open = new Map<string, { readonly handle: Handle; readonly key: Uint8Array }>();
  const forget = (path: string) => {
    open.get(path)?.handle.db.close();
    open.delete(path);
  };
  return {
    get(path, key) {
      const known = open.get(path);
      if (known && known.key.length === key.length && timingSafeEqual(known.key, key)) {
        open.delete(path);
        open.set(path, known);
        return known.handle;
      }
      const handle = openHandle(path, key);
      forget(path);
      open.set(path, { handle, key });
      if (open.size > maxOpen) forget(open.keys().next().value!);
      return handle;
    },
    forget,
  };
}

function openHandle(path: string, key: Uint8Array): Handle {
  const db = openCiphered(path, key, { readonly: true });
  try {
    return guarded(() => {
      db.pragma(`cache_size=-${CACHE_KIB}`);
      const schema = schemaIn(db);
      const meta = readMeta(db);
      if (schema !== statementsOf(schemaOf(layoutOf(meta.columns)))) throw damaged();
      return createHandle(db, meta, checkFile(db, path, meta));
    });
  } catch (error) {
    db.close();
    throw error;
  }
}

function createHandle(db: Database, meta: Meta, size: number): Handle {
  const ordinals = new Map(meta.columns.map(({ name }, k) => [name, k]));
  const rowsPerTick = Math.min(MOST_ROWS_PER_TICK, Math.ceil((TICK_BYTES * meta.rows) / size) || 1);
  const handle: Handle = { db, meta, layout: layoutOf(meta.columns), deadline: 0, rowsPerTick, ordinal };
  db.function('tick', { directOnly: true }, () => {
    if (Date.now() < handle.deadline) return 1;
    throw new Problem('unavailable', 'The query took too long. Ask for less, or narrow it down by another condition.');
  });
  return handle;

  function ordinal(name: string): number {
    const k = ordinals.get(name);
    if (k === undefined) throw new Problem('column_unknown', `The dataset has no column "${name}".`);
    return k;
  }
}

/**
 * The statements of the file's schema. A parser process that was taken over writes the file it likes under our key: a view
 * in place of a table could keep a thread busy for ever, so there must be tables and nothing else before one is read.
 */
function schemaIn(db: Database): string {
  const entries = db.prepare("select type, coalesce(sql, '') as sql from sqlite_schema order by rowid").all();
  const made = entries as { type: string; sql: string }[];
  if (made.some(({ type, sql }) => type !== 'table' || /^create virtual/i.test(sql))) throw damaged();
  return statementsOf(made.map(({ sql }) => `${sql};`).join(''));
}

/** SQLite keeps a statement as it was written but for its first words. */
const statementsOf = (schema: string): string => schema.replace(/\s+/g, ' ').replaceAll('; ', ';').toLowerCase().trim();

/** Checks the few bytes that no page's tag covers, and the file's end; gives its size. */
function checkFile(db: Database, path: string, meta: Meta): number {
  const { header, size } = clearHeader(path);
  const pages = db.pragma('page_count', { simple: true }) as number;
  const bytes = db.pragma('page_size', { simple: true }) as number;
  if (header !== meta.header || size !== pages * bytes) throw damaged();
  return size;
}
