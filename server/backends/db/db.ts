import type { Kysely, Transaction } from 'kysely';
import type { Schema } from './schema.ts';

/** The metadata database or an open transaction of it: what a feature's store is given. */
export type Queryable = Kysely<Schema>;

/** The metadata database behind one query language (Kysely); each adapter says what it can. */
export interface Database {
  readonly query: Kysely<Schema>;
  /** Name for health and logs: `sqlite`, `postgresql`, `mysql`. */
  readonly kind: string;
  /**
   * Runs `work` in one write transaction: all of it is durable when this resolves, none of it when it rejects.
   * Writers follow one another; `work` must not wait for anything but its own queries.
   */
  transaction<T>(work: (tx: Transaction<Schema>) => Promise<T>): Promise<T>;
  /**
   * A number that is another one when anything in the database has been changed since, by whatever process; within one turn
   * of the event loop it may stay when another process has. `null` where the adapter cannot tell at next to no cost. What
   * was read under a number holds as long as it stays.
   */
  version(): number | null;
  /** Whether `error` says that a unique column or key already holds the value. */
  isUniqueViolation(error: unknown): boolean;
  /** Resolves when the database answers and takes writes; rejects when it does not. */
  check(): Promise<void>;
  /** Makes what was deleted unrecoverable from the database's own files, where the adapter can. */
  purge(): Promise<void>;
  close(): Promise<void>;
}
