import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { lockDataDir } from './data-lock.ts';
import { loadEnvironment } from './secrets.ts';

const root = mkdtempSync(join(tmpdir(), 'intakt-secrets-'));
after(() => rmSync(root, { recursive: true }));

test('a name with nothing behind it in .env does not hide the secret that was made', () => {
  const folder = mkdtempSync(join(root, 'a-'));
  const DATA_DIR = join(folder, 'data');
  writeFileSync(join(folder, '.env'), 'ENCRYPTION_KEY=\nSECRET_KEY=" "\n');
  const first = loadEnvironment({ DATA_DIR }, folder);
  assert.deepEqual(first.made?.names, ['SECRET_KEY', 'ENCRYPTION_KEY']);
  writeFileSync(join(DATA_DIR, 'database.key'), 'something');
  const second = loadEnvironment({ DATA_DIR, ENCRYPTION_KEY: '' }, folder);
  assert.equal(second.made, null);
  assert.equal(second.environment.ENCRYPTION_KEY, first.environment.ENCRYPTION_KEY);
  assert.equal(second.environment.SECRET_KEY, first.environment.SECRET_KEY);
});

test('the process comes before .env, and .env before what was made', () => {
  const folder = mkdtempSync(join(root, 'b-'));
  const DATA_DIR = join(folder, 'data');
  const { environment: made } = loadEnvironment({ DATA_DIR }, folder);
  writeFileSync(join(folder, '.env'), 'SECRET_KEY=from-the-file\nPORT=1\n');
  const { environment } = loadEnvironment({ DATA_DIR, PORT: '2' }, folder);
  assert.deepEqual([environment.PORT, environment.SECRET_KEY], ['2', 'from-the-file']);
  assert.equal(environment.ENCRYPTION_KEY, made.ENCRYPTION_KEY);
});

test('where data is there and its key is not, no other key is made', () => {
  const folder = mkdtempSync(join(root, 'c-'));
  writeFileSync(join(folder, 'database.key'), 'something');
  assert.throws(() => loadEnvironment({ DATA_DIR: folder }, folder), { code: 'config_invalid' });
});

test('secrets that are added to a file whose last line has no end become lines of their own', () => {
  const folder = mkdtempSync(join(root, 'd-'));
  const file = join(folder, 'secrets.env');
  writeFileSync(file, 'SECRET_KEY=written-by-hand', { mode: 0o644 });
  const { environment: first } = loadEnvironment({ DATA_DIR: folder }, folder);
  writeFileSync(join(folder, 'database.key'), 'something');
  const { environment: second } = loadEnvironment({ DATA_DIR: folder }, folder);
  assert.equal(second.SECRET_KEY, 'written-by-hand');
  assert.equal(second.ENCRYPTION_KEY, first.ENCRYPTION_KEY, readFileSync(file, 'utf8'));
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test('who starts while another one makes the secrets waits for them, and makes none', async () => {
  const folder = mkdtempSync(join(root, 'e-'));
  const lock = lockDataDir(folder);
  const program = `
    const { loadEnvironment } = await import(${JSON.stringify(import.meta.resolve('./secrets.ts'))});
    process.stdout.write('starts ');
    const { environment, made } = loadEnvironment({ DATA_DIR: '${folder}' }, '${folder}');
    process.stdout.write(environment.ENCRYPTION_KEY + ' ' + (made === null));`;
  const other = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  for await (const text of other.stdout.setEncoding('utf8')) {
    if (said === '') {
      await pause(300);
      writeFileSync(join(folder, 'secrets.env'), 'SECRET_KEY=s\nENCRYPTION_KEY=e\n');
      lock[Symbol.dispose]();
    }
    said += text;
  }
  assert.equal(said, 'starts e true');
});
