import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../test/helpers/client.ts';
import { canSeeProcesses, childrenOf } from '../../test/helpers/processes.ts';
import { createParserPool, type ParserPool } from './parser-pool.ts';
import type { ParseTask } from './protocol.ts';

const skip = canSeeProcesses ? false : 'needs /proc to find parser processes';
const programOf = (name: string) => fileURLToPath(new URL(`../../test/helpers/${name}.ts`, import.meta.url));
const PROGRAM = programOf('lying-parser');
const writable = mkdtempSync(join(tmpdir(), 'intakt-pool-'));
after(() => rmSync(writable, { recursive: true }));

let pool: ParserPool;
afterEach(() => pool.close());

function newPool(timeoutSeconds: number, program = PROGRAM): ParserPool {
  const limits = { memoryMb: 256, timeoutSeconds, onFault: () => {} };
  pool = createParserPool({ readable: [program], writable, program, ...limits });
  return pool;
}

/** Gives a parser a task whose name says how it lies. */
function run(name: string) {
  const port = { signal: new AbortController().signal, progress() {}, places: async () => [] };
  return pool.run('owner', { name } as ParseTask, port);
}

test('a parser that says again and again that it has started gets no more time', async () => {
  newPool(2);
  assert.deepEqual(await run('quiet'), []);
  const before = performance.now();
  await assert.rejects(run('starts again and again'), { code: 'parser_died' });
  assert.ok(performance.now() - before < 2000);
});

test('a parser that says more than one can is ended', async () => {
  newPool(30);
  const before = performance.now();
  await assert.rejects(run('floods while it reads'), { code: 'parser_died' });
  assert.ok(performance.now() - before < 10_000);
});

test('a parser that goes on talking when it is done is ended, and its words are for no other file', {
  skip,
}, async () => {
  for (const lie of ['is done twice', 'floods when it is done']) {
    newPool(30);
    assert.deepEqual(await run(lie), []);
    const [liar] = childrenOf(process.pid);
    await eventually('it is gone', () => !childrenOf(process.pid).includes(liar!));
    const before = process.memoryUsage().rss;
    await pause(500);
    assert.ok(process.memoryUsage().rss - before < 50_000_000);
    assert.deepEqual(await run('quiet'), []);
    await pool.close();
  }
});

test('a parser may write beside the programs what was compiled of them, and no more once it has a file', async () => {
  newPool(30, programOf('writing-parser'));
  await assert.rejects(run('any'), { code: 'not_a_table', detail: 'written, then ERR_ACCESS_DENIED' });
});

test('a parser that tells the truth reads one file after another', { skip }, async () => {
  newPool(30);
  assert.deepEqual(await run('quiet'), []);
  const parsers = childrenOf(process.pid);
  for (let n = 0; n < 5; n++) assert.deepEqual(await run('quiet'), []);
  assert.deepEqual(childrenOf(process.pid), parsers);
});
