import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roomyLimits } from '../../../test/helpers/read-tables.ts';
import { findHeading, type HeadRow, joinNames } from './heading.ts';

/** Rows of texts with blanks between the cells, `.` for an empty one; a row that begins with `#` follows a blank line. */
function rowsOf(...lines: string[]): HeadRow[] {
  let number = 0;
  return lines.map((line) => {
    number += line.startsWith('#') ? 2 : 1;
    const texts = line.replace('#', '').split(' ');
    const cells = texts.flatMap((text, column): [number, string][] => (text === '.' ? [] : [[column, text]]));
    return { number, cells, isData: texts.some((text) => /^\d/.test(text)) };
  });
}

const found = (...lines: string[]) => {
  const { preamble, header } = findHeading(rowsOf(...lines), { limits: roomyLimits });
  return [preamble, header];
};
const names = (...lines: string[]) => [...joinNames(rowsOf(...lines))];

test('the first row is the header if it holds texts only', () => {
  assert.deepEqual(found('a b c', '1 2 3', '1 2 3'), [0, 1]);
  assert.deepEqual(found('1 b c', 'x y z', 'x y z'), [0, 0]);
  assert.deepEqual(found('a'), [0, 1]);
});

test('rows that fill at most half of what most rows fill stand above the header', () => {
  assert.deepEqual(found('Title', 'a b c', '1 2 3', '1 2 3'), [1, 1]);
  assert.deepEqual(found('Title', 'by 2024', '#a b c d', '1 2 3 4', '1 2 3 4'), [2, 1]);
  assert.deepEqual(found('Title', '1 2 3', '1 2 3', '1 2 3'), [0, 1], 'nothing below is a header');
});

test('two columns have a title only if the header below it is beyond doubt', () => {
  assert.deepEqual(found('Title', 'month amount', 'x 1', 'y 2', 'z 3'), [1, 1]);
  assert.deepEqual(found('Title', 'name Asha', 'town Pune', 'age old'), [0, 1]);
});

test('a sparse first row of data is no title', () => {
  assert.deepEqual(found('1', '1 2 3', '1 2 3', '1 2 3'), [0, 0]);
});

test('a row of groups belongs to the header if it names what that leaves open', () => {
  assert.deepEqual(found('. Q1 . Q2 .', 'name in out in out', 'x 1 2 3 4', 'y 1 2 3 4'), [0, 2]);
  assert.deepEqual(found('Name Address . .', '. Street City Zip', 'x y z 1', 'x y z 2'), [0, 2]);
  assert.deepEqual(found('Sales 2024', '#name in out net', 'x 1 2 3', 'y 1 2 3'), [1, 1], 'a blank line is between');
});

test('names of several rows are joined by blanks, groups to the right over empty cells', () => {
  assert.deepEqual(names('. Q1 . Q2 .', 'name in out in out'), [
    [0, 'name'],
    [1, 'Q1 in'],
    [2, 'Q1 out'],
    [3, 'Q2 in'],
    [4, 'Q2 out'],
  ]);
  assert.deepEqual(names('Name Address . .', '. Street City Zip'), [
    [0, 'Name'],
    [1, 'Address Street'],
    [2, 'Address City'],
    [3, 'Address Zip'],
  ]);
  assert.deepEqual(names(), []);
});
