import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { temporaryFolder } from '../../test/helpers/dataset.ts';
import { openCiphered } from './cipher.ts';
import type { Stored } from './encode.ts';
import { createRowInserter } from './insert.ts';
import { type Layout, statementFor } from './layout.ts';

type SqlType = 'TEXT' | 'INTEGER' | 'REAL';

/** Inserts batches of rows with columns of these types, and gives what SQLite says of each cell, and the file's state. */
function stored(folder: string, types: readonly SqlType[], batches: readonly (readonly (readonly Stored[])[])[]) {
  const [path, key] = [join(folder, randomBytes(6).toString('hex')), randomBytes(32)];
  const names = types.map((_, k) => `c${k}`);
  const table = { name: 'rows', columns: names.map((name, k) => [name, types[k]!] as const) };
  const layout: Layout = {
    tables: [table],
    columns: names.map((column) => ({ value: { table: 'rows', column }, raw: null, mask: null, index: null })),
  };
  writeFileSync(path, '');
  const db = openCiphered(path, key, { readonly: false });
  try {
    db.exec(statementFor(table));
    const inserter = createRowInserter({ db, path, key }, layout);
    let first = 1;
    for (const batch of batches) {
      inserter.add(
        types.map((_, k) => ({ value: batch.map((row) => row[k]!) })),
        batch.length,
        first,
      );
      first += batch.length;
    }
    inserter.flush();
    const shown = names.map((name) => `${name}, typeof(${name}) as t${name}`).join(', ');
    const rows = db.prepare(`select ${shown} from rows order by n`).raw().all() as Stored[][];
    const state = db.pragma('integrity_check', { simple: true });
    const last = db.prepare('select max(n) from rows').pluck().get();
    return { rows, state, last };
  } finally {
    db.close();
  }
}

/** What SQLite says of a cell that it was handed as a value. */
const expected = (cell: Stored, type: SqlType): [Stored, string] => {
  if (cell === null) return [null, 'null'];
  if (typeof cell === 'string') return [cell.toWellFormed(), 'text'];
  return [cell, type === 'INTEGER' && Number.isSafeInteger(cell) ? 'integer' : 'real'];
};

const edges = [7, 8, 15, 16, 23, 24, 31, 32, 47, 48, 52, 53].flatMap((bits) =>
  [2 ** bits - 1, 2 ** bits, -(2 ** bits), -(2 ** bits) - 1, -(2 ** bits) + 1].filter(Number.isSafeInteger),
);
const integer = fc.oneof(fc.constantFrom(0, 1, -1, ...edges), fc.maxSafeInteger());
const real = fc.oneof(
  integer,
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
);
const units = fc.array(fc.integer({ max: 0xffff }), { maxLength: 40 }).map((some) => String.fromCharCode(...some));
const text = fc.oneof(fc.string({ maxLength: 80 }), units, fc.constantFrom('', 'x'.repeat(57), 'x'.repeat(58), '\0'));
const cell: Record<SqlType, fc.Arbitrary<Stored>> = {
  TEXT: fc.option(text),
  INTEGER: fc.option(integer),
  REAL: fc.option(real),
};
const table = fc
  .array(fc.constantFrom<SqlType>('TEXT', 'INTEGER', 'REAL'), { minLength: 1, maxLength: 150 })
  .chain((types) =>
    fc.record({
      types: fc.constant(types),
      batches: fc.array(fc.array(fc.tuple(...types.map((type) => cell[type])), { maxLength: 12 }), { maxLength: 3 }),
    }),
  );

test('every cell comes back as SQLite would have stored it if it had been handed the value', (t) => {
  const folder = temporaryFolder(t);
  fc.assert(
    fc.property(table, ({ types, batches }) => {
      const { rows, state } = stored(folder, types, batches);
      const wanted = batches.flat().map((row) => row.flatMap((one, k) => expected(one, types[k]!)));
      assert.deepEqual([rows, state], [wanted, 'ok']);
    }),
    { numRuns: 150 },
  );
});

test('rows that fill pages, images and more, and longer ones than a page between them, come back in order', (t) => {
  const lengths = [65_480, 65_481, 65_490, 65_495, 65_496, 65_500, 65_501, 65_536, 200_000, 32_730, 21_800, 3_000_000];
  const line = (n: number) => 'abcdefghij'.repeat(n / 10 + 1).slice(0, n);
  const batches = Array.from({ length: 60 }, (_, b) =>
    Array.from({ length: 1024 }, (_, r): Stored[] => {
      const odd = r % 97 === b ? lengths[b % lengths.length]! : (r * 7) % 150;
      return [b * 1024 + r, line(odd)];
    }),
  );
  const { rows, state, last } = stored(temporaryFolder(t), ['INTEGER', 'TEXT'], batches);
  const wanted = batches.flat();
  assert.deepEqual([rows.length, state, last], [wanted.length, 'ok', wanted.length]);
  for (const [i, [n, , value]] of rows.entries()) {
    if (n !== wanted[i]![0] || value !== wanted[i]![1]) assert.fail(`row ${i} is another`);
  }
});

test('a table of very many columns keeps them all', (t) => {
  const types = Array.from({ length: 900 }, (_, k): SqlType => (k % 2 ? 'TEXT' : 'REAL'));
  const batch = [0, 1, 2].map((r) =>
    types.map((type, k): Stored => (type === 'TEXT' ? 'ü'.repeat(k % 60) : k + r / 4)),
  );
  const { rows, state } = stored(temporaryFolder(t), types, [batch]);
  const wanted = batch.map((row) => row.flatMap((one, k) => expected(one, types[k]!)));
  assert.deepEqual([rows, state], [wanted, 'ok']);
});
