import { mkdir, open } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Problem } from '../../core/problem.ts';

/** Names of the folders over which blobs are spread. */
export const shards: readonly string[] = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

/** The folder of a blob: its id's first two digits, which are random. */
export const shardOf = (id: string): string => id.slice(0, 2);

/**
 * Makes `root` with `unfinished` and all shards, mode 0700, as far as they are not there; durable when this resolves.
 * @throws Problem `storage_failed`.
 */
export async function makeFolders(root: string, unfinished: readonly string[]): Promise<void> {
  const first = await onDisk(mkdir(root, { recursive: true, mode: 0o700 }));
  const folders = [...unfinished, ...shards.map((shard) => join(root, shard))];
  await onDisk(Promise.all(folders.map((folder) => mkdir(folder, { recursive: true, mode: 0o700 }))));
  // A new folder is durable when the folder that holds it is: from `root` up to the parent of the first that was made.
  const top = first === undefined ? resolve(root) : dirname(resolve(first));
  for (let folder = resolve(root); ; folder = dirname(folder)) {
    await syncFolder(folder);
    if (folder === top) return;
  }
}

/** Makes the names in a folder durable. @throws Problem `storage_failed`. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await onDisk(open(folder));
  try {
    await onDisk(handle.sync());
  } finally {
    await onDisk(handle.close());
  }
}

/** What a call of the file system gives. @throws Problem `storage_failed` in place of its error. */
export async function onDisk<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'no code';
    const advice =
      code === 'ENOSPC' || code === 'EDQUOT'
        ? 'The disk is full. Free some space in DATA_DIR and try again.'
        : 'Check the disk of DATA_DIR and try again.';
    throw new Problem('storage_failed', `The disk could not take or give the data (${code}). ${advice}`, {
      cause: error,
    });
  }
}
