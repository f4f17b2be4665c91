import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { hourly } from './hourly.ts';

test('the work is done at once and every hour, also after it failed, until it is disposed of', async () => {
  mock.timers.enable({ apis: ['setInterval'] });
  let times = 0;
  const errors: unknown[] = [];
  const work = async () => {
    times++;
    if (times === 2) throw new Error('the disk is full');
  };
  const watch = await hourly(work, (error) => errors.push((error as Error).message));
  assert.equal(times, 1);
  for (const expected of [2, 3]) {
    mock.timers.tick(3_600_000);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(times, expected);
  }
  assert.deepEqual(errors, ['the disk is full']);
  await watch[Symbol.asyncDispose]();
  mock.timers.tick(3_600_000);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(times, 3);
  mock.timers.reset();
});
