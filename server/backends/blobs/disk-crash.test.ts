import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { createDiskBlobs } from './disk.ts';

const folder = await mkdtemp(join(tmpdir(), 'blobs-crash-'));
test.after(() => rm(folder, { recursive: true, force: true }));

const KEY = Buffer.alloc(32, 1);

/** A program that puts blobs of `size` bytes, `count` of them, and says each id once it is stored, or the problem. */
const program = (root: string, size: number, count: number) => `
  import { randomUUID } from 'node:crypto';
  import { writeSync } from 'node:fs';
  import { createDiskBlobs } from ${JSON.stringify(new URL('disk.ts', import.meta.url).href)};
  const blobs = await createDiskBlobs(${JSON.stringify(root)});
  const key = Buffer.alloc(32, 1);
  for (let i = 0; i < ${count}; i++) {
    const id = randomUUID();
    const source = async function* () { for (let n = 0; n < ${size}; n += 65536) yield Buffer.alloc(Math.min(65536, ${size} - n)); };
    const stored = blobs.put(id, source(), { maxBytes: Infinity, key, associatedData: id });
    const said = await stored.then(() => id, ({ code, message }) => code + ' ' + message);
    writeSync(1, said + '\\n');
  }
`;

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

test('a process killed at any moment has stored whole what it acknowledged, and shows nothing half', async () => {
  const root = join(folder, 'killed');
  const acknowledged: string[] = [];
  for (let round = 0; round < 12; round++) {
    const code = program(root, round % 2 ? 2_500_000 : 100, 1e9);
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    let left = 1 + 2 * round;
    for await (const line of createInterface({ input: child.stdout! })) {
      acknowledged.push(line);
      if (--left === 0) setTimeout(() => child.kill('SIGKILL'), round / 2);
    }
    await exited;
  }
  const blobs = await createDiskBlobs(root);
  const listed = await collect(blobs.list());
  for (const id of acknowledged) assert.ok(listed.includes(id), `${id} is lost`);
  for (const id of listed) {
    let size = 0;
    const content = await blobs.open(id, { key: KEY, associatedData: id });
    for await (const chunk of content.stream()) size += chunk.length;
    assert.ok(size === 100 || size === 2_500_000);
  }
  await blobs.sweepStaging(Date.now() + 1000);
  assert.deepEqual(await readdir(join(root, 'receiving')), []);
});

const mayMount = spawnSync('unshare', ['-rm', 'true']).status === 0;

test('a full disk is storage_failed, says so, and leaves its room free', {
  skip: !mayMount && 'no right to mount',
}, () => {
  const root = join(folder, 'full');
  // Room for one blob of 3 MB, not for two at a time.
  const script =
    'mkdir "$1" && mount -t tmpfs -o size=5m none "$1" && "$2" --input-type=module -e "$3" && find "$1" -type f | wc -l';
  const code = program(join(root, 'blobs'), 3_000_000, 3);
  const { stdout, stderr } = spawnSync('unshare', ['-rm', 'sh', '-c', script, 'sh', root, process.execPath, code], {
    encoding: 'utf8',
  });
  const [first, second, third, files] = stdout.trim().split('\n');
  assert.match(first ?? '', /^[0-9a-f-]{36}$/, stderr);
  assert.match(second!, /^storage_failed .*ENOSPC.*full/);
  assert.match(third!, /^storage_failed .*ENOSPC/);
  assert.equal(files?.trim(), '1');
});
