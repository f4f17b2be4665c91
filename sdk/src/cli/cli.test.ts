import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import officeCrypto from 'officecrypto-tool';
import { libraryBook } from '../../../test/helpers/library-book.ts';
import { type Service, startService } from '../../../test/helpers/service.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/intakt.js', import.meta.url));
const PASSWORD = 'correct horse battery';
const folder = mkdtempSync(join(tmpdir(), 'intakt-cli-'));
const config = join(folder, 'kept', 'credentials.json');
let service: Service;

/** The command as a user runs it, in a pipe. */
async function intakt(args: readonly string[], { input = '', env = {} } = {}) {
  const child = spawn(process.execPath, [LAUNCHER, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, INTAKT_CONFIG: config, ...env },
  });
  child.stdin.end(input);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: code as number, stdout, stderr };
}

async function json(args: readonly string[]) {
  const { code, stdout, stderr } = await intakt([...args, '--json']);
  assert.deepEqual([code, stderr], [0, '']);
  return JSON.parse(stdout);
}

const fromLines = (output: string): Record<string, unknown>[] =>
  output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

function write(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return name;
}

before(async () => {
  service = await startService();
  const setup = ['--setup', service.setupToken];
  const { code, stderr } = await intakt(['register', service.url, 'ada', 'ada@example.org', ...setup], {
    input: `${PASSWORD}\n`,
  });
  assert.equal(code, 0, stderr);
});

after(async () => {
  await service.stop();
  rmSync(folder, { recursive: true });
});

test('the login is kept for its owner alone', async () => {
  assert.equal(statSync(config).mode & 0o777, 0o600);
  const user = await json(['whoami']);
  assert.deepEqual([user.username, user.role, user.url], ['ada', 'admin', service.url]);
});

test('an expired access token is renewed and the new pair is kept', async () => {
  const kept = JSON.parse(readFileSync(config, 'utf8'));
  writeFileSync(config, JSON.stringify({ ...kept, tokens: { ...kept.tokens, expires_at: 0 } }));
  await json(['whoami']);
  const renewed = JSON.parse(readFileSync(config, 'utf8'));
  assert.notEqual(renewed.tokens.refresh_token, kept.tokens.refresh_token);
  assert.ok(renewed.tokens.expires_at > Date.now());
  assert.deepEqual([renewed.url, renewed.username], [kept.url, kept.username]);
});

test('an upload in a pipe tells its phases as plain lines, and its result apart from them', async () => {
  const { code, stdout, stderr } = await intakt(['upload', write('plain.csv', 'name,age\nAda,36\n'), '--wait']);
  assert.equal(code, 0);
  assert.match(stdout, /^[0-9a-f-]{36} {2}ready {2}1 rows {2}plain\.csv\n$/);
  const phases = stderr.trimEnd().split('\n');
  assert.deepEqual([phases[0], phases.at(-1)], ['plain.csv: sending', 'plain.csv: ready']);
  assert.ok(phases.every((line) => /^plain\.csv: \w+$/.test(line)));
});

