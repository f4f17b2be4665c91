import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import {
  aadhaarNumber,
  batchesOf,
  type SampleTable,
  temporaryFolder,
  writeDataset,
  writerOptions,
} from '../../test/helpers/dataset.ts';
import type { Cell } from '../core/batch.ts';
import { type Condition, createDatasets, type DatasetRef, type Datasets, type Query } from './query.ts';
import { createDatasetWriter } from './write.ts';

let datasets: Datasets;
before(() => {
  datasets = createDatasets({ threads: 2, maxOpen: 4 });
});
after(() => datasets.close());

const names = ['name', 'aadhar_number', 'age', 'balance', 'joined', 'seen', 'active', 'note'];
const people: SampleTable = {
  names,
  rows: [
    ['Asha', aadhaarNumber(1), '30', '12.50', '31/01/2024', '2024-01-31T10:00:00+05:30', 'TRUE', null],
    ['Bela', aadhaarNumber(2), '4', '100', '01/02/2023', '2024-01-31T05:00:00Z', 'false', ''],
    ['Chand', aadhaarNumber(3), null, '-3.5', '15/02/2023', '2024-01-31T04:29:59.5Z', 'true', 'a % of _ \\ x'],
    ['asha', null, '200', null, null, null, null, 'Ünï\u0000code'],
    [
      'Dev',
      `${aadhaarNumber(1).slice(0, 4)} ${aadhaarNumber(1).slice(4, 8)} ${aadhaarNumber(1).slice(8)}`,
      '30',
      '9',
      '16/02/2023',
      '2024-02-01T00:00:00Z',
      'true',
      'last',
    ],
  ],
};

const everything = { level: 'token', raw: false, offset: 0, limit: 100 } as const;

async function numbers(ref: DatasetRef, where: Condition[], rest: Partial<Query> = {}): Promise<number[]> {
  const { rows, total } = await datasets.query(ref, { ...everything, where, ...rest });
  if (!rest.limit && !rest.offset) assert.equal(total, rows.length);
  return rows.map(({ n }) => n);
}

test('a page gives typed values, and sealed ones as token, mask or plain', async (t) => {
  const ref = writeDataset(temporaryFolder(t), people);
  const page = await datasets.page(ref, { ...everything, level: 'plain', limit: 2 });
  assert.deepEqual(page.columns, names);
  assert.equal(page.total, 5);
  assert.deepEqual(page.rows[0], {
    n: 1,
    cells: ['Asha', aadhaarNumber(1), 30, 12.5, '2024-01-31', '2024-01-31T04:30:00Z', true, null],
  });
  assert.deepEqual(page.rows[1]!.cells.slice(2), [4, 100, '2023-02-01', '2024-01-31T05:00:00Z', false, '']);
  const sealed = async (level: 'token' | 'mask') =>
    (await datasets.page(ref, { ...everything, level, columns: ['aadhar_number'] })).rows;
  assert.match(String((await sealed('token'))[0]!.cells[0]), /^gAAAAA[\w-]+={0,2}$/);
  assert.equal((await sealed('mask'))[0]!.cells[0], `XXXX-XXXX-${aadhaarNumber(1).slice(-4)}`);
  assert.equal((await sealed('token'))[3]!.cells[0], null);
});

test('raw cells are the text of the file', async (t) => {
  const ref = writeDataset(temporaryFolder(t), people);
  const { rows } = await datasets.page(ref, { ...everything, level: 'plain', raw: true });
  assert.deepEqual(
    rows.map(({ cells }) => cells),
    people.rows,
  );
});

test('columns come in the order asked for, and an unknown one is refused', async (t) => {
  const ref = writeDataset(temporaryFolder(t), people);
  const page = await datasets.page(ref, { ...everything, columns: ['age', 'name', 'age'], offset: 4 });
  assert.deepEqual(page, { columns: ['age', 'name', 'age'], rows: [{ n: 5, cells: [30, 'Dev', 30] }], total: 5 });
  for (const column of ['c0', 'rows.n', 'name"; drop table rows; --', '__proto__']) {
    await assert.rejects(datasets.page(ref, { ...everything, columns: [column] }), { code: 'column_unknown' });
    await assert.rejects(numbers(ref, [{ column, op: 'eq', value: 1 }]), { code: 'column_unknown' });
  }
});

