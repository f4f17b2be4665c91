import { setTimeout } from 'node:timers/promises';
import type { Limits } from '../backends/limits/limits.ts';
import { Problem } from '../core/problem.ts';
import { normalise } from './store.ts';

/** Who tries to show who they are: a name as it was typed, or whatever else a guess is about, and from where. */
export interface Attempt {
  /** `null` where no account is named, as with a client key. */
  readonly account: string | null;
  readonly address: string;
}

/**
 * One throttle over all ways to log in. It slows down who guesses, and never keeps out who knows:
 *
 * - An address has so many attempts a minute, on whatever account.
 * - An address that failed on an account six times within a quarter of an hour waits before the next attempt: 1 second,
 *   then 2, 4, up to a minute. Other addresses do not wait for it.
 * - When an account has failed twenty times within a quarter of an hour, from wherever, each further attempt on it is
 *   held for some seconds and then answered as ever.
 *
 * A name counts in its normal form, so that case, spaces and look-alikes of Unicode share one count; a name that nobody
 * has counts like any other. An IPv6 address counts by its network of 64 bits (RFC 6177).
 */
export interface Throttle {
  /**
   * Runs what looks at a secret, and counts how it went: a `Problem` of status 401 is a failure, but for one that asks
   * for a second factor.
   * @throws Problem `rate_limited` with `retry_after` in seconds, and whatever `check` throws.
   */
  guard<T>(attempt: Attempt, check: () => Promise<T>): Promise<T>;
}

const MINUTE = 60_000;
const WINDOW_MS = 15 * MINUTE;
const FREE_FAILURES = 5;
const LONGEST_WAIT_MS = MINUTE;
const HELD_FROM = 20;
const HOLD_STEP_MS = 250;
const LONGEST_HOLD_MS = 4000;

/** A throttle that counts in `limits`; without a limit for an address when `attemptsPerMinute` is 0. */
export function createThrottle(
  limits: Limits,
  attemptsPerMinute: number,
  pause: (ms: number) => Promise<unknown> = setTimeout,
): Throttle {
  return {
    async guard(attempt, check) {
      await enter(attempt);
      try {
        const outcome = await check();
        await passed(attempt);
        return outcome;
      } catch (error) {
        if (error instanceof Problem && error.code === 'second_factor_required') await passed(attempt);
        else if (error instanceof Problem && error.status === 401) await failed(attempt);
        throw error;
      }
    },
  };

  async function enter(attempt: Attempt): Promise<void> {
    const { byAddress, byAccount, byPair, wait } = keysOf(attempt);
    if (attemptsPerMinute > 0) {
      const { count, leftMs } = await limits.add(byAddress, MINUTE);
      if (count > attemptsPerMinute) throw tooMany(leftMs, 'from this address');
    }
    if (attempt.account === null) return;
    const waiting = await limits.read(wait);
    if (waiting.count > 0) throw tooMany(waiting.leftMs, 'on this account from this address');
    // Counted now and given back when the secret was right, so that attempts at the same time do not all pass.
    const { count: attempts } = await limits.add(byPair, WINDOW_MS);
    if (attempts > FREE_FAILURES) {
      const { count, leftMs } = await limits.add(wait, waitAfter(attempts));
      if (count > 1) throw tooMany(leftMs, 'on this account from this address');
    }
    const { count: failures } = await limits.read(byAccount);
    if (failures >= HELD_FROM) await pause(Math.min((failures - HELD_FROM + 1) * HOLD_STEP_MS, LONGEST_HOLD_MS));
  }

  async function failed(attempt: Attempt): Promise<void> {
    if (attempt.account !== null) await limits.add(keysOf(attempt).byAccount, WINDOW_MS);
  }

  async function passed(attempt: Attempt): Promise<void> {
    const { byPair, wait } = keysOf(attempt);
    await limits.remove(byPair);
    await limits.remove(wait);
  }
}

const waitAfter = (attempts: number): number => Math.min(1000 * 2 ** (attempts - FREE_FAILURES - 1), LONGEST_WAIT_MS);

function keysOf({ account, address }: Attempt) {
  const from = networkOf(address);
  const name = normalise(account ?? '').slice(0, 256);
  return {
    byAddress: `login:address:${from}`,
    byAccount: `login:account:${name}`,
    byPair: `login:pair:${from}:${name}`,
    wait: `login:wait:${from}:${name}`,
  };
}

/** What one subscriber has at their disposal: an IPv4 address, or an IPv6 network of 64 bits. */
export function networkOf(address: string): string {
  if (!address.includes(':') || /^::ffff:[\d.]+$/i.test(address)) return address.replace(/^::ffff:/i, '');
  const [head = '', tail] = address.split('%')[0]!.split('::');
  const front = head.split(':').filter(Boolean);
  const back = tail?.split(':').filter(Boolean) ?? [];
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0');
  return [...front, ...zeros, ...back]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}

const tooMany = (leftMs: number, what: string) => {
  const seconds = Math.max(1, Math.ceil(leftMs / 1000));
  return new Problem('rate_limited', `Too many attempts to log in ${what}. Try again in ${seconds} s.`, {
    extra: { retry_after: seconds },
  });
};
