import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { call, newAdmin, newPerson, sendJson } from '../helpers/client.ts';
import { startService } from '../helpers/service.ts';

const service = await startService();
after(() => service.stop());

const person = { username: 'thief', email: 'thief@example.org', password: 'correct horse battery staple' };

test('the start prints a link with a token, and the token makes the first administrator, once', async () => {
  assert.match(service.stderr(), new RegExp(`${service.url}/setup#[\\w-]{43}\\n`));
  const early = await newPerson(service.url, 'early');
  assert.equal((await early.get('/users/me')).body.role, 'member', 'who registers first becomes no administrator');
  const wrong = await sendJson(`${service.url}/auth/setup`, 'POST', { ...person, token: 'x'.repeat(43) });
  assert.deepEqual([wrong.status, wrong.body.code], [401, 'setup_token_invalid']);
  const admin = await newAdmin(service);
  const { role, may_reveal: mayReveal, operator } = (await admin.get('/users/me')).body;
  assert.deepEqual([role, mayReveal, operator], ['admin', true, true]);
  const again = await sendJson(`${service.url}/auth/setup`, 'POST', { ...person, token: service.setupToken });
  assert.deepEqual([again.status, again.body.code], [401, 'setup_token_invalid']);
});

for (const version of ['', '/v1']) {
  test(`the link leads to a page at ${version}/setup that needs nothing from elsewhere and runs no script in the page`, async () => {
    const { status, headers, text } = await call(`${service.url}${version}/setup`);
    assert.equal(status, 200);
    assert.match(headers.get('content-type') ?? '', /^text\/html/);
    assert.match(headers.get('content-security-policy') ?? '', /script-src 'self'/);
    assert.equal(headers.get('referrer-policy'), 'no-referrer');
    assert.doesNotMatch(text, /<script(?![^>]* src=)|\son\w+=|style=/, 'all that the policy forbids');
    assert.match(text, /<form[^>]* method="post"/, 'a form without its script does not put a password into the URL');
    const parts = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path!);
    assert.ok(parts.length >= 3);
    for (const path of parts) {
      const url = new URL(path, `${service.url}${version}/setup`);
      assert.equal(url.origin, service.url);
      assert.equal((await fetch(url)).status, 200, path);
    }
  });
}

test('who is named in the settings is the first administrator, and no link is printed', async () => {
  const password = 'a passphrase of the settings';
  const named = await startService({ ADMIN_USERNAME: 'asha', ADMIN_PASSWORD: password });
  try {
    assert.equal(named.setupToken, '');
    const { status } = await sendJson(`${named.url}/auth/login`, 'POST', { username: 'asha', password });
    assert.equal(status, 200);
  } finally {
    await named.stop();
  }
});