test('conditions compare numbers as numbers, dates as days and timestamps as moments', async (t) => {
  const ref = writeDataset(temporaryFolder(t), people);
  const met = (column: string, op: Condition['op'], value?: string | number | boolean) =>
    numbers(ref, [{ column, op, ...(value !== undefined && { value }) }]);
  assert.deepEqual(await met('age', 'gt', 5), [1, 4, 5]);
  assert.deepEqual(await met('age', 'lte', '30'), [1, 2, 5]);
  assert.deepEqual(await met('age', 'ne', 30), [2, 3, 4]);
  assert.deepEqual(await met('balance', 'lt', 12.5), [3, 5]);
  assert.deepEqual(await met('balance', 'eq', '12.500'), [1]);
  assert.deepEqual(await met('joined', 'gte', '2023-02-16'), [1, 5]);
  assert.deepEqual(await met('joined', 'eq', '16/02/2023'), [5]);
  assert.deepEqual(await met('seen', 'eq', '2024-01-31T04:30:00Z'), [1]);
  assert.deepEqual(await met('seen', 'lt', '2024-01-31T10:00:00.000+05:30'), [3]);
  assert.deepEqual(await met('seen', 'gte', '2024-02-01'), [5]);
  assert.deepEqual(await met('active', 'eq', true), [1, 3, 5]);
  assert.deepEqual(await met('note', 'is_empty'), [1, 2]);
  assert.deepEqual(await met('age', 'not_empty'), [1, 2, 4, 5]);
});

const written: SampleTable = {
  names: ['price', 'rate', 'size', 'start', 'took', 'host', 'key', 'precise', 'seen'],
  rows: [
    [
      '1.234,50 €',
      '5 %',
      '1,234.5',
      '9:30 PM',
      '26:30:15',
      '10.0.0.2',
      '6F9619FF-8B86-D011-B42D-00CF4FC964FF',
      '0.1234567890123456789',
      '31/01/2024 9:00 PM',
    ],
    [
      '€ 7',
      '12.5%',
      '7',
      '08:00:00',
      'PT90S',
      '192.168.0.1',
      '0f9619ff-8b86-d011-b42d-00cf4fc964ff',
      '-3.50',
      '01/02/2023 10:00',
    ],
    ['-€0,50', '-1 %', '-20', '23:59', 'PT26H30M16S', '9.0.0.1', '', '12345678901234567890.5', null],
  ],
};

test('values written with units, marks and signs compare as what they stand for, and stand as the file has them in raw', async (t) => {
  const ref = writeDataset(temporaryFolder(t), written);
  const { rows } = await datasets.page(ref, everything);
  assert.deepEqual(rows[0]!.cells, [
    ...[1234.5, 5, 1234.5, '21:30:00', 'PT26H30M15S', '10.0.0.2', '6f9619ff-8b86-d011-b42d-00cf4fc964ff'],
    ...['0.1234567890123456789', '2024-01-31T21:00:00'],
  ]);
  const raw = await datasets.page(ref, { ...everything, raw: true });
  assert.deepEqual(
    raw.rows.map(({ cells }) => cells),
    written.rows,
  );
  const met = (column: string, op: Condition['op'], value: string | number) => numbers(ref, [{ column, op, value }]);
  assert.deepEqual(await met('price', 'eq', '1.234,50 €'), [1]);
  assert.deepEqual(await met('price', 'lt', 7.5), [2, 3]);
  assert.deepEqual(await met('price', 'gte', '7'), [1, 2]);
  assert.deepEqual(await met('rate', 'gt', '5%'), [2]);
  assert.deepEqual(await met('size', 'eq', 1234.5), [1]);
  assert.deepEqual(await met('start', 'lt', '21:30'), [2]);
  assert.deepEqual(await met('took', 'lt', '26:30:16'), [1, 2]);
  assert.deepEqual(await met('host', 'lt', '10.0.0.3'), [1, 3]);
  assert.deepEqual(await met('key', 'eq', '6f9619ff-8b86-d011-b42d-00cf4fc964ff'), [1]);
  assert.deepEqual(await met('precise', 'gt', '0.1234567890123456788'), [1, 3]);
  assert.deepEqual(await met('precise', 'eq', -3.5), [2]);
  assert.deepEqual(await met('seen', 'gte', '2024-01-31T21:00:00'), [1]);
  assert.deepEqual(await met('seen', 'lt', '2024-01-01'), [2]);
  await assert.rejects(met('price', 'eq', 'seven'), { code: 'invalid_request' });
  await assert.rejects(met('host', 'contains', '10.'), { code: 'invalid_request' });
  const sorted = async (column: string) => numbers(ref, [], { sort: [{ column }] });
  for (const [column, order] of [
    ['price', [3, 2, 1]],
    ['start', [2, 1, 3]],
    ['took', [2, 1, 3]],
    ['host', [3, 1, 2]],
    ['precise', [2, 1, 3]],
  ] as const) {
    assert.deepEqual(await sorted(column), order, column);
  }
});

