import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileAt } from '../sdk/src/node.ts';
import { writeBook } from './lib/book.ts';
import { writePeople } from './lib/people.ts';
import { memoryOf } from './lib/processes.ts';
import { printTable } from './lib/report.ts';
import { signedIn } from './lib/signed-in.ts';

/**
 * Peak memory of the whole process tree (service and parser processes) while files of different sizes are taken in, each
 * by a service of its own. Sampled every 50 ms from /proc (Linux); PSS counts a page that two processes share once.
 *
 *   node bench/memory.ts [csv:10 csv:100 csv:1000 xlsx:1000000 …]   (MB of CSV, rows × 6 of XLSX)
 */
const wanted = process.argv.length > 2 ? process.argv.slice(2) : ['csv:10', 'csv:100', 'csv:1000', 'xlsx:1000000'];
const rows: string[][] = [];
for (const one of wanted) rows.push(await measure(one));
console.log(`Peak memory of the process tree; Node ${process.version}`);
printTable([['file', 'MB', 'rows', 'seconds', 'RSS MB', 'PSS MB', 'idle RSS MB'], ...rows]);

async function measure(one: string): Promise<string[]> {
  const [format = 'csv', size = '10'] = one.split(':');
  const folder = mkdtempSync(join(tmpdir(), 'intakt-bench-'));
  const path = join(folder, `file.${format}`);
  await (format === 'csv'
    ? writePeople(path, { bytes: Number(size) * 1e6 })
    : writeBook(path, { rows: Number(size), columns: 6 }));
  const { service, client } = await signedIn();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const idle = memoryOf(service.pid).rss;
  const peak = { rss: 0, pss: 0 };
  const sampler = setInterval(() => {
    const now = memoryOf(service.pid);
    peak.rss = Math.max(peak.rss, now.rss);
    peak.pss = Math.max(peak.pss, now.pss);
  }, 50);
  const start = performance.now();
  const { file_id } = await client.upload(await fileAt(path), { seal: [format === 'csv' ? 'aadhaar_number' : 'name'] });
  for await (const { status } of client.watch(file_id)) if (status === 'failed') throw new Error('the file failed');
  const seconds = (performance.now() - start) / 1000;
  clearInterval(sampler);
  const file = await client.files.get(file_id, { limit: 1 });
  await service.stop();
  const mb = statSync(path).size / 1e6;
  rmSync(folder, { recursive: true });
  rmSync(service.dataDir, { recursive: true });
  return [
    one,
    mb.toFixed(0),
    String(file.row_count),
    seconds.toFixed(1),
    peak.rss.toFixed(0),
    peak.pss.toFixed(0),
    idle.toFixed(0),
  ];
}
