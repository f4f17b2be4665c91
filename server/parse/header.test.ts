import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goesOnHeader, hasHeader } from './header.ts';

const table = (text: string) => text.split('\n').map((line) => line.split(',').map((cell) => cell || null));
const withHeader = (text: string) => assert.equal(hasHeader(table(text), false), true, text);
const without = (text: string) => assert.equal(hasHeader(table(text), false), false, text);

test('names above values of one shape are a header', () => {
  withHeader('id,name,joined\n1,Asha,2020-01-31\n2,Ravi,2021-02-28');
  withHeader('name,email\nAsha,a@example.org\nRavi,r@example.org');
  withHeader(',name\n0,Asha\n1,Ravi');
});

test('a first row of the same shapes as the others is data', () => {
  without('1,Asha,2020-01-31\n2,Ravi,2021-02-28');
  without('Asha,a@example.org\nRavi,r@example.org');
  without('0044,x\n0045,y');
  without('₹ 1200,x\n₹ 90.50,y');
  without('true,x\nfalse,y');
});

test('a first row with a value that comes again below is data', () => {
  without('Asha,Pune\nRavi,Delhi\nMeera,Pune');
});

test('a row that holds an identifier is no header and no line of one', () => {
  const isIdentifier = (text: string) => /[A-Z]{5}\d{4}[A-Z]/.test(text);
  assert.equal(hasHeader(table('ABCPE1234F,Asha\n12,34\n13,35'), false, isIdentifier), false);
  const below = table('Asha,visa ABCPE1234F\n1,2\n3,4\n5,6');
  assert.deepEqual([goesOnHeader(below), goesOnHeader(below, isIdentifier)], [true, false]);
});

test('a header that stands in the file twice is still one', () => {
  withHeader('name,city\nAsha,Pune\nname,city\nRavi,Delhi');
});

test('an empty cell in a column that is only sometimes empty is data', () => {
  without('Asha,,Pune\nRavi,call,Delhi\nMeera,,Kochi');
});

test('an empty cell above an empty or a full column is no evidence', () => {
  withHeader('name,city,\nAsha,Pune,\nRavi,Delhi,');
  withHeader('name,city,\nAsha,Pune,x\nRavi,Delhi,y');
});

test('a missing value above numbers is not taken for a name', () => {
  without('N/A,Asha,1\n3,Ravi,2\n4,Meera,3');
});

test('one name that looks like a number does not undo the others', () => {
  withHeader('id,email,2020\n1,a@example.org,7\n2,b@example.org,8');
});

test('a single row is a header unless it holds a value', () => {
  withHeader('id,name');
  without('1,Asha');
});

test('lines of plain text have no header', () => {
  const lines = [['Dear Asha'], ['thank you for the list'], ['Ravi']];
  assert.equal(hasHeader(lines, true), false);
  assert.equal(hasHeader(lines, false), true);
  assert.equal(hasHeader([['x'.repeat(200)], ['y']], false), false);
  assert.equal(hasHeader([['age'], ['31'], ['42']], true), true);
});

test('hostile cells are judged in no time', () => {
  assert.equal(
    hasHeader(
      [
        [`a@${'.'.repeat(65_000)}@`, ' '],
        ['x', 'y'],
      ],
      false,
    ),
    true,
  );
});