test('a file goes in sealed and comes out as JSON, CSV, a mask, plain values and its own bytes', async () => {
  const csv = 'name,note\n"Lovelace, Ada",first\nAlan,\n';
  const { file_id: id, status } = await json(['upload', write('sealed.csv', csv), '--seal', 'name', '--wait']);
  assert.equal(status, 'ready');
  const [listed, shown, lines, masked, plain, bytes, taken, copied, events] = await Promise.all([
    json(['ls']),
    json(['show', id]),
    intakt(['rows', id, '--json']),
    intakt(['rows', id, '--level', 'mask']),
    intakt(['reveal', id, '--reason', 'a test', '--csv']),
    intakt(['download', id, '-o', '-']),
    intakt(['download', id]),
    intakt(['download', id, '-o', 'copy.csv']),
    intakt(['watch', id, '--json']),
  ]);
  assert.ok(listed.items.some((file: { file_id: string }) => file.file_id === id));
  const sealed = shown.datasets[0].columns.map((column: { sealed: boolean }) => column.sealed);
  assert.deepEqual(sealed, [true, false]);
  const rows = fromLines(lines.stdout);
  assert.ok(rows.length === 2 && rows.every(({ name }) => String(name).startsWith('gAAAAA')));
  assert.equal(masked.code, 0);
  assert.doesNotMatch(masked.stdout, /Lovelace|Alan/);
  assert.equal(plain.stdout, 'name,note\r\n"Lovelace, Ada",first\r\nAlan,\r\n');
  assert.equal((await json(['audit', '--action', 'dataset.reveal'])).items[0].detail.reason, 'a test');
  write('keys.txt', (await intakt(['keys', 'export', '--reason', 'a test'])).stdout);
  assert.equal((await intakt(['rows', id, '--keys', 'keys.txt', '--csv'])).stdout, plain.stdout, 'opened here');
  assert.equal((await json(['audit', '--action', 'dataset.reveal'])).total, 1, 'of which the service hears nothing');
  write('other.txt', `${Buffer.alloc(32, 7).toString('base64url')}=\n`);
  const closed = await intakt(['rows', id, '--keys', 'other.txt']);
  assert.deepEqual([closed.code, closed.stdout], [1, '']);
  assert.match(closed.stderr, /sealed with another key/);
  assert.match((await intakt(['rows', id, '--keys', 'sealed.csv'])).stderr, /Fernet key is 32 bytes/);
  assert.equal(bytes.stdout, csv);
  assert.equal(taken.code, 1);
  assert.match(taken.stderr, /sealed\.csv is there already\. Say where to write/);
  assert.equal(copied.code, 0);
  assert.equal(readFileSync(join(folder, 'copy.csv'), 'utf8'), csv);
  const told = fromLines(events.stdout);
  assert.deepEqual([told[0]!.phase, told.at(-1)!.status], ['queued', 'ready']);
  assert.equal((await intakt(['rm', id])).code, 0);
  assert.equal((await intakt(['show', id])).code, 1);
});

test('the audit log is exported, verified without the service, and asked who has seen a row', async () => {
  const { stdout } = await intakt(['audit', 'export']);
  write('audit.ndjson', stdout);
  const env = { INTAKT_CONFIG: join(folder, 'none.json') };
  const held = await intakt(['audit', 'verify', 'audit.ndjson'], { env });
  const [, head] = /^\d+ entries hold\. Head: ([0-9a-f]{64})\n$/.exec(held.stdout) ?? assert.fail(held.stderr);
  const cut = stdout.split('\n').slice(0, -2);
  write('cut.ndjson', `${cut.join('\n')}\n`);
  assert.equal((await intakt(['audit', 'verify', 'cut.ndjson'], { env })).code, 0);
  const lost = await intakt(['audit', 'verify', 'cut.ndjson', '--head', head!], { env });
  assert.deepEqual([lost.code, /none has the hash that was kept/.test(lost.stdout)], [1, true]);
  write('forged.ndjson', stdout.replace('"actor":"ada"', '"actor":"eve"'));
  const forged = await intakt(['audit', 'verify', 'forged.ndjson'], { env });
  assert.equal(forged.code, 1);
  assert.match(forged.stdout, /^Line \d+ is bad: its content does not have its hash\./);
  assert.match((await intakt(['audit', 'verify'])).stdout, /^\d+ entries hold/);

  const { file_id } = await json(['upload', write('seen.csv', 'name\nLovelace\n'), '--seal', 'name', '--wait']);
  await intakt(['reveal', file_id, '--reason', 'a test']);
  const { dataset_id } = (await json(['show', file_id])).datasets[0];
  const seen = await json(['audit', 'seen', '--dataset', dataset_id, '--row', '1']);
  assert.deepEqual([seen.total, seen.items[0].actor], [1, 'ada']);
  const asked = await intakt(['audit', 'seen', '--json'], { input: 'Lovelace\n' });
  assert.ok(JSON.parse(asked.stdout).matches.some((match: { file_id: string }) => match.file_id === file_id));
});

