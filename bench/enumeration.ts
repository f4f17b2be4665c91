import { startService } from '../test/helpers/service.ts';
import { printTable } from './lib/report.ts';
import { percentile } from './lib/signed-in.ts';

/**
 * Whether the time of a refused login tells if the user exists: logins with a wrong password by names that somebody has
 * and names that nobody has, by turns, each from an address of its own, so that the throttle does not answer for the
 * password. The area under the ROC curve is 0.5 when the two cannot be told apart; the goal is at most 0.55 either way.
 *
 *   node bench/enumeration.ts [samples, default 2000]
 */
const samples = Number(process.argv[2] ?? 2000);
/** Of each user fewer than the failures after which the throttle holds answers back. */
const PER_USER = 15;
const WARMING = 20;

const service = await startService({ TRUST_PROXY: '127.0.0.1' });
const post = (path: string, body: object, address: string) =>
  fetch(service.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
    body: JSON.stringify(body),
  });
const users = Array.from(
  { length: Math.ceil((samples / 2 + WARMING) / PER_USER) },
  (_, i) => `somebody${String(i).padStart(4, '0')}`,
);
for (const username of users) {
  const registration = { username, email: `${username}@example.org`, password: 'a passphrase for benchmarks' };
  const { status } = await post('/auth/register', registration, '192.0.2.1');
  if (status !== 201) throw new Error(`registering answered ${status}`);
}

const known: number[] = [];
const unknown: number[] = [];
for (let index = 0; index < samples / 2 + WARMING; index++) {
  const some = await refused(users[Math.floor(index / PER_USER)]!, index * 2);
  const none = await refused(`noperson${String(Math.floor(index / PER_USER)).padStart(4, '0')}`, index * 2 + 1);
  if (index < WARMING) continue;
  known.push(some);
  unknown.push(none);
}
await service.stop();

console.log(`${known.length + unknown.length} refused logins, bcrypt at cost 10; Node ${process.version}`);
printTable([
  ['', 'median ms', 'p95 ms'],
  ...(
    [
      ['a name that somebody has', known],
      ['a name that nobody has', unknown],
    ] as const
  ).map(([name, figures]) => [name, percentile(figures, 0.5).toFixed(2), percentile(figures, 0.95).toFixed(2)]),
]);
console.log(`area under the ROC curve: ${auc(known, unknown).toFixed(3)}`);

async function refused(username: string, index: number): Promise<number> {
  const address = `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;
  const start = performance.now();
  const answer = await post('/auth/login', { username, password: 'not the password' }, address);
  await answer.arrayBuffer();
  if (answer.status !== 401) throw new Error(`answered ${answer.status}`);
  return performance.now() - start;
}

/** The share of pairs in which the first kind took longer; ties count half. */
function auc(first: readonly number[], second: readonly number[]): number {
  const sorted = second.toSorted((a, b) => a - b);
  let below = 0;
  for (const value of first) {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle]! < value) low = middle + 1;
      else high = middle;
    }
    below += low;
  }
  return below / (first.length * second.length);
}
