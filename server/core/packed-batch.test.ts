import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import type { Batch, Cell } from './batch.ts';
import { type PackedBatch, packBatch, unpackColumn } from './packed-batch.ts';

/** As the spool keeps it. */
function again(batch: Batch): Batch {
  const { length, columns, raws }: PackedBatch = deserialize(serialize(packBatch(batch)));
  return {
    ...{ length, columns: columns.map(unpackColumn) },
    ...(raws && { raws: raws.map((raw) => raw && unpackColumn(raw)) }),
  };
}

// Any UTF-16 units, lone surrogates too.
const text = fc.array(fc.integer({ max: 0xffff }), { maxLength: 6 }).map((units) => String.fromCharCode(...units));
const column = (length: number) =>
  fc.array(fc.option(fc.oneof(text, fc.string())) as fc.Arbitrary<Cell>, { minLength: length, maxLength: length });
const batch = fc.nat({ max: 20 }).chain((length) => {
  const columns = fc.array(column(length), { maxLength: 4 });
  const raws = fc.option(fc.array(fc.option(column(length), { nil: undefined }), { maxLength: 4 }), { nil: undefined });
  return fc.record({ columns, raws }).map(({ columns: cells, raws: texts }) => ({
    ...{ length, columns: cells },
    ...(texts && { raws: texts }),
  }));
});

test('a batch comes back from its packed form cell for cell, raw texts and lone surrogates too', () => {
  fc.assert(fc.property(batch, (one) => assert.deepEqual(again(one), one)));
});

test('cells of more than 32,767 units come back whole', () => {
  const columns = [
    ['a', 'x'.repeat(32_767), null, ''],
    ['b', 'ü'.repeat(100_000), '', 'c'],
  ];
  assert.deepEqual(again({ length: 4, columns }), { length: 4, columns });
});

test('glances are not kept', () => {
  assert.deepEqual(again({ length: 1, columns: [['a']], glances: [Uint8Array.of(1)] }), {
    ...{ length: 1, columns: [['a']] },
  });
});
