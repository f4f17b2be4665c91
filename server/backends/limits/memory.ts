import type { Clock } from '../../core/clock.ts';
import type { Count, Limits } from './limits.ts';

const NONE: Count = { count: 0, leftMs: 0 };

interface Counter {
  count: number;
  readonly endsAt: number;
  readonly windowMs: number;
}

/**
 * Counters in this process's memory, at most `most` of them (default 100,000, some 20 MB): when there would be more, those
 * that are over go, and then the oldest.
 */
export function createMemoryLimits(clock: Clock, most = 100_000): Limits {
  const counters = new Map<string, Counter>();

  function find(key: string): Counter | undefined {
    const counter = counters.get(key);
    if (counter && !isOver(counter, clock())) return counter;
    counters.delete(key);
    return undefined;
  }

  function makeRoom(): void {
    const now = clock();
    for (const [key, counter] of counters) if (isOver(counter, now)) counters.delete(key);
    // A Map remembers its order: the first is the oldest.
    for (const key of counters.keys()) {
      if (counters.size < most) return;
      counters.delete(key);
    }
  }

  const told = ({ count, endsAt }: Counter) => ({ count, leftMs: endsAt - clock() });

  return {
    async add(key, windowMs) {
      const found = find(key);
      if (found) {
        found.count++;
        return told(found);
      }
      if (counters.size >= most) makeRoom();
      const fresh = { count: 1, endsAt: clock() + windowMs, windowMs };
      counters.set(key, fresh);
      return told(fresh);
    },
    async read(key) {
      const found = find(key);
      return found ? told(found) : NONE;
    },
    async remove(key) {
      counters.delete(key);
    },
    async close() {},
  };
}

/** Also when more than all of it is left: a clock that was set back by a day must not hold anybody up for a day. */
function isOver({ endsAt, windowMs }: Counter, now: number): boolean {
  return endsAt <= now || endsAt - now > windowMs;
}
