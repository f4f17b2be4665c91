import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collect } from '../../test/helpers/collect.ts';
import { readTables, roomyLimits, sourceOf } from '../../test/helpers/read-tables.ts';
import { Problem } from '../core/problem.ts';
import type { ReadEvent, ReadOptions } from './format.ts';
import { jsonFormat } from './json.ts';

type Options = Partial<ReadOptions>;

const events = (content: string, name = 'a.json', options: Options = {}): Promise<ReadEvent[]> =>
  collect(jsonFormat.read(sourceOf(Buffer.from(content)), name, { limits: roomyLimits, ...options }));

const tables = (content: string | Uint8Array, options: Options = {}) =>
  readTables(jsonFormat, Buffer.from(content as string), options);

async function read(content: string | Uint8Array, options: Options = {}) {
  const [table, ...others] = await tables(content, options);
  assert.equal(others.length, 0);
  return table!;
}

/** The rows of a file that is read under a name of its own. */
async function readNamed(content: string, name: string) {
  const all = await events(content, name);
  return {
    layout: all.flatMap((event) => (event.type === 'table' ? [event.dialect.layout] : []))[0],
    columns: all.flatMap((event) => (event.type === 'batch' ? event.batch.columns : [])),
    rejects: all.flatMap((event) => (event.type === 'reject' ? [event.reject] : [])),
  };
}

