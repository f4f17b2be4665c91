import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { lookAtDisk } from '../bench/lib/crash/verify.ts';
import { diskFaults, killPoints } from '../bench/lib/faults/points.ts';
import { runFaults } from '../bench/lib/faults/run.ts';
import { canInject } from '../bench/lib/faults/strace.ts';
import { inventedAadhaars } from './helpers/aadhaar.ts';
import { eventually, newPerson } from './helpers/client.ts';
import { canSeeProcesses } from './helpers/processes.ts';
import { RAW_FORM, rawForm } from './helpers/raw-http.ts';
import { startService } from './helpers/service.ts';

const MiB = 1024 ** 2;
const DISK_MIB = 24;

/** A disk of its own, or `null` where this user may not mount one. */
function mountSmallDisk(): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'intakt-disk-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m`, 'tmpfs', folder]);
  if (status === 0) return folder;
  rmSync(folder, { recursive: true });
  return null;
}

/** A service on such a disk, and somebody there, for one test; `null` as above. */
async function onSmallDisk(t: TestContext) {
  const disk = mountSmallDisk();
  if (!disk) return null;
  t.after(() => void spawnSync('umount', ['-l', disk]));
  const service = await startService({ DATA_DIR: disk });
  t.after(() => service.stop());
  return { disk, service, person: await newPerson(service.url) };
}

/** Takes all the space that is left; gives the file to remove. */
function fill(disk: string): string {
  const filler = join(disk, 'filler');
  const { status } = spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4096', `count=${DISK_MIB * 256}`]);
  assert.notEqual(status, 0, 'the disk is full');
  return filler;
}

const numbers = inventedAadhaars(2000);
const csv = (rows: number) =>
  `name,aadhaar\n${Array.from({ length: rows }, (_, n) => `Person ${n},${numbers[n % 2000]}`).join('\n')}\n`;

test('a full disk refuses uploads with 503 and a reason, keeps what was there, and takes them again when there is space', async (t) => {
  const there = await onSmallDisk(t);
  if (!there) return t.skip('needs the right to mount');
  const { disk, service, person } = there;
  const kept = await person.parsed('kept.csv', csv(100));
  const readKept = async () => (await person.get(`/files/${kept.body.file_id}?offset=99`)).body.rows[0].name;

  const tooLarge = await person.upload('large.csv', new Uint8Array(2 * DISK_MIB * MiB).fill(65));
  assert.deepEqual([tooLarge.status, tooLarge.body.code], [503, 'storage_failed']);
  assert.deepEqual(lookAtDisk(disk).staged, []);

  const swollen = await person.parsed('swollen.csv', csv(170_000));
  assert.deepEqual([swollen.body.status, swollen.body.error?.code], ['failed', 'storage_failed']);
  assert.equal((await fetch(`${service.url}/files/${swollen.body.file_id}/download`, person)).status, 200);
  assert.deepEqual(lookAtDisk(disk).staged, []);

  const filler = fill(disk);
  for (let n = 0; n < 3; n++) {
    const { status, body } = await person.upload('small.csv', csv(10));
    assert.deepEqual([status, body.code], [503, 'storage_failed'], JSON.stringify(body));
  }
  assert.equal(await readKept(), 'Person 99');
  rmSync(filler);
  assert.equal((await person.parsed('small.csv', csv(10))).body.status, 'ready');
  assert.equal(await readKept(), 'Person 99');
  const { total } = (await person.get('/files')).body;
  assert.equal(total, 3, 'what was refused is not there');
  assert.equal(lookAtDisk(disk).blobs.length, 3 + 2, 'three originals, two datasets');
});

test('a removal on a disk that is all but full is done as a whole or not at all', async (t) => {
  const there = await onSmallDisk(t);
  if (!there) return t.skip('needs the right to mount');
  const { disk, person } = there;
  // In one of these cases the removal can be written down, and the log of the database not be emptied after it.
  for (let pages = 0; pages < 40; pages++) {
    const { body } = await person.parsed('a.csv', csv(10));
    const before: number = lookAtDisk(disk).blobs.length;
    const filler = fill(disk);
    truncateSync(filler, Math.max(0, statSync(filler).size - pages * 4096));
    const { status } = await person.delete(`/files/${body.file_id}`);
    rmSync(filler);
    const gone = (await person.get(`/files/${body.file_id}/progress`)).status === 404;
    const told: unknown[] = [gone, lookAtDisk(disk).blobs.length];
    assert.deepEqual(told, [status === 204, before - (gone ? 2 : 0)], `${pages} pages`);
    if (!gone) await person.delete(`/files/${body.file_id}`);
  }
});

test('an Idempotency-Key that could not be given back because the disk was full is free when there is space', async (t) => {
  const there = await onSmallDisk(t);
  if (!there) return t.skip('needs the right to mount');
  const { disk, service, person } = there;
  const content = csv(1000);
  const form = rawForm([{ disposition: 'form-data; name="file"; filename="a.csv"', data: content }]);
  const withKey = { headers: { 'idempotency-key': 'once' } };
  const headers = { ...person.headers, ...withKey.headers, 'content-type': RAW_FORM };
  const sent = request(`${service.url}/files`, { method: 'POST', headers });
  const answered = once(sent, 'response');
  sent.write(form.subarray(0, 10_000));
  await eventually('it arrives', () => lookAtDisk(disk).staged.length > 0);
  const filler = fill(disk);
  sent.end(form.subarray(10_000));
  const [{ statusCode }] = await answered;
  assert.equal(statusCode, 503);
  rmSync(filler);
  const again = await person.upload('a.csv', content, withKey);
  assert.equal(again.status, 202, again.text);
});

const skip = canSeeProcesses && canInject() ? false : 'needs strace';

test('a disk whose every write, sync, rename or read fails leads to no promise that is not kept', {
  skip,
}, async (t) => {
  const { problems, points, hit } = await runFaults(diskFaults(0), 1, (line) => t.diagnostic(line));
  assert.deepEqual(problems, []);
  assert.ok(hit > points / 2, `the fault happened at ${hit} of ${points} points`);
});

test('a service killed at its first write, sync, rename or removal keeps every promise', { skip }, async (t) => {
  const { problems, restarts } = await runFaults(killPoints(1), 1, (line) => t.diagnostic(line));
  assert.deepEqual(problems, []);
  assert.ok(restarts > 0, 'the service was killed');
});