test('of a sealed text the mask shows all but the identifiers in it, and the value is found and revealed whole', async (t) => {
  const note = 'call me, my card is 4111-1111-1111-1111';
  const rows = [[note], ['nothing here'], [null], ['']];
  const ref = writeDataset(temporaryFolder(t), { names: ['note'], rows });
  const cells = async (level: 'mask' | 'plain') =>
    (await datasets.page(ref, { ...everything, level })).rows.map(({ cells }) => cells[0]);
  assert.deepEqual(await cells('mask'), ['call me, my card is XXXX XXXX XXXX 1111', 'nothing here', null, '']);
  assert.deepEqual(await cells('plain'), [note, 'nothing here', null, '']);
  assert.deepEqual(await numbers(ref, [{ column: 'note', op: 'eq', value: note }]), [1]);
});

test('what a policy masks for good is nowhere in the dataset, and the rest of a text stays as it is', async (t) => {
  const detection = { policy: { payment_card: 'mask', email: 'mask' }, taught: [] } as const;
  const names = ['card', 'note', 'both'];
  const rows = [['4111 1111 1111 1111', 'pay 4111 1111 1111 1111 now', 'asha@example.org has ABCPE1234F']];
  const raws = rows.map(() => ['4111111111111111', null, null]);
  const ref = writeDataset(temporaryFolder(t), { names, rows, raws, detection });
  const { rows: plain } = await datasets.page(ref, { ...everything, level: 'plain', raw: true });
  assert.deepEqual(plain[0]!.cells, [
    'XXXX XXXX XXXX 1111',
    'pay XXXX XXXX XXXX 1111 now',
    'aXXXX@example.org has ABCPE1234F',
  ]);
  const { rows: masked } = await datasets.page(ref, { ...everything, level: 'mask' });
  assert.equal(masked[0]!.cells[2], 'aXXXX@example.org has XXXXXXX34X');
  assert.deepEqual(await numbers(ref, [{ column: 'note', op: 'contains', value: 'now' }]), [1]);
});

test('text is found by its parts, ASCII letters without regard to case, and nothing in it is a pattern', async (t) => {
  const ref = writeDataset(temporaryFolder(t), people);
  assert.deepEqual(await numbers(ref, [{ column: 'name', op: 'contains', value: 'SH' }]), [1, 4]);
  assert.deepEqual(await numbers(ref, [{ column: 'name', op: 'starts_with', value: 'a' }]), [1, 4]);
  assert.deepEqual(await numbers(ref, [{ column: 'name', op: 'eq', value: 'asha' }]), [4]);
  for (const value of ['%', '_', '\\', ' of _ \\']) {
    assert.deepEqual(await numbers(ref, [{ column: 'note', op: 'contains', value }]), [3]);
  }
  assert.deepEqual(await numbers(ref, [{ column: 'note', op: 'contains', value: '\u0000CODE' }]), [4]);
  assert.deepEqual(await numbers(ref, [{ column: 'joined', op: 'starts_with', value: '2023-02' }]), [2, 3, 5]);
  assert.deepEqual(await numbers(ref, [{ column: 'seen', op: 'starts_with', value: '2024-01-31T05:00:00Z' }]), [2]);
  assert.deepEqual(await numbers(ref, [{ column: 'seen', op: 'contains', value: ':00z' }]), [1, 2, 5]);
});

