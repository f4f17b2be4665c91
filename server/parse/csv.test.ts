import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collect } from '../../test/helpers/collect.ts';
import { readTables, roomyLimits, sourceOf } from '../../test/helpers/read-tables.ts';
import { GLANCES } from '../core/batch.ts';
import { Problem } from '../core/problem.ts';
import { csvFormat } from './csv.ts';
import type { ReadEvent, ReadOptions } from './format.ts';

type Options = Parameters<typeof readTables>[2];

async function read(content: string | Uint8Array, options: Options = {}) {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const [table] = await readTables(csvFormat, bytes, options);
  return table!;
}

async function events(content: string | Uint8Array, name = 'a.csv', options: Partial<ReadOptions> = {}) {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return collect(csvFormat.read(sourceOf(bytes), name, { limits: roomyLimits, ...options }));
}

const fails = (content: string | Uint8Array, code: string, options: Options = {}) =>
  assert.rejects(read(content, options), (error) => error instanceof Problem && error.code === code);

test('a table starts with its name, columns and dialect, then come batches, and all is done at the end', async () => {
  assert.deepEqual(await events('id;name\n1;Asha\n2;Ravi\n', 'people.csv'), [
    {
      type: 'table',
      name: 'people.csv',
      columns: ['id', 'name'],
      dialect: { delimiter: ';', encoding: 'utf-8', header: true },
    },
    {
      type: 'batch',
      batch: {
        length: 2,
        columns: [
          ['1', '2'],
          ['Asha', 'Ravi'],
        ],
        glances: [GLANCES.integer, GLANCES.words].map((glance) => Uint8Array.of(glance, glance)),
      },
    },
    { type: 'progress', done: 1 },
  ] satisfies ReadEvent[]);
});

test('an empty cell is null, a quoted empty one is an empty text, and nothing is trimmed', async () => {
  const { rows } = await read('a,b,c\n,""," x "\n y ,"""",z\n', { header: 'present' });
  assert.deepEqual(rows, [
    [null, '', ' x '],
    [' y ', '"', 'z'],
  ]);
});

test('rows of another length are rejected with their number, what to do and their text', async () => {
  const { rows, rejects } = await read('a,b\n1,2\n\n1\n1,2,3\n4,5');
  assert.deepEqual(rows, [
    ['1', '2'],
    ['4', '5'],
  ]);
  assert.deepEqual(rejects, [
    {
      row: 4,
      code: 'ragged_row',
      detail: 'Row 4 has 1 cell, the header has 2. Fix the row or upload with ragged=pad.',
      raw: '1',
    },
    {
      row: 5,
      code: 'ragged_row',
      detail: 'Row 5 has 3 cells, the header has 2. Fix the row or upload with ragged=extra.',
      raw: '1,2,3',
    },
  ]);
});

test('a name that is missing is the last one where most rows end with a delimiter, else the first', async () => {
  const rows = (ends: (i: number) => string) =>
    Array.from({ length: 150 }, (_, i) => `P${i} Q,${100 + i}-45-1000,${ends(i)}`);
  const columns = async (ends: (i: number) => string) => (await read(`name,ssn\n${rows(ends).join('\n')}\n`)).columns;
  assert.deepEqual(await columns((i) => (i === 77 ? 'moved' : '')), ['name', 'ssn', 'column_3']);
  assert.deepEqual(await columns((i) => (i === 77 ? '' : 'x')), ['column_1', 'name', 'ssn']);
});

test('a line of the header with more names than the table has columns is a reject, and so is a name that is cut', async () => {
  const wide = await read('t\n\na,b,c\nx,y,z,SECRET,w\n1,2,3\n4,5,6\n7,8,9\n', { headerRows: 2, header: 'present' });
  assert.deepEqual(wide.columns, ['a x', 'b y', 'c z']);
  assert.deepEqual(
    wide.rejects.map(({ row, code, raw }) => [row, code, raw]),
    [
      [1, 'preamble', 't'],
      [4, 'ragged_header', 'x,y,z,SECRET,w'],
    ],
  );
  assert.ok(!wide.rejects[1]!.detail.includes('SECRET'));
  assert.deepEqual((await read('a,b\nx,y,,\n1,2\n3,4\n', { headerRows: 2, header: 'present' })).rejects, []);
  const long = 'q'.repeat(300);
  const { columns, rejects } = await read(`id,${long}\n1,2\n3,4\n`);
  assert.deepEqual(columns, ['id', long.slice(0, 200)]);
  assert.deepEqual(
    rejects.map(({ row, column, code, raw }) => [row, column, code, raw]),
    [[1, 1, 'name_cut', long]],
  );
});

test('pad fills short rows and leaves out surplus cells only when all of them are empty', async () => {
  const { rows, rejects } = await read('a,b,c\n1\n1,2,3,,\n1,2,3,,4\n1,2,3,""\n4,5,6\n', { ragged: 'pad' });
  assert.deepEqual(rows, [
    ['1', null, null],
    ['1', '2', '3'],
    ['4', '5', '6'],
  ]);
  assert.deepEqual(
    rejects.map(({ row, code, raw }) => [row, code, raw]),
    [
      [4, 'ragged_row', '1,2,3,,4'],
      [5, 'ragged_row', '1,2,3,""'],
    ],
  );
});

