import type { Fault } from './strace.ts';

/** The calls with which data is written, made durable, named and read, and what a bad disk answers. */
const CALLS: readonly (readonly [calls: string, error: string])[] = [
  ['writev', 'ENOSPC'],
  ['pwrite64', 'ENOSPC'],
  ['pwrite64', 'EIO'],
  ['fsync,fdatasync', 'EIO'],
  ['rename', 'EIO'],
  ['unlink', 'EIO'],
  ['ftruncate', 'EIO'],
  ['pread64', 'EIO'],
];

/** Each call failing once, at the first to the `most`-th of a thread, and then for good. */
export function diskFaults(most: number): Fault[] {
  const times = [...Array.from({ length: most }, (_, n) => String(n + 1)), '1+'];
  return CALLS.flatMap(([calls, error]) => times.map((when) => ({ calls, what: `error=${error}`, when })));
}

/** The service killed as it enters each of those calls, at the first to the `most`-th of a thread. */
export function killPoints(most: number): Fault[] {
  const calls = [...new Set(CALLS.map(([names]) => names))].filter((names) => names !== 'pread64');
  return calls.flatMap((names) =>
    Array.from({ length: most }, (_, n) => ({ calls: names, what: 'signal=SIGKILL', when: String(n + 1) })),
  );
}