test('a workspace is made, shown, bounded, entered, left and removed', async () => {
  const made = await json(['workspaces', 'create', 'Payroll', '--max-files', '2']);
  assert.deepEqual([made.name, made.quotas.max_files, made.usage.files], ['Payroll', 2, 0]);
  const home = (await json(['workspaces', 'show'])).workspace_id;
  assert.equal((await json(['workspaces', 'use', made.workspace_id])).workspace_id, made.workspace_id);
  assert.equal((await json(['ls'])).items.length, 0);
  assert.equal((await json(['workspaces', 'change', '--share', 'yes'])).shared_files, true);
  assert.equal((await json(['workspaces', 'change', made.workspace_id, '--max-files', '0'])).quotas.max_files, null);
  assert.equal((await intakt(['workspaces', 'remove', made.workspace_id])).code, 1, 'not the one that is entered');
  await json(['workspaces', 'use', home]);
  assert.deepEqual(await json(['workspaces', 'remove', made.workspace_id]), { removed: made.workspace_id });
  assert.equal((await json(['workspaces', '--all'])).items.length, 1);
});

test('what is said of a file goes with it, and its password is never an argument', async () => {
  const said = ['--delimiter', ':', '--quote', 'none', '--comment', '%', '--skip-lines', '1', '--header', 'present'];
  const { file_id } = await json(['upload', write('said.dat', 'x:y\na:b\n%:\n"1":2:3\n'), ...said, '--as', 'csv']);
  const watched = await intakt(['watch', file_id]);
  assert.equal(watched.code, 0, watched.stderr);
  const rejects = (await intakt(['rejects', file_id, '--json'])).stdout;
  assert.match(rejects, /preamble/);
  const read = ['--ragged', 'extra', '--wait', '--encoding', 'latin1', '--header-rows', '2', '--escape', 'none'];
  const wide = await json(['upload', write('wide.csv', 'a,b\nc,d\nv,w,ü\n'), ...read]);
  assert.deepEqual(fromLines((await intakt(['rows', wide.file_id, '--json'])).stdout), [
    { 'a c': 'v', 'b d': 'w', column_3: 'Ã¼' },
  ]);

  const plain = libraryBook('xlsx', [
    {
      name: 'people',
      rows: [
        ['name', 'city'],
        ['Ada', 'London'],
      ],
    },
  ]);
  writeFileSync(join(folder, 'locked.xlsx'), officeCrypto.encrypt(plain, { password: 'Sesam' }));
  const locked = await intakt(['upload', 'locked.xlsx', '--wait', '--json']);
  assert.equal(locked.code, 1);
  const { file_id: id, error } = JSON.parse(locked.stdout);
  assert.equal(error.code, 'workbook_encrypted');
  assert.equal((await intakt(['parse', id, '--password=Sesam'])).code, 2);
  assert.equal((await intakt(['parse', id, '--password'], { input: 'Sesam\n' })).code, 0);
  assert.equal((await intakt(['watch', id])).code, 0);
  const env = { INTAKT_FILE_PASSWORD: 'Sesam' };
  const opened = await intakt(['upload', 'locked.xlsx', '--wait', '--password'], { env });
  assert.match(opened.stdout, /ready {2}1 rows {2}locked\.xlsx\n$/);
});

test('what becomes of kinds is shown, set from a file, and what is told can be set again', async () => {
  const taught = [{ id: 'badge', title: 'Badge', patterns: ['B-\\d{4}'] }];
  write('detection.json', JSON.stringify({ policy: { email: 'mask' }, taught }));
  const set = await intakt(['detection', 'set', 'detection.json']);
  assert.match(set.stdout, /^KIND +BECOMES +BY +TAUGHT\n/);
  assert.match(set.stdout, /^email +mask +policy$/m);
  assert.match(set.stdout, /^badge +seal +usual +Badge$/m);
  const shown = await json(['detection']);
  const again = await intakt(['detection', 'set', '-', '--json'], { input: JSON.stringify(shown) });
  assert.deepEqual(JSON.parse(again.stdout), shown);
  const wrong = await intakt(['detection', 'set', write('wrong.json', '{"policy": {"email": "eat"}}')]);
  assert.deepEqual([wrong.code, /\(invalid_request\)/.test(wrong.stderr)], [1, true]);
  const broken = await intakt(['detection', 'set', write('broken.json', '{')]);
  assert.match(broken.stderr, /^intakt: broken\.json is not JSON: /);
  assert.equal((await intakt(['detection', 'set', write('usual.json', '{"policy": {}}')])).code, 0);
});

