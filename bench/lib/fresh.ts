import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** What a fresh process used, all of its threads counted. */
export interface Usage<T> {
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly peakMb: number;
  /** What the run returned. */
  readonly result: T;
}

const RUN = `
const [module, name, input] = JSON.parse(process.argv[1]);
const run = (await import(module))[name];
const start = performance.now();
const result = await run(input);
const wallSeconds = (performance.now() - start) / 1000;
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
process.send({ cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, wallSeconds, peakMb: maxRSS / 1024, result });
process.exit();
`;

/**
 * Calls the export `name` of `module` (a file URL) with `input` (JSON) in a process of its own, and says what that
 * process, started with `flags` of Node, used, its start included. Rejects when it dies.
 */
export async function runFresh<T>(
  module: string,
  name: string,
  input: unknown,
  flags: readonly string[] = [],
): Promise<Usage<T>> {
  const argument = JSON.stringify([module, name, input]);
  const child = spawn(process.execPath, [...flags, '--input-type=module', '-e', RUN, argument], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const result = new Promise<Usage<T>>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Usage<T>));
    child.once('exit', (code, signal) => reject(new Error(`${name} ended with ${signal ?? code}`)));
  });
  const usage = await result;
  if (child.exitCode === null) await once(child, 'exit');
  return usage;
}
