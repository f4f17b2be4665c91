import { closeSync, openSync, rmSync } from 'node:fs';
import type { Database } from 'better-sqlite3-multiple-ciphers';
import type { Reject } from '../core/batch.ts';
import type { PackedBatch } from '../core/packed-batch.ts';
import type { ColumnProfile } from '../infer/profile.ts';
import { bitsFor } from '../seal/blind-index.ts';
import type { Sealer } from '../seal/sealer.ts';
import { clearHeader, guarded, openCiphered } from './cipher.ts';
import { createEncoder } from './encode.ts';
import { createRowInserter } from './insert.ts';
import { layoutOf, schemaOf } from './layout.ts';
import { writeMeta } from './meta.ts';

/** Measured: 4 to 32 KiB write equally fast; 8 KiB keeps the read of one row small. */
const PAGE_BYTES = 8192;
/** Rows are appended, so pages are rarely needed again; more only uses memory. */
const CACHE_KIB = 4096;
/** Rejects that wait in memory, and UTF-16 units of their texts. */
const REJECTS_AT_ONCE = 1000;
const REJECT_UNITS = 1 << 20;

/** What a dataset is written from. Keys belong to the caller and are not kept after `finish` or `abort`. */
export interface DatasetWriterOptions {
  /** Of the new file; nothing may be there yet. */
  readonly path: string;
  /** The dataset's data key, 32 bytes. */
  readonly key: Uint8Array;
  readonly name: string;
  readonly columns: readonly ColumnProfile[];
  readonly dialect: Readonly<Record<string, string | number | boolean>>;
  readonly sealer: Sealer;
  readonly blindIndexKey: Uint8Array;
  /** How many rows will come, for the length of the blind indexes; it need not be exact. */
  readonly rowsExpected: number;
  /** The tokens' time in whole seconds since 1970. */
  readonly now: number;
}

/** Writes one dataset file. Synchronous: it belongs into the parser's process, never on the service's event loop. */
export interface DatasetWriter {
  /** Appends the rows of the batch. @throws Problem `internal` when a value does not have its column's type. */
  add(batch: PackedBatch): void;
  /** Keeps a row that could not be taken. */
  reject(reject: Reject): void;
  /**
   * Marks the file as complete and closes it. Whoever publishes it makes it durable first: under Node's permission model,
   * which the parser's process runs under, there is no fsync.
   */
  finish(): { readonly rows: number; readonly rejects: number };
  /** Gives up: closes and deletes the file. Does nothing after `finish`. */
  abort(): void;
}

/**
 * A writer of one SQLite file under the AEGIS cipher: no plaintext of it is ever on the disk, in it or beside it. The mark
 * that it is complete comes last, so a file that was not finished is unreadable, not short.
 * @throws Problem `key_invalid`, or `storage_failed` when the file exists or cannot be made.
 */
export function createDatasetWriter(options: DatasetWriterOptions): DatasetWriter {
  const { path, columns, sealer, blindIndexKey, now } = options;
  const indexBits = bitsFor(options.rowsExpected);
  const layout = layoutOf(columns);
  const encoders = columns.map((profile, k) => createEncoder(profile, k, { sealer, blindIndexKey, indexBits, now }));
  const db = create(path, options.key, schemaOf(layout));
  const inserter = guarded(() => createRowInserter({ db, path, key: options.key }, layout));
  const rejected = createRejectInserter(db);
  let rows = 0;
  let rejects = 0;
  let open = true;
  return {
    add(batch) {
      const encoded = encoders.map((encode) => encode(batch, rows));
      guarded(() => inserter.add(encoded, batch.length, rows + 1));
      rows += batch.length;
    },
    reject(reject) {
      guarded(() => rejected.add(reject));
      rejects++;
    },
    finish() {
      const { name, dialect } = options;
      guarded(() => {
        inserter.flush();
        rejected.flush();
        const { header } = clearHeader(path);
        db.transaction(writeMeta)(db, { name, columns, dialect, rows, rejects, indexBits, header });
        db.close();
      });
      open = false;
      return { rows, rejects };
    },
    abort() {
      if (!open) return;
      open = false;
      db.close();
      rmSync(path, { force: true });
    },
  };
}

/** The new file with its tables. */
function create(path: string, key: Uint8Array, schema: string): Database {
  guarded(() => closeSync(openSync(path, 'wx', 0o600)));
  try {
    return prepared(openCiphered(path, key, { readonly: false }), schema);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
}

function prepared(db: Database, schema: string): Database {
  return guarded(() => {
    db.pragma(`page_size=${PAGE_BYTES}`);
    db.pragma(`cache_size=-${CACHE_KIB}`);
    db.pragma('journal_mode=memory');
    db.pragma('synchronous=off');
    db.exec(`begin;${schema}commit`);
    return db;
  });
}

/** Stores rejects, many in one transaction. */
function createRejectInserter(db: Database) {
  const insert = db.prepare('insert into rejects (row, "column", code, detail, raw) values (?, ?, ?, ?, ?)');
  let waiting: Reject[] = [];
  let units = 0;
  const flush = db.transaction(() => {
    for (const { row, column, code, detail, raw } of waiting) insert.run(row, column ?? null, code, detail, raw);
    waiting = [];
    units = 0;
  });
  return {
    flush,
    add(reject: Reject) {
      waiting.push(reject);
      units += reject.raw.length;
      if (waiting.length >= REJECTS_AT_ONCE || units >= REJECT_UNITS) flush();
    },
  };
}
