import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aadhaar } from './aadhaar.ts';
import { OTHER, SHAPED, VALID } from './detector.ts';
import { bare } from './dispatch.ts';
import { verhoeffDigit, verhoeffRemainder } from './verhoeff.ts';

test('the check digit of 236 is 3, as in the worked example of Wikipedia', () => {
  assert.equal(verhoeffDigit('236'), '3');
  assert.equal(verhoeffRemainder('2363'), 0);
  assert.equal(verhoeffRemainder('236x'), -1);
});

test('every single wrong digit and every swap of neighbours is noticed', () => {
  const number = `29301847562${verhoeffDigit('29301847562')}`;
  for (let i = 0; i < 12; i++) {
    for (let d = 0; d < 10; d++) {
      const changed = number.slice(0, i) + d + number.slice(i + 1);
      assert.equal(verhoeffRemainder(changed) === 0, changed === number);
    }
    const swapped = number.slice(0, i) + (number[i + 1] ?? '') + number[i] + number.slice(i + 2);
    assert.equal(verhoeffRemainder(swapped) === 0, swapped === number);
  }
});

test('an Aadhaar number is valid in a row and in groups of four, and wrong with another check digit', () => {
  const number = `70412938561${verhoeffDigit('70412938561')}`;
  const grouped = (separator: string) => [number.slice(0, 4), number.slice(4, 8), number.slice(8)].join(separator);
  for (const value of [number, grouped(' '), grouped('-'), ` ${number} `, `${number}.0`]) {
    assert.equal(aadhaar.test(bare(value)), VALID);
  }
  assert.equal(aadhaar.test(number.slice(0, 11) + ((Number(number[11]) + 1) % 10)), SHAPED);
});

test('what begins with 0 or 1 or holds other characters is no Aadhaar number', () => {
  const rest = '0412938561';
  for (const first of ['0', '1']) assert.equal(aadhaar.test(first + rest + verhoeffDigit(first + rest)), OTHER);
  for (const value of ['20412938561x', '2041.2938.56', '2041/293/856', 'x20412938561']) {
    assert.equal(aadhaar.test(value), OTHER, value);
  }
});
