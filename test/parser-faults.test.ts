import assert from 'node:assert/strict';
import { globSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { lookAtDisk } from '../bench/lib/crash/verify.ts';
import { inventedAadhaars } from './helpers/aadhaar.ts';
import { eventually, logIn, newPerson, type Person, untilOver } from './helpers/client.ts';
import { allowCoreFiles, canSeeProcesses, childrenOf, coreLimitOf, isRunning, signal } from './helpers/processes.ts';
import { type Service, startService } from './helpers/service.ts';

const skip = canSeeProcesses ? false : 'needs /proc to find parser processes';
const mayWriteCores = canSeeProcesses && allowCoreFiles();
const ROWS = 150_000;
const numbers = inventedAadhaars(1000);
/** Takes a parser long enough to be met in the middle. */
const large = `name,aadhaar\n${Array.from({ length: ROWS }, (_, n) => `Person ${n},${numbers[n % 1000]}`).join('\n')}\n`;
const small = `name,aadhaar\nA,${numbers[0]}\n`;

let service: Service;
let person: Person;

before(async () => {
  service = await startService({ PARSER_PROCESSES: '1' });
  person = await newPerson(service.url);
});
after(() => service.stop());

/** Uploads the large file and waits until it is being sealed. */
async function meetInTheMiddle(by = person, on = service): Promise<{ fileId: string; parser: number }> {
  const { body } = await by.upload('large.csv', large);
  const fileId: string = body.file_id;
  await untilSealing(by, fileId);
  return { fileId, parser: busiest(on) };
}

const untilSealing = (by: Person, fileId: string) =>
  eventually('it is sealing', async () => (await by.get(`/files/${fileId}/progress`)).body.phase === 'sealing');

/** With one parser at a time the only child that is not idle; an idle one is started only once that one is done. */
function busiest({ pid }: Service): number {
  const children = childrenOf(pid);
  assert.equal(children.length, 1, 'one parser runs');
  return children[0]!;
}

async function assertWorks(by = person): Promise<void> {
  assert.equal((await by.parsed('small.csv', small)).body.status, 'ready');
  assert.equal((await by.get('/')).body.status, 'ok');
}

async function assertWhole(by: Person, fileId: string): Promise<void> {
  const { body } = await untilOver(by, fileId);
  assert.deepEqual(
    [body.status, body.row_count, body.datasets?.length],
    ['ready', ROWS, 1],
    JSON.stringify(body.error),
  );
  const last = await by.get(`/files/${fileId}?offset=${ROWS - 1}`);
  assert.equal(last.body.rows[0].name, `Person ${ROWS - 1}`);
}

const stored = (): number => lookAtDisk(service.dataDir).blobs.length;
const nothingStaged = () => eventually('nothing is staged', () => lookAtDisk(service.dataDir).staged.length === 0);

test('a parser that is killed once costs a second try and nothing else', { skip }, async () => {
  const { fileId, parser } = await meetInTheMiddle();
  signal(parser, 'SIGKILL');
  await assertWhole(person, fileId);
  await assertWorks();
  await nothingStaged();
});

test('a file whose parser is killed at every try fails with the reason, and the next file is read', {
  skip,
}, async () => {
  const before = stored();
  const { body } = await person.upload('large.csv', large);
  const killer = setInterval(() => childrenOf(service.pid).forEach((pid) => void signal(pid, 'SIGKILL')), 100);
  const over = await untilOver(person, body.file_id).finally(() => clearInterval(killer));
  assert.deepEqual([over.body.status, over.body.error.code], ['failed', 'parser_died']);
  await assertWorks();
  await nothingStaged();
  assert.equal(stored(), before + 1 + 2, 'the original of the failed file, and the small file with its dataset');
});

test('an idle parser that is killed does not hold up the next file', { skip }, async () => {
  await assertWorks();
  await eventually('a parser is warm', () => childrenOf(service.pid).length > 0);
  for (const pid of childrenOf(service.pid)) signal(pid, 'SIGKILL');
  await assertWorks();
});

test('a parser that crashes writes no core file, even where core files are allowed', {
  skip: skip || (mayWriteCores ? false : 'needs prlimit to allow core files'),
}, async () => {
  const coresIn = (folder: string) => readdirSync(folder).filter((name) => /^(core|vgcore)(\.\d+)?$/.test(name));
  const places = [service.dataDir, join(import.meta.dirname, '..'), process.cwd()];
  const before = places.flatMap(coresIn);
  assert.equal(coreLimitOf(service.pid), 'unlimited');
  const { fileId, parser } = await meetInTheMiddle();
  assert.equal(coreLimitOf(parser), '0');
  signal(parser, 'SIGSEGV');
  await assertWhole(person, fileId);
  assert.deepEqual(places.flatMap(coresIn), before);
  assert.deepEqual(globSync(join(service.dataDir, '**', 'core*')), []);
});

test('a cancelled parse ends at once, stays failed and leaves only the original', { skip }, async () => {
  const before = stored();
  const { fileId, parser } = await meetInTheMiddle();
  const { body } = await person.post(`/files/${fileId}/cancel`);
  assert.deepEqual([body.status, body.error.code], ['failed', 'cancelled']);
  await eventually('its parser is gone', () => !isRunning(parser));
  await assertWorks();
  assert.equal((await person.get(`/files/${fileId}`)).body.status, 'failed');
  await nothingStaged();
  assert.equal(stored(), before + 1 + 2);
});

test('a file that is removed while it is parsed leaves nothing', { skip }, async () => {
  const before = stored();
  const { fileId, parser } = await meetInTheMiddle();
  assert.equal((await person.delete(`/files/${fileId}`)).status, 204);
  await eventually('its parser is gone', () => !isRunning(parser));
  assert.equal((await person.get(`/files/${fileId}`)).status, 404);
  await nothingStaged();
  assert.equal(stored(), before);
  await assertWorks();
});

test('a stop in the middle of a parse is in order, and the job goes on after the next start', { skip }, async () => {
  const first = await startService();
  const sender = await newPerson(first.url, 'sender');
  const { fileId, parser } = await meetInTheMiddle(sender, first);
  assert.equal(await first.stop(), 0);
  assert.equal(isRunning(parser), false);
  assert.deepEqual(lookAtDisk(first.dataDir).staged, []);
  const second = await startService({ DATA_DIR: first.dataDir });
  await assertWhole(await logIn(second.url, sender.username), fileId);
  await second.stop();
});

test('a parser that hangs is ended after its time, its file says so, and the next one is read', { skip }, async () => {
  const slow = await startService({ PARSER_TIMEOUT_SECONDS: '3', PARSER_PROCESSES: '1' });
  const sender = await newPerson(slow.url, 'sender');
  await sender.parsed('small.csv', small);
  const { body } = await sender.upload('large.csv', large);
  await eventually(
    'it is parsed',
    async () => (await sender.get(`/files/${body.file_id}/progress`)).body.phase !== 'queued',
  );
  const parsers = childrenOf(slow.pid);
  for (const pid of parsers) signal(pid, 'SIGSTOP');
  const over = await untilOver(sender, body.file_id);
  assert.deepEqual([over.body.status, over.body.error.code], ['failed', 'parse_timeout']);
  await assertWorks(sender);
  await eventually('the stopped ones are gone', () => !parsers.some(isRunning));
  await slow.stop();
});

test('a time for parsers that no timer takes is refused at the start, and the longest one ends no file at once', async (t) => {
  await assert.rejects(startService({ PARSER_TIMEOUT_SECONDS: '3000000' }), /PARSER_TIMEOUT_SECONDS must be/);
  const patient = await startService({ PARSER_TIMEOUT_SECONDS: '2000000' });
  t.after(() => patient.stop());
  const sender = await newPerson(patient.url, 'sender');
  assert.equal((await sender.parsed('small.csv', small)).body.status, 'ready');
});

test('a parser that takes too much memory is ended, its file says so, and the next one is read', { skip }, async () => {
  const tight = await startService({ PARSER_MEMORY_MB: '128', PARSER_PROCESSES: '1' });
  const sender = await newPerson(tight.url, 'sender');
  const header = Array.from({ length: 1500 }, (_, n) => `c${n}`).join(',');
  const rows = Array.from({ length: 4000 }, (_, n) => Array.from({ length: 1500 }, (_, c) => `v${n * c}`).join(','));
  const over = await sender.parsed('wide.csv', `${header}\n${rows.join('\n')}\n`);
  assert.deepEqual([over.body.status, over.body.error?.code], ['failed', 'parse_memory']);
  await assertWorks(sender);
  await tight.stop();
});

test('many rows of long cells, and many long rows that are not taken, wait on the disk and not in memory', async (t) => {
  const bounded = await startService({ PARSER_MEMORY_MB: '256' });
  t.after(() => bounded.stop());
  const sender = await newPerson(bounded.url, 'sender');
  const long = 'x'.repeat(10_000);
  const taken = `1,${long}\n`.repeat(13_000);
  const { body } = await sender.parsed('long.csv', `a,b\n${taken}${`1,2,${long}\n`.repeat(12_000)}`);
  assert.equal(body.status, 'ready', JSON.stringify(body.error));
  assert.deepEqual([body.row_count, body.datasets[0].reject_count], [13_000, 12_000]);
});
