import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Whether this machine tells of processes in `/proc`, as Linux does. */
export const canSeeProcesses = existsSync('/proc/self/stat');

/** Ids of the processes that `pid` has started and that run, not counting those that have ended but were not waited for. */
export function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((child) => stateOf(child)?.parent === pid && isRunning(child));
}

/** Whether the process is there and has not ended. */
export function isRunning(pid: number): boolean {
  const state = stateOf(pid)?.state;
  return state !== undefined && state !== 'Z' && state !== 'X';
}

/** Sends a signal; nothing happens when the process has ended. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Lets this process, and so those it starts from now on, write core files; `false` where that is not possible. */
export function allowCoreFiles(): boolean {
  return spawnSync('prlimit', ['--pid', String(process.pid), '--core=unlimited']).status === 0;
}

/** The size in bytes at which the system cuts core files of a process: `0` when it writes none. */
export function coreLimitOf(pid: number): string {
  return /^Max core file size\s+(\S+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'latin1'))![1]!;
}

function stateOf(pid: number): { state: string; parent: number } | undefined {
  try {
    // The name in brackets may hold anything; what follows the last bracket does not.
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)!.split(' ');
    return { state: state!, parent: Number(parent) };
  } catch {
    return undefined;
  }
}