test('a sealed column is found by its value in any spelling, whatever the level', async (t) => {
  const ref = writeDataset(temporaryFolder(t), people);
  const where = [{ column: 'aadhar_number', op: 'eq', value: aadhaarNumber(1) }] as const;
  for (const level of ['token', 'mask', 'plain'] as const)
    assert.deepEqual(await numbers(ref, [...where], { level }), [1, 5]);
  assert.deepEqual(await numbers(ref, [...where], { offset: 1 }), [5]);
  assert.deepEqual(await numbers(ref, [...where, { column: 'name', op: 'eq', value: 'Dev' }]), [5]);
  assert.deepEqual(await numbers(ref, [...where], { sort: [{ column: 'name', descending: true }] }), [5, 1]);
  assert.deepEqual(await numbers(ref, [{ column: 'aadhar_number', op: 'eq', value: aadhaarNumber(77) }]), []);
  assert.deepEqual(await numbers(ref, [{ column: 'aadhar_number', op: 'is_empty' }]), [4]);
});

test('a search of a sealed column finds what was sealed and no other, though many share an index', async (t) => {
  const rows = Array.from({ length: 4000 }, (_, i) => [aadhaarNumber(i % 2000)]);
  const ref = writeDataset(temporaryFolder(t), { names: ['aadhaar'], rows });
  for (const i of [0, 1, 999, 1999]) {
    assert.deepEqual(await numbers(ref, [{ column: 'aadhaar', op: 'eq', value: aadhaarNumber(i) }]), [i + 1, i + 2001]);
  }
});

test('sealed columns answer to nothing else, and need their keys', async (t) => {
  const { fernetKeys, blindIndexKey, ...ref } = writeDataset(temporaryFolder(t), people);
  const keys = { fernetKeys, blindIndexKey };
  const column = 'aadhar_number';
  for (const op of ['ne', 'lt', 'contains', 'starts_with'] as const) {
    await assert.rejects(numbers({ ...ref, ...keys }, [{ column, op, value: '2' }]), { code: 'invalid_request' });
  }
  await assert.rejects(numbers({ ...ref, ...keys }, [], { sort: [{ column }] }), { code: 'invalid_request' });
  await assert.rejects(numbers({ ...ref, fernetKeys }, [{ column, op: 'eq', value: '2' }]), { code: 'key_invalid' });
  await assert.rejects(numbers({ ...ref, blindIndexKey }, [{ column, op: 'eq', value: '2' }]), { code: 'key_invalid' });
  await assert.rejects(datasets.page(ref, { ...everything, level: 'plain' }), { code: 'key_invalid' });
  const wrong = { ...ref, fernetKeys: [randomBytes(32)] };
  await assert.rejects(datasets.page(wrong, { ...everything, level: 'plain' }), { code: 'token_invalid' });
});

test('a condition that does not suit its column says so', async (t) => {
  const ref = writeDataset(temporaryFolder(t), people);
  const bad: Condition[] = [
    { column: 'age', op: 'gt', value: 'CANARY' },
    { column: 'age', op: 'gt' },
    { column: 'joined', op: 'eq', value: '2023-02-30' },
    { column: 'age', op: 'contains', value: '3' },
    { column: 'name', op: 'contains' },
  ];
  for (const condition of bad) {
    await assert.rejects(
      numbers(ref, [condition]),
      (error: Error & { code: string }) => error.code === 'invalid_request' && !error.message.includes('CANARY'),
    );
  }
  for (const paging of [{ limit: 10_001 }, { limit: -1 }, { offset: 0.5 }, { offset: -1 }, { limit: Number.NaN }]) {
    await assert.rejects(datasets.page(ref, { ...everything, ...paging }), { code: 'invalid_request' });
  }
});

