import type { ColumnProfile } from '../infer/profile.ts';
import { createQueryPool } from './query-pool.ts';

/** A dataset file and the keys to read it with. They are used for the one call and kept by nobody but an open handle. */
export interface DatasetRef {
  readonly path: string;
  /** Who asks: a caller who asks for much leaves a thread to the others. Left out for the service itself. */
  readonly caller?: string;
  /** The dataset's data key, 32 bytes. */
  readonly key: Uint8Array;
  /** Fernet keys, newest first: for plain values and to search a sealed column. */
  readonly fernetKeys?: readonly Uint8Array[];
  /** To search a sealed column. */
  readonly blindIndexKey?: Uint8Array;
}

/** What is given of a sealed value: its Fernet token, its mask, or the value. Who may have which is the caller's to say. */
export type Level = 'token' | 'mask' | 'plain';

/** A typed value. Integers are within ±(2⁵³ − 1); dates and timestamps are ISO 8601 text; absent cells are `null`. */
export type CellValue = string | number | boolean | null;

/** One row; `n` is its number in the dataset, from 1, and `cells` are in the order of the page's columns. */
export interface Row {
  readonly n: number;
  readonly cells: readonly CellValue[];
}

/** Rows of a dataset, the names of their columns, and how many rows there are (or meet the conditions) in all. */
export interface Page {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  readonly total: number;
}

/** How rows are wanted. */
export interface Reading {
  /** Names of the columns, in the order wanted; all when left out. */
  readonly columns?: readonly string[];
  readonly level: Level;
  /** Cells as the text that stood in the file, in place of typed values. */
  readonly raw: boolean;
}

/**
 * A condition on a column. `ne` is met by empty cells too. `contains` and `starts_with` take text, dates and timestamps,
 * and ASCII letters without regard to case. A sealed column knows `eq` (after normalisation: `1234 5678` is `12345678`),
 * `is_empty` and `not_empty`.
 */
export interface Condition {
  readonly column: string;
  readonly op: 'eq' | 'ne' | 'lt' | 'lte' | 'gt' | 'gte' | 'contains' | 'starts_with' | 'is_empty' | 'not_empty';
  /** Of the column's type, or its text. Needed but for `is_empty` and `not_empty`. */
  readonly value?: string | number | boolean;
}

/** Rows that meet all conditions, sorted by value (numbers as numbers, text by code point, absent cells last). */
export interface Query extends Reading {
  readonly where?: readonly Condition[];
  /** Ties keep the order of the file. Sealed columns cannot be sorted by. */
  readonly sort?: readonly { readonly column: string; readonly descending?: boolean }[];
  readonly offset: number;
  /** 0 to 10,000. */
  readonly limit: number;
}

/** What could not be taken into the dataset, in the order of the file. `column` counts from 0. */
export interface RejectPage {
  readonly items: readonly {
    readonly row: number;
    readonly column: number | null;
    readonly code: string;
    readonly detail: string;
    /** Only when asked for. */
    readonly raw?: string;
  }[];
  readonly total: number;
}

/** What a complete dataset file says of itself. */
export interface Verified {
  readonly rows: number;
  readonly rejects: number;
  readonly columns: readonly ColumnProfile[];
}

/**
 * Reads dataset files in worker threads. Every call may throw: `data_corrupt` when the file is damaged, incomplete, or
 * under another key; `storage_failed` when it cannot be read; `column_unknown` and `invalid_request` for what is asked;
 * `key_invalid` when a key is missing; `page_too_large` for rows of more than 4 Mi characters together, unless it is one;
 * `unavailable` when it takes too long or too many calls wait.
 */
export interface Datasets {
  /** Opens the file and checks that it is complete. Pages are authenticated when they are read, not here. */
  verify(ref: DatasetRef): Promise<Verified>;
  /** Rows by number; any page costs the same. */
  page(ref: DatasetRef, request: Reading & { readonly offset: number; readonly limit: number }): Promise<Page>;
  query(ref: DatasetRef, query: Query): Promise<Page>;
  rejects(
    ref: DatasetRef,
    request: { readonly offset: number; readonly limit: number; readonly includeRaw: boolean },
  ): Promise<RejectPage>;
  /**
   * All rows that meet the conditions, in the order of the file, a batch at a time and at least one (empty) batch. No
   * thread is held between batches, so a slow reader delays nobody. `total` is the dataset's number of rows.
   */
  stream(ref: DatasetRef, request: Omit<Query, 'sort' | 'offset' | 'limit'>): AsyncGenerator<Page, void>;
  /** Closes the file wherever it is open; call before the file is deleted or replaced. */
  forget(path: string): Promise<void>;
  /** Stops the threads; what is under way or waits fails with `unavailable`. */
  close(): Promise<void>;
}

/** Limits of the reading threads. */
export interface DatasetsOptions {
  readonly threads: number;
  /** Open files in each thread (each may cache 4 MB). */
  readonly maxOpen?: number;
  /** Milliseconds that one call may take in its thread. */
  readonly timeoutMs?: number;
}

/** The reader of dataset files. Threads start with the first calls. */
export function createDatasets({ threads, maxOpen = 32, timeoutMs = 30_000 }: DatasetsOptions): Datasets {
  const pool = createQueryPool({ threads, maxOpen, timeoutMs });
  return {
    verify: (ref) => pool.ask(ref, 'verify', null),
    page: (ref, request) => pool.ask(ref, 'page', request),
    query: (ref, query) => pool.ask(ref, 'query', query),
    rejects: (ref, request) => pool.ask(ref, 'rejects', request),
    async *stream(ref, request) {
      let after: number | null = 0;
      while (after !== null) {
        const scan: Awaited<ReturnType<typeof pool.ask<'scan'>>> = await pool.ask(ref, 'scan', { ...request, after });
        yield scan.page;
        after = scan.last;
      }
    },
    forget: pool.forget,
    close: pool.close,
  };
}
