import type { Detection } from '../infer/infer.ts';
import type { ColumnProfile } from '../infer/profile.ts';
import type { FileType, ReadOptions } from '../parse/format.ts';

/** One file for a parser process, with the keys of this file alone. */
export interface ParseTask {
  readonly name: string;
  readonly fileType: FileType;
  /** The encrypted original, which the process may only read. */
  readonly path: string;
  readonly fileKey: Uint8Array;
  readonly associatedData: string;
  /** Where what was read may wait, encrypted; nothing is there yet, and nothing is left there. */
  readonly spoolPath: string;
  /** Where what the file unpacks to may be kept, one part at a time, encrypted; the same holds. */
  readonly unpackedPath: string;
  /** The kinds that the operator allows inside of an archive. */
  readonly allowed: readonly string[];
  /** Seals values; the newest of the workspace's Fernet keys. */
  readonly fernetKey: Uint8Array;
  readonly options: ReadOptions;
  /** Columns to seal, and to leave plain, whatever is found in them. */
  readonly seal: readonly string[];
  readonly plain: readonly string[];
  /** What is looked for in the columns and what becomes of it; absent for the usual. */
  readonly detection?: Detection;
}

/** Where a dataset is to be written, and its data key. */
export interface DatasetPlace {
  readonly datasetId: string;
  readonly path: string;
  readonly rowsKey: Uint8Array;
  readonly blindIndexKey: Uint8Array;
}

/** A finished dataset file; nothing in it is a value of a row. */
export interface WrittenDataset {
  readonly name: string;
  readonly columns: readonly ColumnProfile[];
  readonly dialect: Readonly<Record<string, string | number | boolean>>;
  readonly rows: number;
  readonly rejects: number;
}

/** What the service says to a parser process. */
export type ToParser =
  | { readonly type: 'parse'; readonly task: ParseTask }
  | { readonly type: 'places'; readonly places: readonly DatasetPlace[] };

/** What a parser process says to the service. `done` is the share of the phase, 0–1. */
export type FromParser =
  | { readonly type: 'started' }
  | { readonly type: 'progress'; readonly phase: 'parsing' | 'sealing'; readonly done: number }
  | { readonly type: 'tables'; readonly count: number }
  | { readonly type: 'done'; readonly datasets: readonly WrittenDataset[] }
  | { readonly type: 'failed'; readonly code: string; readonly detail: string; readonly stack?: string };
