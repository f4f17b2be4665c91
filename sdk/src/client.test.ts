import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createAccessTokens } from '../../server/accounts/tokens.ts';
import { collect } from '../../test/helpers/collect.ts';
import { type Service, startService } from '../../test/helpers/service.ts';
import { type Client, createClient, type FileContent, IntaktError, type Tokens } from './client.ts';
import { fileAt } from './node.ts';

const SECRET_KEY = 'g7Qm2xVt9Lr4Wc8Zp1Yn6Kd3Hs5Bf0Ja';
const PASSWORD = 'correct horse battery';
const folder = mkdtempSync(join(tmpdir(), 'intakt-sdk-'));
let service: Service;
let client: Client;

before(async () => {
  service = await startService({ SECRET_KEY, ACCESS_TOKEN_EXPIRE_MINUTES: '1' });
  client = createClient({ url: `${service.url}/` });
  await client.setUp(service.setupToken, { username: 'ada', email: 'ada@example.org', password: PASSWORD });
  await client.login('ada', PASSWORD);
});

after(async () => {
  await service.stop();
  rmSync(folder, { recursive: true });
});

/** A login of its own, so that a test's refreshing is not another's. */
async function newTokens(): Promise<Tokens> {
  const other = createClient({ url: service.url });
  await other.login('ada', PASSWORD);
  return other.tokens()!;
}

/** An access token of the same session that the service itself refuses as expired, while the client thinks it is good. */
async function expiredForServer({ access_token, refresh_token }: Tokens): Promise<Tokens> {
  const { sid, sub, ws } = JSON.parse(Buffer.from(access_token.split('.')[1]!, 'base64url').toString());
  const past = createAccessTokens([SECRET_KEY], 1, () => Date.now() - 3_600_000);
  const expired = await past.issue({ sessionId: sid, subject: sub, workspaceId: ws });
  return { access_token: expired, refresh_token, expires_at: Date.now() + 3_600_000 };
}

/** A client that notes the paths it asks for. */
function noting(options: Omit<Parameters<typeof createClient>[0], 'url' | 'fetch'>) {
  const paths: string[] = [];
  const fetch = (url: string, init: RequestInit) => {
    paths.push(new URL(url).pathname);
    return globalThis.fetch(url, init);
  };
  const refreshes = () => paths.filter((path) => path.endsWith('/auth/refresh')).length;
  return { client: createClient({ url: service.url, fetch, ...options }), paths, refreshes };
}

const isError = (code: string) => (error: unknown) => error instanceof IntaktError && error.code === code;

test('parallel calls with a token that has expired refresh once, and all succeed', async () => {
  const tokens = { ...(await newTokens()), expires_at: Date.now() };
  const kept: (Tokens | null)[] = [];
  const { client, paths, refreshes } = noting({ tokens, onTokens: (pair) => void kept.push(pair) });
  const names = await Promise.all(Array.from({ length: 8 }, async () => (await client.me()).username));
  assert.deepEqual(names, Array(8).fill('ada'));
  assert.equal(refreshes(), 1);
  assert.equal(paths.length, 9);
  assert.deepEqual(kept, [client.tokens()]);
  assert.notEqual(client.tokens()!.refresh_token, tokens.refresh_token);
});

test('parallel calls that the service refuses with token_expired refresh once and are repeated', async () => {
  const { client, paths, refreshes } = noting({ tokens: await expiredForServer(await newTokens()) });
  const names = await Promise.all(Array.from({ length: 8 }, async () => (await client.me()).username));
  assert.deepEqual(names, Array(8).fill('ada'));
  assert.equal(refreshes(), 1);
  assert.equal(paths.length, 17);
});

test('what another process has refreshed meanwhile is used, and nothing is refreshed', async () => {
  const good = await newTokens();
  const old = { ...good, access_token: 'old', refresh_token: 'spent', expires_at: 0 };
  const { client, refreshes } = noting({ tokens: old, readTokens: () => good });
  assert.equal((await client.me()).username, 'ada');
  assert.equal(refreshes(), 0);
});

test('a refresh token that another process spent first ends nothing: what it got is waited for and used', async () => {
  const shared = await newTokens();
  const other = createClient({ url: service.url, tokens: { ...shared, expires_at: 0 } });
  await other.me();
  const kept: (Tokens | null)[] = [];
  let asked = 0;
  const { client } = noting({
    tokens: { ...shared, expires_at: 0 },
    onTokens: (pair) => void kept.push(pair),
    readTokens: () => (++asked < 3 ? { ...shared, expires_at: 0 } : other.tokens()),
  });
  assert.equal((await client.me()).username, 'ada');
  assert.deepEqual([client.tokens(), kept, asked], [other.tokens(), [], 3]);
});

