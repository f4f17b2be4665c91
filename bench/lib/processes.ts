import { readdirSync, readFileSync } from 'node:fs';

/** Resident memory in MB; PSS counts a page that two processes share once. */
export interface Memory {
  rss: number;
  pss: number;
}

/** Memory of a process and all below it, from /proc (Linux). */
export function memoryOf(pid: number): Memory {
  const sum = { rss: 0, pss: 0 };
  for (const one of [pid, ...below(pid)]) {
    const own = memoryOfOne(one);
    sum.rss += own.rss;
    sum.pss += own.pss;
  }
  return sum;
}

/** Memory of a process without those below it. */
export function memoryOfOne(pid: number): Memory {
  const text = read(`/proc/${pid}/smaps_rollup`);
  const of = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0) / 1024;
  return { rss: of('Rss'), pss: of('Pss') };
}

/** Processor time that a process has taken so far, in seconds, to a hundredth. */
export function cpuSecondsOf(pid: number): number {
  const [user, system] = read(`/proc/${pid}/stat`).split(') ').at(-1)!.split(' ').slice(11, 13).map(Number);
  return (user! + system!) / 100;
}

/** The processes that a process started, and those that they started. */
export function below(pid: number): number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => / \(.*\) \S (\d+)/.exec(read(`/proc/${name}/stat`))?.[1] === String(pid))
    .map(Number);
  return children.flatMap((child) => [child, ...below(child)]);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
