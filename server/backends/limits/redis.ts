import { Redis } from 'ioredis';
import type { Count, Limits } from './limits.ts';

/** One round trip, and no counter without an end, whatever happens between two commands. */
const ADD = `
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('PTTL', KEYS[1])}`;
const READ = `return {tonumber(redis.call('GET', KEYS[1]) or '0'), redis.call('PTTL', KEYS[1])}`;

/** Longer than this nobody waits for a counter. */
const TIMEOUT_MS = 500;

/**
 * Counters in Redis or Valkey, shared by all processes that name the same one. While it does not answer, `fallback` counts:
 * a limit that holds for each process by itself is better than none, and than a service that stands still.
 */
export function createRedisLimits(url: string, fallback: Limits, onError: (error: Error) => void): Limits {
  const redis = new Redis(url, {
    keyPrefix: 'intakt:limit:',
    commandTimeout: TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: true,
  });
  let failing = false;
  redis.on('error', (error: Error) => {
    if (!failing) onError(error);
    failing = true;
  });
  redis.on('ready', () => {
    failing = false;
  });

  const ask = async <T>(question: () => Promise<T>, otherwise: () => Promise<T>): Promise<T> => {
    if (failing) return otherwise();
    try {
      return await question();
    } catch {
      return otherwise();
    }
  };
  const toCount = (answer: unknown): Count => {
    const [count, leftMs] = answer as [number, number];
    return { count, leftMs: Math.max(0, leftMs) };
  };

  return {
    add: (key, windowMs) =>
      ask(
        async () => toCount(await redis.eval(ADD, 1, key, windowMs)),
        () => fallback.add(key, windowMs),
      ),
    read: (key) =>
      ask(
        async () => toCount(await redis.eval(READ, 1, key)),
        () => fallback.read(key),
      ),
    async remove(key) {
      await fallback.remove(key);
      await ask(
        async () => void (await redis.del(key)),
        async () => {},
      );
    },
    async close() {
      redis.disconnect();
    },
  };
}
