import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createEncryptor } from './encrypt-stream.ts';
import { openStoredFile } from './stored-file.ts';

const folder = await mkdtemp(join(tmpdir(), 'stored-file-'));
test.after(() => rm(folder, { recursive: true, force: true }));

const KEY = randomBytes(32);

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

function store(name: string, data: Uint8Array): string {
  const encryptor = createEncryptor({ key: KEY, associatedData: name });
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat([...encryptor.update(data), ...encryptor.final()]));
  return path;
}

test('a stored file streams from any place, several streams at a time', async () => {
  const data = randomBytes(2_500_000);
  const file = openStoredFile(store('several', data), KEY, 'several');
  assert.equal(file.size, data.length);
  const [whole, tail] = await Promise.all([collect(file.stream()), collect(file.stream(2_400_000))]);
  assert.ok(Buffer.concat(whole).equals(data));
  assert.ok(Buffer.concat(tail).equals(data.subarray(2_400_000)));
});

test('chunks stay as they are while further ones are read', async () => {
  const data = randomBytes(4_000_000);
  const chunks = await collect(openStoredFile(store('kept', data), KEY, 'kept').stream());
  assert.ok(chunks.length > 3);
  assert.ok(Buffer.concat(chunks).equals(data));
});

test('a missing file, a file too short to be one, and one cut off while open are data_corrupt', async () => {
  const corrupt = { code: 'data_corrupt' };
  assert.throws(() => openStoredFile(join(folder, 'missing'), KEY, ''), {
    ...corrupt,
    message: /Blob missing is missing/,
  });
  const path = store('short', randomBytes(2_500_000));
  const file = openStoredFile(path, KEY, 'short');
  truncateSync(path, 1_500_000);
  await assert.rejects(collect(file.stream()), corrupt);
  truncateSync(path, 20);
  assert.throws(() => openStoredFile(path, KEY, 'short'), corrupt);
});

test('the message about a file that cannot be read names its id and not its path', () => {
  const path = join(store('folder-in-the-way', Buffer.from('x')), 'blob-id');
  assert.throws(
    () => openStoredFile(path, KEY, ''),
    (error: Error & { code: string }) =>
      error.code === 'storage_failed' && /blob-id/.test(error.message) && !error.message.includes(folder),
  );
});

test('no file stays open after a stream has ended, was left early or failed', {
  skip: process.platform !== 'linux',
}, async () => {
  const path = store('closed', randomBytes(3_000_000));
  const before = readdirSync('/proc/self/fd').length;
  const file = openStoredFile(path, KEY, 'closed');
  for await (const _ of file.stream());
  for await (const _ of file.stream()) break;
  await assert.rejects(collect(openStoredFile(path, randomBytes(32), 'closed').stream()));
  assert.equal(readdirSync('/proc/self/fd').length, before);
});
