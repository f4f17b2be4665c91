import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aadhaar } from './aadhaar.ts';
import { OTHER, SHAPED, VALID } from './detector.ts';
import { isVerhoeff, verhoeffDigit } from './verhoeff.ts';

test('the check digit of 236 is 3, as in the worked example of Wikipedia', () => {
  assert.equal(verhoeffDigit('236'), '3');
  assert.ok(isVerhoeff('2363'));
});

test('every single wrong digit and every swap of neighbours is noticed', () => {
  const number = `29301847562${verhoeffDigit('29301847562')}`;
  for (let i = 0; i < 12; i++) {
    for (let d = 0; d < 10; d++) {
      const changed = number.slice(0, i) + d + number.slice(i + 1);
      assert.equal(isVerhoeff(changed), changed === number);
    }
    const swapped = number.slice(0, i) + (number[i + 1] ?? '') + number[i] + number.slice(i + 2);
    assert.equal(isVerhoeff(swapped), swapped === number);
  }
});

test('an Aadhaar number is valid in a row and in groups of four, and wrong with another check digit', () => {
  const number = `70412938561${verhoeffDigit('70412938561')}`;
  const grouped = (separator: string) => [number.slice(0, 4), number.slice(4, 8), number.slice(8)].join(separator);
  for (const value of [number, grouped(' '), grouped('-')]) assert.equal(aadhaar.test(value), VALID);
  assert.equal(aadhaar.test(number.slice(0, 11) + ((Number(number[11]) + 1) % 10)), SHAPED);
});

test('what begins with 0 or 1, is grouped otherwise or holds other characters is no Aadhaar number', () => {
  const rest = '0412938561';
  for (const first of ['0', '1']) assert.equal(aadhaar.test(first + rest + verhoeffDigit(first + rest)), OTHER);
  for (const value of [
    '2041-2938 5617',
    '20412938561',
    '2041293856171',
    '20412938561x',
    '204-12938-5617',
    '2041.2938.5617',
  ]) {
    assert.equal(aadhaar.test(value), OTHER);
  }
});
