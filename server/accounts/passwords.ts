import { readFileSync } from 'node:fs';
import { hash, verify } from '@node-rs/bcrypt';
import { Problem } from '../core/problem.ts';

/**
 * Hashes and checks passwords with bcrypt, off the event loop and only a few at a time. What looks the same is the same:
 * a password is taken in its normal form (NFKC, as NIST SP 800-63B, 3.1.1.2 has it).
 */
export interface Passwords {
  /**
   * @throws Problem `weak_password` when it has under 8 characters or over 72 bytes (bcrypt reads no more, and nothing is
   * ever cut off), is one of the commonest, or one of `names`: what everybody knows of its owner.
   */
  hash(password: string, names: readonly string[]): Promise<string>;
  /** Whether `password` belongs to `stored`; without `stored` the same work is done and the answer is no. */
  matches(password: string, stored: string | undefined): Promise<boolean>;
}

/** The least number of characters. */
export const SHORTEST = 8;
const MOST_BYTES = 72;
const AT_ONCE = 2;

/** The form in which passwords are compared with common ones and with names. */
export const toCompare = (text: string): string => text.normalize('NFKC').toLowerCase().trim();

/** Passwords at the given bcrypt cost. */
export function createPasswords(cost: number): Passwords {
  const limit = createLimit(AT_ONCE);
  const dummy = hash('nobody has this password', cost);
  const common = new Set(readFileSync(new URL('./common-passwords.txt', import.meta.url), 'utf8').split('\n'));
  return {
    async hash(password, names) {
      const normal = password.normalize('NFKC');
      refuseUnfit(normal);
      refuseGuessable(normal, common, names);
      return limit(() => hash(normal, cost));
    },
    async matches(password, stored) {
      const normal = password.normalize('NFKC');
      const same = await limit(async () => verify(normal.slice(0, 200), stored ?? (await dummy)));
      return same && stored !== undefined && Buffer.byteLength(normal) <= MOST_BYTES;
    },
  };
}

function refuseUnfit(password: string): void {
  if ([...password].length < SHORTEST)
    throw new Problem('weak_password', 'The password has fewer than 8 characters. Choose a longer one.');
  if (Buffer.byteLength(password) > MOST_BYTES) {
    throw new Problem(
      'weak_password',
      'The password has more than 72 bytes, and bcrypt would ignore the rest. Choose a shorter one.',
    );
  }
}

function refuseGuessable(password: string, common: ReadonlySet<string>, names: readonly string[]): void {
  const compared = toCompare(password);
  if (common.has(compared))
    throw new Problem(
      'weak_password',
      'The password is among the commonest, which are tried first. Choose another one.',
    );
  if (names.some((name) => toCompare(name) === compared))
    throw new Problem('weak_password', 'The password is your name or e-mail address. Choose another one.');
}

function createLimit(atOnce: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= atOnce) await new Promise<void>((go) => waiting.push(go));
    running++;
    try {
      return await work();
    } finally {
      running--;
      waiting.shift()?.();
    }
  };
}
