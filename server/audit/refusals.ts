import type { Actor } from '../core/actor.ts';
import type { Clock } from '../core/clock.ts';
import { LruMap } from '../core/lru.ts';
import type { Problem } from '../core/problem.ts';

/** Says which refusals are to be written down, so that nobody fills the log by asking again and again. */
export interface Refusals {
  /** Whether the problem was not told of before, and this actor was not refused `what` in the last minute. */
  isNews(actor: Actor, problem: Problem, what: string): boolean;
}

const MINUTE_MS = 60_000;
const MOST_KEPT = 10_000;

/** Refusals in the memory of this process. */
export function createRefusals(clock: Clock): Refusals {
  const told = new WeakSet<Problem>();
  const last = new LruMap<string, number>(MOST_KEPT);
  return {
    isNews({ id }, problem, what) {
      if (told.has(problem)) return false;
      told.add(problem);
      const key = `${id} ${what}`;
      if (clock() - (last.get(key) ?? Number.NEGATIVE_INFINITY) < MINUTE_MS) return false;
      last.set(key, clock());
      return true;
    },
  };
}
