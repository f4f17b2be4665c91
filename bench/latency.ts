import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileAt } from '../sdk/src/node.ts';
import { writePeople } from './lib/people.ts';
import { printTable } from './lib/report.ts';
import { percentile, signedIn } from './lib/signed-in.ts';

/**
 * How long `GET /users/me` takes while a large CSV is parsed, beside what it takes when nothing is. The same paced
 * requests (100 a second) in both.
 *
 *   node bench/latency.ts [MB, default 100]
 */
const mb = Number(process.argv[2] ?? 100);
const { service, client, authorization } = await signedIn();
const folder = mkdtempSync(join(tmpdir(), 'intakt-bench-'));
const path = join(folder, 'people.csv');
await writePeople(path, { bytes: mb * 1e6 });

async function ask(): Promise<number> {
  const start = performance.now();
  const answer = await fetch(`${service.url}/v1/users/me`, { headers: { authorization } });
  await answer.arrayBuffer();
  if (answer.status !== 200) throw new Error(`answered ${answer.status}`);
  return performance.now() - start;
}

/** Asks every 10 ms until `over` says so; a slow answer does not hold back the next request. */
async function measure(over: () => boolean): Promise<number[]> {
  const answers: Promise<number>[] = [];
  while (!over()) {
    answers.push(ask());
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return Promise.all(answers);
}

const idleFor = (ms: number) => {
  const end = performance.now() + ms;
  return () => performance.now() > end;
};
await measure(idleFor(3000));
const idle = await measure(idleFor(10_000));
const sent = await client.upload(await fileAt(path));
let ready = false;
const parsed = (async () => {
  for await (const { status } of client.watch(sent.file_id))
    if (status === 'failed') throw new Error('the file failed');
  ready = true;
})();
const busy = await measure(() => ready);
await parsed;
await service.stop();
rmSync(folder, { recursive: true });

console.log(
  `GET /users/me while ${mb} MB of CSV are parsed; ${idle.length} and ${busy.length} requests; Node ${process.version}`,
);
printTable([
  ['', 'median ms', 'p95 ms', 'p99 ms', 'max ms'],
  ...(
    [
      ['idle', idle],
      ['while parsing', busy],
    ] as const
  ).map(([name, figures]) => [name, ...[0.5, 0.95, 0.99, 1].map((p) => percentile(figures, p).toFixed(2))]),
  ['ratio', ...[0.5, 0.95, 0.99, 1].map((p) => (percentile(busy, p) / percentile(idle, p)).toFixed(2))],
]);
