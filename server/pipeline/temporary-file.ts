import { randomBytes } from 'node:crypto';
import { closeSync, openSync, rmSync, writevSync } from 'node:fs';
import { Problem } from '../core/problem.ts';
import type { Source } from '../core/source.ts';
import { createEncryptor } from '../seal/encrypt-stream.ts';
import { openStoredFile } from '../seal/stored-file.ts';

/** A file that nobody but this process can read, for as long as it takes to parse another one. */
export interface TemporaryFile extends Disposable {
  /** Adds bytes, which stay the caller's. @throws Problem `storage_failed`. */
  write(bytes: Uint8Array): void;
  /** Ends the writing; gives what was written. To be called once. @throws Problem `storage_failed`. */
  finish(): Source;
}

const NAME = 'temporary';

/**
 * A new file at `path`, encrypted under a key that is nowhere but in this process. It is removed when it is disposed of;
 * after a crash nobody can read it. `what` names it in problems: `spool`.
 * @throws Problem `storage_failed`.
 */
export function createTemporaryFile(path: string, what: string): TemporaryFile {
  const key = randomBytes(32);
  const encryptor = createEncryptor({ key, associatedData: NAME });
  const fd = guarded(what, () => openSync(path, 'wx', 0o600));
  let isOpen = true;
  const close = () => {
    if (isOpen) closeSync(fd);
    isOpen = false;
  };
  return {
    write: (bytes) => guarded(what, () => writeAll(fd, encryptor.update(bytes))),
    finish() {
      guarded(what, () => writeAll(fd, encryptor.final()));
      close();
      return openStoredFile(path, key, NAME);
    },
    [Symbol.dispose]() {
      close();
      rmSync(path, { force: true });
    },
  };
}

function writeAll(fd: number, parts: Uint8Array[]): void {
  const whole = parts.reduce((sum, { length }) => sum + length, 0);
  if (whole === 0) return;
  let written = writevSync(fd, parts);
  while (written < whole) written += writevSync(fd, [Buffer.concat(parts).subarray(written)]);
}

function guarded<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code = 'no code' } = error as NodeJS.ErrnoException;
    const detail = `The ${what} of the file cannot be written (${code}). Check the disk and try again.`;
    throw new Problem('storage_failed', detail, { cause: error });
  }
}
