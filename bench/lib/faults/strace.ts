import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { childrenOf } from '../../../test/helpers/processes.ts';

/** What to do to the calls of the operating system of a process and its parsers. */
export interface Fault {
  /** Names of calls, with commas between, such as `fsync,fdatasync`. */
  readonly calls: string;
  /** How they fail (`error=EIO`), or the signal that comes instead (`signal=SIGKILL`). */
  readonly what: string;
  /** At which of its calls each thread meets it: `3` is the third alone, `1+` every one. */
  readonly when: string;
}

/** A fault that is being injected. */
export interface Injection {
  /** How often it has happened so far. */
  hits(): number;
  /** Lets the process go on untouched. */
  end(): Promise<void>;
}

/** Whether `strace` is here and may look into processes of this user. */
export function canInject(): boolean {
  return spawnSync('strace', ['-f', '-o', '/dev/null', 'true']).status === 0;
}

/** Injects a fault into a running service, all its threads and its parsers. */
export async function inject(pid: number, { calls, what, when }: Fault): Promise<Injection> {
  const processes = [pid, ...childrenOf(pid)].flatMap((id) => ['-p', String(id)]);
  const filter = ['-e', `trace=${calls}`, '-e', `inject=${calls}:${what}:when=${when}`];
  const strace = spawn('strace', ['-f', ...processes, ...filter], { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(strace, 'exit');
  let log = '';
  const attached = Promise.withResolvers<void>();
  strace.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    log += chunk;
    if (processes.every((id) => id === '-p' || new RegExp(`Process ${id} attached`).test(log))) attached.resolve();
  });
  exited.then(() => attached.reject(new Error(`strace ended:\n${log}`)));
  await attached.promise;
  return {
    hits: () => log.split('INJECTED').length - 1 + (what.startsWith('signal') ? log.split('+++ killed').length - 1 : 0),
    async end() {
      strace.kill('SIGINT');
      // It may wait for ever for a process whose parent was killed under it.
      const giveUp = setTimeout(() => strace.kill('SIGKILL'), 2000);
      await exited;
      clearTimeout(giveUp);
    },
  };
}
