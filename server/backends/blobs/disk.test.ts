import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { newId } from '../../core/ids.ts';
import type { Source } from '../../core/source.ts';
import type { Blobs } from './blobs.ts';
import { createDiskBlobs } from './disk.ts';

const folder = await mkdtemp(join(tmpdir(), 'blobs-'));
test.after(() => rm(folder, { recursive: true, force: true }));

const KEY = randomBytes(32);
const MiB = 1024 ** 2;
const lock = (id: string) => ({ key: KEY, associatedData: id });
const options = (id: string, maxBytes = Infinity) => ({ ...lock(id), maxBytes });

async function setUp(): Promise<{ root: string; blobs: Blobs }> {
  const root = join(await mkdtemp(join(folder, 'store-')), 'blobs');
  return { root, blobs: await createDiskBlobs(root) };
}

async function* chunksOf(data: Uint8Array, size = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size);
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function bytesOf(content: Source, start?: number, end?: number): Promise<Buffer> {
  return Buffer.concat(await collect(content.stream(start, end)));
}

const filesIn = (root: string): string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => name);

test('what was put comes back byte for byte, whole and by range, with its size and hash', async () => {
  const { blobs, root } = await setUp();
  for (const size of [0, 1, 70_000, MiB, 3 * MiB + 17]) {
    const [id, data] = [newId(), randomBytes(size)];
    const stored = await blobs.put(id, chunksOf(data), options(id));
    const sha256 = createHash('sha256').update(data).digest('hex');
    assert.deepEqual(stored, { size, sha256, storedBytes: (await stat(await blobs.localPath(id))).size });
    const content = await blobs.open(id, lock(id));
    assert.equal(content.size, size);
    assert.ok((await bytesOf(content)).equals(data));
    assert.ok((await bytesOf(content, size >> 1)).equals(data.subarray(size >> 1)));
    assert.ok((await bytesOf(content, 5, 60_000)).equals(data.subarray(5, 60_000)));
  }
  assert.equal(filesIn(root).length, 5);
});

test('no plain byte of a blob is on the disk', async () => {
  const { blobs, root } = await setUp();
  const id = newId();
  const canary = 'canary-7d1f';
  await blobs.put(id, chunksOf(Buffer.from(`name\n${canary}\n`)), options(id));
  assert.equal(readFileSync(await blobs.localPath(id)).includes(canary), false);
  assert.deepEqual(filesIn(root), [id]);
});

test('a source may use one buffer for all its chunks', async () => {
  const { blobs } = await setUp();
  const id = newId();
  await blobs.put(
    id,
    (async function* () {
      const buffer = Buffer.alloc(1);
      for (const byte of [1, 2, 3]) yield buffer.fill(byte);
    })(),
    options(id),
  );
  assert.deepEqual(await bytesOf(await blobs.open(id, lock(id))), Buffer.from([1, 2, 3]));
});

test('200 uploads that break off anywhere leave nothing behind and pass on their own error', async () => {
  const { blobs, root } = await setUp();
  const broken = async (length: number) => {
    const id = newId();
    const source = async function* () {
      yield* chunksOf(Buffer.alloc(length));
      throw new Error('the sender went away');
    };
    await assert.rejects(blobs.put(id, source(), options(id)), /the sender went away/);
  };
  await Promise.all(Array.from({ length: 200 }, (_, i) => broken(i * 16_000)));
  assert.deepEqual(filesIn(root), []);
});

test('an aborted put ends at once although its source is silent, and leaves nothing', async () => {
  const { blobs, root } = await setUp();
  const abort = new AbortController();
  const id = newId();
  const source = async function* () {
    yield Buffer.alloc(2 * MiB);
    setImmediate(() => abort.abort(new Error('shutting down')));
    await new Promise(() => {});
  };
  const put = blobs.put(id, source(), { ...options(id), signal: abort.signal });
  await assert.rejects(put, /shutting down/);
  assert.deepEqual(filesIn(root), []);
});

test('a put whose signal is aborted from the start stores nothing; one that is never aborted stores', async () => {
  const { blobs, root } = await setUp();
  const id = newId();
  const put = (signal: AbortSignal) => blobs.put(id, chunksOf(Buffer.from('x')), { ...options(id), signal });
  await assert.rejects(put(AbortSignal.abort(new Error('too late'))), /too late/);
  assert.deepEqual(filesIn(root), []);
  assert.equal((await put(new AbortController().signal)).size, 1);
});

