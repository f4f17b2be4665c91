import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { closedPort, noRedis, REDIS_URL } from '../../../test/helpers/tools.ts';
import { newId } from '../../core/ids.ts';
import type { Limits } from './limits.ts';
import { createMemoryLimits } from './memory.ts';
import { createRedisLimits } from './redis.ts';

const ADAPTERS: { name: string; skip: string | false; open: () => Limits }[] = [
  { name: 'memory', skip: false, open: () => createMemoryLimits(Date.now) },
  {
    name: 'Redis',
    skip: noRedis,
    open: () => createRedisLimits(REDIS_URL, createMemoryLimits(Date.now), assert.fail),
  },
];

for (const { name, skip, open } of ADAPTERS) {
  describe(`limits in ${name}`, { skip }, () => {
    const limits = skip ? null! : open();
    after(() => limits?.close());
    const key = () => `test:${newId()}`;

    test('count up within their window and tell what is left of it', async () => {
      const one = key();
      const counts = [];
      for (let i = 0; i < 3; i++) counts.push((await limits.add(one, 60_000)).count);
      assert.deepEqual(counts, [1, 2, 3]);
      const { count, leftMs } = await limits.read(one);
      assert.equal(count, 3);
      assert.ok(leftMs > 50_000 && leftMs <= 60_000, String(leftMs));
    });

    test('begin anew when the window is over, however often they were added to', async () => {
      const one = key();
      await limits.add(one, 300);
      await pause(200);
      await limits.add(one, 300);
      await pause(200);
      assert.deepEqual(await limits.read(one), { count: 0, leftMs: 0 });
      assert.equal((await limits.add(one, 300)).count, 1);
    });

    test('count each key by itself, and forget one on request', async () => {
      const [one, other] = [key(), key()];
      await limits.add(one, 60_000);
      await limits.add(other, 60_000);
      await limits.remove(one);
      assert.equal((await limits.read(one)).count, 0);
      assert.equal((await limits.read(other)).count, 1);
    });

    test('lose none of fifty that come at the same time', async () => {
      const one = key();
      const counts = await Promise.all(Array.from({ length: 50 }, () => limits.add(one, 60_000)));
      assert.equal(Math.max(...counts.map(({ count }) => count)), 50);
    });
  });
}

test('limits in memory keep no more counters than they may: those that are over go first, then the oldest', async () => {
  let now = 0;
  const limits = createMemoryLimits(() => now, 3);
  await limits.add('over', 10);
  await limits.add('old', 1000);
  await limits.add('young', 1000);
  now = 20;
  await limits.add('new', 1000);
  assert.deepEqual(await counts(['over', 'old', 'young', 'new']), [0, 1, 1, 1]);
  await limits.add('newer', 1000);
  assert.deepEqual(await counts(['old', 'young', 'new', 'newer']), [0, 1, 1, 1]);

  async function counts(keys: string[]) {
    return Promise.all(keys.map(async (key) => (await limits.read(key)).count));
  }
});

test('limits in memory hold nobody up for longer than their window when the clock is set back', async () => {
  let now = 1_000_000;
  const limits = createMemoryLimits(() => now, 2);
  await limits.add('key', 60_000);
  assert.deepEqual(await limits.add('key', 60_000), { count: 2, leftMs: 60_000 });
  now -= 3600;
  assert.deepEqual(await limits.read('key'), { count: 0, leftMs: 0 });
  assert.deepEqual(await limits.add('key', 60_000), { count: 1, leftMs: 60_000 });
});

test('limits count in memory while Redis is not there, and say so once', async () => {
  const errors: Error[] = [];
  const limits = createRedisLimits(`redis://127.0.0.1:${await closedPort()}`, createMemoryLimits(Date.now), (error) =>
    errors.push(error),
  );
  for (let i = 1; i <= 3; i++) assert.equal((await limits.add('key', 60_000)).count, i);
  assert.equal((await limits.read('key')).count, 3);
  assert.equal(errors.length, 1);
  await limits.close();
});
