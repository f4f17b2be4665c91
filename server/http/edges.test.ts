import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { after, test } from 'node:test';
import { WebSocket } from 'ws';
import { eventually, newAdmin, newPerson, sendJson } from '../../test/helpers/client.ts';
import { canSeeProcesses } from '../../test/helpers/processes.ts';
import { startService } from '../../test/helpers/service.ts';

const service = await startService();
after(() => service.stop());
const person = await newAdmin(service, 'edge');
const CSV = 'name,age\nAsha,31\n';

test('the version before a query alone is the root', async () => {
  const { status, body } = await person.get('/v1?from=probe');
  assert.deepEqual([status, body.name], [200, 'Intakt']);
});

test('a ticket that is given twice is no ticket', async () => {
  const { body: file } = await person.parsed('a.csv', CSV);
  const { status, body } = await person.get(`/files/${file.file_id}/events?ticket=a&ticket=b`);
  assert.deepEqual([status, body.code], [401, 'ticket_invalid']);
});

test('HEAD of a download tells its length and reads nothing of it', {
  skip: canSeeProcesses ? false : 'needs /proc',
}, async () => {
  const content = `a\n${'x'.repeat(1000)}\n`.repeat(8000);
  const { body: file } = await person.parsed('large.csv', content);
  const url = `${person.base}/files/${file.file_id}/download`;
  const before = bytesRead();
  for (let i = 0; i < 5; i++) {
    const response = await fetch(url, { method: 'HEAD', headers: person.headers });
    assert.equal(response.headers.get('content-length'), String(content.length));
  }
  const whole = await fetch(url, { headers: person.headers });
  assert.equal(await whole.text(), content);
  const times = (bytesRead() - before) / content.length;
  assert.ok(times < 2.5, `the stored bytes were read ${times} times`);
});

test('logins are limited though other requests are not', async () => {
  const limited = await startService({ LOGIN_LIMIT_PER_MINUTE: '2' });
  try {
    const login = () => sendJson(`${limited.url}/auth/login`, 'POST', { username: 'no', password: 'not a password' });
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await login()).status);
    assert.deepEqual(statuses, [401, 401, 429]);
    for (let i = 0; i < 40; i++) assert.equal((await fetch(limited.url)).status, 200);
  } finally {
    await limited.stop();
  }
});

test('the same Idempotency-Key with other columns to seal is another request', async () => {
  const headers = { 'idempotency-key': 'once' };
  const first = await person.upload('a.csv', CSV, { headers });
  assert.equal((await person.upload('a.csv', CSV, { headers })).body.file_id, first.body.file_id);
  const other = await person.upload('a.csv', CSV, { headers, fields: { seal: 'name' } });
  assert.deepEqual([other.status, other.body.code], [422, 'idempotency_mismatch']);
});

test('an offset beyond all there is gives an empty page, and one that is no integer to the database is refused', async () => {
  for (const path of ['/files', '/users', '/audit', '/clients', '/invitations', '/workspaces']) {
    const far = await person.get(`${path}?offset=${Number.MAX_SAFE_INTEGER}`);
    assert.deepEqual([far.status, far.body.items], [200, []], path);
    const beyond = await person.get(`${path}?offset=1e300`);
    assert.deepEqual([beyond.status, beyond.body.code], [400, 'invalid_request'], path);
  }
});

test('of two removals at once one is done and written down, and the other finds nothing', async () => {
  const { body: file } = await person.parsed('a.csv', CSV);
  const answers = await Promise.all(Array.from({ length: 4 }, () => person.delete(`/files/${file.file_id}`)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [204, 404, 404, 404]);
  const { body: audit } = await person.get(`/audit?action=file.delete&target=file:${file.file_id}`);
  assert.equal(audit.total, 1);
});

test('rows that are read while their file is removed are there or not, and nothing of it stays open', {
  skip: canSeeProcesses ? false : 'needs /proc',
}, async () => {
  const files = await Promise.all(Array.from({ length: 6 }, () => person.parsed('a.csv', CSV + 'x,1\n'.repeat(2000))));
  // 96 in all: one caller may have 100 waiting, and gets 503 for others.
  const read = () =>
    files.flatMap(({ body }) =>
      Array.from({ length: 8 }, () => person.get(`/datasets/${body.dataset_id}/rows?limit=1000`)),
    );
  const before = read();
  await new Promise((resolve) => setTimeout(resolve, 10));
  const removals = files.map(({ body }) => person.delete(`/files/${body.file_id}`));
  const answers = await Promise.all([...before, ...read()]);
  await Promise.all(removals);
  assert.deepEqual([...new Set(answers.map(({ status }) => status))].sort(), [200, 404]);
  assert.deepEqual(openAndRemoved(), []);
});

test('a socket that asks on and never reads is cut off', async () => {
  const { body: file } = await person.parsed('a.csv', CSV);
  const url = `${person.base.replace('http', 'ws')}/ws/${file.file_id}`;
  const socket = new WebSocket(url, { headers: person.headers, perMessageDeflate: false });
  let over = false;
  socket.on('close', () => {
    over = true;
  });
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('open', resolve));
  socket.pause();
  const flood = () => {
    for (let i = 0; i < 20_000 && !over; i++) socket.send('{"type":"ping"}');
  };
  await eventually('it is cut off', async () => {
    if (socket.bufferedAmount < 1_000_000) flood();
    await new Promise((resolve) => setTimeout(resolve, 1));
    return over || socket.readyState !== socket.OPEN;
  });
});

test('who has a thousand sockets open gets no more until one is closed, and keeps nobody else out', async () => {
  const { body: file } = await person.parsed('a.csv', CSV);
  const url = `${person.base.replace('http', 'ws')}/ws/${file.file_id}`;
  const open = () =>
    new Promise<WebSocket | number>((resolve) => {
      const socket = new WebSocket(url, { headers: person.headers, perMessageDeflate: false });
      socket
        .once('open', () => resolve(socket))
        .once('unexpected-response', (_, { statusCode }) => resolve(statusCode!));
      socket.on('error', () => {});
    });
  const sockets: (WebSocket | number)[] = [];
  while (sockets.length < 1000) sockets.push(...(await Promise.all(Array.from({ length: 100 }, open))));
  assert.ok(sockets.every((socket) => typeof socket === 'object'));
  assert.equal(await open(), 429);
  const { status, body } = await person.get(`/files/${file.file_id}/download`);
  assert.deepEqual([status, body.code], [429, 'rate_limited']);
  const other = await newPerson(person.base, 'other');
  const { body: theirs } = await other.parsed('b.csv', CSV);
  assert.equal((await other.get(`/files/${theirs.file_id}/download`)).status, 200);
  (sockets[0] as WebSocket).terminate();
  await eventually('another one is let in', async () => {
    const socket = await open();
    return typeof socket === 'object' && sockets.push(socket) > 0;
  });
  for (const socket of sockets) (socket as WebSocket).terminate();
});

/** What the service has read from wherever, its socket too, in bytes. */
const bytesRead = (): number => Number(/rchar: (\d+)/.exec(readFileSync(`/proc/${service.pid}/io`, 'utf8'))?.[1]);

const openAndRemoved = (): string[] =>
  readdirSync(`/proc/${service.pid}/fd`)
    .map((fd) => {
      try {
        return readlinkSync(`/proc/${service.pid}/fd/${fd}`);
      } catch {
        return '';
      }
    })
    .filter((path) => path.includes('/blobs/') && path.endsWith('(deleted)'));
