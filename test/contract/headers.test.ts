import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { call, newAdmin, type Person } from '../helpers/client.ts';
import { startService } from '../helpers/service.ts';

const FORGED = '203.0.113.9';
const ORIGIN = 'https://console.example';

describe('without settings', async () => {
  const service = await startService();
  after(() => service.stop());
  const admin = await newAdmin(service);

  test('every answer says that it is data, for whom it was sent to alone', async () => {
    for (const path of ['/', '/users/me', '/nothing/here']) {
      const { headers } = await admin.get(path);
      assert.equal(headers.get('content-security-policy'), "default-src 'none'; frame-ancestors 'none'", path);
      assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
      assert.equal(headers.get('cache-control'), 'no-store', path);
      assert.match(headers.get('strict-transport-security') ?? '', /max-age=\d{8}/, path);
      assert.equal(headers.get('x-powered-by'), null);
    }
  });

  test('the documentation is a page with a policy of its own', async () => {
    const { status, headers } = await call(`${service.url}/docs/`);
    assert.equal(status, 200);
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'self'/);
  });

  test('no page from elsewhere may call', async () => {
    const { headers } = await call(service.url, { headers: { origin: ORIGIN } });
    assert.equal(headers.get('access-control-allow-origin'), null);
  });

  test('what X-Forwarded-For says is not believed', async () => {
    assert.notEqual(await addressOfLogin(admin), FORGED);
  });
});

describe('with TRUST_PROXY and CORS_ORIGINS', async () => {
  const service = await startService({ TRUST_PROXY: '127.0.0.1', CORS_ORIGINS: ORIGIN });
  after(() => service.stop());
  const admin = await newAdmin(service);

  test('the proxy is believed, and the address in the audit log is the one it saw', async () => {
    assert.equal(await addressOfLogin(admin), FORGED);
  });

  test('pages of the origins that are named may call, and no others', async () => {
    const allowed = await call(service.url, { headers: { origin: ORIGIN } });
    assert.equal(allowed.headers.get('access-control-allow-origin'), ORIGIN);
    assert.equal(allowed.headers.get('access-control-allow-credentials'), null);
    for (const header of ['location', 'retry-after', 'content-disposition', 'www-authenticate'])
      assert.ok(allowed.headers.get('access-control-expose-headers')?.includes(header), header);
    const other = await call(service.url, { headers: { origin: 'https://other.example' } });
    assert.notEqual(other.headers.get('access-control-allow-origin'), 'https://other.example');
  });

  test('they may use every method, which a preflight tells', async () => {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      const { status, headers } = await call(`${service.url}/v1/users/me`, {
        method: 'OPTIONS',
        headers: { origin: ORIGIN, 'access-control-request-method': method },
      });
      assert.equal(status, 204);
      assert.ok(headers.get('access-control-allow-methods')?.split(/, ?/).includes(method), method);
    }
    const plain = await call(`${service.url}/v1/users/me`, { method: 'OPTIONS' });
    assert.deepEqual([plain.status, plain.headers.get('allow')?.includes('PATCH')], [204, true]);
    assert.equal((await call(`${service.url}/nothing`, { method: 'OPTIONS' })).status, 404);
  });

  test('a stream of events is for those pages too, and says of itself what every answer does', async () => {
    const { body } = await admin.parsed('a.csv', 'a,b\n1,2\n');
    const headers = { ...admin.headers, origin: ORIGIN, accept: 'text/event-stream' };
    const stream = await fetch(`${service.url}/files/${body.file_id}/events`, { headers });
    await stream.text();
    const told = ['content-type', 'access-control-allow-origin', 'x-content-type-options', 'cache-control'];
    assert.deepEqual(
      told.map((name) => stream.headers.get(name)),
      ['text/event-stream', ORIGIN, 'nosniff', 'no-store'],
    );
  });
});

test('a name with line breaks starts no line of its own in the log', async () => {
  const service = await startService({ LOG_LEVEL: 'info' });
  after(() => service.stop());
  const username = 'a\n{"level":50,"msg":"forged"}';
  await call(`${service.url}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': 'x\tforged' },
    body: JSON.stringify({ username, password: 'not the password' }),
  });
  const lines = service.stdout().trim().split('\n');
  assert.ok(lines.length > 0);
  for (const line of lines) assert.notEqual((JSON.parse(line) as { msg: string }).msg, 'forged');
  assert.doesNotMatch(service.stdout(), /forged/);
});

/** The address that the audit log keeps of a login with a forged header. */
async function addressOfLogin({ base, username, password, get }: Person): Promise<string> {
  await call(`${base}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': FORGED },
    body: JSON.stringify({ username, password }),
  });
  const { body } = await get('/audit?action=user.login&limit=1');
  return body.items[0].address;
}
