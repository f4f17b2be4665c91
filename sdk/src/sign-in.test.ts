import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createAuthenticator } from '../../test/helpers/authenticator.ts';
import { startService } from '../../test/helpers/service.ts';
import { totpCode } from '../../test/helpers/totp.ts';
import { createClient, IntaktError } from './client.ts';

const PASSWORD = 'correct horse battery';
const ORIGIN = 'https://intakt.example.org';
const folder = mkdtempSync(join(tmpdir(), 'intakt-sign-in-'));
const service = await startService({ PUBLIC_URL: ORIGIN });
after(async () => {
  await service.stop();
  rmSync(folder, { recursive: true });
});
const client = createClient({ url: service.url });
await client.setUp(service.setupToken, { username: 'ada', email: 'ada@example.org', password: PASSWORD });
await client.login('ada', PASSWORD);
const { secret } = await client.secondFactor.start();
const recoveryCodes = await client.secondFactor.turnOn(totpCode(secret));

test('a login without a code tells how to go on, and goes on', async () => {
  const other = createClient({ url: service.url });
  const error: unknown = await other.login('ada', PASSWORD).catch((thrown) => thrown);
  assert.ok(error instanceof IntaktError && error.code === 'second_factor_required');
  const { challenge } = error.extra;
  assert.deepEqual(error.extra.methods, ['totp', 'recovery']);
  await other.loginSecondFactor({ challenge: String(challenge), code: recoveryCodes[0]! });
  assert.equal((await other.me()).username, 'ada');
  assert.deepEqual(await other.secondFactor.get(), { totp: true, recovery_codes_left: 9 });
});

test('a passkey is made, logs in, and is removed', async () => {
  const device = createAuthenticator(ORIGIN);
  const made = await client.passkeys.add('key', device.create((await client.passkeys.options()) as never) as never);
  const other = createClient({ url: service.url });
  await other.loginPasskey(device.get((await other.passkeyOptions()) as never) as never);
  assert.deepEqual(
    (await other.passkeys.list()).map(({ name }) => name),
    ['key'],
  );
  await other.passkeys.remove(made.passkey_id);
  assert.deepEqual(await client.passkeys.list(), []);
});

test('the command line asks for the code after the password', async () => {
  const launcher = fileURLToPath(new URL('../bin/intakt.js', import.meta.url));
  const env = { PATH: process.env.PATH, INTAKT_CONFIG: join(folder, 'credentials.json'), INTAKT_PASSWORD: PASSWORD };
  const login = async (code: string) => {
    const child = spawn(process.execPath, [launcher, 'login', service.url, 'ada'], { env });
    child.stdin.end(`${code}\n`);
    return (await once(child, 'close'))[0];
  };
  assert.equal(await login('000000'), 1);
  assert.equal(await login(recoveryCodes[1]!), 0);
});