test('a login that another process has ended is not brought back', async () => {
  const old = { ...(await newTokens()), expires_at: 0 };
  const { client, paths } = noting({ tokens: old, readTokens: () => null });
  await assert.rejects(client.me(), isError('unauthorized'));
  assert.deepEqual(paths, []);
});

test('a refresh token that is not good ends the login and says so', async () => {
  const kept: (Tokens | null)[] = [];
  const tokens = { ...(await newTokens()), refresh_token: 'nonsense', expires_at: 0 };
  const { client } = noting({ tokens, onTokens: (pair) => void kept.push(pair) });
  await assert.rejects(client.me(), isError('refresh_token_invalid'));
  assert.deepEqual(kept, [null]);
  await assert.rejects(client.me(), isError('unauthorized'));
});

test('logging out ends the session at the service, its refresh token too, and forgets it here', async () => {
  const tokens = await newTokens();
  const kept: (Tokens | null)[] = [];
  const { client } = noting({ tokens, onTokens: (pair) => void kept.push(pair) });
  assert.equal(await client.logout(), true);
  assert.deepEqual([client.tokens(), kept], [null, [null]]);
  const thief = createClient({ url: service.url, tokens });
  await assert.rejects(thief.me(), isError('unauthorized'));
  const late = createClient({ url: service.url, tokens: { ...tokens, expires_at: 0 } });
  await assert.rejects(late.me(), isError('refresh_token_invalid'));
  assert.equal(await thief.logout(), true, 'what is over already is over');
});

test('where the service is away, logging out forgets the tokens and says that it could not be told', async () => {
  const nowhere = createClient({ url: 'http://127.0.0.1:1', tokens: await newTokens() });
  assert.equal(await nowhere.logout(), false);
  assert.equal(nowhere.tokens(), null);
});

test('what becomes of kinds is set and told, and a kind of one’s own is found', async () => {
  const { client: own } = noting({ tokens: await newTokens() });
  const taught = [{ id: 'badge', title: 'Badge', patterns: ['B-\\d{4}'] }];
  const set = await own.detection.set({ policy: { email: 'leave' }, taught });
  assert.deepEqual([set.effective.badge, set.effective.email, set.effective.pan], ['seal', 'leave', 'seal']);
  assert.deepEqual(await own.detection.get(), set);
  await own.detection.set(set);
  assert.deepEqual(await own.detection.get(), set, 'what was told can be sent again');
  await own.detection.set({ policy: {} });
  assert.deepEqual((await own.detection.get()).taught, []);
});

test('a stream that has been sent is not sent again; one that can be made anew is', async () => {
  const csv = 'name,city\nAda,London\n';
  const { client, paths, refreshes } = noting({ tokens: await expiredForServer(await newTokens()) });
  const once = { name: 'once.csv', content: new Blob([csv]).stream() };
  await assert.rejects(client.upload(once), isError('token_expired'));
  assert.deepEqual([paths.length, refreshes()], [1, 0]);
  const file = await client.upload({ name: 'again.csv', content: () => new Blob([csv]).stream() });
  assert.deepEqual([paths.length, refreshes()], [4, 1]);
  assert.equal(file.sha256, createHash('sha256').update(csv).digest('hex'));
});

test('a file is sent from the disk, followed to its end, and its rows come back in order, page after page', async () => {
  const path = join(folder, 'Größe "2" 数.csv');
  const names = Array.from({ length: 2500 }, (_, n) => `name ${n}`);
  const bytes = Buffer.from(`name,city\n${names.map((name, n) => `${name},city ${n % 7}`).join('\n')}\n`);
  writeFileSync(path, bytes);
  const sent: [number, number | null][] = [];
  const onProgress = (done: number, total: number | null) => void sent.push([done, total]);
  const { file_id, filename } = await client.upload(await fileAt(path), { seal: ['name'], onProgress });
  assert.equal(filename, 'Größe "2" 数.csv');
  assert.deepEqual(sent.at(-1), [bytes.length, bytes.length]);

  const updates = await collect(client.watch(file_id));
  assert.deepEqual([updates.at(-1)!.status, updates.at(-1)!.progress], ['ready', 100]);
  const file = await client.files.get(file_id, { limit: 1 });
  assert.ok('datasets' in file);
  const [dataset] = file.datasets;
  const pages = await collect(client.rows(dataset!.dataset_id));
  assert.deepEqual(
    pages.map(({ rows }) => rows.length),
    [1000, 1000, 500],
  );
  assert.deepEqual(
    pages.flatMap(({ row_numbers }) => row_numbers),
    names.map((_, n) => n + 1),
  );
  assert.ok(pages.every(({ rows }) => rows.every(({ name }) => String(name).startsWith('gAAAAA'))));

  const revealed = await client.reveal(dataset!.dataset_id, 'a test', { offset: 1200, limit: 2, columns: ['name'] });
  assert.deepEqual(revealed.rows, [{ name: 'name 1200' }, { name: 'name 1201' }]);
  const [entry] = (await client.audit({ action: 'dataset.reveal', limit: 1 })).items;
  assert.equal(entry!.detail.reason, 'a test');
  const where = [{ column: 'name', op: 'eq' as const, value: 'name 7' }];
  const found = await client.query(dataset!.dataset_id, { where, level: 'plain', reason: 'a test' });
  assert.deepEqual(found.rows, [{ name: 'name 7', city: 'city 0' }]);

  const whole = await client.download(file_id);
  assert.deepEqual([whole.filename, whole.size], [filename, bytes.length]);
  assert.equal(whole.sha256, createHash('sha256').update(bytes).digest('hex'));
  assert.deepEqual(Buffer.from(await new Response(whole.content).arrayBuffer()), bytes);
  const part = await client.download(file_id, { start: 5, end: 9 });
  assert.equal(await new Response(part.content).text(), 'city');
});

