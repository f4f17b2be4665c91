import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { fileURLToPath } from 'node:url';
import { startService } from '../test/helpers/service.ts';
import { printTable } from './lib/report.ts';
import { percentile, signedIn } from './lib/signed-in.ts';

/**
 * What it costs to know who asks: `GET /profile` with an access token beside a bare Fastify route that answers a document
 * of the same kind, and logins. A public route of our own shows how much of it is the service around every route: headers,
 * limits, the log. Requests per second of the serving process's own CPU time, so that a busy machine does not count;
 * the three are asked by turns, many and short, and a share is the median over the turns.
 *
 *   node bench/auth.ts [requests a turn, default 4000] [turns, default 25]
 */
const requests = Number(process.argv[2] ?? 4000);
const turns = Number(process.argv[3] ?? 25);
const AT_ONCE = 16;
const PASSWORD = 'a passphrase for benchmarks';

interface Server {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  readonly headers: Record<string, string>;
}

const { service, authorization } = await signedIn({ LOG_LEVEL: 'warn' });
const bare = spawn(process.execPath, [fileURLToPath(new URL('lib/bare-fastify.ts', import.meta.url))], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const [port] = (await once(bare.stdout, 'data')) as [Buffer];
const servers: Server[] = [
  { name: 'a bare Fastify route', url: `http://127.0.0.1:${String(port).trim()}/`, pid: bare.pid!, headers: {} },
  { name: 'GET /auth/options, public', url: `${service.url}/auth/options`, pid: service.pid, headers: {} },
  { name: 'GET /profile', url: `${service.url}/profile`, pid: service.pid, headers: { authorization } },
];

const rates = servers.map(() => [] as number[]);
for (let turn = -1; turn < turns; turn++) {
  for (const [index, server] of servers.entries()) {
    const rate = await ask(server, turn < 0 ? 10_000 : requests);
    if (turn >= 0) rates[index]!.push(rate);
  }
}
bare.kill();
await service.stop();
const median = (figures: readonly number[]) => percentile(figures, 0.5);
const shareOfBare = (figures: readonly number[]) => median(figures.map((rate, turn) => rate / rates[0]![turn]!));
console.log(`${turns} turns of ${requests} requests, ${AT_ONCE} at once; Node ${process.version}`);
printTable([
  ['', 'requests per CPU-s', 'share of the bare route'],
  ...servers.map(({ name }, index) => [name, median(rates[index]!).toFixed(0), shareOfBare(rates[index]!).toFixed(2)]),
]);

const logins = await measureLogins(12, 4000);
console.log(`\n${logins.toFixed(1)} logins per second with bcrypt at cost 12`);

/** Sends so many requests and gives the rate by the server's own CPU time. */
async function ask({ url, pid, headers }: Server, count: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const before = cpuSeconds(pid);
  let left = count;
  const worker = async () => {
    while (left-- > 0) await once200(url, headers, agent);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const seconds = cpuSeconds(pid) - before;
  agent.destroy();
  return count / seconds;
}

function once200(url: string, headers: Record<string, string>, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { headers, agent }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`answered ${answer.statusCode}`));
      answer.resume().once('end', resolve);
    }).once('error', reject);
  });
}

/** User and system time of a process, all its threads, in nanoseconds: the ticks of `/proc/PID/stat` are too coarse for a turn. */
function cpuSeconds(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const times = threads.map((id) => Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ', 1)[0]));
  return times.reduce((sum, time) => sum + time, 0) / 1e9;
}

/** Logins of one user after another, four at once. */
async function measureLogins(cost: number, ms: number): Promise<number> {
  const other = await startService({ BCRYPT_COST: String(cost), ADMIN_USERNAME: 'bench', ADMIN_PASSWORD: PASSWORD });
  const end = performance.now() + ms;
  let done = 0;
  const worker = async () => {
    while (performance.now() < end) {
      const answer = await fetch(`${other.url}/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username: 'bench', password: PASSWORD }),
      });
      if (answer.status !== 200) throw new Error(`answered ${answer.status}`);
      done++;
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: 4 }, worker));
  const rate = (done / (performance.now() - start)) * 1000;
  await other.stop();
  return rate;
}
