import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { plainDecimal } from './numbers.ts';

test('a number with an exponent is written out digit for digit', () => {
  const cases = {
    '1e3': '1000',
    '1E+3': '1000',
    '1.5e3': '1500',
    '1.50e1': '15',
    '-12.34e-1': '-1.234',
    '1e-7': '0.0000001',
    '0.001e2': '0.1',
    '12345678901234567890e-2': '123456789012345678.9',
    '0.1000000000000000055e1': '1.000000000000000055',
    '100e-2': '1',
    '0e5': '0',
    '-0.0e0': '-0',
    '9e0': '9',
  };
  for (const [text, plain] of Object.entries(cases)) assert.equal(plainDecimal(text), plain);
});

test('what no double holds, and what has no exponent, comes back as it was', () => {
  for (const text of ['1e400', '-1e400', '1e-400', '1e999999999', '1.10', '-0', '0.00', '7']) {
    assert.equal(plainDecimal(text), text);
  }
});

test('the value stays exactly the same', () => {
  const parts = fc.record({
    sign: fc.constantFrom('', '-'),
    whole: fc.bigInt({ min: 0n, max: 10n ** 25n }),
    fraction: fc.stringMatching(/^\d{0,25}$/),
    exponent: fc.integer({ min: -60, max: 60 }),
  });
  fc.assert(
    fc.property(parts, ({ sign, whole, fraction, exponent }) => {
      const plain = plainDecimal(`${sign}${whole}${fraction && `.${fraction}`}e${exponent}`);
      assert.match(plain, /^-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?$/);
      const [digits = '', decimals = ''] = plain.replace('-', '').split('.');
      // Both sides times 10 to the 100.
      const actual = BigInt(digits + decimals.padEnd(100, '0'));
      assert.equal(actual, BigInt(whole + fraction) * 10n ** BigInt(100 - fraction.length + exponent));
      assert.equal(plain.startsWith('-'), sign === '-');
    }),
  );
});