test('an upload of just the largest size is taken; one byte more is refused and leaves nothing', async () => {
  const { blobs, root } = await setUp();
  const id = newId();
  assert.equal((await blobs.put(id, chunksOf(Buffer.alloc(MiB)), options(id, MiB))).size, MiB);
  await blobs.remove(id);
  const put = blobs.put(id, chunksOf(Buffer.alloc(MiB + 1)), options(id, MiB));
  await assert.rejects(put, { code: 'file_too_large', status: 413 });
  assert.deepEqual(filesIn(root), []);
});

test('a blob does not open with another key or for another file, nor when changed, cut off or missing', async () => {
  const { blobs } = await setUp();
  const id = newId();
  await blobs.put(id, chunksOf(randomBytes(2 * MiB)), options(id));
  const path = await blobs.localPath(id);
  const corrupt = { code: 'data_corrupt', message: new RegExp(id) };
  await assert.rejects(blobs.open(id, { key: randomBytes(32), associatedData: id }), corrupt);
  await assert.rejects(blobs.open(id, { key: KEY, associatedData: newId() }), corrupt);
  const stored = readFileSync(path);
  for (const length of [0, 30, MiB, MiB + 16, stored.length - 1]) {
    writeFileSync(path, stored.subarray(0, length));
    await assert.rejects(blobs.open(id, lock(id)), corrupt, `${length} bytes`);
  }
  stored[500_000]! ^= 1;
  writeFileSync(path, stored);
  await assert.rejects(bytesOf(await blobs.open(id, lock(id))), corrupt);
  await blobs.remove(id);
  await assert.rejects(blobs.open(id, lock(id)), corrupt);
});

test('a file that was adopted is there under its id and gone from staging', async () => {
  const { blobs, root } = await setUp();
  const id = newId();
  const path = blobs.stagingPath(id);
  assert.notEqual(blobs.stagingPath(id), path);
  writeFileSync(path, 'an encrypted dataset');
  await blobs.adopt(id, path);
  assert.equal(readFileSync(await blobs.localPath(id), 'utf8'), 'an encrypted dataset');
  assert.deepEqual(filesIn(root), [id]);
});

test('an upload on its way is never where others stage, and is swept when nothing came of it', async () => {
  const { blobs, root } = await setUp();
  const id = newId();
  async function* watched() {
    yield randomBytes(2 * MiB);
    assert.deepEqual(readdirSync(join(root, 'staging')), []);
    assert.equal(readdirSync(join(root, 'receiving')).length, 1);
  }
  await blobs.put(id, watched(), options(id));
  writeFileSync(join(root, 'receiving', 'left'), '');
  assert.equal(await blobs.sweepStaging(Number.POSITIVE_INFINITY), 1);
  assert.deepEqual(filesIn(root), [id]);
});

test('a link or a folder is not adopted, and what the link points to stays as it is', async () => {
  const { blobs, root } = await setUp();
  const [id, other] = [newId(), newId()];
  await blobs.put(other, chunksOf(Buffer.from('x')), options(other));
  const [link, directory] = [blobs.stagingPath(id), blobs.stagingPath(id)];
  symlinkSync(await blobs.localPath(other), link);
  await mkdir(directory);
  for (const path of [link, directory]) await assert.rejects(blobs.adopt(id, path), { code: 'storage_failed' });
  assert.deepEqual(await collect(blobs.list()), [other]);
  assert.equal(await blobs.sweepStaging(Number.POSITIVE_INFINITY), 2);
  assert.deepEqual(filesIn(root), [other]);
});

