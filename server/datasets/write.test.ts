import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  aadhaarNumber,
  batchesOf,
  type SampleTable,
  temporaryFolder,
  writeDataset,
  writerOptions,
} from '../../test/helpers/dataset.ts';
import { packBatch } from '../core/packed-batch.ts';
import { createDatasets } from './query.ts';
import { createDatasetWriter } from './write.ts';

const people: SampleTable = {
  names: ['name', 'aadhar_number', 'salary'],
  rows: Array.from({ length: 5000 }, (_, i) => [`Person ${i}`, aadhaarNumber(i), String(i)]),
};

test('a finished dataset is complete, private to its owner, and stands alone in its folder', async (t) => {
  const folder = temporaryFolder(t);
  const ref = writeDataset(folder, people);
  const datasets = createDatasets({ threads: 1 });
  t.after(datasets.close);
  const { rows, rejects, columns } = await datasets.verify(ref);
  assert.deepEqual([rows, rejects, columns.map(({ sealed }) => sealed)], [5000, 0, [false, true, false]]);
  assert.equal(statSync(ref.path).mode & 0o777, 0o600);
  assert.equal(readdirSync(folder).length, 1);
});

test('no value and no name is in any byte on the disk, while a dataset is written and after', (t) => {
  const folder = temporaryFolder(t);
  const rows = Array.from({ length: 40_000 }, (_, i) => [`CANARY-NAME-${i}`, aadhaarNumber(i), `CANARY-SECRET-${i}`]);
  const table = { names: ['canary_column', 'aadhar', 'secret'], rows, seal: ['secret'] };
  const { fernetKey: _, ...options } = writerOptions(folder, table);
  const writer = createDatasetWriter(options);
  const look = () => {
    const bytes = Buffer.concat(readdirSync(folder).map((file) => readFileSync(join(folder, file))));
    for (const canary of ['CANARY', 'canary', 'XXXX-', 'gAAAA', ...rows.slice(0, 50).map((row) => row[1]!)]) {
      assert.equal(bytes.includes(canary), false, 'a canary is on the disk');
    }
    return bytes.length;
  };
  let looked = 0;
  for (const batch of batchesOf(table)) {
    writer.add(packBatch(batch));
    writer.reject({ row: 1, code: 'ragged_row', detail: 'too long', raw: 'CANARY-REJECT' });
    if (statSync(options.path).size > looked + 2_000_000) looked = look();
  }
  assert.ok(looked > 2_000_000, 'pages reached the disk while writing');
  writer.finish();
  assert.ok(look() > looked);
});

test('a dataset that was not finished cannot be read, and one given up leaves nothing', async (t) => {
  const folder = temporaryFolder(t);
  const { fernetKey: _, ...options } = writerOptions(folder, people);
  const writer = createDatasetWriter(options);
  const datasets = createDatasets({ threads: 1 });
  t.after(datasets.close);
  for (const batch of batchesOf(people)) writer.add(packBatch(batch));
  const copy = { path: join(folder, 'copy'), key: options.key };
  writeFileSync(copy.path, readFileSync(options.path));
  await assert.rejects(datasets.verify(copy), { code: 'data_corrupt' });
  writer.abort();
  assert.equal(existsSync(options.path), false);
});

test('giving up after the end keeps the finished dataset', (t) => {
  const { fernetKey: _, ...options } = writerOptions(temporaryFolder(t), people);
  const writer = createDatasetWriter(options);
  writer.finish();
  writer.abort();
  assert.ok(existsSync(options.path));
});

test('a file that is there already is not overwritten', (t) => {
  const folder = temporaryFolder(t);
  const { fernetKey: _, ...options } = writerOptions(folder, people);
  writeFileSync(options.path, 'precious');
  assert.throws(() => createDatasetWriter(options), { code: 'storage_failed' });
  assert.equal(readFileSync(options.path, 'utf8'), 'precious');
});

test('a key of another length is refused', (t) => {
  const { fernetKey: _, ...options } = writerOptions(temporaryFolder(t), people);
  assert.throws(() => createDatasetWriter({ ...options, key: randomBytes(16) }), { code: 'key_invalid' });
  assert.equal(existsSync(options.path), false);
});

test('a value that does not have its column type is refused without being told', (t) => {
  const { fernetKey: _, ...options } = writerOptions(temporaryFolder(t), people);
  const writer = createDatasetWriter(options);
  const batch = { length: 1, columns: [['a'], [null], ['CANARY']] };
  assert.throws(
    () => writer.add(packBatch(batch)),
    (error: Error) => /"salary".*row 1/.test(error.message) && !/CANARY/.test(error.message),
  );
  writer.abort();
});

test('1,500 columns with raw text, some of them sealed, are stored and read whole', async (t) => {
  const names = Array.from({ length: 1500 }, (_, c) => `column ${c}`);
  const rows = [1, 2].map((r) => names.map((_, c) => `${r}${c}.50`));
  const ref = writeDataset(temporaryFolder(t), {
    names,
    rows,
    raws: rows.map((row) => row.map((cell) => `raw ${cell}`)),
    seal: names.slice(700, 1300),
  });
  const datasets = createDatasets({ threads: 1 });
  t.after(datasets.close);
  const read = async (raw: boolean) =>
    (await datasets.page(ref, { offset: 0, limit: 10, level: 'plain', raw })).rows.map(({ cells }) => cells);
  assert.deepEqual(
    await read(true),
    rows.map((row) => row.map((cell) => `raw ${cell}`)),
  );
  assert.deepEqual(
    await read(false),
    rows.map((row) => row.map((cell, c) => (c >= 700 && c < 1300 ? cell : Number(cell)))),
  );
});
