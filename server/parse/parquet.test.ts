import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { writeParquet } from '../../test/helpers/parquet-writer.ts';
import { readTables, roomyLimits } from '../../test/helpers/read-tables.ts';
import { Problem } from '../core/problem.ts';
import { readDelta, readDelta32, readDeltaLengths, readDeltaTexts } from './parquet/delta.ts';
import { readHybrid } from './parquet/hybrid.ts';
import { endOfStruct } from './parquet/thrift.ts';
import { textOf } from './parquet/values.ts';
import { parquetFormat } from './parquet.ts';

const corpus = join(import.meta.dirname, '../../test/corpus/parquet');
const file = (name: string) => readFileSync(join(corpus, name, 'input.parquet'));
const read = (bytes: Buffer, limits = {}) =>
  readTables(parquetFormat, bytes, { limits: { ...roomyLimits, ...limits }, name: 'a.parquet' });
const corrupt = { code: 'parquet_corrupt' };

test('a file read in small chunks, and again, gives the same', async () => {
  const bytes = file('nested-nullable');
  const once = await read(bytes);
  assert.deepEqual(await readTables(parquetFormat, bytes, { chunkBytes: 7, name: 'a.parquet' }), once);
});

describe('pages', () => {
  const names = Array.from({ length: 5000 }, (_, i) => `person ${i}`);
  const lists = names.map((name, i) => Array.from({ length: i % 4 }, (_, n) => `${name}/${n}`));
  const columns = [
    { name: 'name', rows: names },
    { name: 'list', rows: lists },
  ];

  test('may be cut anywhere, within the list of a row too, and row groups as well', async () => {
    const expected = names.map((name, i) => [name, JSON.stringify(lists[i])]);
    for (const options of [{}, { pageValues: 7 }, { pageValues: 1000, rowGroups: 3 }, { pageValues: 1 }]) {
      const [table] = await read(writeParquet(columns, options));
      assert.deepEqual(table!.columns, ['name', 'list']);
      assert.deepEqual(table!.rows, expected, JSON.stringify(options));
    }
  });

  test('that claim other sizes or numbers than they have are refused', async () => {
    for (const claims of [{ packed: 10 }, { unpacked: 10 }, { values: 4999 }, { values: 5001 }, { packed: 1 << 20 }]) {
      await assert.rejects(read(writeParquet(columns, { claims })), corrupt, JSON.stringify(claims));
    }
    for (const claims of [{ packed: 0x7fffffff }, { unpacked: 0x7fffffff }]) {
      await assert.rejects(read(writeParquet(columns, { claims })), { code: 'unpacked_too_large' });
    }
  });

  test('of columns that have other numbers of rows than the row group or each other are refused', async () => {
    const uneven = [columns[0]!, { name: 'list', rows: lists.slice(1) }];
    await assert.rejects(read(writeParquet(uneven)), corrupt);
    for (const rows of [4999, 5001]) await assert.rejects(read(writeParquet(columns, { claims: { rows } })), corrupt);
  });
});

