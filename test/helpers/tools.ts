import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

const required = process.env.CI === 'true';

/** Why tests with curl are skipped; `false` where curl is there, and in CI, where it must be. */
export const noCurl = !required && spawnSync('curl', ['--version']).status !== 0 && 'curl is not installed';

const PYTHON = '/usr/bin/python3';

/** Why tests with Python's `cryptography` are skipped; `false` where it is there, and in CI, where it must be. */
export const noPython =
  !required &&
  spawnSync(PYTHON, ['-c', 'import cryptography.fernet']).status !== 0 &&
  `${PYTHON} has no cryptography: install python3-cryptography to run this`;

/** The Redis that tests use: one that keeps nothing of worth. */
export const REDIS_URL = process.env.REDIS_URL || 'redis://127.0.0.1:6379';

/** Why tests with Redis are skipped; `false` where one answers, and in CI, where it must. */
export const noRedis =
  !required && !(await answers(REDIS_URL)) && `no Redis at ${new URL(REDIS_URL).host}: start one, or set REDIS_URL`;

/** A port of this machine that nothing listens on. */
export async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function answers(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port || 6379), timeout: 1000 });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', (data) => end(data.toString().startsWith('+PONG')));
    socket.once('error', () => end(false)).once('timeout', () => end(false));
    socket.write('PING\r\n');
  });
}

/** The plain texts of tokens, by Python's `cryptography.fernet`. @throws Error with what Python said. */
export function decryptInPython(fernetKey: string, tokens: readonly string[]): string[] {
  const program = `
import json, sys
from cryptography.fernet import Fernet
key, tokens = json.load(sys.stdin)
print(json.dumps([Fernet(key).decrypt(token.encode()).decode() for token in tokens]))`;
  const run = spawnSync(PYTHON, ['-c', program], { input: JSON.stringify([fernetKey, tokens]), encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout) as string[];
}

/** What curl was answered; `--include` is added. */
export async function curl(...args: string[]): Promise<{ status: number; head: string; body: string }> {
  const child = spawn('curl', ['--silent', '--show-error', '--include', '--max-time', '30', ...args]);
  const output = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  const [head = '', ...body] = output[0].replace(/^(HTTP\/1.1 100 .*\r\n\r\n)+/, '').split('\r\n\r\n');
  const status = Number(/^HTTP\/[\d.]+ (\d+)/.exec(head)?.[1]);
  if (!status) throw new Error(`curl: ${output[1]}`);
  return { status, head, body: body.join('\r\n\r\n') };
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
