import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { UsageError } from './command.ts';

/** How a command talks: results go to standard output, everything else to standard error. */
export interface Io {
  /** Whether results are to be JSON. */
  readonly json: boolean;
  /** Whether someone looks at standard error, so that a bar may be drawn there; never with `json`. */
  readonly live: boolean;
  /** Columns of the terminal that results go to; `undefined` for a pipe or a file. */
  readonly width: number | undefined;
  /** Writes a result: `data` as a line of JSON or what `text` makes of it. Waits for a slow reader. */
  result(data: unknown, text: () => string): Promise<void>;
  write(chunk: string | Uint8Array): Promise<void>;
  /** Tells people something, on standard error; silent with `json`. */
  note(line: string): void;
  /** Asks on the terminal. @throws UsageError saying `missing` where there is none. */
  ask(question: string, missing: string): Promise<string>;
  /** What `variable` (`INTAKT_PASSWORD`) holds, or asked for without echo, or the first line of standard input. */
  password(question: string, variable?: string): Promise<string>;
  /** Asked for without echo, or the first line of standard input. */
  secret(question: string): Promise<string>;
}

/** The terminal or pipes of this process. */
export function createIo(json: boolean): Io {
  const { stdin, stdout, stderr } = process;
  const write: Io['write'] = async (chunk) => {
    if (!stdout.write(chunk)) await once(stdout, 'drain');
  };
  const secret: Io['secret'] = async (question) => {
    if (!stdin.isTTY) return readLine(undefined, '');
    stderr.write(question);
    const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
    const answer = await readLine(silent, '');
    stderr.write('\n');
    return answer;
  };
  return {
    json,
    live: stderr.isTTY === true && !json,
    width: stdout.isTTY ? stdout.columns || 80 : undefined,
    result: (data, text) => write(`${json ? JSON.stringify(data) : text()}\n`),
    write,
    note: (line) => void (json || stderr.write(`${line}\n`)),
    async ask(question, missing) {
      if (!stdin.isTTY) throw new UsageError(missing);
      return (await readLine(stderr, question)).trim();
    },
    secret,
    password: async (question, variable = 'INTAKT_PASSWORD') => process.env[variable] || secret(question),
  };
}

async function readLine(output: NodeJS.WritableStream | undefined, question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, ...(output && { output, terminal: true }) });
  lines.once('SIGINT', () => process.exit(130));
  try {
    if (output) return await lines.question(question);
    for await (const line of lines) return line;
    return '';
  } finally {
    lines.close();
  }
}