const failure = async (content: string | Uint8Array, options: Options = {}): Promise<Problem> => {
  const error = await tables(content, options).then(
    () => assert.fail('the file was read'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof Problem, String(error));
  return error;
};
const fails = async (content: string | Uint8Array, code: string, options: Options = {}) =>
  assert.equal((await failure(content, options)).code, code);

test('an array of objects is a table named as the file, its columns the keys of all rows as they first appear', async () => {
  assert.deepEqual(await events('[{"id":1,"name":"Asha"},{"city":"Pune","id":2}]', 'people.json'), [
    {
      type: 'table',
      name: 'people.json',
      columns: ['id', 'name', 'city'],
      dialect: { encoding: 'utf-8', layout: 'array', rows: 'objects' },
    },
    {
      type: 'batch',
      batch: {
        length: 2,
        columns: [
          ['1', '2'],
          ['Asha', null],
          [null, 'Pune'],
        ],
      },
    },
    { type: 'progress', done: 1 },
  ] satisfies ReadEvent[]);
});

test('null and an absent member are null, the empty text is a text, true and false are words', async () => {
  const { rows } = await read('[{"a":null,"b":"","c":true},{"b":" x ","c":false},null]');
  assert.deepEqual(rows, [
    [null, '', 'true'],
    [null, ' x ', 'false'],
    [null, null, null],
  ]);
});

test('numbers keep every digit that the file has; an exponent is written out, with the file’s text beside it', async () => {
  const numbers = ['12345678901234567890', '-0', '1.10', '0.1000000000000000055', '1e400', '1.5E3', '25e-1', '1e-7'];
  const { rows, raws } = await read(`[${numbers.map((number) => `{"n":${number}}`)}]`);
  const written = numbers.slice(0, 5);
  assert.deepEqual(rows.flat(), [...written, '1500', '2.5', '0.0000001']);
  assert.deepEqual(raws.flat(), [...written.map(() => null), ...numbers.slice(5)]);
});

test('members of objects in rows are columns of their own, and a point in a key is told from one between keys', async () => {
  const { columns, rows } = await read('[{"a":{"b":{"c":1},"d":2}},{"a.b":3,"a":{"b.c":4,"b":{"c":5}},"\\\\":6}]');
  assert.deepEqual(columns, ['a.b.c', 'a.d', 'a\\.b', 'a.b\\.c', '\\\\']);
  assert.deepEqual(rows, [
    ['1', '2', null, null, null],
    ['5', null, '3', '4', '6'],
  ]);
});

test('a key that is an object in some rows and null in the others has no column of its own', async () => {
  assert.deepEqual((await read('[{"a":null},{"a":{"b":1}}]')).columns, ['a.b']);
  assert.deepEqual((await read('[{"a":null},{"a":{"b":1}},{"a":2}]')).columns, ['a', 'a.b']);
  assert.deepEqual((await read('[{"a":null,"b":1}]')).columns, ['a', 'b']);
});

test('arrays in rows, and objects without members, are cells of JSON without white space, as it stood beside them', async () => {
  const { columns, rows, raws } = await read('[{"a":[1, {"b" : "x y"}],"c":{ },"d":["\\u00e9 "]}]');
  assert.deepEqual(columns, ['a', 'c', 'd']);
  assert.deepEqual(rows, [['[1,{"b":"x y"}]', '{}', '["\\u00e9 "]']]);
  assert.deepEqual(raws, [['[1, {"b" : "x y"}]', '{ }', null]]);
});

test('escapes are resolved; half a surrogate pair becomes U+FFFD with the file’s text beside it', async () => {
  const { rows, raws } = await read('[{"a":"\\u0905\\n\\/\\ud83d\\ude00\\u0000"},{"a":"x\\ud800"}]');
  assert.deepEqual(rows, [['अ\n/😀\0'], ['x\ufffd']]);
  assert.deepEqual(raws, [[null], ['x\\ud800']]);
});

test('of equal keys the last counts, and the row is kept as a reject as well', async () => {
  const { rows, rejects } = await read('[{"a":1,"b":2},{"a":1,"\\u0061":{"c":3},"b":4,"b":5}]');
  assert.deepEqual(rows, [
    ['1', '2', null],
    [null, '5', '3'],
  ]);
  const [reject] = rejects;
  assert.deepEqual([rejects.length, reject!.row, reject!.column, reject!.code], [1, 2, 0, 'duplicate_key']);
  assert.equal(reject!.raw, '{"a":1,"\\u0061":{"c":3},"b":4,"b":5}');
});

test('keys that mean something to JavaScript are keys like others', async () => {
  const { columns, rows } = await read('[{"__proto__":{"x":1},"constructor":2,"toString":null,"10":3,"9":4}]');
  assert.deepEqual(columns, ['__proto__.x', 'constructor', 'toString', '10', '9']);
  assert.deepEqual(rows, [['1', '2', null, '3', '4']]);
  assert.equal(({} as { x?: number }).x, undefined);
});

test('escaped keys are right where JSON.parse confuses them with one that is a backslash (nodejs/node#63785)', async () => {
  const { columns } = await read('[{"h":[],"\\\\":0},{"h":1,"\\"":2,"a\\u0061":3,"a\\\\":4,"\\u0062":5}]');
  assert.deepEqual(columns, ['h', '\\\\', '"', 'aa', 'a\\\\', 'b']);
});

test('an array of arrays has a header by the rule for CSV, and rows of another length are rejects', async () => {
  const { columns, rows, rejects, dialect } = await read('[["name","age"],["Asha",41],["Ravi",38],["Meera"],null]');
  assert.deepEqual(columns, ['name', 'age']);
  assert.deepEqual(rows, [
    ['Asha', '41'],
    ['Ravi', '38'],
    [null, null],
  ]);
  assert.deepEqual(
    rejects.map(({ row, code, raw }) => [row, code, raw]),
    [[4, 'ragged_row', '["Meera"]']],
  );
  assert.equal(dialect.header, true);
  const padded = await read('[[1,[2, {"a":3}]],[4],[5,6,7]]', { ragged: 'pad' });
  assert.deepEqual(padded.columns, ['column_1', 'column_2']);
  assert.deepEqual(padded.rows, [
    ['1', '[2,{"a":3}]'],
    ['4', null],
  ]);
  assert.equal(padded.rejects.length, 1);
  assert.deepEqual((await read('[["a"],["b"]]', { header: 'absent' })).rows, [['a'], ['b']]);
  const long = 'q'.repeat(300);
  const cut = await read(
    JSON.stringify([
      ['id', long],
      [1, 2],
      [3, 4],
    ]),
  );
  assert.deepEqual([cut.columns, cut.rows.length], [['id', long.slice(0, 200)], 2]);
  assert.deepEqual([cut.rejects.length, cut.rejects[0]?.code, cut.rejects[0]?.raw], [1, 'name_cut', long]);
});

test('an array of single values is a table of one column', async () => {
  const { columns, rows, dialect } = await read('[1,"a",null,true]');
  assert.deepEqual([columns, rows, dialect.rows], [['value'], [['1'], ['a'], [null], ['true']], 'scalars']);
});

test('in an object every array of objects is a table, named by its path, and all else a row of one more', async () => {
  const file =
    '{"page":2,"data":{"items":[{"a":1},{"a":2}],"next":null,"tags":["x", "y"],"empty":[]},"more.s":[{"b":3}]}';
  const [items, more, rest, ...others] = await tables(file);
  assert.deepEqual([items!.name, items!.columns, items!.rows], ['data.items', ['a'], [['1'], ['2']]]);
  assert.deepEqual([more!.name, more!.columns, more!.rows], ['more\\.s', ['b'], [['3']]]);
  assert.deepEqual([rest!.name, others.length], ['test', 0]);
  assert.deepEqual(rest!.columns, ['page', 'data.next', 'data.tags', 'data.empty']);
  assert.deepEqual([rest!.rows, rest!.raws], [[['2', null, '["x","y"]', '[]']], [[null, null, '["x", "y"]', null]]]);
});

test('an object with a table and nothing else but nulls is that table alone', async () => {
  const { name, rows } = await read('{"next":null,"items":[{"a":1}],"meta":{"prev":null}}');
  assert.deepEqual([name, rows], ['items', [['1']]]);
});

test('an object without an array of objects is a table of one row', async () => {
  const { columns, rows } = await read('{"id":7,"name":{"first":"Asha"},"tags":[1,2],"none":{},"mixed":[1,{"a":2}]}');
  assert.deepEqual(columns, ['id', 'name.first', 'tags', 'none', 'mixed']);
  assert.deepEqual(rows, [['7', 'Asha', '[1,2]', '{}', '[1,{"a":2}]']]);
});

test('an object’s equal members: the last counts and what the others held is in a reject', async () => {
  const { columns, rows, rejects } = await read('{"a":1,"b":{"c":2},"a":[3, 4],"b":5}');
  assert.deepEqual([columns, rows], [['a', 'b.c', 'b'], [['[3,4]', null, '5']]]);
  assert.deepEqual(
    rejects.map(({ row, code, raw }) => [row, code, raw]),
    [[1, 'duplicate_key', '1\n2']],
  );
});

test('lines are rows; a line that is no JSON, or of another kind, is a reject and reading goes on', async () => {
  const { rows, rejects, dialect } = await read('{"a":1}\r\n\n{"a":\n {"a":2} \n{"a":3}}\n[4]\n5\nnull\n{"a":6');
  assert.equal(dialect.layout, 'lines');
  assert.deepEqual(rows, [['1'], ['2'], [null]]);
  assert.deepEqual(
    rejects.map(({ row, code, raw }) => [row, code, raw]),
    [
      [3, 'invalid_json', '{"a":'],
      [5, 'invalid_json', '{"a":3}}'],
      [6, 'not_a_row', '[4]'],
      [7, 'not_a_row', '5'],
      [9, 'invalid_json', '{"a":6'],
    ],
  );
  assert.match(rejects[0]!.detail, /^Line 3, character 6: the line ends within a value\./);
  assert.match(rejects[1]!.detail, /^Line 5, character 8: something follows where the value has ended\./);
});

test('a name that says lines is believed for the first line too, unless the file begins with an array', async () => {
  const bad = await readNamed('{"a":1,}\n{"a":2}', 'a.ndjson');
  assert.deepEqual([bad.layout, bad.columns, bad.rejects[0]!.row], ['lines', [['2']], 1]);
  assert.deepEqual((await readNamed('{"a":1,"b":[{"c":2}]}', 'a.jsonl')).columns, [['1'], ['[{"c":2}]']]);
  assert.equal((await readNamed('[{"a":1},{"a":2}]\n', 'a.JSONL')).layout, 'array');
  assert.equal((await readNamed('{\n"a":[{"b":1}]\n}\n', 'a.jsonl')).layout, 'object');
  await assert.rejects(events('{"a":1,}\n{"a":2}', 'a.json'), { code: 'json_invalid' });
  await assert.rejects(events('{a:1}\n{"a" 2}', 'a.jsonl'), { code: 'json_invalid', detail: /^Line 1, character 2: / });
});

test('arrays as lines are rows as well, whether or not the first could be a table by itself', async () => {
  const { columns, rows } = await read('["a","b"]\n[1,{"c":2}]\n[3,"x"]');
  assert.deepEqual(
    [columns, rows],
    [
      ['a', 'b'],
      [
        ['1', '{"c":2}'],
        ['3', 'x'],
      ],
    ],
  );
  assert.deepEqual((await read('[{"a":1},2]\n[{"a":3},4]')).rows, [
    ['{"a":1}', '2'],
    ['{"a":3}', '4'],
  ]);
  assert.deepEqual((await read('{"r":[{"a":1},2]}\n{"r":[]}')).rows, [['[{"a":1},2]'], ['[]']]);
});

test('a text sequence is rows; a record that is no JSON, or may be cut off, is a reject', async () => {
  const { rows, rejects, dialect } = await read('\x1e{"a":1}\n\x1e{"a":\x1e\x1e{\n"a":2}\n\x1e7\n\x1e12');
  assert.deepEqual([dialect.layout, rows], ['sequence', [['1'], ['2']]]);
  assert.deepEqual(
    rejects.map(({ row, code }) => [row, code]),
    [
      [2, 'invalid_json'],
      [4, 'not_a_row'],
      [5, 'invalid_json'],
    ],
  );
});

test('values one behind the other are rows; they must be JSON and of one kind', async () => {
  const { rows, dialect } = await read('{"a":1}{"a":\n2} {"a":3}\n');
  assert.deepEqual([dialect.layout, rows], ['concatenated', [['1'], ['2'], ['3']]]);
  await fails('{"a":1}{"a":2}}', 'json_invalid');
  await fails('{"a":1}{"a":2} 3', 'not_a_table');
});

test('what is no table is refused with the reason', async () => {
  for (const file of ['', ' \n ', '5', '"text"', 'null', '[]', '{}', '[{}]', '[{},{}]', '{"a":[{}]}', '[[]]']) {
    await fails(file, 'not_a_table');
  }
  const mixed = await failure('[{"a":1},{"a":2},[3]]');
  assert.deepEqual([mixed.code, mixed.detail.slice(0, 22)], ['not_a_table', 'Row 3 is no object, as']);
  await fails('{"a":[{"b":1},2]}', 'not_a_table');
});

test('what is no JSON is refused with its line and column, and nothing of the file', async () => {
  const cases = [
    ['[1,\n NaN]', 2, 2],
    ['[Infinity]', 1, 2],
    ['[{"a":1},]', 1, 10],
    ['{"a":1,}', 1, 8],
    ['// x\n[1]', 1, 1],
    ['[1]/* x */', 1, 4],
    ["{'a':1}", 1, 2],
    ['{a:1}', 1, 2],
    ['[{"é":01}]', 1, 8],
    ['[{"a":"secret\n"}]', 1, 14],
    ['[{"a":"\\x41"}]', 1, 8],
    ['[{"a":tru}]', 1, 7],
    ['[{"a":1}', 1, 9],
    ['{"a":[{"b":1}', 1, 14],
    ['[+1]', 1, 2],
    ['[1 2]', 1, 4],
    ['[1]]', 1, 4],
    ['{"a":{"b":1,"c"}}', 1, 16],
  ] as const;
  for (const [file, line, column] of cases) {
    const { code, detail } = await failure(file);
    assert.equal(code, 'json_invalid', file);
    assert.ok(detail.startsWith(`Line ${line}, column ${column}: `), `${file}: ${detail}`);
    assert.doesNotMatch(detail, /secret/);
  }
});

test('UTF-16, with and without a mark, and a mark of UTF-8 are read', async () => {
  const text = '[{"नाम":"अ"},{"नाम":"Asha Iyer of the long road"}]';
  const files = [
    Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]),
    Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(text, 'utf16le').swap16()]),
    Buffer.from(`\ufeff${text}`),
  ];
  for (const file of files) {
    const { columns, rows } = await read(file);
    assert.deepEqual([columns, rows], [['नाम'], [['अ'], ['Asha Iyer of the long road']]]);
  }
});

