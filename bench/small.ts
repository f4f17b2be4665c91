import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { peopleCsv } from './lib/people.ts';
import { withCsvParse } from './lib/pipelines.ts';
import { printTable } from './lib/report.ts';
import { percentile, signedIn } from './lib/signed-in.ts';

/**
 * From POST to ready: a CSV of ten rows with one sealed column, through HTTP with `Prefer: wait`, durable before it is
 * acknowledged, parsed in another process, published. Beside it, in this process and without HTTP, accounts, durability
 * or a parser process: csv-parse with node:crypto and plain SQLite.
 *
 *   node bench/small.ts [runs, default 300]
 */
const runs = Number(process.argv[2] ?? 300);
const { service, authorization } = await signedIn();
const text = [...peopleCsv({ rows: 10 })].join('');

async function send(): Promise<number> {
  const form = new FormData();
  form.set('file', new Blob([text]), `${randomBytes(4).toString('hex')}.csv`);
  const start = performance.now();
  const answer = await fetch(`${service.url}/v1/files`, {
    method: 'POST',
    body: form,
    headers: { authorization, prefer: 'wait=10' },
  });
  const { status, total } = (await answer.json()) as { status: string; total: number };
  const ms = performance.now() - start;
  if (answer.status !== 200 || status !== 'ready' || total !== 10)
    throw new Error(`not ready: ${answer.status} ${status}`);
  return ms;
}

const folder = mkdtempSync(join(tmpdir(), 'intakt-bench-'));
const path = join(folder, 'ten.csv');
await writeFile(path, text);
const intake = { path, fileType: 'csv', sealed: 'aadhaar_number' } as const;
const timed = (work: () => Promise<unknown>) => async () => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};
const ways: [string, () => Promise<number>][] = [
  ['POST to ready, with its rows', send],
  ['csv-parse + node:crypto + SQLite, in process', timed(() => withCsvParse(intake))],
];
const figures = ways.map(() => [] as number[]);
for (let run = -30; run < runs; run++) {
  for (const [index, [, way]] of ways.entries()) {
    const ms = await way();
    if (run >= 0) figures[index]!.push(ms);
  }
}
await service.stop();
rmSync(folder, { recursive: true });

console.log(`A CSV of ten rows, ${runs} runs after 30 to warm up; Node ${process.version}`);
printTable([
  ['', 'median ms', 'p95 ms', 'median ÷ first'],
  ...ways.map(([name], index) => [
    name,
    percentile(figures[index]!, 0.5).toFixed(1),
    percentile(figures[index]!, 0.95).toFixed(1),
    (percentile(figures[index]!, 0.5) / percentile(figures[0]!, 0.5)).toFixed(2),
  ]),
]);