test('a cell cannot steer the terminal', async () => {
  const { file_id } = await json(['upload', write('steer.csv', 'name\n"\u001b[2Jgone"\n'), '--wait']);
  const { stdout } = await intakt(['rows', file_id]);
  assert.ok(stdout.includes('\\u001b[2Jgone') && !stdout.includes('\u001b'));
});

test('a file that fails gives 1 and the reason', async () => {
  const { code, stdout, stderr } = await intakt(['upload', write('cut-off.json', '[{"a": 1'), '--wait']);
  assert.equal(code, 1);
  assert.match(stdout, / {2}failed {2}cut-off\.json\n$/);
  assert.match(stderr, /^cut-off\.json: \S.+ \(json_invalid\)$/m);
});

test('what the service refuses gives 1, a sentence and its code', async () => {
  const { code, stdout, stderr } = await intakt(['upload', write('program.exe', 'x')]);
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /^intakt: Cannot take files ending in \.exe\. .+ \(unsupported_format\)$/m);
  const told = await intakt(['show', 'nothing', '--json']);
  assert.deepEqual([told.code, told.stdout, JSON.parse(told.stderr).code], [1, '', 'file_not_found']);
});

test('a call that is not understood gives 2 and says where help is', async () => {
  const calls = [
    ['nonsense'],
    ['show'],
    ['ls', 'more'],
    ['ls', '--nonsense'],
    ['ls', '--limit', 'ten'],
    ['reveal', 'x'],
    ['upload', 'x', '--as', 'nonsense'],
    ['detection', 'set'],
    ['detection', 'nonsense'],
  ];
  const results = await Promise.all(calls.map((args) => intakt(args)));
  results.forEach(({ code, stdout, stderr }, n) => {
    assert.deepEqual([code, stdout], [2, ''], calls[n]!.join(' '));
    assert.match(stderr, /^intakt: .+ See: intakt .*--help\n$/, calls[n]!.join(' '));
  });
});

test('help and version need no login', async () => {
  const env = { INTAKT_CONFIG: join(folder, 'none.json') };
  assert.match((await intakt(['--help'], { env })).stdout, /Usage: intakt COMMAND/);
  assert.match((await intakt(['upload', '--help'], { env })).stdout, /--seal COLUMNS/);
  assert.match((await intakt(['--version'], { env })).stdout, /^\d+\.\d+\.\d+\n$/);
  const { code, stderr } = await intakt(['ls'], { env });
  assert.equal(code, 1);
  assert.match(stderr, /Log in first: intakt login URL USERNAME/);
});

test('a wrong password keeps nothing; logging out ends the session and forgets it', async () => {
  const env = { INTAKT_CONFIG: join(folder, 'other.json') };
  const login = (INTAKT_PASSWORD: string) =>
    intakt(['login', service.url, 'ada'], { env: { ...env, INTAKT_PASSWORD } });
  assert.equal((await login('wrong')).code, 1);
  assert.equal((await intakt(['whoami'], { env })).code, 1);
  assert.equal((await login(PASSWORD)).code, 0);
  assert.equal((await intakt(['whoami'], { env })).code, 0);
  const kept = JSON.parse(readFileSync(env.INTAKT_CONFIG, 'utf8'));
  assert.equal((await intakt(['logout'], { env })).stdout, 'Logged out.\n');
  assert.equal((await intakt(['whoami'], { env })).code, 1);
  assert.equal((await intakt(['logout'], { env })).stdout, 'Nobody was logged in.\n');

  writeFileSync(env.INTAKT_CONFIG, JSON.stringify(kept));
  assert.match((await intakt(['whoami'], { env })).stderr, /\(unauthorized\)/, 'the service has ended it too');
  writeFileSync(env.INTAKT_CONFIG, JSON.stringify({ ...kept, url: 'http://127.0.0.1:1' }));
  const away = await intakt(['logout'], { env });
  assert.deepEqual([away.code, away.stdout], [0, 'Logged out.\n']);
  assert.match(away.stderr, /^The service could not be told/);
  assert.equal((await intakt(['whoami'], { env })).code, 1);
});
