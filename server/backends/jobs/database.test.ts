import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Database } from '../db/db.ts';
import { openSqliteDatabase } from '../db/sqlite.ts';
import { createDatabaseJobs, newWorkerName } from './database.ts';

const folder = mkdtempSync(join(tmpdir(), 'intakt-jobs-'));
after(() => rmSync(folder, { recursive: true }));
let databases = 0;
let now = 1000;
const LONG = 60_000;

/** A queue with one waiting job, at a clock that stands still. */
async function queueOfOne() {
  const db = await openSqliteDatabase(join(folder, `${++databases}.db`), Buffer.alloc(32, 7));
  after(() => db.close());
  await addFile(db);
  const jobs = createDatabaseJobs(db, () => now);
  await db.transaction((tx) => jobs.add(tx, 'w', 'f'));
  return { db, jobs };
}

async function addFile({ query }: Database): Promise<void> {
  const key = Buffer.from('k');
  const file = {
    filename: 'f.csv',
    filename_key: 'f.csv',
    file_type: 'csv',
    media_type: '',
    size: 1,
    sha256: '',
    options: '{}',
  };
  const state = { status: 'processing', phase: 'queued', progress: 0, error_code: null, error_detail: null };
  const times = { row_count: null, created_at: 1, started_at: null, finished_at: null };
  await query
    .insertInto('workspaces')
    .values({ id: 'w', name: 'w', wrapped_key: key, wrapped_fernet_keys: '[]', created_at: 1 })
    .execute();
  await query
    .insertInto('files')
    .values({ id: 'f', workspace_id: 'w', owner_id: 'u', wrapped_key: key, ...file, ...state, ...times })
    .execute();
}

test('a job is claimed by one worker, and put back only when that worker is gone', async () => {
  const { jobs } = await queueOfOne();
  const living = newWorkerName();
  assert.equal((await jobs.claim(living))?.fileId, 'f');
  assert.equal(await jobs.claim(newWorkerName()), null);
  assert.equal(await jobs.recover(), 0);
  now += LONG;
  assert.equal(await jobs.recover(), 1);
});

test('the job of a process that has ended is put back at once', async () => {
  const { jobs } = await queueOfOne();
  const { pid } = spawnSync(process.execPath, ['--version']);
  await jobs.claim(`${hostname()} ${pid} x`);
  assert.equal(await jobs.recover(), 1);
});

test('the job of an earlier process with the same host name and id, as in a restarted container, is put back at once', async () => {
  const { jobs } = await queueOfOne();
  await jobs.claim(`${hostname()} ${process.pid} earlier`);
  assert.equal(await jobs.recover(), 1);
});

test('the job of another machine is put back only when its claim has run out', async () => {
  const { jobs } = await queueOfOne();
  await jobs.claim('elsewhere 1 x');
  assert.equal(await jobs.recover(), 0);
  now += LONG;
  assert.equal(await jobs.recover(), 1);
});

test('an earlier claim of the same worker can neither renew nor end what was claimed again', async () => {
  const { db, jobs } = await queueOfOne();
  const worker = newWorkerName();
  const first = (await jobs.claim(worker))!;
  now += LONG;
  await jobs.recover();
  const second = (await jobs.claim(worker))!;
  assert.equal(await jobs.renew(first, worker), false);
  assert.equal(await db.transaction((tx) => jobs.end(tx, first, worker, 'done')), false);
  await jobs.release(first, worker);
  assert.equal(await jobs.renew(second, worker), true);
  assert.equal(await db.transaction((tx) => jobs.end(tx, second, worker, 'done')), true);
});
