import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Cell } from '../core/batch.ts';
import { packBatch } from '../core/packed-batch.ts';
import type { ReadEvent } from '../parse/format.ts';
import { createSpool, type SpooledEvent } from './spool.ts';

function newPath(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'intakt-spool-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, 'spool');
}

const table: ReadEvent = { type: 'table', name: 'a', columns: ['x', 'y'], dialect: {} };
const batchOf = (...columns: Cell[][]): ReadEvent => ({
  type: 'batch',
  batch: { length: columns[0]!.length, columns },
});
const rejectOf = (raw: string): ReadEvent => ({
  type: 'reject',
  reject: { row: 7, code: 'ragged_row', detail: 'Row 7 is long.', raw },
});

const packed = (event: ReadEvent): SpooledEvent =>
  event.type === 'batch' ? { type: 'batch', batch: packBatch(event.batch) } : event;

/** What comes back, without the progress. */
async function again(path: string, events: readonly ReadEvent[]): Promise<SpooledEvent[]> {
  using spool = createSpool(path);
  for (const event of events) spool.add(event);
  const read: SpooledEvent[] = [];
  for await (const event of spool.read()) if (event.type !== 'progress') read.push(event);
  return read;
}

test('what is small waits in memory and comes back in order', async (t) => {
  const path = newPath(t);
  const events = [table, batchOf(['1', null], ['', 'ü']), rejectOf('a,b,c'), batchOf(['3'], ['4'])];
  assert.deepEqual(await again(path, events), events.map(packed));
  assert.ok(!existsSync(path));
});

test('frames of any size, much longer and much shorter than a chunk, come back in order', async (t) => {
  const path = newPath(t);
  const long = (units: number) => Array.from({ length: 10 }, (_, n) => `${n}${'x'.repeat(units)}`);
  const events = [
    table,
    ...[2_000_000, 1, 70_000, 3, 500_000, 26_214].map((units) => batchOf(long(units), long(1))),
    ...Array.from({ length: 300 }, (_, n) => rejectOf('r'.repeat(n))),
    batchOf(long(300_000), long(2)),
  ];
  assert.deepEqual(await again(path, events), events.map(packed));
  assert.ok(!existsSync(path), 'its file is removed');
});

for (const [what, events] of [
  ['long cells', Array.from({ length: 10 }, () => batchOf(['x'.repeat(1_000_000)], ['y']))],
  ['long rows that were not taken', Array.from({ length: 200 }, () => rejectOf('r'.repeat(60_000)))],
  ['many cells', Array.from({ length: 60 }, () => batchOf(Array(1000).fill('x'), Array(1000).fill('y')))],
] as const) {
  test(`${what} go to the disk, where they cannot be read`, (t) => {
    const path = newPath(t);
    using spool = createSpool(path);
    for (const event of events) spool.add(event);
    assert.ok(existsSync(path));
    assert.ok(!readFileSync(path).includes('xxxxxxxx') && !readFileSync(path).includes('rrrrrrrr'));
  });
}
