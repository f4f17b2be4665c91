import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Problem, type ProblemCode } from '../core/problem.ts';
import { heard } from './heard.ts';
import type { DatasetPlace, ParseTask, ToParser, WrittenDataset } from './protocol.ts';

/** What happens while a task runs. */
export interface TaskPort {
  progress(phase: 'parsing' | 'sealing', done: number): void;
  places(count: number): Promise<readonly DatasetPlace[]>;
  /** Ends the process and rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

/** Warm processes that parse files, one file at a time each. */
export interface ParserPool {
  /**
   * Parses a file of this owner. A process that has read a file reads no other owner's, so that what a hostile file may
   * have done to it stays among the files of its sender.
   * @throws Problem why the file failed: its own code, `parse_timeout`, `parse_memory`, or `parser_died`.
   */
  run(owner: string, task: ParseTask, port: TaskPort): Promise<readonly WrittenDataset[]>;
  close(): Promise<void>;
}

/** What a parser may touch and use. */
export interface PoolOptions {
  /** Folders that a parser may read (programs, encrypted originals) and the one it may write. */
  readonly readable: readonly string[];
  readonly writable: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  /** Called when a parser failed in a way nobody foresaw, with stack frames only. */
  readonly onFault: (stack: string) => void;
  /** The program of a parser; another one in tests. */
  readonly program?: string;
}

const PROGRAM = fileURLToPath(new URL('./parser-process.ts', import.meta.url));
const HOME = fileURLToPath(new URL('../../', import.meta.url));
/** The programs alone: DATA_DIR with its secrets may lie in the project's folder. */
const PROGRAMS = ['server', 'node_modules', 'package.json'].map((name) => `${HOME}${name}`);
/** What Node has compiled of the programs of parsers: not that of the service, which runs with more rights. */
const COMPILED = `${HOME}node_modules/.cache/intakt/parsers`;
/** A small young generation: a third less resident memory at the same speed (docs/decisions/0004). */
export const PARSER_FLAGS: readonly string[] = ['--max-semi-space-size=4'];
const WATCH_MS = 50;
const START_SECONDS = 30;
/** An idle process above this is replaced, so that one large file does not cost memory for ever. */
const IDLE_MEMORY_MB = 160;
const IDLE_PROCESSES = 1;
/** A parser says some ten things a second; ten times as much, and what came while the service was busy for a minute, is let pass. */
const MOST_SAID = 1000;
const SAID_A_LOOK = 5;

/** The processes that have said that they have started, which is the first thing they say. */
const ready = new WeakSet<ChildProcess>();

/** A pool that keeps one process warm and starts others while they are needed. */
export function createParserPool(options: PoolOptions): ParserPool {
  const compiled = folderFor(COMPILED);
  const idle: ChildProcess[] = [];
  const ownerOf = new WeakMap<ChildProcess, string>();
  const busy = new WeakSet<ChildProcess>();
  const all = new Set<ChildProcess>();
  let closed = false;

  const start = (): ChildProcess => {
    const child = startParser(options, compiled);
    const forget = () => {
      all.delete(child);
      const at = idle.indexOf(child);
      if (at >= 0) idle.splice(at, 1);
    };
    all.add(child);
    child.on('message', () => {
      // One that has no file has nothing to say, and what nobody listens to would be kept in memory for who does later.
      if (ready.has(child) && !busy.has(child)) child.kill('SIGKILL');
      ready.add(child);
    });
    child.once('exit', forget);
    // A process that could not be started never exits.
    child.on('error', () => (child.pid === undefined ? forget() : child.kill('SIGKILL')));
    return child;
  };
  const keepWarm = () => {
    while (!closed && idle.length < IDLE_PROCESSES) idle.push(start());
  };
  /** An idle process of this owner's or of nobody's; one of another's is replaced. */
  const take = (owner: string): ChildProcess => {
    const child = idle.shift();
    const known = child && ownerOf.get(child);
    if (child && (known === undefined || known === owner)) return child;
    child?.kill('SIGKILL');
    return start();
  };
  const release = (child: ChildProcess) => {
    const reusable = !closed && isAlive(child) && idle.length < IDLE_PROCESSES;
    if (reusable && residentMb(child) < IDLE_MEMORY_MB) idle.push(child);
    else {
      // Its successor is started when its memory is free again.
      if (isRunning(child)) child.once('exit', keepWarm);
      child.kill('SIGKILL');
    }
    if (!isRunning(child)) keepWarm();
  };
  keepWarm();

  return {
    async run(owner, task, port) {
      const child = take(owner);
      ownerOf.set(child, owner);
      busy.add(child);
      try {
        return await converse(child, task, port, options).finally(() => busy.delete(child));
      } finally {
        // A killed process may write until it has ended, and what it wrote is removed next.
        if (child.killed && isRunning(child)) await once(child, 'exit');
        release(child);
      }
    },
    async close() {
      closed = true;
      const gone = [...all].map((child) => new Promise((resolve) => child.once('exit', resolve)));
      for (const child of all) child.kill('SIGKILL');
      await Promise.all(gone);
    },
  };
}

/**
 * Node under its permission model, without the service's environment, output or core files (a crash must not write
 * plain values to a disk), and with less claim to the processor than the service.
 */
function startParser(options: PoolOptions, compiled: string | undefined): ChildProcess {
  const { readable, writable, memoryMb, program: file = PROGRAM } = options;
  const heapMb = Math.max(64, Math.floor(memoryMb * 0.6));
  const flags = [
    '--permission',
    '--allow-addons',
    '--disable-warning=SecurityWarning',
    ...[...PROGRAMS, writable, ...readable].map((folder) => `--allow-fs-read=${folder}`),
    // The parser gives up the second of them before it reads anything (`compiled.ts`).
    ...[writable, ...(compiled ? [compiled] : [])].map((folder) => `--allow-fs-write=${folder}`),
    `--max-old-space-size=${heapMb}`,
    ...PARSER_FLAGS,
  ];
  const program = [process.execPath, ...flags, file];
  const [command, ...rest] =
    process.platform === 'win32' ? program : ['/bin/sh', '-c', 'ulimit -c 0; exec "$0" "$@"', ...program];
  const child = spawn(command!, rest, {
    env: compiled ? { NODE_COMPILE_CACHE: compiled } : {},
    cwd: HOME,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
  });
  try {
    if (child.pid) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Without the right to set it, it runs at the service's own priority.
  }
  return child;
}

/** The folder, made if need be; `undefined` where it cannot be, and then each parser compiles for itself. */
function folderFor(path: string): string | undefined {
  try {
    mkdirSync(path, { recursive: true });
    return path;
  } catch {
    return undefined;
  }
}

/** Whether a process can be given a file: it has not ended, and nobody has told it to. */
const isAlive = (child: ChildProcess): boolean => child.connected && !child.killed && isRunning(child);

const isRunning = ({ pid, exitCode, signalCode }: ChildProcess): boolean =>
  pid !== undefined && exitCode === null && signalCode === null;

function converse(
  child: ChildProcess,
  task: ParseTask,
  port: TaskPort,
  limits: PoolOptions,
): Promise<readonly WrittenDataset[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly WrittenDataset[]>();
  const say = (message: ToParser) => child.send(message, (error) => error && stop(died()));
  const stop = (reason: unknown) => {
    reject(reason);
    child.kill('SIGKILL');
  };
  const told = new Set<string>(ready.has(child) ? ['started'] : []);
  let said = 0;
  const onMessage = (whatever: unknown) => {
    const message = heard(whatever);
    // Nobody starts twice, which would give more time, or asks for tables twice; all that is said often is progress.
    if (!message || told.has(message.type) || ++said > MOST_SAID) return stop(died());
    if (message.type !== 'progress') told.add(message.type);
    if (message.type === 'started') onStarted();
    else if (message.type === 'progress') port.progress(message.phase, message.done);
    else if (message.type === 'tables')
      port.places(message.count).then((places) => say({ type: 'places', places }), stop);
    else if (message.type === 'done') resolve(message.datasets);
    else if (message.type === 'failed') {
      if (message.stack) limits.onFault(message.stack);
      reject(new Problem(message.code as ProblemCode, message.detail));
    }
  };
  const onExit = (code: number | null, signal: string | null) => reject(deathOf(code, signal, limits));
  const onError = () => reject(died());
  const onAbort = () => stop(port.signal.reason);
  const late = () => stop(tookTooLong(limits));
  // What a process needs to start on a busy machine is not the file's.
  let deadline = setTimeout(late, (limits.timeoutSeconds + (ready.has(child) ? 0 : START_SECONDS)) * 1000);
  const onStarted = () => {
    clearTimeout(deadline);
    deadline = setTimeout(late, limits.timeoutSeconds * 1000);
  };
  const watch = setInterval(() => {
    said = Math.max(0, said - SAID_A_LOOK);
    if (residentMb(child) > limits.memoryMb) stop(outOfMemory(limits));
  }, WATCH_MS);
  child.on('message', onMessage).once('exit', onExit).once('error', onError);
  port.signal.addEventListener('abort', onAbort, { once: true });
  if (port.signal.aborted) onAbort();
  else say({ type: 'parse', task });
  return promise.finally(() => {
    clearTimeout(deadline);
    clearInterval(watch);
    child.off('message', onMessage).off('exit', onExit).off('error', onError);
    port.signal.removeEventListener('abort', onAbort);
  });
}

const tookTooLong = ({ timeoutSeconds }: PoolOptions) =>
  new Problem(
    'parse_timeout',
    `Parsing took longer than ${timeoutSeconds} seconds. Split the file, or raise PARSER_TIMEOUT_SECONDS.`,
  );

const outOfMemory = ({ memoryMb }: PoolOptions) =>
  new Problem(
    'parse_memory',
    `Parsing took more than ${memoryMb} MB of memory. Split the file, or raise PARSER_MEMORY_MB.`,
  );

/** V8 ends a process whose heap is full with SIGABRT or code 134. */
function deathOf(code: number | null, signal: string | null, limits: PoolOptions): Problem {
  if (signal === 'SIGABRT' || code === 134) return outOfMemory(limits);
  return died();
}

const died = () =>
  new Problem(
    'parser_died',
    'The parser process ended before the file was done. The upload is kept: POST /v1/files/{file_id}/parse tries again.',
  );

/** Resident memory of a process in MB; 0 where the system does not tell it (only Linux does here). */
function residentMb({ pid }: ChildProcess): number {
  try {
    return (Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * 4096) / 1024 ** 2;
  } catch {
    return 0;
  }
}
