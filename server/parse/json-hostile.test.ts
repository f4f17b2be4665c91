import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTables, roomyLimits } from '../../test/helpers/read-tables.ts';
import { Problem } from '../core/problem.ts';
import type { Source } from '../core/source.ts';
import type { ReadEvent } from './format.ts';
import { jsonFormat } from './json.ts';

const MiB = 1024 * 1024;
/** Rows of up to 16 MiB are held in memory with these. */
const tight = { ...roomyLimits, cellLength: 1000 };

/** A source that is never in memory as a whole: `pieces` are made anew for each stream. */
function madeSource(size: number, pieces: () => Iterable<string>): Source {
  return {
    size,
    async *stream(start = 0, end = size) {
      let at = 0;
      for (const piece of pieces()) {
        const bytes = Buffer.from(piece);
        if (at + bytes.length > start && at < end) yield bytes.subarray(Math.max(0, start - at), end - at);
        at += bytes.length;
      }
    },
  };
}

/** A source of `head`, `count` times `piece`, and `tail`; all ASCII. */
function repeated(head: string, piece: string, count: number, tail: string): Source {
  return madeSource(head.length + piece.length * count + tail.length, function* () {
    yield head;
    for (let i = 0; i < count; i++) yield piece;
    yield tail;
  });
}

async function read(source: Source, limits = tight) {
  const events: ReadEvent[] = [];
  for await (const event of jsonFormat.read(source, 'a.json', { limits })) events.push(event);
  return {
    rows: events.reduce((sum, event) => sum + (event.type === 'batch' ? event.batch.length : 0), 0),
    columns: events.flatMap((event) => (event.type === 'table' ? event.columns : [])),
    rejects: events.flatMap((event) => (event.type === 'reject' ? [event.reject] : [])),
    batches: events.filter(({ type }) => type === 'batch').length,
  };
}

async function codeOf(file: string | Buffer | Source, limits = tight): Promise<string> {
  const source =
    typeof file === 'string' || Buffer.isBuffer(file) ? repeated(file.toString('latin1'), '', 0, '') : file;
  try {
    await read(source, limits);
    return 'read';
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
}

test('brackets 100,000 levels deep are refused, wherever they stand', async () => {
  const levels = 100_000;
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
    ['[{"a":', '}]'],
  ] as const) {
    const inner = open.repeat(levels) + (open.startsWith('{') ? '1' : '') + close.repeat(levels);
    for (const file of [inner, open.repeat(levels), `[{"a":${inner}}]`, `{"a":${inner}}`, `{"a":[{"b":${inner}}]}`]) {
      assert.equal(await codeOf(file), 'json_too_deep');
    }
    const lines = await read(repeated(`{"a":1}\n{"a":${inner}}\n{"a":2}`, '', 0, ''));
    assert.deepEqual([lines.rows, lines.rejects.map(({ code }) => code)], [2, ['too_deep']]);
  }
});

test('a row that is too long to be held is a reject, in every layout, and those behind it are read', async () => {
  const long = (head: string, tail: string) =>
    repeated(`${head}{"a":1},{"b":"`, 'x'.repeat(MiB), 18, `"},{"a":2}${tail}`);
  for (const source of [long('[', ']'), long('{"items":[', ']}')]) {
    const { rows, columns, rejects } = await read(source);
    assert.deepEqual([rows, columns, rejects.map(({ code, row }) => [code, row])], [2, ['a'], [['row_too_large', 2]]]);
    assert.equal(rejects[0]!.raw.length, 65_536);
  }
  const lines = await read(repeated('{"a":1}\n{"b":"', 'x'.repeat(MiB), 18, '"}\n{"a":2}'));
  assert.deepEqual([lines.rows, lines.rejects.map(({ code, row }) => [code, row])], [2, [['row_too_large', 2]]]);
  const sequence = await read(repeated('\x1e{"a":1}\n\x1e{"b":"', 'x'.repeat(MiB), 18, '"}\n\x1e{"a":2}'));
  assert.deepEqual([sequence.rows, sequence.rejects.map(({ row }) => row)], [2, [2]]);
});

test('a row that is too long is checked all the same', async () => {
  const pieces: readonly (readonly [tail: string, code: string])[] = [
    ['"}]', 'read'],
    ['"},]', 'json_invalid'],
    ['\n"}]', 'json_invalid'],
    ['\\x"}]', 'json_invalid'],
    ['"}', 'json_invalid'],
    ['', 'json_invalid'],
    [`":${'['.repeat(70)}`, 'json_invalid'],
  ];
  for (const [tail, code] of pieces) {
    assert.equal(await codeOf(repeated('[{"a":1},{"b":"', 'x'.repeat(MiB), 18, tail)), code, tail.slice(0, 5));
  }
});

