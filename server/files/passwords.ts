import { Problem } from '../core/problem.ts';

/**
 * The passwords that senders gave with their files: in the memory of this process alone, never stored, logged or told,
 * and gone when the file is ready, has failed or is removed, at the latest after an hour. A restart loses them.
 */
export interface FilePasswords {
  /** Keeps the password of a file in place of an earlier one. */
  keep(fileId: string, password: string): void;
  of(fileId: string): string | undefined;
  drop(fileId: string): void;
}

const KEPT_MS = 60 * 60 * 1000;
/** Longer than any format takes. */
const LONGEST = 1000;

/** No passwords yet. */
export function createFilePasswords(): FilePasswords {
  const kept = new Map<string, { password: string; end: NodeJS.Timeout }>();
  const drop = (fileId: string) => {
    clearTimeout(kept.get(fileId)?.end);
    kept.delete(fileId);
  };
  return {
    keep(fileId, password) {
      drop(fileId);
      kept.set(fileId, { password, end: setTimeout(drop, KEPT_MS, fileId).unref() });
    },
    of: (fileId) => kept.get(fileId)?.password,
    drop,
  };
}

/** The password that came with a file; `undefined` for none or an empty one. @throws Problem `invalid_request`. */
export function toPassword(given: unknown): string | undefined {
  if (given === undefined || given === '') return undefined;
  if (typeof given === 'string' && given.length <= LONGEST) return given;
  throw new Problem('invalid_request', `password must be given once and have at most ${LONGEST} characters.`);
}