test('rows are sorted by value, absent ones last, ties in the order of the file', async (t) => {
  const ref = writeDataset(temporaryFolder(t), people);
  const sorted = (column: string, descending = false) => numbers(ref, [], { sort: [{ column, descending }] });
  assert.deepEqual(await sorted('age'), [2, 1, 5, 4, 3]);
  assert.deepEqual(await sorted('age', true), [4, 1, 5, 2, 3]);
  assert.deepEqual(await sorted('balance'), [3, 5, 1, 2, 4]);
  assert.deepEqual(await sorted('joined'), [2, 3, 5, 1, 4]);
  assert.deepEqual(
    await numbers(ref, [], { sort: [{ column: 'age' }, { column: 'name', descending: true }] }),
    [2, 5, 1, 4, 3],
  );
  const { rows, total } = await datasets.query(ref, { ...everything, sort: [{ column: 'age' }], offset: 3, limit: 1 });
  assert.deepEqual([rows.map(({ n }) => n), total], [[4], 5]);
});

test('a stream gives every row once, in order, however many there are', async (t) => {
  const rows = Array.from({ length: 25_000 }, (_, i) => [String(i), aadhaarNumber(i % 7)]);
  const ref = writeDataset(temporaryFolder(t), { names: ['id', 'aadhaar'], rows });
  const read = async (where: Condition[]) => {
    const seen: number[] = [];
    for await (const page of datasets.stream(ref, { level: 'mask', raw: false, where }))
      seen.push(...page.rows.map(({ n }) => n));
    return seen;
  };
  assert.deepEqual(
    await read([]),
    rows.map((_, i) => i + 1),
  );
  assert.deepEqual(
    await read([{ column: 'id', op: 'gte', value: 10_000 }]),
    rows.slice(10_000).map((_, i) => i + 10_001),
  );
  const third = await read([{ column: 'aadhaar', op: 'eq', value: aadhaarNumber(3) }]);
  assert.deepEqual(
    third,
    rows.map((_, i) => i + 1).filter((n) => (n - 1) % 7 === 3),
  );
  assert.deepEqual(await read([{ column: 'id', op: 'lt', value: 0 }]), []);
});

test('rejects are read in order, their text only when asked for', async (t) => {
  const { fernetKey: _, ...options } = writerOptions(temporaryFolder(t), people);
  const writer = createDatasetWriter(options);
  writer.reject({ row: 7, code: 'ragged_row', detail: 'Row 7 is long.', raw: 'a,b,c' });
  writer.reject({ row: 9, column: 2, code: 'cell_too_large', detail: 'Too large.', raw: 'x' });
  assert.deepEqual(writer.finish(), { rows: 0, rejects: 2 });
  const first = { row: 7, column: null, code: 'ragged_row', detail: 'Row 7 is long.' };
  const { items, total } = await datasets.rejects(options, { offset: 0, limit: 1, includeRaw: false });
  assert.deepEqual([items, total], [[first], 2]);
  const { items: second } = await datasets.rejects(options, { offset: 1, limit: 5, includeRaw: true });
  assert.deepEqual(second, [{ row: 9, column: 2, code: 'cell_too_large', detail: 'Too large.', raw: 'x' }]);
});

test('another key, no file, and a file that is none fail closed, also beside an open handle', async (t) => {
  const folder = temporaryFolder(t);
  const ref = writeDataset(folder, people);
  await datasets.verify(ref);
  await assert.rejects(datasets.verify({ ...ref, key: randomBytes(32) }), { code: 'data_corrupt' });
  await assert.rejects(datasets.verify({ ...ref, key: randomBytes(31) }), { code: 'key_invalid' });
  await assert.rejects(datasets.verify({ ...ref, path: join(folder, 'none') }), { code: 'storage_failed' });
  for (const bytes of [Buffer.alloc(0), Buffer.from('name,age\n'), randomBytes(65_536)]) {
    writeFileSync(join(folder, 'other'), bytes);
    await assert.rejects(datasets.verify({ ...ref, path: join(folder, 'other') }), { code: 'data_corrupt' });
  }
  assert.equal((await datasets.verify(ref)).rows, 5);
});