describe('the limits', () => {
  test('on columns, rows, cells and unpacked bytes are kept', async () => {
    await assert.rejects(read(file('all-types'), { columns: 10 }), { code: 'too_many_columns' });
    await assert.rejects(read(file('all-types'), { rows: 7 }), { code: 'too_many_rows' });
    await assert.rejects(read(file('all-types'), { cells: 87 }), { code: 'too_many_cells' });
    await assert.rejects(read(file('all-types'), { unpackedBytes: 100 }), { code: 'unpacked_too_large' });
  });

  test('make a cell that is too long a reject and nothing else', async () => {
    const [table] = await read(file('nested-nullable'), { cellLength: 60 });
    assert.equal(table!.rows.length, 7);
    assert.equal(table!.rows[1]![7], null);
    const reject = table!.rejects.find(({ row, column }) => row === 2 && column === 7)!;
    assert.equal(reject.code, 'cell_too_large');
    assert.match(reject.raw, /^\[\[\{"E":null/);
  });
});

test('a file cut off anywhere is refused', async () => {
  const bytes = file('all-types');
  for (let end = 4; end < bytes.length; end += 13) await assert.rejects(read(bytes.subarray(0, end)), corrupt);
  await assert.rejects(read(Buffer.from('name,city\n')), { code: 'content_mismatch' });
});

test('a file of which any byte was changed is read or refused, and never breaks the reader', async () => {
  for (const { name } of readdirSync(corpus, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
    const bytes = file(name);
    if (bytes.length > 900) continue;
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 0x80 >> (at % 8);
      await read(changed).catch((error: unknown) => assert.ok(error instanceof Problem, `${name} ${at}: ${error}`));
    }
  }
});

describe('sizes that a hostile file claims are checked before memory is taken for them', () => {
  test('of lists and texts in the description', () => {
    // A list of 2^28 structs; a text of 2^28 bytes; a number of eleven bytes; structs in structs.
    assert.equal(endOfStruct(Buffer.from('19fc8080808001', 'hex'), 0), -1);
    assert.equal(endOfStruct(Buffer.from('188080808001', 'hex'), 0), -1);
    assert.throws(() => endOfStruct(Buffer.from(`16${'80'.repeat(11)}`, 'hex'), 0), corrupt);
    assert.throws(() => endOfStruct(Buffer.alloc(100_000, 0x1c), 0), corrupt);
    assert.equal(endOfStruct(Buffer.from('1502180161001100', 'hex'), 0), 6);
  });

  test('of runs and differences', () => {
    assert.throws(() => readHybrid(Buffer.from('01', 'hex'), 3, 1), corrupt);
    assert.throws(() => readHybrid(Buffer.from('ffffffff0f', 'hex'), 32, 1_000_000), corrupt);
    assert.throws(() => readDelta(Buffer.from('ffffffff7f0404', 'hex'), 0, 4), corrupt);
    assert.throws(() => readDelta(Buffer.from('80010004', 'hex'), 0, 4), corrupt);
    assert.deepEqual([...readHybrid(Buffer.from('feffffff0f07', 'hex'), 3, 4)], [7, 7, 7, 7]);
  });
});

test('the hybrid of runs and bits is read as the specification has it', () => {
  // 0 to 7 in three bits each, as in the specification's example, behind a run of five ones.
  const bytes = Buffer.from('0a010388c6fa', 'hex');
  assert.deepEqual([...readHybrid(bytes, 3, 13)], [1, 1, 1, 1, 1, 0, 1, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual([...readHybrid(Buffer.from('03ffffffff00000080', 'hex'), 32, 2)], [0xffffffff, 0x80000000]);
});

test('differences are read as the specification has it', () => {
  const toText = (bytes: Uint8Array) => Buffer.from(bytes).toString();
  // The specification's examples: 7, 5, 3, 1, 2, 3, 4, 5; "axis" and "axle".
  assert.deepEqual([...readDelta32(deltaBlock([7, 5, 3, 1, 2, 3, 4, 5]), 0, 8).numbers], [7, 5, 3, 1, 2, 3, 4, 5]);
  const lengths = Buffer.concat([deltaBlock([5, 0, 3]), Buffer.from('HelloBye')]);
  assert.deepEqual(readDeltaLengths(lengths, 0, 3).map(toText), ['Hello', '', 'Bye']);
  const shared = Buffer.concat([deltaBlock([0, 2]), deltaBlock([4, 2]), Buffer.from('axisle')]);
  assert.deepEqual(readDeltaTexts(shared, 0, 2, 100).map(toText), ['axis', 'axle']);
  assert.throws(() => readDeltaTexts(shared, 0, 2, 3), corrupt);
});

/** A block of 128 values in one part, of eight bits each. */
function deltaBlock(values: readonly number[]): Buffer {
  const deltas = values.slice(1).map((value, i) => value - values[i]!);
  const least = Math.min(...deltas);
  const zigzag = (value: number) => Buffer.from([(value << 1) ^ (value >> 31)]);
  const packed = Buffer.alloc(128);
  for (const [index, delta] of deltas.entries()) packed[index] = delta - least;
  return Buffer.concat([
    Buffer.from([0x80, 1, 1, values.length]),
    zigzag(values[0]!),
    zigzag(least),
    Buffer.from([8]),
    packed,
  ]);
}

describe('values', () => {
  const text = (element: object, value: unknown) => textOf({ name: 'x', ...element } as never)(value);

  test('of decimals have all their digits', () => {
    const decimal = { type: 'FIXED_LEN_BYTE_ARRAY', converted_type: 'DECIMAL', scale: 10 };
    const digits = 123456789012345678901234567890n;
    assert.equal(
      text(decimal, Buffer.from(digits.toString(16).padStart(32, '0'), 'hex')),
      '12345678901234567890.1234567890',
    );
    assert.equal(text(decimal, Buffer.from('ff', 'hex')), '-0.0000000001');
    assert.equal(text({ type: 'INT64', logical_type: { type: 'DECIMAL', scale: 2, precision: 18 } }, -5n), '-0.05');
    assert.equal(text({ type: 'INT32', converted_type: 'DECIMAL' }, 7), '7');
    assert.equal(text({ type: 'DOUBLE', converted_type: 'DECIMAL', scale: 2 }, 7.5), '7.5');
  });

  test('of integers are exact, signed or not', () => {
    assert.equal(text({ type: 'INT64' }, -9223372036854775808n), '-9223372036854775808');
    assert.equal(text({ type: 'INT64', converted_type: 'UINT_64' }, -1n), '18446744073709551615');
    const unsigned = { type: 'INTEGER', bitWidth: 32, isSigned: false };
    assert.equal(text({ type: 'INT32', logical_type: unsigned }, -1), '4294967295');
  });

  test('of floats are the shortest that are theirs', () => {
    assert.equal(text({ type: 'FLOAT' }, Math.fround(0.1)), '0.1');
    assert.equal(text({ type: 'FLOAT' }, Math.fround(16777217)), '16777216');
    assert.equal(text({ type: 'DOUBLE' }, 0.1 + 0.2), '0.30000000000000004');
    assert.equal(text({ type: 'DOUBLE' }, Number.NaN), 'NaN');
  });

  test('of dates and times are ISO 8601 to their unit', () => {
    const stamp = (unit: string, isAdjustedToUTC: boolean) => ({
      type: 'INT64',
      logical_type: { type: 'TIMESTAMP', unit, isAdjustedToUTC },
    });
    assert.equal(text({ type: 'INT32', converted_type: 'DATE' }, -1), '1969-12-31');
    assert.equal(text(stamp('NANOS', false), 1_700_000_000_123_456_789n), '2023-11-14T22:13:20.123456789');
    assert.equal(text(stamp('MICROS', true), -1n), '1969-12-31T23:59:59.999999Z');
    assert.equal(text(stamp('MILLIS', true), 9_000_000_000_000_000_000n), '9000000000000000000');
    const clock = { type: 'INT64', logical_type: { type: 'TIME', unit: 'MICROS', isAdjustedToUTC: false } };
    assert.equal(text(clock, 3_723_500_000n), '01:02:03.5');
    const interval = Buffer.from('010000000200000003000000', 'hex');
    assert.equal(text({ type: 'FIXED_LEN_BYTE_ARRAY', converted_type: 'INTERVAL' }, interval), 'P1M2DT0.003S');
  });

  test('of bytes are text where they are text, and hexadecimal where not', () => {
    assert.equal(text({ type: 'BYTE_ARRAY' }, Buffer.from('Žofie')), 'Žofie');
    assert.equal(text({ type: 'BYTE_ARRAY', converted_type: 'UTF8' }, Buffer.from('ff00', 'hex')), '0xff00');
    const uuid = { type: 'FIXED_LEN_BYTE_ARRAY', logical_type: { type: 'UUID' } };
    assert.equal(
      text(uuid, Buffer.from('00112233445566778899aabbccddeeff', 'hex')),
      '00112233-4455-6677-8899-aabbccddeeff',
    );
  });
});
