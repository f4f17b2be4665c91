import { rmSync } from 'node:fs';
import { startService } from '../test/helpers/service.ts';
import { runFresh } from './lib/fresh.ts';
import { below, cpuSecondsOf, memoryOfOne } from './lib/processes.ts';
import { median, printTable } from './lib/report.ts';

/**
 * What a start costs: the service until it listens, and its parser process until it has loaded what most files need and
 * waits for one. Beside them Node alone. From /proc (Linux), the middle of the runs; one run before fills the cache.
 *
 *   node bench/start.ts [runs, default 5]
 */
const runs = Number(process.argv[2] ?? 5);
/** Long enough for the parser process to come to rest. */
const REST_MS = 3000;

interface Start {
  readonly seconds: number;
  readonly cpu: number;
  readonly rss: number;
  readonly pss: number;
}

async function once(): Promise<{ service: Start; parser: Start }> {
  const start = performance.now();
  const service = await startService();
  const seconds = (performance.now() - start) / 1000;
  const cpu = cpuSecondsOf(service.pid);
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
  const [parser] = below(service.pid);
  if (parser === undefined) throw new Error('no parser process is there');
  const rested = {
    service: { seconds, cpu, ...memoryOfOne(service.pid) },
    parser: { seconds: Number.NaN, cpu: cpuSecondsOf(parser), ...memoryOfOne(parser) },
  };
  await service.stop();
  rmSync(service.dataDir, { recursive: true });
  return rested;
}

async function node(): Promise<Start> {
  const { cpuSeconds, peakMb } = await runFresh('node:process', 'uptime', null);
  return { seconds: Number.NaN, cpu: cpuSeconds, rss: peakMb, pss: Number.NaN };
}

await once();
const starts = [];
for (let run = 0; run < runs; run++) starts.push({ ...(await once()), node: await node() });
const row = (name: string, figures: readonly Start[]) => {
  const of = (key: keyof Start, digits: number) => {
    const middle = median(figures.map((one) => one[key]));
    return Number.isNaN(middle) ? '' : middle.toFixed(digits);
  };
  return [name, of('seconds', 2), of('cpu', 2), of('rss', 0), of('pss', 0)];
};
console.log(`Node ${process.version}, ${runs} starts`);
printTable([
  ['', 'seconds', 'CPU s', 'RSS MB', 'PSS MB'],
  row(
    'the service, until it listens',
    starts.map(({ service }) => service),
  ),
  row(
    'its parser process, at rest',
    starts.map(({ parser }) => parser),
  ),
  row(
    'Node alone',
    starts.map((one) => one.node),
  ),
]);
process.exit();
