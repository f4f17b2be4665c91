import { statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { createInterface } from 'node:readline';
import type { Operator } from './accounts/operator.ts';
import { openOperator } from './app.ts';
import { readConfig } from './config.ts';
import type { Role } from './core/actor.ts';
import { Problem, toProblem } from './core/problem.ts';
import { findEnvironment } from './secrets.ts';

/**
 * What `intakt users --local` starts on the machine of the service, with the service's own environment: one act of the
 * operator, its result as JSON on standard output, a problem as JSON on standard error. A password is read from standard
 * input, so that no list of processes shows it.
 *
 *     node server/operator.ts list | password USER | role USER ROLE | activate USER | deactivate USER
 *       | reveal USER | not-reveal USER | operator USER | not-operator USER | reset-second-factor USER | setup-link   [WORKSPACE_ID]
 */
async function main([act = '', ...words]: readonly string[]): Promise<void> {
  // What SQLite writes belongs to the user who runs the service, and to nobody else.
  process.umask(0o077);
  const config = readConfig(findEnvironment(process.env, process.cwd()));
  refuseAnotherUser(config.DATA_DIR);
  await using operator = await openOperator(config, `operator (${userName()})`);
  if (act === 'setup-link') {
    const token = await operator.newSetupToken();
    const host = config.HOST.includes(':') ? `[${config.HOST}]` : config.HOST;
    print({ link: `http://${host}:${config.PORT}/setup#${token}` });
  } else print({ items: await run(operator, act, words) });
}

async function run(operator: Operator, act: string, [user = '', ...more]: readonly string[]) {
  if (act === 'list') return operator.list();
  if (act === 'password') return operator.setPassword(user, await firstLine());
  if (act === 'role') return operator.setRole(user, toRole(more[0]), more[1]);
  if (act === 'activate' || act === 'deactivate') return operator.setActive(user, act === 'activate', more[0]);
  if (act === 'reveal' || act === 'not-reveal') return operator.setReveal(user, act === 'reveal', more[0]);
  if (act === 'operator' || act === 'not-operator') return operator.setOperator(user, act === 'operator');
  if (act === 'reset-second-factor') return operator.resetSecondFactor(user);
  throw new Problem('invalid_request', `There is no act "${act}".`);
}

function toRole(word = ''): Role {
  if (word === 'admin' || word === 'member' || word === 'viewer') return word;
  throw new Problem('invalid_request', 'The role must be admin, member or viewer.');
}

/** Files that another user makes beside the database could not be written by the service any more. */
function refuseAnotherUser(dataDir: string): void {
  const { uid } = statSync(dataDir);
  if (process.getuid === undefined || process.getuid() === uid) return;
  throw new Problem('config_invalid', `Run this as the user who runs the service: sudo -u '#${uid}' …`);
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.()}`;
  }
}

async function firstLine(): Promise<string> {
  for await (const line of createInterface({ input: process.stdin })) return line;
  return '';
}

const print = (result: object): void => void process.stdout.write(`${JSON.stringify(result)}\n`);

main(process.argv.slice(2)).catch((error) => {
  const { code, detail } = toProblem(error);
  const stack = code === 'internal' ? { stack: (error as Error).stack } : {};
  process.stderr.write(`${JSON.stringify({ code, detail, ...stack })}\n`);
  process.exitCode = 1;
});
