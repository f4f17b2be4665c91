import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { abortable } from '../../core/abortable.ts';
import { isId } from '../../core/ids.ts';
import { Problem } from '../../core/problem.ts';
import { readFailed, storedFile } from '../../seal/stored-file.ts';
import type { Blobs, PutOptions, StoredBlob } from './blobs.ts';
import { makeFolders, onDisk, shardOf, shards, syncFolder } from './disk-folders.ts';
import { createIntake } from './intake.ts';

/**
 * Blobs as files: `<root>/<first two digits of the id>/<id>`, on the same file system `<root>/receiving` for uploads that
 * are not complete yet, and `<root>/staging` for what others write. Those may write nothing but `staging`: a parser that
 * was taken over must not come between an upload and its name. A put costs two fsyncs (the file, its folder): all folders are made when the store is opened.
 * @throws Problem `storage_failed` when the folders cannot be made.
 */
export async function createDiskBlobs(root: string): Promise<Blobs> {
  const [receiving, staging] = [join(root, 'receiving'), join(root, 'staging')];
  await makeFolders(root, [receiving, staging]);

  const pathOf = (id: string) => join(root, shardOf(id), checkId(id));
  const freshIn = (folder: string, id: string) => join(folder, `${checkId(id)}.${randomBytes(6).toString('hex')}`);

  async function publish(id: string, stagedPath: string): Promise<void> {
    await onDisk(rename(stagedPath, pathOf(id)));
    try {
      await syncFolder(join(root, shardOf(id)));
    } catch (error) {
      await rename(pathOf(id), stagedPath).catch(() => {});
      throw error;
    }
  }

  return {
    stagingPath: (id) => freshIn(staging, id),
    localPath: async (id) => pathOf(id),

    async put(id, source, options) {
      const path = freshIn(receiving, id);
      try {
        const stored = await writeFile(path, source, options);
        await publish(id, path);
        return stored;
      } catch (error) {
        await rm(path, { force: true }).catch(() => {});
        throw error;
      }
    },

    async open(id, { key, associatedData }) {
      const path = pathOf(id);
      const { size } = await stat(path).catch((error) => {
        throw readFailed(path, error);
      });
      const file = storedFile(path, size, key, associatedData);
      // Reading nothing at the end authenticates the end, so no length is announced that cannot be kept.
      for await (const _ of file.stream(file.size));
      return file;
    },

    async adopt(id, stagedPath) {
      const file = await onDisk(open(stagedPath, NO_LINK));
      try {
        if (!(await onDisk(file.stat())).isFile()) throw notAFile();
        await onDisk(file.sync());
      } finally {
        await onDisk(file.close());
      }
      await publish(id, stagedPath);
    },

    async discard(stagedPath) {
      const besides = ['', '-journal', '-wal', '-shm'];
      await onDisk(Promise.all(besides.map((suffix) => rm(stagedPath + suffix, { force: true }))));
    },

    async remove(id) {
      await onDisk(rm(pathOf(id), { force: true }));
    },

    async *list() {
      for (const shard of shards) {
        for (const name of await onDisk(readdir(join(root, shard)))) if (isId(name)) yield name;
      }
    },

    async sweepStaging(before) {
      let removed = 0;
      const left = await Promise.all(
        [receiving, staging].map(async (folder) => (await onDisk(readdir(folder))).map((name) => join(folder, name))),
      );
      for (const path of left.flat()) {
        const found = await lstat(path).catch(() => null);
        if (!found || found.mtimeMs >= before) continue;
        await onDisk(rm(path, { force: true, recursive: true }));
        removed += 1;
      }
      return removed;
    },
  };
}

/** Whoever staged it was given one path alone: a link would lead elsewhere, and a pipe would never answer. */
const NO_LINK = constants.O_RDWR | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const notAFile = () => new Problem('storage_failed', 'What was staged is no file. Try again.');

/** Whatever else might come is no name of a file. */
function checkId(id: string): string {
  if (!isId(id)) throw new TypeError('A blob is named by an id.');
  return id;
}

/** Encrypts `source` into a new, durable file. */
async function writeFile(path: string, source: AsyncIterable<Uint8Array>, options: PutOptions): Promise<StoredBlob> {
  const intake = createIntake(options);
  const file = await onDisk(open(path, 'wx', 0o600));
  try {
    let written = Promise.resolve();
    for await (const chunk of options.signal ? abortable(source, options.signal) : source) {
      const parts = intake.update(chunk);
      if (parts.length === 0) continue;
      // One segment is written while the next is gathered; never more, so that memory stays bounded.
      await written;
      written = writeAll(file, parts);
      written.catch(() => {});
    }
    await written;
    await writeAll(file, intake.final());
    await onDisk(file.sync());
    return intake.result();
  } finally {
    await onDisk(file.close());
  }
}

async function writeAll(file: FileHandle, parts: Uint8Array[]): Promise<void> {
  const { bytesWritten } = await onDisk(file.writev(parts));
  const total = parts.reduce((sum, { length }) => sum + length, 0);
  // A disk that is filling up takes a part first and refuses the next.
  if (bytesWritten < total) await onDisk(file.writeFile(Buffer.concat(parts).subarray(bytesWritten)));
}
