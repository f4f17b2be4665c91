import { parentPort, workerData } from 'node:worker_threads';
import Sqlite, { type Database, type Statement } from 'better-sqlite3-multiple-ciphers';

/** A statement for the writer thread and what comes back. */
export interface WriteRequest {
  readonly id: number;
  readonly sql: string;
  readonly parameters: readonly unknown[];
}
/** What a statement gave, or why it failed. */
export type WriteReply =
  | { readonly id: number; readonly rows: unknown[]; readonly changes: number }
  | { readonly id: number; readonly error: { readonly message: string; readonly code: string } };

/** Opens the metadata database under the AEGIS cipher; `key` is 32 raw bytes. Both threads open it with this. */
export function openSqlite(path: string, key: Uint8Array): Database {
  const db = new Sqlite(path, { timeout: 10_000 });
  db.pragma("cipher='aegis'");
  db.pragma(`key="x'${Buffer.from(key).toString('hex')}'"`);
  db.pragma('journal_mode=wal');
  db.pragma('synchronous=full');
  db.pragma('foreign_keys=on');
  db.pragma('temp_store=memory');
  db.pragma('secure_delete=on');
  return db;
}

/** Runs statements by their text, each prepared once. */
export function createStatements(
  db: Database,
): (sql: string, parameters: readonly unknown[]) => { rows: unknown[]; changes: number } {
  const prepared = new Map<string, Statement>();
  return (sql, parameters) => {
    let statement = prepared.get(sql);
    if (!statement) {
      statement = db.prepare(sql);
      if (prepared.size < 500) prepared.set(sql, statement);
    }
    if (statement.reader) return { rows: statement.all(...parameters), changes: 0 };
    return { rows: [], changes: statement.run(...parameters).changes };
  };
}

if (parentPort) serveWrites(parentPort, workerData as { path: string; key: Uint8Array });

function serveWrites(port: NonNullable<typeof parentPort>, { path, key }: { path: string; key: Uint8Array }): void {
  const db = openSqlite(path, key);
  const run = createStatements(db);
  port.on('message', (request: WriteRequest | 'close') => {
    if (request === 'close') {
      db.close();
      port.close();
      return;
    }
    port.postMessage(answer(run, request));
  });
}

function answer(run: ReturnType<typeof createStatements>, { id, sql, parameters }: WriteRequest): WriteReply {
  try {
    return { id, ...run(sql, parameters) };
  } catch (error) {
    const { message, code = 'SQLITE_ERROR' } = error as Error & { code?: string };
    return { id, error: { message, code } };
  }
}
