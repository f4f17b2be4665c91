import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMemoryLimits } from '../backends/limits/memory.ts';
import { Problem } from '../core/problem.ts';
import { type Attempt, createThrottle, networkOf } from './throttle.ts';

const wrong = async () => {
  throw new Problem('invalid_credentials', 'wrong');
};
const right = async () => 'in';

/** A throttle whose time stands still until it is told to move. */
function newThrottle(attemptsPerMinute = 0) {
  let now = 1_000_000;
  const holds: number[] = [];
  const throttle = createThrottle(
    createMemoryLimits(() => now),
    attemptsPerMinute,
    async (ms) => holds.push(ms),
  );
  const outcome = (attempt: Attempt, check: () => Promise<unknown>) =>
    throttle.guard(attempt, check).then(String, ({ code }: Problem) => code);
  return {
    outcome,
    holds,
    async fail(attempt: Attempt, times: number) {
      const seen: string[] = [];
      for (let i = 0; i < times; i++) seen.push(await outcome(attempt, wrong));
      return seen;
    },
    pass: (seconds: number) => {
      now += seconds * 1000;
    },
  };
}

const ada = (address = '192.0.2.1', account = 'ada'): Attempt => ({ account, address });

describe('who guesses', () => {
  test('waits after six failures, twice as long after each further one, and at most a minute', async () => {
    const { fail, outcome, pass } = newThrottle();
    assert.deepEqual(await fail(ada(), 7), [...Array(6).fill('invalid_credentials'), 'rate_limited']);
    pass(1);
    for (const wait of [2, 4, 8, 16, 32, 60, 60]) {
      assert.equal(await outcome(ada(), wrong), 'invalid_credentials');
      pass(wait - 1);
      assert.equal(await outcome(ada(), wrong), 'rate_limited', `within ${wait} s`);
      pass(1);
    }
  });

  test('gets no more out of asking many times at once', async () => {
    const { outcome } = newThrottle();
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => outcome(ada(), wrong)));
    assert.equal(outcomes.filter((code) => code === 'invalid_credentials').length, 6);
  });

  test('shares one count over case, spaces and look-alikes of a name', async () => {
    const { fail, outcome } = newThrottle();
    for (const name of ['ada', 'ADA', ' ada ', 'Ａda', 'ａｄａ', '𝐚𝐝𝐚']) await fail(ada('192.0.2.1', name), 1);
    assert.equal(await outcome(ada(), wrong), 'rate_limited');
  });

  test('shares one count over the addresses of an IPv6 network', async () => {
    const { fail, outcome } = newThrottle();
    for (let i = 1; i <= 6; i++) await fail(ada(`2001:db8:1:2::${i}`), 1);
    assert.equal(await outcome(ada('2001:db8:1:2:ffff::7'), wrong), 'rate_limited');
    assert.equal(await outcome(ada('2001:db8:1:3::1'), wrong), 'invalid_credentials');
  });

  test('is counted the same for a name that nobody has', async () => {
    const { fail } = newThrottle();
    assert.deepEqual(await fail(ada('192.0.2.1', 'nobody'), 7), [
      ...Array(6).fill('invalid_credentials'),
      'rate_limited',
    ]);
  });

  test('has so many attempts a minute from one address, on whatever account', async () => {
    const { outcome, pass } = newThrottle(3);
    const codes = [];
    for (let i = 0; i < 4; i++) codes.push(await outcome(ada('192.0.2.1', `name ${i}`), wrong));
    assert.deepEqual(codes, [...Array(3).fill('invalid_credentials'), 'rate_limited']);
    assert.equal(await outcome(ada('192.0.2.2', 'name 4'), wrong), 'invalid_credentials');
    pass(61);
    assert.equal(await outcome(ada('192.0.2.1', 'name 5'), wrong), 'invalid_credentials');
  });
});

describe('who knows', () => {
  test('comes in from another address while somebody guesses', async () => {
    const { fail, outcome } = newThrottle();
    await fail(ada(), 10);
    assert.equal(await outcome(ada('198.51.100.7'), right), 'in');
  });

  test('is held for seconds and never refused while many addresses guess', async () => {
    const { fail, outcome, holds } = newThrottle();
    for (let i = 0; i < 20; i++) await fail(ada(`192.0.2.${i}`), 1);
    assert.deepEqual(holds, []);
    for (let i = 20; i < 50; i++) await fail(ada(`192.0.2.${i}`), 1);
    assert.equal(await outcome(ada('198.51.100.7'), right), 'in');
    assert.deepEqual(holds.slice(0, 3), [250, 500, 750]);
    assert.equal(Math.max(...holds), 4000);
  });

  test('begins anew with each login: what was mistyped before does not count', async () => {
    const { fail, outcome } = newThrottle();
    for (let i = 0; i < 5; i++) {
      assert.deepEqual(await fail(ada(), 5), Array(5).fill('invalid_credentials'));
      assert.equal(await outcome(ada(), right), 'in');
    }
  });

  test('is not counted as failing when a second factor is asked for', async () => {
    const { outcome } = newThrottle();
    const asked = async () => {
      throw new Problem('second_factor_required', 'asked');
    };
    for (let i = 0; i < 10; i++) assert.equal(await outcome(ada(), asked), 'second_factor_required');
  });
});

test('a refusal says when to come back', async () => {
  const throttle = createThrottle(createMemoryLimits(Date.now), 1);
  await throttle.guard(ada(), right);
  await assert.rejects(throttle.guard(ada(), right), ({ code, extra }: Problem) => {
    const seconds = Number(extra.retry_after);
    return code === 'rate_limited' && seconds > 50 && seconds <= 60;
  });
});

test('an address counts by what one subscriber has', () => {
  assert.equal(networkOf('192.0.2.1'), '192.0.2.1');
  assert.equal(networkOf('::ffff:192.0.2.1'), '192.0.2.1');
  assert.equal(networkOf('2001:db8::1'), '2001:db8:0:0');
  assert.equal(networkOf('2001:0db8:0:0:1::1'), '2001:db8:0:0');
  assert.equal(networkOf('fe80::1%eth0'), 'fe80:0:0:0');
  assert.equal(networkOf('::1'), '0:0:0:0');
});