test('whoever reads while files are adopted under one id sees one of them whole', async () => {
  const { blobs } = await setUp();
  const id = newId();
  const path = await blobs.localPath(id);
  const adopt = async (byte: number) => {
    const staged = blobs.stagingPath(id);
    writeFileSync(staged, Buffer.alloc(100_000, byte));
    await blobs.adopt(id, staged);
  };
  await adopt(0);
  let done = false;
  const adoptions = (async () => {
    for (let i = 1; i <= 50; i++) await adopt(i);
    done = true;
  })();
  const seen = new Set<number>();
  while (!done) {
    const now = readFileSync(path);
    assert.ok(now.equals(Buffer.alloc(100_000, now[0])));
    seen.add(now[0]!);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await adoptions;
  assert.ok(seen.size > 1);
});

test('a failed adoption leaves the staged file where it was', async () => {
  const { blobs, root } = await setUp();
  const id = newId();
  const path = blobs.stagingPath(id);
  writeFileSync(path, 'x');
  await rm(join(root, id.slice(0, 2)), { recursive: true });
  writeFileSync(join(root, id.slice(0, 2)), 'a file in the way');
  await assert.rejects(blobs.adopt(id, path), { code: 'storage_failed' });
  assert.equal(readFileSync(path, 'utf8'), 'x');
  await assert.rejects(blobs.adopt(id, blobs.stagingPath(id)), { code: 'storage_failed' });
});

test('discarding a staged file takes what SQLite left beside it, and may be repeated', async () => {
  const { blobs, root } = await setUp();
  const path = blobs.stagingPath(newId());
  for (const suffix of ['', '-journal', '-wal']) writeFileSync(path + suffix, '');
  await blobs.discard(path);
  await blobs.discard(path);
  assert.deepEqual(filesIn(root), []);
});

test('the list holds every blob once, and a removed blob no more', async () => {
  const { blobs, root } = await setUp();
  const ids = Array.from({ length: 20 }, newId).sort();
  await Promise.all(ids.map((id) => blobs.put(id, chunksOf(Buffer.from(id)), options(id))));
  writeFileSync(join(root, 'a0', '.DS_Store'), '');
  await blobs.remove(ids[0]!);
  await blobs.remove(ids[0]!);
  assert.deepEqual((await collect(blobs.list())).sort(), ids.slice(1));
});

test('sweeping removes staged files that were not written since, and no others', async () => {
  const { blobs, root } = await setUp();
  const [old, young] = [blobs.stagingPath(newId()), blobs.stagingPath(newId())];
  for (const path of [old, young]) writeFileSync(path, '');
  await utimes(old, 1000, 1000);
  assert.equal(await blobs.sweepStaging(1_000_001), 1);
  assert.deepEqual(
    filesIn(root).map((name) => join(root, 'staging', name)),
    [young],
  );
});

test('a name that is no id never becomes a path', async () => {
  const { blobs } = await setUp();
  for (const name of ['../../etc/passwd', '', 'staging', 'A'.repeat(36)]) {
    await assert.rejects(blobs.put(name, chunksOf(Buffer.from('x')), options('x')), TypeError);
    await assert.rejects(blobs.remove(name), TypeError);
    await assert.rejects(blobs.localPath(name), TypeError);
  }
});

test('a store whose root cannot be made, or whose folders are gone, fails with storage_failed and leaves nothing', async () => {
  const file = join(await mkdtemp(join(folder, 'file-')), 'root');
  writeFileSync(file, '');
  await assert.rejects(createDiskBlobs(file), { code: 'storage_failed' });

  const { blobs, root } = await setUp();
  const id = newId();
  await rm(join(root, id.slice(0, 2)), { recursive: true });
  symlinkSync('/nowhere/at/all', join(root, id.slice(0, 2)));
  await assert.rejects(blobs.put(id, chunksOf(Buffer.from('x')), options(id)), { code: 'storage_failed' });
  assert.deepEqual(readdirSync(join(root, 'receiving')), []);
  await rm(join(root, 'receiving'), { recursive: true });
  await assert.rejects(blobs.put(newId(), chunksOf(Buffer.from('x')), options(id)), { code: 'storage_failed' });
});

test('opening a store again keeps its blobs and makes folders that went missing', async () => {
  const { blobs, root } = await setUp();
  const id = newId();
  await blobs.put(id, chunksOf(Buffer.from('kept')), options(id));
  await rm(join(root, 'staging'), { recursive: true });
  await mkdir(join(root, 'lost+found'));
  const again = await createDiskBlobs(root);
  assert.equal((await bytesOf(await again.open(id, lock(id)))).toString(), 'kept');
  const other = newId();
  assert.equal((await again.put(other, chunksOf(Buffer.from('x')), options(other))).size, 1);
});
