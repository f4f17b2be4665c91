import { hash, verify } from '@node-rs/bcrypt';
import { Problem } from '../core/problem.ts';

/** Hashes and checks passwords with bcrypt, off the event loop and only a few at a time. */
export interface Passwords {
  /** @throws Problem `weak_password` when it has under 8 characters or over 72 bytes (bcrypt reads no more). */
  hash(password: string): Promise<string>;
  /** Whether `password` belongs to `stored`; without `stored` the same work is done and the answer is no. */
  matches(password: string, stored: string | undefined): Promise<boolean>;
}

const AT_ONCE = 2;

/** Passwords at the given bcrypt cost. */
export function createPasswords(cost: number): Passwords {
  const limit = createLimit(AT_ONCE);
  const dummy = hash('nobody has this password', cost);
  return {
    async hash(password) {
      refuseWeak(password);
      return limit(() => hash(password, cost));
    },
    async matches(password, stored) {
      const same = await limit(async () => verify(password.slice(0, 200), stored ?? (await dummy)));
      return same && stored !== undefined && Buffer.byteLength(password) <= 72;
    },
  };
}

function refuseWeak(password: string): void {
  if ([...password].length < 8)
    throw new Problem('weak_password', 'The password has fewer than 8 characters. Choose a longer one.');
  if (Buffer.byteLength(password) > 72) {
    throw new Problem(
      'weak_password',
      'The password has more than 72 bytes, and bcrypt would ignore the rest. Choose a shorter one.',
    );
  }
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
