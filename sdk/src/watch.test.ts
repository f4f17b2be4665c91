import assert from 'node:assert/strict';
import { connect, createServer, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { collect } from '../../test/helpers/collect.ts';
import { type Service, startService } from '../../test/helpers/service.ts';
import { type Client, createClient, type FileUpdate, type Tokens } from './client.ts';

const PASSWORD = 'correct horse battery';
let service: Service;
let tokens: Tokens;

before(async () => {
  service = await startService();
  const client = createClient({ url: service.url });
  await client.setUp(service.setupToken, { username: 'ada', email: 'ada@example.org', password: PASSWORD });
  await client.login('ada', PASSWORD);
  tokens = client.tokens()!;
});

after(() => service.stop());

const open = (url = service.url): Client => createClient({ url, tokens });

/** Takes some time to parse, so that there is something to follow. */
async function sendLong(): Promise<string> {
  const lines = Array.from({ length: 80_000 }, (_, n) => `name ${n},city ${n % 7},${n}`);
  const content = new Blob([`name,city,n\n${lines.join('\n')}\n`]);
  return (await open().upload({ name: 'long.csv', content }, { seal: ['name', 'city'] })).file_id;
}

/** The log of a file that is over; it is what a watcher must have told. */
async function logOf(fileId: string): Promise<FileUpdate[]> {
  const response = await fetch(`${service.url}/v1/files/${fileId}/events?limit=500`, {
    headers: { authorization: `Bearer ${tokens.access_token}` },
  });
  const { items } = (await response.json()) as { items: { event_id: number; file_id: string; data: object }[] };
  return items.map(({ event_id, file_id, data }) => ({ event_id, file_id, ...data }) as FileUpdate);
}

const byId = (updates: readonly FileUpdate[]) =>
  updates.map((update) => [update.event_id, update.phase, update.progress]);

test('a watcher is told every event of the log, once and in order', async () => {
  const fileId = await sendLong();
  const told = await collect(open().watch(fileId));
  assert.deepEqual(byId(told), byId(await logOf(fileId)));
  assert.equal(told.at(-1)!.status, 'ready');
});

test('a watcher that comes late, or goes on after an event, is told the rest', async () => {
  const fileId = await sendLong();
  const all = await collect(open().watch(fileId));
  assert.deepEqual(await collect(open().watch(fileId)), all);
  const rest = await collect(open().watch(fileId, { after: all[1]!.event_id }));
  assert.deepEqual(rest, all.slice(2));
});

test('a watcher that goes on after the last event comes to its end', { timeout: 30_000 }, async () => {
  const { file_id } = await open().upload({ name: 'short.csv', content: new Blob(['a\n1\n']) }, { wait: 30 });
  const { event_id } = (await logOf(file_id)).at(-1)!;
  assert.deepEqual(await collect(open().watch(file_id, { after: event_id })), []);
});

test('without WebSocket the log is polled', async (t) => {
  const { WebSocket } = globalThis;
  t.after(() => Object.assign(globalThis, { WebSocket }));
  Object.assign(globalThis, { WebSocket: undefined });
  const fileId = await sendLong();
  assert.deepEqual(byId(await collect(open().watch(fileId))), byId(await logOf(fileId)));
});

test('a connection that is cut again and again costs no event and doubles none', async (t) => {
  const relay = await startRelay(Number(new URL(service.url).port));
  t.after(relay.close);
  const fileId = await sendLong();
  const told: FileUpdate[] = [];
  for await (const update of open(relay.url).watch(fileId)) {
    told.push(update);
    if (told.length % 3 === 0) relay.cut();
  }
  assert.ok(relay.cuts() > 1);
  assert.deepEqual(byId(told), byId(await logOf(fileId)));
});

test('a watch goes on when the service is killed and started again', async () => {
  const { url, dataDir } = service;
  const fileId = await sendLong();
  const told: FileUpdate[] = [];
  for await (const update of open().watch(fileId)) {
    told.push(update);
    if (told.length !== 2) continue;
    await service.kill9();
    service = await startService({ DATA_DIR: dataDir, PORT: new URL(url).port });
  }
  assert.deepEqual(byId(told), byId(await logOf(fileId)));
  assert.equal(told.at(-1)!.status, 'ready');
});

test('an aborted watch throws the reason', async () => {
  const stop = new AbortController();
  const reason = new Error('not wanted any more');
  const watching = open().watch(await sendLong(), { signal: stop.signal });
  await watching.next();
  stop.abort(reason);
  await assert.rejects(collect(watching), (error) => error === reason);
});

test('who watches a file that is removed is told that it does not exist', async () => {
  const client = open();
  const fileId = await sendLong();
  const watching = client.watch(fileId);
  await watching.next();
  await client.files.remove(fileId);
  await assert.rejects(collect(watching), { code: 'file_not_found' });
});

/** A network between client and service that can be cut. */
async function startRelay(port: number) {
  const sockets = new Set<Socket>();
  let cuts = 0;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    return socket;
  };
  const server = createServer((near) => {
    const far = keep(connect(port, '127.0.0.1'));
    keep(near).pipe(far).pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    cuts += 1;
    for (const socket of sockets) socket.destroy();
  };
  const close = () => {
    cut();
    server.close();
  };
  const { port: own } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${own}`, cut, cuts: () => cuts, close };
}