test('a row with bytes that are no text in the file’s encoding is a reject', async () => {
  const file = Buffer.concat([
    Buffer.from('[{"a":"é","b":"ü"},{"a":"'),
    Buffer.from([0xff]),
    Buffer.from('","c":1},{"a":"ö"}]'),
  ]);
  const { columns, rows, rejects } = await read(file);
  assert.deepEqual(
    [columns, rows],
    [
      ['a', 'b'],
      [
        ['é', 'ü'],
        ['ö', null],
      ],
    ],
  );
  assert.deepEqual(
    rejects.map(({ row, code, raw }) => [row, code, raw]),
    [[2, 'invalid_text', '{"a":"\\xFF","c":1}']],
  );
});

test('a cell that is too long makes its row a reject, or its cell beside tables', async () => {
  const limits = { ...roomyLimits, cellLength: 5 };
  const { rows, rejects } = await read('[{"a":"12345"},{"b":1,"a":"123456"},{"a":"\\u0031"},{"a":[1,2,3]}]', {
    limits,
  });
  assert.deepEqual(rows, [
    ['12345', null],
    ['1', null],
  ]);
  assert.deepEqual(
    rejects.map(({ row, column, code }) => [row, column, code]),
    [
      [2, 0, 'cell_too_large'],
      [4, 0, 'cell_too_large'],
    ],
  );
  const rest = await read('{"a":"123456","b":1}', { limits });
  assert.deepEqual([rest.rows, rest.rejects[0]!.code], [[[null, '1']], 'cell_too_large']);
});