test('a number, an array and a key without end are bounded as well', async () => {
  const digits = await read(repeated('[{"a":1},{"a":', '1'.repeat(MiB), 18, '}]'));
  assert.deepEqual(
    digits.rejects.map(({ code }) => code),
    ['row_too_large'],
  );
  const array = await read(repeated('[{"a":1},{"a":[1', ',2'.repeat(MiB / 2), 18, ']}]'));
  assert.deepEqual(
    array.rejects.map(({ code }) => code),
    ['row_too_large'],
  );
  const beside = await read(repeated('{"items":[{"a":1}],"rest":[1', ',2'.repeat(MiB / 2), 18, ']}'));
  assert.deepEqual([beside.columns, beside.rejects.map(({ code }) => code)], [['a', 'rest'], ['cell_too_large']]);
  assert.equal(await codeOf(repeated('{"', 'k'.repeat(MiB), 18, '":1}')), 'cell_too_large');
});

test('white space without end is passed over wherever it may stand', async () => {
  for (const [head, tail] of [
    ['', '[{"a":1}]'],
    ['[', '{"a":1}]'],
    ['[{"a":1}', ',{"a":1}]'],
    ['[{"a":1},', '{"a":1}]'],
    ['[{"a":1}', ']'],
    ['{"items":', '[{"a":1}]}'],
    ['{"items":[{"a":1}', ']}'],
    ['{"a":1}\n', '\n{"a":1}'],
    ['\x1e{"a":1}', '\x1e{"a":1}'],
    ['{"a":1} {"a":1}', '{"a":1}'],
  ] as const) {
    const { rows, rejects } = await read(repeated(head, '\t '.repeat(MiB / 2), 18, tail));
    assert.deepEqual([rows, rejects.length], [(head + tail).split('"a"').length - 1, 0], head);
  }
});

test('keys without number end the reading at the limit of columns', async () => {
  const keys = Array.from({ length: 100_000 }, (_, i) => `"k${i}":${i}`);
  assert.equal(await codeOf(`[{${keys.join(',')}}]`), 'too_many_columns');
  assert.equal(await codeOf(`{${keys.join(',')}}`), 'too_many_columns');
  assert.equal(await codeOf(`[${keys.map((key) => `{${key}}`).join(',')}]`), 'too_many_columns');
  assert.equal(await codeOf(keys.map((key) => `{${key}}`).join('\n')), 'too_many_columns');
  assert.equal(await codeOf(`[[${keys.map((_, i) => i).join(',')}]]`), 'too_many_columns');
  const nested = keys.slice(0, 3000).map((_, i) => `{"o${i}":${'{"x":'.repeat(60)}1${'}'.repeat(61)}`);
  assert.equal(await codeOf(`[${nested.join(',')}]`), 'too_many_columns');
});

test('as many columns as are allowed are read, also when the scanner cannot know all of their keys', async () => {
  const keys = Array.from({ length: 1500 }, (_, i) => `${'k'.repeat(400)}${i}`);
  const row = `{${keys.map((key, i) => `"${key}":${i}`).join(',')}}`;
  const [table] = await readTables(jsonFormat, Buffer.from(`[${row},${row}]`), { limits: roomyLimits });
  assert.deepEqual([table!.columns.length, table!.rows[1]!.at(-1)], [1500, '1499']);
});

test('an array in which a key comes again and again takes one reject a row', async () => {
  const row = `{${'"a":1,'.repeat(200_000)}"a":2}`;
  const { rows, rejects } = await read(repeated(`[${row},${row}]`, '', 0, ''));
  assert.deepEqual([rows, rejects.length], [2, 2]);
});

test('an object with more tables than there can be is refused', async () => {
  const tables = Array.from({ length: 1001 }, (_, i) => `"t${i}":[{"a":1}]`);
  assert.equal(await codeOf(`{${tables.join(',')}}`), 'not_a_table');
  assert.equal(await codeOf(`{${tables.slice(1).join(',')}}`), 'read');
});

test('long cells fill a batch before its rows do', async () => {
  const { rows, batches } = await read(repeated('[{"a":1}', `,{"a":"${'x'.repeat(MiB)}"}`, 20, ']'), {
    ...roomyLimits,
    cellLength: 2 * MiB,
  });
  assert.deepEqual([rows, batches], [21, 3]);
});

test('a file cut off anywhere is refused, never read short', async () => {
  const whole = '{"page":1,"data":{"items":[{"a":"x\\n","b":[1,{"c":-1.5e3}]},null,{"a":true}]},"é":"ü"}';
  const bytes = Buffer.from(whole);
  for (let end = 1; end < bytes.length; end++) {
    const code = await readTables(jsonFormat, bytes.subarray(0, end)).then(
      () => 'read',
      (error: Problem) => error.code,
    );
    assert.equal(code, 'json_invalid', whole.slice(0, end));
  }
  assert.equal((await readTables(jsonFormat, bytes)).length, 2);
});

test('what other files are is not taken for JSON', async () => {
  for (const file of [
    '<html>',
    '%PDF-1.7',
    'PK\x03\x04',
    'a,b\n1,2',
    '\x00\x01\x02',
    '\xd0\xcf\x11\xe0',
    '"a","b"\n',
  ]) {
    assert.equal(await codeOf(file), 'json_invalid');
  }
});
