import type { Source } from '../../core/source.ts';

/** What it takes to encrypt or decrypt a blob. */
export interface BlobKey {
  /** The blob's own key, 32 bytes. */
  readonly key: Uint8Array;
  /** What the blob belongs to, such as the file's id; the same must be given to read it. At most 1,024 bytes. */
  readonly associatedData: string;
}

/** How to store a blob. */
export interface PutOptions extends BlobKey {
  /** Most bytes that are taken of the plaintext. */
  readonly maxBytes: number;
  /** Gives up at once when aborted, even while the source is silent; `put` then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What was stored. */
export interface StoredBlob {
  /** Bytes of the plaintext. */
  readonly size: number;
  /** SHA-256 of the plaintext in hexadecimal. */
  readonly sha256: string;
  /** Bytes that it takes up encrypted. */
  readonly storedBytes: number;
}

/**
 * Encrypted bytes under an id (a UUID, see `core/ids.ts`). A blob is there as a whole or not at all, and is durable
 * before the call that stored it resolves: after a crash or power loss at any moment. Storing under an id that is in
 * use replaces its blob in one step.
 */
export interface Blobs {
  /**
   * Encrypts `source` on its way to the store. Memory does not grow with its size; chunks are the source's again once
   * the next is asked for.
   * @throws Problem `file_too_large`, `storage_failed`, or whatever `source` throws; nothing is left behind then.
   */
  put(id: string, source: AsyncIterable<Uint8Array>, options: PutOptions): Promise<StoredBlob>;
  /**
   * The blob's plaintext, of which the end has been authenticated already. Nothing is kept open.
   * @throws Problem `data_corrupt` when it is missing, damaged or cut off, or when the key or associated data is
   * another's; `storage_failed`.
   */
  open(id: string, key: BlobKey): Promise<Source>;
  /** A path to write a file to that is to be adopted as `id`, such as a dataset; fresh at each call. */
  stagingPath(id: string): string;
  /**
   * Publishes a file that is encrypted, complete and closed, moving it away from its staging path.
   * @throws Problem `storage_failed`; the staged file is then still where it was.
   */
  adopt(id: string, stagedPath: string): Promise<void>;
  /** Removes a staged file that will not be adopted, and what SQLite may have left beside it. */
  discard(stagedPath: string): Promise<void>;
  /** A path where another process or thread may read the blob as it is stored; it lasts until the blob is removed. */
  localPath(id: string): Promise<string>;
  /** Removes the blob if it is there. Only the deletion of its key makes that final, backups included. */
  remove(id: string): Promise<void>;
  /** The ids of all blobs, in no order, so that those which belong to nothing can be removed. */
  list(): AsyncIterable<string>;
  /**
   * Removes staged files that were last written before `before` (milliseconds since 1970): what a crash left behind.
   * Returns how many.
   */
  sweepStaging(before: number): Promise<number>;
}
