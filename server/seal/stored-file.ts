import { statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { Problem } from '../core/problem.ts';
import type { Source } from '../core/source.ts';
import { decryptRange } from './decrypt-stream.ts';
import { plaintextSize } from './stream-format.ts';

/**
 * The file at `path`, encrypted as `AES256_GCM_HKDF_1MB`. Nothing is kept open between reads. Chunks are fresh and hold
 * at most 1 MiB. Its size is authenticated by whoever reads up to its end.
 * @throws Problem `data_corrupt` when the file is missing or of no possible size; `storage_failed`.
 */
export function openStoredFile(path: string, key: Uint8Array, associatedData: string): Source {
  try {
    return storedFile(path, statSync(path).size, key, associatedData);
  } catch (error) {
    throw readFailed(path, error);
  }
}

/** As `openStoredFile`, the size of the encrypted file being known. */
export function storedFile(path: string, ciphertextSize: number, key: Uint8Array, associatedData: string): Source {
  const name = `blob ${basename(path)}`;
  const size = plaintextSize(ciphertextSize);
  if (size < 0) throw new Problem('data_corrupt', `The stored data of ${name} is cut off. Restore it from a backup.`);
  return {
    size,
    async *stream(start = 0, end = size) {
      const file = await open(path).catch((error) => {
        throw readFailed(path, error);
      });
      try {
        const readAt = (into: Uint8Array, position: number) => readWhole(file, path, into, position);
        yield* decryptRange({ readAt, ciphertextSize, key, associatedData, name }, start, end);
      } finally {
        await file.close();
      }
    },
  };
}

async function readWhole(file: FileHandle, path: string, into: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < into.length; ) {
    const { bytesRead } = await file.read(into, done, into.length - done, position + done).catch((error) => {
      throw readFailed(path, error);
    });
    if (bytesRead === 0) throw new Problem('data_corrupt', `Blob ${basename(path)} became shorter while it was read.`);
    done += bytesRead;
  }
}

/** The problem of a file that cannot be read: `data_corrupt` when it is missing, else `storage_failed`. */
export function readFailed(path: string, error: unknown): Problem {
  if (error instanceof Problem) return error;
  const code = (error as NodeJS.ErrnoException).code ?? 'no code';
  const name = basename(path);
  if (code === 'ENOENT') {
    return new Problem('data_corrupt', `Blob ${name} is missing. Restore it from a backup.`, { cause: error });
  }
  return new Problem('storage_failed', `Blob ${name} cannot be read (${code}). Check the disk and try again.`, {
    cause: error,
  });
}
