import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Service, startService } from '../../../test/helpers/service.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/intakt.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'intakt-cli-clients-'));
let service: Service;

/** The command as `who` runs it, in a pipe. */
async function intakt(who: string, args: readonly string[], input = '') {
  const env = { PATH: process.env.PATH, INTAKT_CONFIG: join(folder, `${who}.json`) };
  const child = spawn(process.execPath, [LAUNCHER, ...args], { cwd: folder, env });
  child.stdin.end(input);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: code as number, stdout, stderr };
}

before(async () => {
  service = await startService();
  const register = ['register', service.url, 'ada', 'ada@example.org', '--setup', service.setupToken];
  const { code, stderr } = await intakt('ada', register, 'correct horse battery\n');
  assert.equal(code, 0, stderr);
});

after(async () => {
  await service.stop();
  rmSync(folder, { recursive: true });
});

test('a client is made, logs in with its key and works, is rotated, listed and revoked', async () => {
  const made = await intakt('ada', ['clients', 'make', 'nightly import', '--scope', 'files:read,files:write']);
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stdout, /^ik_[\w-]{49}\n$/, 'the key alone, to be piped');
  const id = /^Client ([0-9a-f-]{36}) \(nightly import\)/.exec(made.stderr)?.[1] ?? '';

  const login = await intakt('robot', ['login', service.url, '--key'], made.stdout);
  assert.deepEqual([login.code, login.stdout], [0, `Logged in as the client nightly import at ${service.url}.\n`]);
  const whoami = JSON.parse((await intakt('robot', ['whoami', '--json'])).stdout);
  assert.deepEqual([whoami.kind, whoami.user_id, whoami.url], ['client', id, service.url]);
  writeFileSync(join(folder, 'people.csv'), 'name\nAda\n');
  const sent = await intakt('robot', ['upload', 'people.csv', '--wait']);
  assert.match(sent.stdout, /ready {2}1 rows {2}people\.csv\n$/);

  const rotated = await intakt('ada', ['clients', 'rotate', id, '--overlap', '0', '--json']);
  assert.notEqual(`${JSON.parse(rotated.stdout).client_key}\n`, made.stdout);
  assert.equal((await intakt('robot', ['ls'])).code, 1, 'what the old key began has ended');
  const old = await intakt('robot', ['login', service.url, '--key'], made.stdout);
  assert.match(old.stderr, /\(client_key_invalid\)/);

  const list = await intakt('ada', ['clients']);
  assert.match(list.stdout, new RegExp(`^${id}  active  member  files:read,files:write  ik_\\S{6}…`, 'm'));
  assert.equal((await intakt('ada', ['clients', 'revoke', id])).stdout, `${id}  revoked\n`);
  assert.equal(JSON.parse((await intakt('ada', ['clients', '--json'])).stdout).items[0].status, 'revoked');
});

test('a call that is not understood gives 2, and what the service refuses gives 1', async () => {
  const wrong = [
    ['clients', 'destroy', 'x'],
    ['clients', 'make'],
    ['clients', 'make', 'x'],
    ['clients', 'make', 'x', '--scope', 'everything'],
    ['clients', 'rotate'],
  ];
  for (const args of wrong) assert.equal((await intakt('ada', args)).code, 2, args.join(' '));
  const { code, stderr } = await intakt('ada', ['clients', 'revoke', 'nothing']);
  assert.equal(code, 1);
  assert.match(stderr, /\(client_not_found\)/);
});