/** Everything that can be read of the file. */
async function readAll(ref: DatasetRef): Promise<unknown> {
  const { columns, ...counts } = await datasets.verify(ref);
  const pages = [];
  for await (const page of datasets.stream(ref, { level: 'plain', raw: true })) pages.push(page);
  return [columns, counts, pages, await datasets.rejects(ref, { offset: 0, limit: 10_000, includeRaw: true })];
}

test('a flipped bit anywhere, a missing or an added end, or two pages swapped are noticed, never wrong rows', async (t) => {
  const folder = temporaryFolder(t);
  const rows = Array.from({ length: 2000 }, (_, i) => [`Person ${i}`, aadhaarNumber(i), String(i)]);
  const ref = writeDataset(folder, { names: ['name', 'aadhaar', 'n'], rows });
  const good = readFileSync(ref.path);
  const spread = Array.from({ length: 60 }, (_, i) => Math.floor(((i + Math.random()) * good.length) / 60));
  const broken = [...Array.from({ length: 30 }, (_, i) => i), ...spread].map((at) => {
    const bytes = Buffer.from(good);
    bytes[at]! ^= 1 << (at % 8);
    return bytes;
  });
  const swapped = Buffer.concat([
    good.subarray(0, 8192 * 3),
    good.subarray(8192 * 4, 8192 * 5),
    good.subarray(8192 * 3, 8192 * 4),
    good.subarray(8192 * 5),
  ]);
  broken.push(good.subarray(0, -8192), good.subarray(0, -1), Buffer.concat([good, Buffer.alloc(8192)]), swapped);
  for (const [i, bytes] of broken.entries()) {
    const path = join(folder, `broken-${i}`);
    writeFileSync(path, bytes);
    await assert.rejects(readAll({ ...ref, path }), { code: 'data_corrupt' }, `case ${i}`);
    rmSync(path);
  }
  await readAll(ref);
});

test('a forgotten file is read anew, and more files than may stay open are all read', async (t) => {
  const folder = temporaryFolder(t);
  const [one, two] = [writeDataset(folder, people), writeDataset(folder, { names: ['a'], rows: [['1']] })];
  assert.equal((await datasets.verify(one)).rows, 5);
  await datasets.forget(one.path);
  copyFileSync(two.path, one.path);
  assert.equal((await datasets.verify({ ...two, path: one.path })).rows, 1);
  const many = Array.from({ length: 12 }, (_, i) => writeDataset(folder, { names: ['a'], rows: [[String(i)]] }));
  for (let round = 0; round < 2; round++) {
    const pages = await Promise.all(many.map((ref) => datasets.page(ref, everything)));
    assert.deepEqual(
      pages.map(({ rows }) => rows[0]!.cells[0]),
      many.map((_, i) => i),
    );
  }
});

test('a query that takes too long is stopped, and the thread goes on', async (t) => {
  const ref = writeDataset(temporaryFolder(t), people);
  const hasty = createDatasets({ threads: 1, timeoutMs: 0 });
  t.after(hasty.close);
  const rows = Array.from({ length: 9000 }, (_, i) => [String(i)]);
  const large = writeDataset(temporaryFolder(t), { names: ['id'], rows });
  await assert.rejects(hasty.query(large, { ...everything, where: [{ column: 'id', op: 'ne', value: -1 }] }), {
    code: 'unavailable',
  });
  assert.equal((await hasty.verify(ref)).rows, 5);
});

