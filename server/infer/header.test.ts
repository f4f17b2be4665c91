import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDigitLike, matchHeader, readHeader } from './header.ts';

const match = (name: string, names: string[], hints: string[] = []) => matchHeader(readHeader(name), names, hints);

test('a phrase is found however its words are joined', () => {
  for (const name of ['date_of_birth', 'Patient DateOfBirth', 'DATE-OF-BIRTH (1)', 'dateofbirth']) {
    assert.notEqual(match(name, ['date of birth']), null, name);
  }
  assert.equal(match('birth of a date', ['date of birth']), null);
});

test('a phrase is whole words, unless it ends in a star', () => {
  assert.equal(match('panel', ['pan']), null);
  assert.equal(match('PANNumber', ['pan number']), 'name');
  assert.equal(match('aadhaarno', ['aadhaar*']), 'name');
  assert.equal(match('my_aadhaarno', ['aadhaar']), null);
});

test('a phrase after an equals sign is the whole name', () => {
  assert.equal(match('Name', ['=name']), 'hint');
  assert.equal(match('product name', ['=name']), null);
});

test('a name that tells something about the thing is only a hint', () => {
  assert.equal(match('passport', ['passport*'], []), 'name');
  for (const name of ['passport_expiry', 'PassportStatus', 'passport issue place', 'passport_last_4']) {
    assert.equal(match(name, ['passport*']), 'hint', name);
  }
});

test('names in other scripts match in any normal form', () => {
  assert.equal(match('आधार संख्या', ['आधार*']), 'name');
  assert.equal(match('मोबाइल नंबर', ['मोबाइल*']), 'name');
  assert.equal(match('फ़ोन'.normalize('NFD'), ['फ़ोन*'.normalize('NFC')]), 'name');
  assert.equal(match('Führerscheinnummer'.normalize('NFD'), ['führerschein*']), 'name');
});

test('an endless name costs no more than its first words', () => {
  assert.ok(readHeader('word '.repeat(100_000)).runs.size < 200);
});

test('a mistyped number is like a number, a mask and an address are not', () => {
  for (const value of ['1234-5678-9012', 'ABCDE1234', '१२३४', '12345678901O']) assert.ok(isDigitLike(value), value);
  for (const value of ['XXXX-XXXX-1234', '12 Main Road', 'pending', '']) assert.ok(!isDigitLike(value), value);
});