test('rows stay in order when some are padded', async () => {
  const lines = Array.from({ length: 3000 }, (_, i) => (i % 3 === 0 ? `${i}` : `${i},x`));
  const { rows } = await read(`id,b\n${lines.join('\n')}`, { ragged: 'pad' });
  assert.deepEqual(
    rows.map(([id]) => id),
    lines.map((_, i) => String(i)),
  );
});

test('a quote that never ends costs its own line and no other', async () => {
  const lines = Array.from({ length: 500 }, (_, i) => `${i},x`);
  lines[10] = '10,"oops';
  const { rows, rejects } = await read(`id,b\n${lines.join('\n')}\n`);
  assert.equal(rows.length, 499);
  assert.deepEqual(rejects, [
    {
      row: 12,
      column: 1,
      code: 'quote_unterminated',
      detail: 'Row 12, cell 2 opens a quote that is never closed. Close it, or write "" for a quote in quotes.',
      raw: '10,"oops',
    },
  ]);
});

test('a quote that only a later cell’s quote would close costs its own line too', async () => {
  const { rows, rejects } = await read('id,b\n1,"oops\n2,x\n3,"fine, really"\n4,y\n');
  assert.deepEqual(rows, [
    ['2', 'x'],
    ['3', 'fine, really'],
    ['4', 'y'],
  ]);
  assert.deepEqual(
    rejects.map(({ row, code }) => [row, code]),
    [[2, 'quote_unterminated']],
  );
});

test('a cell above the limit is rejected with its column, and reading goes on', async () => {
  const limits = { ...roomyLimits, cellLength: 5 };
  const { rows, rejects } = await read('id,b\n1,123456\n2,12345\n3,"1234567"\n4,"12345"\n', { limits });
  assert.deepEqual(rows, [
    ['2', '12345'],
    ['4', '12345'],
  ]);
  assert.deepEqual(
    rejects.map(({ row, column, code }) => [row, column, code]),
    [
      [2, 1, 'cell_too_large'],
      [4, 1, 'cell_too_large'],
    ],
  );
});

test('a line of 200 MB is one reject of 64 KiB, read in bounded memory', async () => {
  const piece = Buffer.alloc(1 << 20, 0x78);
  const before = Buffer.from('a,b\n1,2\n');
  const after = Buffer.from('\n3,4\n');
  const source = {
    size: before.length + 200 * piece.length + after.length,
    async *stream(start = 0, end?: number) {
      if (end !== undefined || start === 0) yield before.subarray(start);
      for (let i = 0; i < 200 && end === undefined; i++) yield piece;
      yield after;
    },
  };
  const peak = process.memoryUsage().arrayBuffers + (32 << 20);
  const got: ReadEvent[] = [];
  for await (const event of csvFormat.read(source, 'a.csv', { limits: roomyLimits })) {
    assert.ok(process.memoryUsage().arrayBuffers < peak);
    if (event.type !== 'progress') got.push(event);
  }
  const [table, reject, batch] = got;
  assert.deepEqual(table?.type === 'table' && table.columns, ['a', 'b']);
  assert.ok(
    reject?.type === 'reject' && reject.reject.code === 'cell_too_large' && reject.reject.raw.length === 65_536,
  );
  assert.deepEqual(batch?.type === 'batch' && batch.batch.columns, [
    ['1', '3'],
    ['2', '4'],
  ]);
});

test('a header that cannot be read, or has too many columns, is a problem', async () => {
  await fails('a,"b\n1,2,3\n', 'quote_unterminated', { header: 'present', delimiter: ',' });
  await fails(`${'x'.repeat(500)},b\n1,2\n`, 'cell_too_large', {
    limits: { ...roomyLimits, cellLength: 100 },
    header: 'present',
  });
  await fails('a,b,c\n1,2,3\n', 'too_many_columns', { limits: { ...roomyLimits, columns: 2 } });
  await fails('1,2,3\n1,2,3\n', 'too_many_columns', { limits: { ...roomyLimits, columns: 2 }, header: 'absent' });
});

test('too many rows and too many filled cells are problems; what is within the limits is not', async () => {
  const content = 'a,b\n1,\n2,\n3,\n';
  assert.equal((await read(content, { limits: { ...roomyLimits, rows: 3, cells: 3 } })).rows.length, 3);
  await fails(content, 'too_many_rows', { limits: { ...roomyLimits, rows: 2 } });
  await fails(content, 'too_many_cells', { limits: { ...roomyLimits, cells: 2 } });
});

test('a file with nothing in it is not a table; one with only a header is a table without rows', async () => {
  for (const empty of ['', '\ufeff', '\n', '\r\n\r\n\n']) await fails(empty, 'not_a_table');
  const { columns, rows, rejects } = await read('id,name\n');
  assert.deepEqual({ columns, rows, rejects }, { columns: ['id', 'name'], rows: [], rejects: [] });
});

