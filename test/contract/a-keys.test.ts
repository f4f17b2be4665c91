import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { logIn, newAdmin, newPerson } from '../helpers/client.ts';
import { startService } from '../helpers/service.ts';

const MAIN = fileURLToPath(new URL('../../server/main.ts', import.meta.url));
const fernetKey = (step: number) =>
  `${Buffer.from(Array.from({ length: 32 }, (_, i) => (i * step + 11) % 256)).toString('base64url')}=`;
const STRONG = { SECRET_KEY: 'Kq3vZ8wT1xYb6NcRf2LhJm9UePsGdA7o', ENCRYPTION_KEY: fernetKey(37) };
const OTHER_KEY = fernetKey(91);

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'intakt-keys-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts the service where it must refuse: its exit code and what it said. */
function refusal(env: Record<string, string>, folder = newFolder()): { code: number | null; said: string } {
  const { status, stderr } = spawnSync(process.execPath, [MAIN], {
    cwd: folder,
    env: { PATH: process.env.PATH, DATA_DIR: folder, PORT: '0', ...env },
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { code: status, said: stderr };
}

test('keys come from a .env file in the working directory; the environment is stronger; other keys open nothing', async () => {
  const folder = newFolder();
  const lines = Object.entries(STRONG).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(join(folder, '.env'), lines.join(''));
  const service = await startService({ DATA_DIR: folder, NODE_ENV: 'production' });
  const person = await newPerson(service.url);
  assert.equal(await service.stop(), 0);
  assert.equal(existsSync(join(folder, 'secrets.env')), false);

  writeFileSync(join(folder, '.env'), 'SECRET_KEY=short\nENCRYPTION_KEY=not-a-key\n');
  const again = await startService({ DATA_DIR: folder, ...STRONG, NODE_ENV: 'production' });
  await logIn(again.url, person.username);
  assert.equal(await again.stop(), 0);

  rmSync(join(folder, '.env'));
  assert.match(refusal({}, folder).said, /ENCRYPTION_KEY which is not set any more/);
  const { code, said } = refusal({ ...STRONG, ENCRYPTION_KEY: OTHER_KEY }, folder);
  assert.equal(code, 1);
  assert.match(said, /^Intakt cannot start: .*key/im);
  assert.ok(!said.includes(OTHER_KEY));
});

test('without keys the first start makes them, says where they are, and keeps that file from others', async () => {
  const service = await startService();
  const file = join(service.dataDir, 'secrets.env');
  assert.ok(service.stderr().includes(`Made SECRET_KEY and ENCRYPTION_KEY and wrote them to ${file}.`));
  assert.equal(statSync(file).mode & 0o777, 0o600);
  await service.stop();
});

test('a new ENCRYPTION_KEY before the old one opens what there is, is in the audit log, and then does without the old', async () => {
  const first = await startService(STRONG);
  const admin = await newAdmin(first);
  const sent = (await admin.parsed('a.csv', 'a\n1\n')).body;
  await first.stop();
  const second = await startService({
    ...STRONG,
    DATA_DIR: first.dataDir,
    ENCRYPTION_KEY: `${OTHER_KEY},${STRONG.ENCRYPTION_KEY}`,
  });
  const again = await logIn(second.url, admin.username);
  const [entry] = (await again.get('/audit?action=keys.')).body.items;
  assert.deepEqual([entry.action, entry.actor_kind], ['keys.rewrap', 'system']);
  await second.stop();
  const third = await startService({ ...STRONG, DATA_DIR: first.dataDir, ENCRYPTION_KEY: OTHER_KEY });
  after(() => third.stop());
  const last = await logIn(third.url, admin.username);
  assert.equal((await last.get(`/files/${sent.file_id}`)).body.rows[0].a, 1);
  assert.equal((await last.get('/audit?action=keys.')).body.total, 1);
});

const weak: [what: string, env: Record<string, string>, named: RegExp][] = [
  ['no keys', {}, /SECRET_KEY and ENCRYPTION_KEY/],
  ['no SECRET_KEY', { ...STRONG, SECRET_KEY: '' }, /SECRET_KEY/],
  ['no ENCRYPTION_KEY', { ...STRONG, ENCRYPTION_KEY: '' }, /ENCRYPTION_KEY/],
  ['a short SECRET_KEY', { ...STRONG, SECRET_KEY: 'Kq3vZ8wT1x' }, /SECRET_KEY/],
  ['an example as SECRET_KEY', { ...STRONG, SECRET_KEY: 'change-this-secret-key-in-production!' }, /SECRET_KEY/],
  ['an ENCRYPTION_KEY of zeros', { ...STRONG, ENCRYPTION_KEY: `${'A'.repeat(43)}=` }, /ENCRYPTION_KEY/],
  ['a short ENCRYPTION_KEY', { ...STRONG, ENCRYPTION_KEY: 'c2hvcnQ=' }, /ENCRYPTION_KEY/],
];

test('a kind of file that is misspelt in SUPPORTED_FORMATS refuses to start, and says which there are', () => {
  const { code, said } = refusal({ ...STRONG, SUPPORTED_FORMATS: 'csv,exel' });
  assert.equal(code, 1);
  assert.match(said, /^Intakt cannot start: SUPPORTED_FORMATS names exel[^\n]+xlsx[^\n]+\n$/);
});

for (const [what, env, named] of weak) {
  test(`production with ${what} refuses to start: exit code 1 and one clear line`, () => {
    const { code, said } = refusal({ ...env, NODE_ENV: 'production' });
    assert.equal(code, 1);
    assert.match(said, /^Intakt cannot start: [^\n]+\n$/);
    assert.match(said, named);
    for (const secret of Object.values(env)) assert.ok(secret === '' || !said.includes(secret));
  });
}
