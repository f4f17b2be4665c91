import { readFileSync } from 'node:fs';
import { IntaktError } from '../client.ts';
import { type Command, helpOf, parseCall, UsageError } from './command.ts';
import { audit } from './commands/audit.ts';
import { clients } from './commands/clients.ts';
import { detection } from './commands/detection.ts';
import { download } from './commands/download.ts';
import { cancel, parse, rm } from './commands/file.ts';
import { keys } from './commands/keys.ts';
import { login } from './commands/login.ts';
import { logout } from './commands/logout.ts';
import { ls, search } from './commands/ls.ts';
import { register } from './commands/register.ts';
import { rejects } from './commands/rejects.ts';
import { reveal, rows } from './commands/rows.ts';
import { show } from './commands/show.ts';
import { stats } from './commands/stats.ts';
import { upload } from './commands/upload.ts';
import { users } from './commands/users.ts';
import { watch } from './commands/watch.ts';
import { whoami } from './commands/whoami.ts';
import { workspaces } from './commands/workspaces.ts';
import { createIo } from './io.ts';
import { LocalError } from './local.ts';

/** In the order of the help. */
const COMMANDS: Readonly<Record<string, Command>> = {
  register,
  login,
  whoami,
  logout,
  upload,
  watch,
  ls,
  search,
  stats,
  show,
  rows,
  reveal,
  rejects,
  download,
  cancel,
  parse,
  rm,
  audit,
  keys,
  users,
  clients,
  workspaces,
  detection,
};

/** Runs `intakt` with its arguments; the exit code: 0, 1 when it failed, 2 when it was called wrongly. */
export async function run([name = '', ...argv]: readonly string[]): Promise<number> {
  if (name === '--version') return say(version());
  if (['', 'help', '--help', '-h'].includes(name)) return say(overview(), name === '' ? 2 : 0);
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  try {
    if (!command) throw new UsageError(`There is no command "${name}".`);
    const { args, options, json, help } = parseCall(command, argv);
    if (help) return say(helpOf(name, command));
    return await command.run({ args, options, io: createIo(json) });
  } catch (error) {
    process.stderr.write(`${argv.includes('--json') ? JSON.stringify(toDocument(error)) : toSentence(name, error)}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

function say(text: string, code = 0): number {
  (code === 0 ? process.stdout : process.stderr).write(`${text}\n`);
  return code;
}

function toSentence(name: string, error: unknown): string {
  const { code, detail } = toDocument(error);
  if (error instanceof UsageError) {
    const command = Object.hasOwn(COMMANDS, name) ? `${name} ` : '';
    return `intakt: ${detail} See: intakt ${command}--help`;
  }
  const again = LOGIN_AGAIN.includes(code) ? ' Log in: intakt login URL USERNAME' : '';
  return `intakt: ${detail}${again}${error instanceof IntaktError || error instanceof LocalError ? ` (${code})` : ''}`;
}

const LOGIN_AGAIN = ['unauthorized', 'refresh_token_invalid', 'token_expired'];
const OF_THE_DISK: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such file',
  EACCES: 'This may not be read or written',
  EISDIR: 'This is a folder, not a file',
  ENOSPC: 'The disk is full',
};

function toDocument(error: unknown): { code: string; detail: string } {
  if (error instanceof IntaktError) return { code: error.code, detail: error.detail };
  if (error instanceof UsageError) return { code: 'usage', detail: error.message };
  const { code = '', path = '', message } = error as NodeJS.ErrnoException;
  const known = OF_THE_DISK[code];
  return { code: code || 'failed', detail: known ? `${known}: ${path}` : message };
}

function overview(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  const more =
    'intakt COMMAND --help tells more of a command. The login is kept in $INTAKT_CONFIG or ~/.config/intakt.\nLocked out? On the machine of the service: intakt users --local';
  return ['Usage: intakt COMMAND [arguments] [options]', '', ...lines, '', more].join('\n');
}

const version = (): string =>
  (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;