test('what the service asks for itself is never refused, and waits for one read at most', async (t) => {
  const ref = writeDataset(temporaryFolder(t), people);
  const busy = createDatasets({ threads: 1 });
  t.after(busy.close);
  const reads = Array.from({ length: 1100 }, (_, n) => busy.page({ ...ref, caller: `caller ${n >> 6}` }, everything));
  let answered = 0;
  for (const read of reads) read.then(() => answered++).catch(() => {});
  assert.equal((await busy.verify(ref)).rows, 5);
  assert.ok(answered <= 1, `${answered} were answered before`);
  const refused = (await Promise.allSettled(reads)).filter(({ status }) => status === 'rejected');
  assert.equal(refused.length, 1100 - 1001, 'one runs and a thousand wait');
});

test('reads that wait when the threads are closed fail as unavailable', async (t) => {
  const ref = writeDataset(temporaryFolder(t), people);
  const closing = createDatasets({ threads: 1 });
  const asked = Array.from({ length: 5 }, () => closing.page(ref, everything));
  const settled = Promise.allSettled([...asked, closing.close()]);
  for (const result of (await settled).slice(1, -1))
    assert.equal(result.status === 'rejected' && result.reason.code, 'unavailable');
  await assert.rejects(closing.verify(ref), { code: 'unavailable' });
});

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.integer().map(String),
  fc.double({ noNaN: true }).map(String),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.constantFrom('', '007', '1.50', 'TRUE', '31/01/2024', '1e-7', '-0', 'gAAAAA', '\u0000', "'; drop table rows; --"),
);
const cell = fc.option(text, { freq: 4 });
const table = fc.integer({ min: 1, max: 5 }).chain((width) =>
  fc.record({
    rows: fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 6 }),
    raws: fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 6, maxLength: 6 }),
    typed: fc.boolean(),
    sealed: fc.subarray(Array.from({ length: width }, (_, c) => `column ${c}`)),
    width: fc.constant(width),
  }),
);

test('any cells come back: the raw text exactly, sealed ones exactly, and typed ones as their text says', async (t: TestContext) => {
  const folder = temporaryFolder(t);
  await fc.assert(
    fc.asyncProperty(table, async ({ rows, raws, typed, sealed, width }) => {
      const given = Array.from({ length: width }, (_, c) => `column ${c}`);
      const beside = raws.slice(0, rows.length);
      const ref = writeDataset(folder, { names: given, rows, seal: sealed, ...(typed && { raws: beside }) });
      const read = async (raw: boolean) =>
        (await datasets.page(ref, { ...everything, level: 'plain', raw })).rows.map(({ cells }) => cells);
      const stood = rows.map((row, r) => row.map((value, c): Cell => (typed ? (beside[r]![c] ?? value) : value)));
      assert.deepEqual(await read(true), stood);
      for (const [r, row] of (await read(false)).entries()) {
        for (const [c, value] of row.entries()) checkTyped(value, rows[r]![c]!, sealed.includes(given[c]!));
      }
      await datasets.forget(ref.path);
      rmSync(ref.path);
    }),
    { numRuns: 150 },
  );
});

function checkTyped(value: unknown, cell: Cell, sealed: boolean): void {
  if (sealed || cell === null) assert.equal(value, cell);
  else if (cell === '') assert.ok(value === '' || value === null);
  else if (typeof value === 'number') assert.equal(value, Number(cell) + 0);
  else if (typeof value === 'boolean') assert.equal(String(value), cell.toLowerCase());
  else
    assert.ok(
      value === cell || value === '2024-01-31' || new Date(String(value)).getTime() === new Date(cell).getTime(),
    );
}

test('a dataset of no rows has its columns', async (t) => {
  const ref = writeDataset(temporaryFolder(t), { names: ['a', 'b'], rows: [] });
  assert.deepEqual(await datasets.page(ref, everything), { columns: ['a', 'b'], rows: [], total: 0 });
  assert.deepEqual(await datasets.query(ref, { ...everything, sort: [{ column: 'b' }] }), {
    columns: ['a', 'b'],
    rows: [],
    total: 0,
  });
  assert.equal(batchesOf({ names: ['a'], rows: [] }).length, 0);
});
