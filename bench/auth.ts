import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { fileURLToPath } from 'node:url';
import { startService } from '../test/helpers/service.ts';
import { printTable } from './lib/report.ts';
import { percentile, signedIn } from './lib/signed-in.ts';

/**
 * What it costs to know who asks: `GET /profile` with an access token beside a bare Fastify route that answers a document
 * of the same kind, and logins. Requests per second of the serving process's own CPU time, so that a busy machine
 * does not count; the two are asked by turns.
 *
 *   node bench/auth.ts [requests a turn, default 20000] [turns, default 5]
 */
const requests = Number(process.argv[2] ?? 20_000);
const turns = Number(process.argv[3] ?? 5);
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
  { name: 'GET /profile', url: `${service.url}/profile`, pid: service.pid, headers: { authorization } },
];

const rates = servers.map(() => [] as number[]);
for (let turn = -1; turn < turns; turn++) {
  for (const [index, server] of servers.entries()) {
    const rate = await ask(server, turn < 0 ? 5000 : requests);
    if (turn >= 0) rates[index]!.push(rate);
  }
}
bare.kill();
await service.stop();
const medians = rates.map((figures) => percentile(figures, 0.5));
console.log(`${turns} turns of ${requests} requests, ${AT_ONCE} at once; Node ${process.version}`);
printTable([
  ['', 'requests per CPU-s', 'share of the bare route'],
  ...servers.map(({ name }, index) => [name, medians[index]!.toFixed(0), (medians[index]! / medians[0]!).toFixed(2)]),
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

/** User and system time of a process, all its threads. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
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
