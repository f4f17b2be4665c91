import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crashRounds } from '../bench/lib/crash/rounds.ts';
import { canSeeProcesses } from './helpers/processes.ts';

const skip = canSeeProcesses ? false : 'needs /proc to find the parsers of a killed service';

test('a service killed at random moments loses, doubles and half shows nothing that it acknowledged', {
  skip,
}, async (t) => {
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`node bench/crash.ts --rounds 8 --seed ${seed} runs the same plan again`);
  const { problems, rounds, acknowledged } = await crashRounds(8, seed, (line) => t.diagnostic(line));
  assert.deepEqual(problems, []);
  assert.equal(rounds, 8);
  assert.ok(acknowledged > 0, 'at least one upload was acknowledged before its kill');
});
