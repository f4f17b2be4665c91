import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cutNames, uniqueNames } from './column-names.ts';

test('a name that is free stays as it is', () => {
  assert.deepEqual(uniqueNames(['id', 'Name', 'name']), ['id', 'Name', 'name']);
});

test('a missing or blank name becomes the position of its column', () => {
  assert.deepEqual(uniqueNames(['id', null, '', ' \t\u00a0', 'x']), ['id', 'column_2', 'column_3', 'column_4', 'x']);
});

test('a name that comes again gets a number', () => {
  assert.deepEqual(uniqueNames(['name', 'name', 'name']), ['name', 'name_2', 'name_3']);
});

test('a name of the header is never taken by a column that needs a new one', () => {
  assert.deepEqual(uniqueNames(['a', 'a', 'a_2']), ['a', 'a_3', 'a_2']);
  assert.deepEqual(uniqueNames([null, 'column_1']), ['column_2', 'column_1']);
});

test('names are trimmed and compared in NFC', () => {
  assert.deepEqual(uniqueNames([' Zoe\u0308 ', 'Zo\u00eb']), ['Zo\u00eb', 'Zo\u00eb_2']);
});

test('names of object members are names like any other', () => {
  assert.deepEqual(uniqueNames(['__proto__', '__proto__', 'constructor', 'toString']), [
    '__proto__',
    '__proto___2',
    'constructor',
    'toString',
  ]);
});

test('a long name is cut at 200 code points, and never through a character', () => {
  const [first, second] = uniqueNames(['😀'.repeat(300), '😀'.repeat(300)]);
  assert.equal(first, '😀'.repeat(200));
  assert.equal(second, `${'😀'.repeat(198)}_2`);
});

test('any names become as many unique, clean names, and doing it again changes nothing', () => {
  const name = fc.oneof(fc.string({ unit: 'binary', maxLength: 230 }), fc.constantFrom('a', 'a_2', 'column_1', ' '));
  fc.assert(
    fc.property(fc.array(fc.option(name)), (names) => {
      const unique = uniqueNames(names);
      assert.equal(unique.length, names.length);
      assert.equal(new Set(unique).size, unique.length);
      for (const one of unique) assert.ok(one !== '' && one === one.trim() && [...one].length <= 200);
      assert.deepEqual(uniqueNames(unique), unique);
    }),
  );
});

test('a header of 16,384 equal names is made unique in one pass', () => {
  const unique = uniqueNames(Array<string>(16_384).fill('x'));
  assert.equal(unique.at(-1), 'x_16384');
});

test('of a name that is cut a reject keeps all of it, and says none of it', () => {
  const long = `${'x'.repeat(200)}y`;
  const [reject, ...others] = cutNames(['id', long, null, ` ${'😀'.repeat(200)} `], 3);
  assert.deepEqual([reject?.row, reject?.column, reject?.code, reject?.raw], [3, 1, 'name_cut', long]);
  assert.ok(!reject!.detail.includes('xx'));
  assert.deepEqual(others, []);
});
