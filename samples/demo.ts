import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Client, createClient, type FileContent, IntaktError, type RowPage } from '../sdk/src/client.ts';
import { fileAt } from '../sdk/src/node.ts';

/** The whole of Intakt in one run, on a service, a port and a folder of its own. Asks nothing and leaves nothing. */
const PASSWORD = 'a passphrase for the demo';
const folder = mkdtempSync(join(tmpdir(), 'intakt-demo-'));
const service = spawn(process.execPath, ['server/main.ts'], {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  env: {
    PATH: process.env.PATH,
    DATA_DIR: folder,
    PORT: '0',
    LOG_LEVEL: 'silent',
    BCRYPT_COST: '10',
    ADMIN_USERNAME: 'asha',
    ADMIN_PASSWORD: PASSWORD,
  },
  stdio: ['ignore', 'ignore', 'pipe'],
});

try {
  const url = await listening(service);
  step(`Intakt runs at ${url}, its data is in ${folder}`);
  const admin = await logIn(url, 'asha');
  await admin.register({ username: 'ravi', email: 'ravi@example.org', full_name: 'Ravi', password: PASSWORD });
  const clerk = await logIn(url, 'ravi');
  const { user_id } = await clerk.me();
  await admin.users.change(user_id, { may_reveal: false });
  step('Two users: asha administers the workspace, ravi is a clerk who may not reveal');

  step('ravi sends samples/people.xlsx');
  const sent = await clerk.upload(await fileAt(fileURLToPath(new URL('people.xlsx', import.meta.url))));
  await follow(clerk, sent.file_id);

  const file = (await clerk.files.get(sent.file_id, { limit: 5 })) as FileContent;
  step(`${file.row_count} rows. What ravi gets: the Aadhaar column is sealed, each value a Fernet token`);
  print(file);
  const [dataset] = file.datasets;
  step('The same rows, masked');
  print(await clerk.page(dataset!.dataset_id, { limit: 5, level: 'mask' }));
  step('ravi asks for plain values');
  await clerk
    .reveal(dataset!.dataset_id, 'curious')
    .catch((error: IntaktError) => console.log(`   ${error.status} ${error.code}: ${error.detail}`));
  step('asha may reveal, and says why');
  print(await admin.reveal(dataset!.dataset_id, 'KYC check, case 4711', { limit: 5 }));

  step('The audit entry of that, committed before the values were sent');
  const { items } = await admin.audit({ action: 'dataset.reveal', limit: 1 });
  console.log(indent(JSON.stringify(items[0], null, 2)));
  step('Done. `npm start` runs it for real; the README has the first calls.');
} catch (error) {
  console.error(error instanceof IntaktError ? `${error.code}: ${error.detail}` : error);
  process.exitCode = 1;
} finally {
  service.kill();
  await new Promise((resolve) => (service.exitCode === null ? service.once('exit', resolve) : resolve(null)));
  rmSync(folder, { recursive: true, force: true });
}

/** The address that the service says it listens on. */
async function listening({ stderr }: ChildProcess): Promise<string> {
  const said: string[] = [];
  for await (const line of createInterface({ input: stderr! })) {
    const url = /listens on (\S+)/.exec(line)?.[1];
    if (url) return url;
    said.push(line);
  }
  throw new Error(`The service did not start.\n${said.join('\n')}`);
}

async function logIn(url: string, username: string): Promise<Client> {
  const client = createClient({ url });
  await client.login(username, PASSWORD);
  return client;
}

/** A progress bar that the live socket moves; in a pipe, a line for each event. */
async function follow(client: Client, fileId: string): Promise<void> {
  for await (const { progress, phase } of client.watch(fileId)) {
    const filled = Math.round(progress / 2.5);
    const bar = `   [${'█'.repeat(filled)}${'░'.repeat(40 - filled)}] ${String(progress).padStart(3)} % ${phase}`;
    process.stdout.write(process.stdout.isTTY ? `\r${bar.padEnd(70)}` : `${bar}\n`);
  }
  if (process.stdout.isTTY) process.stdout.write('\n');
}

function print({ columns, rows }: Pick<RowPage, 'columns' | 'rows'>): void {
  const shorten = (value: unknown) => {
    const text = String(value ?? '');
    return text.length > 30 ? `${text.slice(0, 27)}…` : text;
  };
  const lines = [columns, ...rows.map((row) => columns.map((name) => shorten(row[name])))];
  const widths = columns.map((_, c) => Math.max(...lines.map((line) => line[c]!.length)));
  for (const line of lines) console.log(`   ${line.map((cell, c) => cell.padEnd(widths[c]!)).join('  ')}`.trimEnd());
}

function step(text: string): void {
  console.log(`\n▸ ${text}`);
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '   ');
}
