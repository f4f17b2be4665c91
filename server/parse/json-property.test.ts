import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chooserOf, type Json, Members, writeJson } from '../../test/helpers/json-writer.ts';
import { type ReadTable, readTables } from '../../test/helpers/read-tables.ts';
import { Problem } from '../core/problem.ts';
import { jsonFormat } from './json.ts';

/** Any text, halves of surrogate pairs too, and what readers trip over. */
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)), maxLength: 4 }),
  fc.constantFrom(
    '',
    '"',
    '\\',
    '\\"',
    '{',
    ']',
    ',',
    '\u2028',
    '\0',
    'आशा',
    '😀',
    '\ud800',
    '__proto__',
    'null',
    ' x ',
  ),
);
const keys = fc.constantFrom(
  ...['a', 'b', 'c d', 'a.b', '\\', '"', '1', '__proto__', 'constructor', 'नाम', 'é', 'x'.repeat(40)],
);
const numbers = fc.constantFrom(
  ...['0', '-0', '7', '12345678901234567890', '1.10', '-0.5', '0.1000000000000000055', '1e3', '1.5E+2', '2e-7'],
  ...['1e400', '-1e-400', '0e5', '123.456e1', '9007199254740993', '100E-2'],
);
const scalars = fc.oneof(
  texts,
  fc.boolean(),
  fc.constant(null),
  numbers.map((number) => ({ number })),
);
const { values } = fc.letrec<{ values: Json }>((tie) => ({
  values: fc.oneof(
    { depthSize: 'small' },
    scalars,
    fc.array(tie('values'), { maxLength: 3 }),
    fc.array(fc.tuple(keys, tie('values')), { maxLength: 4 }).map((list) => new Members(list)),
  ),
}));
const rows = fc
  .array(keys, { maxLength: 8 })
  .chain((names) =>
    fc.tuple(...names.map((name) => fc.tuple(fc.constant(name), values))).map((list) => new Members(list)),
  );

/** The leaves of a row by the names of their columns, nulls left out; of equal keys the last one counts. */
function leaves(row: Members, prefix = ''): Map<string, Json> {
  const found = new Map<string, Json>();
  for (const [key, value] of new Map(row.list)) {
    const name = prefix + key.replace(/[\\.]/g, '\\$&');
    if (value instanceof Members && value.list.length > 0) {
      for (const leaf of leaves(value, `${name}.`)) found.set(...leaf);
    } else if (value !== null) found.set(name, value);
  }
  return found;
}

/** `texts` are the texts of arrays and objects in the file. */
function assertCell(cell: string, raw: string | null, value: Json, texts: Map<Json, string>): void {
  if (typeof value === 'string') {
    assert.equal(cell, value.toWellFormed());
    assert.equal(raw === null ? null : JSON.parse(`"${raw}"`), value.isWellFormed() ? null : value);
  } else if (typeof value === 'boolean') assert.deepEqual([cell, raw], [String(value), null]);
  else if (Array.isArray(value) || value instanceof Members) {
    const text = texts.get(value)!;
    assert.equal(raw ?? cell, text);
    assert.equal(cell, text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1'));
  } else {
    const { number } = value as { number: string };
    assert.equal(raw ?? cell, number);
    assert.ok(Object.is(Number(cell), Number(number)));
    if (!/e-?400/.test(number)) assert.match(cell, /^-?\d+(?:\.\d+)?$/);
  }
}

function assertRows(table: ReadTable, expected: readonly (Members | null)[], texts: Map<Json, string>): void {
  assert.equal(table.rows.length, expected.length);
  for (const [r, row] of expected.entries()) {
    const wanted = row ? leaves(row) : new Map<string, Json>();
    for (const [c, column] of table.columns.entries()) {
      const cell = table.rows[r]![c]!;
      assert.equal(cell !== null, wanted.has(column), `row ${r}, column ${column}`);
      if (cell !== null) assertCell(cell, table.raws[r]![c]!, wanted.get(column)!, texts);
      wanted.delete(column);
    }
    assert.deepEqual([...wanted], []);
  }
}

test('rows written in any way, in any layout, are read back', async () => {
  const files = fc.record({
    list: fc.array(fc.option(rows, { freq: 9 }), { minLength: 2, maxLength: 5 }),
    layout: fc.constantFrom('array', 'lines', 'sequence', 'concatenated', 'object'),
    seed: fc.nat(),
    chunkBytes: fc.constantFrom(1, 2, 3, 7, 64),
  });
  await fc.assert(
    fc.asyncProperty(files, async ({ list, layout, seed, chunkBytes }) => {
      // What begins with a null, or has no columns, is no table of objects.
      fc.pre(list[0] !== null && list[1] !== null && list.some((row) => row && leaves(row).size > 0));
      const texts = new Map<Json, string>();
      const choose = chooserOf(seed);
      const file = write(
        list.map((row) => writeJson(row, choose, layout === 'lines', texts)),
        layout,
      );
      const [table, ...others] = await readTables(jsonFormat, Buffer.from(file), { chunkBytes });
      assert.deepEqual([others.length, table!.dialect.layout], [0, layout]);
      assertRows(table!, list, texts);
      assert.deepEqual(
        table!.rejects.map(({ row, code }) => [row, code]),
        list.flatMap((row, i) => (row && hasRepeated(row) ? [[i + 1, 'duplicate_key']] : [])),
      );
    }),
    { numRuns: 200 },
  );
});

function write(texts: readonly string[], layout: string): string {
  if (layout === 'lines') return texts.join('\n');
  if (layout === 'sequence') return texts.map((text) => `\x1e${text}\n`).join('');
  // White space between them, or the first two could be lines.
  if (layout === 'concatenated') return texts.join(' ');
  return layout === 'array' ? `[${texts.join(',')}]` : `{"data":{"rows":[${texts.join(',')}]}}`;
}

/** Whether a key comes again in an object whose members are cells; within arrays equal keys are kept as they are. */
function hasRepeated(json: Json): boolean {
  if (!(json instanceof Members)) return false;
  const names = json.list.map(([key]) => key);
  return new Set(names).size < names.length || json.list.some(([, value]) => hasRepeated(value));
}

test('what JSON.parse takes is taken, and what it refuses is refused', async () => {
  const glyphs = fc.constantFrom(...'{}[]":,\\ \n\t\r0123456789-+.eEtruefalsn"u/b\0\x1féxN\x7f'.split(''));
  const edits = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 2 }), glyphs), { maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(values, edits, fc.nat(), async (value, changes, seed) => {
      let text = writeJson(value, chooserOf(seed));
      for (const [place, kind, glyph] of changes) {
        const at = place % (text.length + 1);
        text = text.slice(0, at) + (kind === 1 ? '' : glyph) + text.slice(kind === 0 ? at : at + 1);
      }
      const file = `[{"v":${text}}]`;
      assert.equal((await outcome(file)) === 'json_invalid', !isJson(file), JSON.stringify(file));
    }),
    { numRuns: 1500 },
  );
});

test('arbitrary bytes are read or refused with a reason', async () => {
  const bytes = fc.array(fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(...Buffer.from('{}[]":,1 \n\x1e'))));
  await fc.assert(
    fc.asyncProperty(bytes, async (list) => {
      await outcome(Buffer.from(list));
    }),
    { numRuns: 500 },
  );
});

/** `read`, or the code of the problem. */
async function outcome(file: string | Buffer): Promise<string> {
  try {
    await readTables(jsonFormat, Buffer.from(file as string));
    return 'read';
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
