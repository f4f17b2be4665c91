import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A service that runs as a process of its own, as a user would start it. */
export interface Service {
  /** Where it listens, without a slash at the end. */
  readonly url: string;
  /** Its `DATA_DIR`; stays after the service has stopped, and is removed when this process exits. */
  readonly dataDir: string;
  readonly pid: number;
  /** What makes the first administrator; empty where there is one. */
  readonly setupToken: string;
  /** All that it has written so far: what it says to people, and its log. */
  stderr(): string;
  stdout(): string;
  /** Ends it in order with `signal` (default `SIGTERM`); its exit code, or `null` when a signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Ends it as a crash does. A new service with `DATA_DIR` set to `dataDir` goes on from there. */
  kill9(): Promise<void>;
}

const MAIN = fileURLToPath(new URL('../../server/main.ts', import.meta.url));
const START_MS = 30_000;
const running = new Set<ChildProcess>();
const folders = new Set<string>();

process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/**
 * Starts the service on a free port with a new temporary `DATA_DIR`, cheap passwords and no limits on requests; `env`
 * adds to that or overrides it. Nothing else of this process's environment reaches it, nor a `.env` file.
 * @throws Error with what it wrote, when it ends or is silent for 30 seconds instead of listening.
 */
export async function startService(env: Readonly<Record<string, string>> = {}): Promise<Service> {
  const dataDir = env.DATA_DIR ?? newFolder();
  const child = spawn(process.execPath, [MAIN], {
    cwd: dataDir,
    env: { PATH: process.env.PATH, DATA_DIR: dataDir, ...DEFAULTS, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const exited = once(child, 'exit').then(([code]) => {
    running.delete(child);
    return code as number | null;
  });
  const written = { stdout: collect(child.stdout), stderr: collect(child.stderr) };
  const url = await addressOf(child, written.stderr);
  const stop = (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal);
    return exited;
  };
  const setupToken = /\/setup#(\S+)/.exec(written.stderr())?.[1] ?? '';
  return {
    url,
    dataDir,
    pid: child.pid!,
    setupToken,
    ...written,
    stop,
    kill9: async () => void (await stop('SIGKILL')),
  };
}

const DEFAULTS = {
  PORT: '0',
  BCRYPT_COST: '10',
  LOG_LEVEL: 'silent',
  RATE_LIMIT_PER_MINUTE: '0',
  TRANSFER_LIMIT_PER_MINUTE: '0',
  LOGIN_LIMIT_PER_MINUTE: '0',
};

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'intakt-test-'));
  folders.add(folder);
  return folder;
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return () => text;
}

function addressOf(child: ChildProcess, stderr: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (what: string) => {
      child.kill('SIGKILL');
      reject(new Error(`The service ${what}:\n${stderr()}`));
    };
    const timer = setTimeout(fail, START_MS, `did not listen within ${START_MS / 1000} seconds`);
    child.once('close', () => fail('ended before it listened'));
    child.stderr!.on('data', () => {
      const url = /Intakt listens on (http:\/\/\S+)\s/.exec(stderr())?.[1];
      if (!url) return;
      clearTimeout(timer);
      resolve(url);
    });
    child.once('close', () => clearTimeout(timer));
  });
}
