import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { call } from '../helpers/client.ts';
import { startService } from '../helpers/service.ts';

const service = await startService();
after(() => service.stop());

for (const version of ['', '/v1']) {
  const base = service.url + version;

  test(`GET ${version}/ is health as JSON: status, name, version, uptime, and the state of database, storage, queue`, async () => {
    const { status, body } = await call(`${base}/`);
    assert.equal(status, 200);
    assert.equal(body.status, 'ok');
    assert.equal(body.name, 'Intakt');
    assert.match(body.version, /^\d+\.\d+\.\d+/);
    assert.ok(body.uptime >= 0);
    for (const part of ['database', 'storage', 'queue']) assert.equal(body[part].status, 'ok', part);
  });

  test(`GET ${version}/ takes a browser to a page for people`, async () => {
    const { status, headers } = await call(`${base}/`, {
      headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' },
    });
    assert.equal(status, 302);
    const page = await fetch(new URL(headers.get('location')!, `${base}/`));
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-type') ?? '', /text\/html/);
  });

  test(`GET ${version}/docs is interactive API documentation`, async () => {
    const page = await fetch(`${base}/docs`);
    assert.equal(page.status, 200);
    const html = await page.text();
    assert.match(html, /swagger/i);
    const scripts = [...html.matchAll(/(?:src|href)="([^"]+\.(?:js|css))"/g)].map((found) => found[1]!);
    assert.ok(scripts.length > 1);
    for (const script of scripts) assert.equal((await fetch(new URL(script, page.url))).status, 200, script);
  });

  test(`GET ${version}/openapi.json is OpenAPI 3.1, of every call of the contract`, async () => {
    const { status, body } = await call(`${base}/openapi.json`);
    assert.equal(status, 200);
    assert.match(body.openapi, /^3\.1\./);
    assert.equal(body.servers[0].url, '/v1');
    const calls = Object.entries(body.paths as Record<string, object>).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    for (const promised of PROMISED) assert.ok(calls.includes(promised), promised);
  });
}

test('the document names the type of every answer: of errors, of files, of rows', async () => {
  const { body } = await call(`${service.url}/openapi.json`);
  const typesOf = (path: string, status: string, method = 'get') =>
    Object.keys(body.paths[path][method].responses[status].content);
  for (const path of ['/files/{file_id}', '/download/{filename}', '/export/csv', '/audit'])
    assert.deepEqual(typesOf(path, '4XX'), ['application/problem+json'], path);
  assert.deepEqual(typesOf('/token', '4XX', 'post'), ['application/json'], 'RFC 6749 has its own');
  assert.deepEqual(typesOf('/download/{filename}', '200'), ['application/octet-stream']);
  assert.deepEqual(typesOf('/export/csv', '200'), ['text/csv']);
  assert.deepEqual(typesOf('/upload/csv', '200', 'post'), ['application/json']);
});

const PROMISED = [
  'GET /',
  'POST /auth/register',
  'POST /auth/login',
  'POST /auth/refresh',
  'POST /files',
  'GET /files/{file_id}/progress',
  'GET /files/{file_id}',
  'GET /files',
  'GET /files/search',
  'GET /files/stats',
  'DELETE /files/{file_id}',
  'GET /users/me',
  'GET /users',
];