test('Excel’s line sep=; names the delimiter and counts as a row', async () => {
  const { columns, rows, rejects } = await read('sep=;\r\na;b\r\n1,5;2\r\n3\r\n');
  assert.deepEqual([columns, rows], [['a', 'b'], [['1,5', '2']]]);
  assert.deepEqual(rejects[0]?.row, 4);
});

test('a delimiter may be any one character, and nothing else', async () => {
  for (const delimiter of ['^', '\x01', '§', '😀', ' ']) {
    const { rows } = await read(`a${delimiter}b\n1${delimiter}"2${delimiter}3"\n`, { delimiter });
    assert.deepEqual(rows, [['1', `2${delimiter}3`]]);
  }
  for (const delimiter of ['', ';;', '"', '\n', '\r', '\ud800']) await fails('a,b\n', 'invalid_request', { delimiter });
});

test('rows with bytes that are not UTF-8 are rejected in a file that is UTF-8', async () => {
  const damaged = Buffer.from('name,city\nZoë,Köln\nJos?,Pune\nJosé,Zürich\n');
  damaged[damaged.indexOf('?')] = 0xe9;
  const { rows, rejects, dialect } = await read(damaged);
  assert.equal(dialect.encoding, 'utf-8');
  assert.deepEqual(rows, [
    ['Zoë', 'Köln'],
    ['José', 'Zürich'],
  ]);
  assert.deepEqual(
    rejects.map(({ row, code, raw }) => [row, code, raw]),
    [[3, 'invalid_text', 'Jos\\xE9,Pune']],
  );
});

test('a first line of any length, NUL bytes and lone carriage returns are read', async () => {
  const names = Array.from({ length: 1400 }, (_, i) => `a column with a long name, number ${i} of many of them`);
  const { columns } = await read(`${names.map((name) => `"${name}"`).join(',')}\n`);
  assert.deepEqual(columns, names);
  const { rows } = await read('a,b\rx\0y,\0\r', { header: 'present' });
  assert.deepEqual(rows, [['x\0y', '\0']]);
});

test('a rejected row is cut at 64 KiB and not within a character', async () => {
  const { rejects } = await read(`a,b\nx${'é'.repeat(40_000)}\n1,2\n`);
  assert.equal(rejects[0]?.raw, `x${'é'.repeat(32_767)}`);
});

test('progress never goes back, comes often, and ends at one', async () => {
  const content = `id,name\n${'1,Asha\n'.repeat(1_000_000)}`;
  const done = (await events(content)).flatMap((event) => (event.type === 'progress' ? [event.done] : []));
  assert.ok(done.length >= 6 && done.length <= 101);
  assert.deepEqual(
    done,
    done.toSorted((a, b) => a - b),
  );
  assert.equal(done.at(-1), 1);
});

test('a batch holds 1024 rows, the last one fewer', async () => {
  const lengths = (await events(`a,b\n${'x,y\n'.repeat(2500)}`)).flatMap((event) =>
    event.type === 'batch' ? [event.batch.length] : [],
  );
  assert.deepEqual(lengths, [1024, 1024, 452]);
});

test('a reader that is left early lets go of its source', async () => {
  let closed = 0;
  const bytes = Buffer.from(`a,b\n${'x,y\n'.repeat(200_000)}`);
  const source = {
    size: bytes.length,
    async *stream(start = 0, end?: number) {
      try {
        yield* sourceOf(bytes).stream(start, end);
      } finally {
        closed++;
      }
    },
  };
  for await (const event of csvFormat.read(source, 'a.csv', { limits: roomyLimits })) if (event.type === 'batch') break;
  assert.equal(closed, 3);
});

test('no message repeats what stands in a row', async () => {
  const secret = '234567890124';
  const content = `a,b\n${secret}\n1,"${secret}\n${secret}${secret},1\n1,${secret}\n`;
  const { rejects } = await read(content, { limits: { ...roomyLimits, cellLength: 20 } });
  assert.equal(rejects.length, 3);
  for (const { detail } of rejects) assert.ok(!detail.includes(secret));
});

test('a hundred thousand blocks that could be tables and are none are looked at in no time and no memory', async () => {
  const content = `a,b\n1,2\n${'\nx,y,z\n'.repeat(100_000)}`;
  const before = process.cpuUsage();
  const { rows, rejects } = await read(content);
  const { user } = process.cpuUsage(before);
  assert.deepEqual([rows.length, rejects.length], [1, 100_000]);
  assert.ok(user < 20e6);
});

test('a table that begins where the window ends is found as elsewhere', async () => {
  const wide = 'x,y,z\n'.repeat(3000);
  for (let pad = 0; pad < 40; pad++) {
    const first = `a,b\n${`1,${'2'.repeat(28)}\n`.repeat(2036)}${'3,4\n'.repeat(pad)}`;
    const tables = await readTables(csvFormat, Buffer.from(`${first}\nq,r,s\n${wide}`), { chunkBytes: 1000 });
    assert.deepEqual(
      tables.map(({ rows }) => rows.length),
      [2036 + pad, 3000],
    );
  }
});
