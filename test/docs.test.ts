import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { createClient, type FileContent } from '../sdk/src/client.ts';
import { startService } from './helpers/service.ts';
import { noCurl } from './helpers/tools.ts';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'intakt-docs-'));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const PAGES = globSync(['*.md', 'docs/**/*.md', 'samples/*.md'], { cwd: root });
const README = read('README.md');

const firstAdmin = { username: 'asha', email: 'asha@example.org', password: 'a long passphrase' };
after(() => rmSync(folder, { recursive: true }));

/** The blocks of a page in a language. */
const blocks = (page: string, language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, content]) => content!);

/** What a heading is called in a link, as GitHub names it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

const anchorsOf = (page: string): string[] =>
  [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading!));

test('every link between the pages leads to a page, and to a heading that it has', () => {
  const links = PAGES.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!\w+:)([^)#]*)(?:#([^)]*))?\)/g)].map(([link, to = '', anchor]) => {
      const path = to === '' ? page : join(dirname(page), to);
      const leads = existsSync(join(root, path)) && (!anchor || anchorsOf(read(path)).includes(anchor));
      return { said: `${page}: ${link}`, leads };
    }),
  );
  assert.ok(links.length > 40);
  assert.deepEqual(
    links.filter(({ leads }) => !leads).map(({ said }) => said),
    [],
  );
});

/** Runs commands in a shell, in the folder of the project, as someone who has read them there. */
async function run(commands: string): Promise<string> {
  const env = {
    PATH: process.env.PATH,
    INTAKT_CONFIG: join(folder, 'login.json'),
    INTAKT_PASSWORD: firstAdmin.password,
  };
  const child = spawn('sh', ['-eu', '-c', commands], { cwd: root, env });
  child.stdin.end();
  const [out, error, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  assert.equal(code, 0, `${commands}\n${error}${out}`);
  return out;
}

test('the README makes the first administrator and sends a file, as it says', { skip: noCurl }, async (t) => {
  const service = await startService();
  t.after(() => service.stop());
  const curl = blocks(README, 'sh').find((block) => block.startsWith('API='))!;
  const said = await run(curl.replace('http://127.0.0.1:8000', service.url).replace('THE_TOKEN', service.setupToken));
  const [user, file] = said.split(/(?<=\})(?=\{)/).map((answer) => JSON.parse(answer));
  assert.deepEqual([user.username, user.role], ['asha', 'admin']);
  assert.equal(file.status, 'ready');
  assert.ok(file.rows.every((row: { aadhar_number: string }) => row.aadhar_number.startsWith('gAAAAA')));

  const lines = blocks(README, 'sh').find((block) => block.startsWith('npx intakt login'))!;
  const commands = lines.replace('http://127.0.0.1:8000', service.url).replaceAll('FILE_ID', file.file_id);
  const shown = await run(commands.replaceAll('npx intakt', `"${process.execPath}" sdk/bin/intakt.js`));
  assert.match(shown, /ready {2}5000 rows {2}people\.xlsx\n/);
  assert.match(shown, /XXXX-XXXX-\d{4}/);
  assert.match(shown, /^[\w-]{43}=$/m, 'the exported key');
});

test('the policy and the taught kind of the documentation do what stands there', async (t) => {
  const page = read('docs/detection.md');
  const service = await startService();
  t.after(() => service.stop());
  const client = createClient({ url: service.url });
  await client.setUp(service.setupToken, firstAdmin);
  await client.login(firstAdmin.username, firstAdmin.password);
  await client.detection.set(JSON.parse(blocks(page, 'json').find((block) => block.includes('"policy"'))!));
  const content = new Blob([blocks(page, 'csv')[0]!]);
  const { datasets } = (await client.upload({ name: 'staff.csv', content }, { wait: 30 })) as FileContent;
  const { rows } = await client.page(datasets[0]!.dataset_id, { level: 'mask' });
  for (const { name, sealed, masked, sensitive } of datasets[0]!.columns) {
    const becomes = sealed ? 'sealed' : masked ? 'masked for good' : 'plain, not reported';
    const kind = sensitive ? `\`${sensitive.kind}\`` : '';
    const row = `| \`${name}\` | ${kind} | ${becomes} | \`${rows[0]![name]}\` |`.replace('|  |', '| |');
    assert.ok(page.includes(row), `the page says otherwise than ${row}`);
  }
});