test('more columns, rows or cells than allowed end the reading', async () => {
  const small = (limit: object) => ({ limits: { ...roomyLimits, ...limit } });
  await fails('[{"a":1,"b":2},{"c":3}]', 'too_many_columns', small({ columns: 2 }));
  await fails('{"a":1,"b":{"c":2,"d":3}}', 'too_many_columns', small({ columns: 2 }));
  await fails('[[1,2,3],[4,5,6]]', 'too_many_columns', small({ columns: 2 }));
  await fails('[{"a":1},{"a":2},null]', 'too_many_rows', small({ rows: 2 }));
  await fails('[{"a":1},{"a":2},{"a":3}]', 'too_many_cells', small({ cells: 2 }));
  assert.equal((await read('[{"a":1},{"a":2},null]', small({ rows: 3, cells: 2, columns: 1 }))).rows.length, 3);
});

test('nesting is taken to 64 levels of a row, and refused below that', async () => {
  const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
  assert.equal((await read(`[{"a":${deep(63)}}]`)).rows[0]![0], deep(63));
  await fails(`[{"a":${deep(64)}}]`, 'json_too_deep');
  const { rows, rejects } = await read(`{"a":1}\n{"a":${deep(64)}}\n{"a":2}`);
  assert.deepEqual([rows, rejects[0]!.code], [[['1'], ['2']], 'too_deep']);
  await fails(`${'{"a":'.repeat(65)}1${'}'.repeat(65)}`, 'json_too_deep');
  assert.equal((await read(`${'{"a":'.repeat(64)}1${'}'.repeat(64)}`)).rows[0]![0], '1');
});

test('progress goes up over both readings and ends with all', async () => {
  const row = `{"a":"${'x'.repeat(1000)}"},`;
  const all = await events(`[${row.repeat(8000)}{"a":1}]`);
  const done = all.flatMap((event) => (event.type === 'progress' ? [event.done] : []));
  assert.deepEqual(
    done,
    done.toSorted((a, b) => a - b),
  );
  assert.ok(done.some((share) => share > 0 && share < 0.5) && done.some((share) => share > 0.5 && share < 1));
  assert.equal(done.at(-1), 1);
});
