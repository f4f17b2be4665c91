import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { newAdmin, newPerson } from '../helpers/client.ts';
import { startService } from '../helpers/service.ts';
import { noCurl } from '../helpers/tools.ts';

const page = readFileSync(new URL('../../docs/clients.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/```sh\n(.*?)```/gs)].map(([, commands]) => commands!);

test('every command of docs/clients.md does what it says', { skip: noCurl }, async () => {
  const service = await startService();
  after(() => service.stop());
  const folder = mkdtempSync(join(tmpdir(), 'intakt-page-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const admin = await newAdmin(service);
  const users = await Promise.all([newPerson(service.url), newPerson(service.url)]);
  const { client_id, client_key } = (await admin.post('/clients', { name: 'x', scopes: ['files:read'] })).body;
  const base = {
    PATH: process.env.PATH ?? '',
    URL: service.url,
    ADMIN_TOKEN: admin.accessToken,
    USERNAME: admin.username,
    PASSWORD: admin.password,
    REFRESH_TOKEN: users[0]!.refreshToken,
    ACCESS_TOKEN: users[1]!.accessToken,
  };
  assert.equal(examples.length, 6);
  for (const commands of [...examples].sort(byLast)) {
    // As whoever types it would see it fail.
    const script = `set -eu; curl() { command curl --silent --show-error --fail-with-body "$@"; }\n${commands}`;
    const env = { ...base, CLIENT_ID: client_id, CLIENT_KEY: client_key };
    const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { cwd: folder, env, encoding: 'utf8' });
    assert.equal(status, 0, `${commands}${stdout}${stderr}`);
  }
  assert.equal(readFileSync(join(folder, 'copy.csv'), 'utf8'), 'name,city\nAda,London\n');
});

/** What ends a token or the client comes after what needs it. */
const byLast = (a: string, b: string): number => rank(a) - rank(b);
const rank = (commands: string): number => (/DELETE/.test(commands) ? 2 : /\/revoke/.test(commands) ? 1 : 0);
