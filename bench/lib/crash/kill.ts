import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually, logIn, type Person } from '../../../test/helpers/client.ts';
import { childrenOf, isRunning, signal } from '../../../test/helpers/processes.ts';
import { type Service, startService } from '../../../test/helpers/service.ts';
import { listAll } from './verify.ts';

/** A running service and someone who uses it. */
export interface Site {
  readonly service: Service;
  readonly person: Person;
}

const MAIN = fileURLToPath(new URL('../../../server/main.ts', import.meta.url));
const RECOVERY_MS = 10_000;

/** Resolves after so many milliseconds. */
export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Kills all of the service's processes at once, or the service alone, whose parsers must then end by themselves. */
export async function kill(service: Service, all: boolean, problems: string[]): Promise<void> {
  const parsers = childrenOf(service.pid);
  const gone = service.kill9();
  if (all) for (const parser of parsers) signal(parser, 'SIGKILL');
  await gone;
  await eventually('parsers end', () => !parsers.some(isRunning), 10).catch(() => {
    problems.push('orphan: a parser ran on for ten seconds after the service was killed');
    for (const parser of parsers) signal(parser, 'SIGKILL');
  });
}

/** Starts the service and kills it after so many milliseconds, however far it has come. */
export async function startAndKill(dataDir: string, ms: number): Promise<void> {
  const env = { PATH: process.env.PATH, DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'silent' };
  const child = spawn(process.execPath, [MAIN], { cwd: dataDir, env, stdio: 'ignore' });
  const exited = once(child, 'exit');
  await pause(ms);
  child.kill('SIGKILL');
  await exited;
}

/** Starts the service again on the same data and sees that it is healthy and goes on with its jobs in time. */
export async function restart(
  { service: { dataDir }, person: { username } }: Site,
  summary: { recoveryMs: number; resumedMs: number; problems: string[] },
): Promise<Site> {
  const start = Date.now();
  const service = await startService({ DATA_DIR: dataDir });
  const health = await fetch(`${service.url}/`);
  const { status } = (await health.json()) as { status: string };
  const ms = Date.now() - start;
  if (status !== 'ok' || ms > RECOVERY_MS) summary.problems.push(`recovery: health is ${status} after ${ms} ms`);
  summary.recoveryMs = Math.max(summary.recoveryMs, ms);
  const person = await logIn(service.url, username);
  const waiting = (await listAll(person)).filter((file) => file.status === 'processing');
  // The list begins with the newest, the queue with the oldest.
  if (waiting.length > 0) await seeResumed(person, waiting.at(-1)!.file_id, start, summary);
  return { service, person };
}

async function seeResumed(
  person: Person,
  fileId: string,
  start: number,
  summary: { resumedMs: number; problems: string[] },
): Promise<void> {
  let resumed = Number.POSITIVE_INFINITY;
  const look = async () => {
    const { body } = await person.get(`/files/${fileId}/events?limit=500`);
    const times = body.items.map(({ at }: { at: string }) => Date.parse(at) - start).filter((ms: number) => ms >= 0);
    resumed = Math.min(...times);
    return times.length > 0;
  };
  await eventually('the oldest job goes on', look, 60).catch(() => {});
  summary.resumedMs = Math.max(summary.resumedMs, resumed);
  if (resumed > RECOVERY_MS) summary.problems.push(`recovery: the oldest job went on after ${resumed} ms`);
}