test('memory does not grow with the file that is sent', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const line = new TextEncoder().encode(`${'x'.repeat(99)}\n`.repeat(1000));
  const before = process.memoryUsage().arrayBuffers;
  let left = 640;
  let held = Number.POSITIVE_INFINITY;
  const content = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (left-- > 0) return controller.enqueue(line.slice());
      collectGarbage();
      held = process.memoryUsage().arrayBuffers - before;
      controller.close();
    },
  });
  const { file_id, size } = await client.upload({ name: 'large.csv', content });
  assert.equal(size, 64_000_000);
  assert.ok(held < size / 2, `${held} bytes are held after ${size} were sent`);
  await client.files.remove(file_id);
});

test('with wait the rows come at once, and with the same idempotency key the same file', async () => {
  const file = { name: 'people.csv', content: new Blob(['name,age\nAda,36\nAlan,41\n']) };
  const first = await client.upload(file, { wait: 30, idempotencyKey: 'key-1' });
  assert.ok('rows' in first);
  assert.deepEqual(first.rows, [
    { name: 'Ada', age: 36 },
    { name: 'Alan', age: 41 },
  ]);
  const second = await client.upload(file, { idempotencyKey: 'key-1' });
  assert.equal(second.file_id, first.file_id);
});

test('a removed file is gone, and the error says what to do in the words of the service', async () => {
  const { file_id } = await client.upload({ name: 'gone.csv', content: new Blob(['a\n1\n']) }, { wait: 30 });
  await client.files.remove(file_id);
  await assert.rejects(client.files.get(file_id), (error) => {
    assert.ok(error instanceof IntaktError);
    assert.deepEqual([error.code, error.status], ['file_not_found', 404]);
    assert.match(error.detail, /There is no file/);
    return true;
  });
});

test('an upload that is refused before it has been read to its end still says why', async () => {
  const content = new Blob([new Uint8Array(20_000_000)]);
  await assert.rejects(client.upload({ name: 'program.exe', content }), isError('unsupported_format'));
});

test('a service that does not answer is told of as unreachable, and what is no API as unexpected', async () => {
  const nowhere = createClient({ url: 'http://127.0.0.1:1', tokens: await newTokens() });
  await assert.rejects(nowhere.me(), isError('unreachable'));
  const elsewhere = createClient({ url: service.url, fetch: async () => new Response('<p>no</p>', { status: 502 }) });
  await assert.rejects(elsewhere.login('ada', PASSWORD), isError('unexpected_answer'));
});

test('an aborted call throws the reason it was aborted for', async () => {
  const reason = new Error('not wanted any more');
  await assert.rejects(client.files.list({}, AbortSignal.abort(reason)), (error) => error === reason);
});

test('all rows come as CSV, and a file that has not failed is not parsed again', async () => {
  const content = new Blob(['name,note\nAsha,=1+1\nRavi,\n']);
  const { file_id, dataset_id } = (await client.upload({ name: 'notes.csv', content }, { wait: 30 })) as FileContent;
  const csv = await new Response(await client.exportCsv(dataset_id!)).text();
  assert.equal(csv, "name,note\r\nAsha,'=1+1\r\nRavi,\r\n");
  assert.equal(
    await new Response(await client.exportCsv(dataset_id!, { formulas: 'keep', columns: ['note'] })).text(),
    'note\r\n=1+1\r\n""\r\n',
  );
  await assert.rejects(client.files.parseAgain(file_id), { code: 'file_not_failed' });
});
