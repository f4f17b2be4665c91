import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import Sqlite, { type Database } from 'better-sqlite3-multiple-ciphers';
import { Problem } from '../core/problem.ts';

/** Bytes at a file's start that the cipher does not authenticate: its salt and SQLite's page geometry. */
const CLEAR_HEADER_BYTES = 24;
const DAMAGE = /^SQLITE_(CORRUPT|NOTADB|FORMAT|IOERR_SHORT_READ)/;

/**
 * A connection to one file under the AEGIS cipher of SQLite3 Multiple Ciphers with a raw 32-byte key. Whatever SQLite
 * would put into a temporary file stays in memory, because a temporary file is not encrypted.
 * @throws Problem `key_invalid` when the key has not 32 bytes, `storage_failed` when the file cannot be opened.
 */
export function openCiphered(path: string, key: Uint8Array, options: { readonly readonly: boolean }): Database {
  if (key.length !== 32) throw new Problem('key_invalid', 'The data key of a dataset must have 32 bytes.');
  return guarded(() => {
    const db = new Sqlite(path, { readonly: options.readonly, fileMustExist: true });
    db.pragma(`cipher='aegis'`);
    db.pragma(`key="${rawKey(key)}"`);
    db.pragma('temp_store=memory');
    db.pragma('trusted_schema=off');
    return db;
  });
}

const rawKey = (key: Uint8Array): string => `x'${Buffer.from(key).toString('hex')}'`;

/**
 * Copies all rows of `table` from the database in `image` into the table of that name of the file, which has the same columns
 * and none of the rows. SQLite moves the records as they are then, without taking them apart
 * (https://www.sqlite.org/optoverview.html says nothing of it; in its source it is the "transfer optimization").
 * @throws Problem `storage_failed`.
 */
export function copyInto(path: string, key: Uint8Array, table: string, image: Buffer): void {
  guarded(() => {
    const db = new Sqlite(image);
    try {
      db.pragma(`cipher='aegis'`);
      db.prepare('attach ? as file key ?').run(path, rawKey(key));
      db.pragma('file.synchronous=off');
      db.pragma('file.journal_mode=memory');
      db.exec(`insert into file.${table} select * from main.${table}`);
    } finally {
      db.close();
    }
  });
}

/** The unauthenticated start of the file and its size, to compare with what was noted when the file was written. */
export function clearHeader(path: string): { readonly header: string; readonly size: number } {
  return guarded(() => {
    const file = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(CLEAR_HEADER_BYTES);
      readSync(file, bytes, 0, CLEAR_HEADER_BYTES, 0);
      return { header: bytes.toString('hex'), size: fstatSync(file).size };
    } finally {
      closeSync(file);
    }
  });
}

/**
 * What `work` returns; an error of SQLite or of the file system becomes a `Problem` that says nothing of the data.
 * @throws Problem `data_corrupt` when the file is damaged or the key is not its own, `storage_failed` when it cannot be
 * read or written; what is no error of theirs is thrown on.
 */
export function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Problem || !(error instanceof Error && 'code' in error)) throw error;
    if (DAMAGE.test(String(error.code))) throw damaged(error);
    if (error.code === 'SQLITE_ERROR') throw error;
    throw new Problem('storage_failed', 'The dataset file could not be read or written. Check the disk.', {
      cause: error,
    });
  }
}

/** The problem of a dataset file that is damaged, incomplete, or not under the given key. */
export function damaged(cause?: unknown): Problem {
  const detail =
    'The dataset file is damaged, incomplete, or was not written under this key. Restore it from a backup.';
  return new Problem('data_corrupt', detail, { cause });
}
