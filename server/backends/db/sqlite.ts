import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { Problem } from '../../core/problem.ts';
import type { Database } from './db.ts';
import { migrate } from './migrate.ts';
import type { Schema } from './schema.ts';
import { createStatements, openSqlite, type WriteReply, type WriteRequest } from './sqlite-thread.ts';

/**
 * Embedded metadata: one SQLite file under the AEGIS cipher (`key`: 32 bytes), WAL with synchronous=FULL, so that a
 * committed transaction survives power loss. Reads run on the calling thread (microseconds); writes, whose commits
 * wait for the disk, run on a thread of their own, one after the other, and never hold up the event loop.
 * @throws Problem `key_invalid` when the file was made with another key.
 */
export async function openSqliteDatabase(path: string, key: Uint8Array): Promise<Database> {
  mkdirSync(dirname(path), { recursive: true });
  const reader = openReader(path, key);
  const version = createVersion(reader);
  const writer = createWriter(path, key, version.forget);
  const query = new Kysely<Schema>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => createDriver(createStatements(reader), writer),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
  await migrate(query);
  reader.pragma('query_only=on');
  return {
    query,
    kind: 'sqlite',
    transaction: (work) => query.transaction().execute(work),
    version: version.get,
    isUniqueViolation: (error) =>
      /^SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY)$/.test((error as { code?: string })?.code ?? ''),
    async purge() {
      const unlock = await writer.lock();
      await writer.run('pragma wal_checkpoint(truncate)').finally(unlock);
    },
    async check() {
      await query.selectNoFrom((e) => e.lit(1).as('one')).execute();
      await writer.run('select 1');
    },
    async close() {
      await query.destroy();
      await writer.close();
      reader.close();
    },
  };
}

function openReader(path: string, key: Uint8Array) {
  try {
    return openSqlite(path, key);
  } catch (error) {
    if ((error as { code?: string }).code !== 'SQLITE_NOTADB') throw error;
    throw new Problem(
      'key_invalid',
      `The database ${path} cannot be opened with this key. Set ENCRYPTION_KEY to the one it was made with.`,
      { cause: error },
    );
  }
}

/**
 * A number that changes with each commit of another connection; the reader itself never writes. To look takes a tenth of a
 * small request, so the requests that have come in at once share a look. After a write of this process there is a new one.
 */
function createVersion(reader: ReturnType<typeof openSqlite>) {
  const dataVersion = reader.prepare('pragma data_version').pluck();
  let seen: number | undefined;
  const forget = () => {
    seen = undefined;
  };
  return {
    forget,
    get(): number {
      if (seen !== undefined) return seen;
      setImmediate(forget);
      seen = dataVersion.get() as number;
      return seen;
    },
  };
}

interface Writer {
  run(sql: string, parameters?: readonly unknown[]): Promise<{ rows: unknown[]; changes: number }>;
  /** Waits until no one else writes; whoever holds it must release it. */
  lock(): Promise<() => void>;
  close(): Promise<void>;
}

/** `onReply` is called when a write is done, before who asked for it goes on. */
function createWriter(path: string, key: Uint8Array, onReply: () => void): Writer {
  const thread = new Worker(new URL('./sqlite-thread.ts', import.meta.url), { workerData: { path, key } });
  const waiting = new Map<number, (reply: WriteReply) => void>();
  const exited = once(thread, 'exit').catch(() => {});
  let nextId = 1;
  let queue: Promise<unknown> = Promise.resolve();
  let failure: Error | undefined;
  thread.on('message', (reply: WriteReply) => {
    onReply();
    waiting.get(reply.id)?.(reply);
    waiting.delete(reply.id);
  });
  thread.on('error', (error) => {
    failure = error;
    for (const [id, settle] of waiting) settle({ id, error: { message: error.message, code: 'SQLITE_THREAD' } });
    waiting.clear();
  });
  return {
    run(sql, parameters = []) {
      const { promise, resolve, reject } = Promise.withResolvers<{ rows: unknown[]; changes: number }>();
      if (failure) return Promise.reject(failure);
      const id = nextId++;
      waiting.set(id, (reply) => ('error' in reply ? reject(sqliteError(reply.error)) : resolve(reply)));
      thread.postMessage({ id, sql, parameters } satisfies WriteRequest);
      return promise;
    },
    async lock() {
      const before = queue;
      const { promise, resolve } = Promise.withResolvers<void>();
      queue = promise;
      await before;
      return resolve;
    },
    async close() {
      thread.postMessage('close');
      await exited;
    },
  };
}

function sqliteError({ message, code }: { message: string; code: string }): Error {
  const cause = Object.assign(new Error(message), { code });
  if (!/^SQLITE_(FULL|IOERR|CANTOPEN)/.test(code)) return cause;
  const advice = code === 'SQLITE_FULL' ? 'The disk is full. Free some space' : 'Check the disk';
  return new Problem('storage_failed', `The database could not be written (${code}). ${advice} and try again.`, {
    cause,
  });
}

interface Connection extends DatabaseConnection {
  /** Set while a transaction is open on this connection. */
  unlock: (() => void) | undefined;
}

function createDriver(read: ReturnType<typeof createStatements>, writer: Writer): Driver {
  const newConnection = (): Connection => ({
    unlock: undefined,
    async executeQuery<R>({ sql, parameters, query }: CompiledQuery): Promise<QueryResult<R>> {
      if (this.unlock) return toResult<R>(await writer.run(sql, parameters));
      if (query.kind === 'SelectQueryNode') return toResult<R>(read(sql, parameters));
      const unlock = await writer.lock();
      try {
        return toResult<R>(await writer.run(sql, parameters));
      } finally {
        unlock();
      }
    },
    // biome-ignore lint/correctness/useYield: Kysely asks for the method; nothing here streams metadata
    async *streamQuery() {
      throw new Error('metadata is not streamed');
    },
  });
  return {
    init: async () => {},
    destroy: async () => {},
    acquireConnection: async () => newConnection(),
    releaseConnection: async () => {},
    async beginTransaction(connection) {
      (connection as Connection).unlock = await writer.lock();
      await writer.run('begin immediate').catch((error) => {
        release(connection as Connection);
        throw error;
      });
    },
    async commitTransaction(connection) {
      await writer.run('commit');
      release(connection as Connection);
    },
    // After a failed commit too, and before anyone else may write: the transaction would be the next one's.
    async rollbackTransaction(connection) {
      try {
        await writer.run('rollback');
      } catch (error) {
        // A full disk or an I/O error makes SQLite roll back by itself.
        if (!/no transaction is active/.test((error as Error).message)) throw error;
      } finally {
        release(connection as Connection);
      }
    },
  };

  function release(connection: Connection): void {
    connection.unlock?.();
    connection.unlock = undefined;
  }
}

function toResult<R>({ rows, changes }: { rows: unknown[]; changes: number }): QueryResult<R> {
  return { rows: rows as R[], numAffectedRows: BigInt(changes) };
}
