import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isPlainNumber, plainNumber } from './numbers.ts';

test('every double keeps its value and comes without an exponent', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = plainNumber(String(value));
      assert.equal(Number(text), value === 0 ? 0 : value);
      assert.match(text, /^-?(0|[1-9]\d*)(\.\d*[1-9])?$/);
    }),
  );
});

test('what is seen to be plain is what would come out anyway', () => {
  const text = fc.stringMatching(/^-?[0-9]{0,18}(\.[0-9]{0,17})?([eE][0-9])?$/);
  fc.assert(
    fc.property(text, (written) => {
      const bytes = Buffer.from(`x${written}y`);
      if (isPlainNumber(bytes, 1, bytes.length - 1)) assert.equal(plainNumber(written), written);
    }),
    { numRuns: 2000 },
  );
  const seen = ['0', '-1', '1.5', '12345678901234567890', '-0.25'].map((number) =>
    isPlainNumber(Buffer.from(number), 0, number.length),
  );
  assert.deepEqual(seen, [true, true, true, true, true]);
});

test('whole numbers keep all their digits', () => {
  assert.equal(plainNumber('00123456789012345678901'), '123456789012345678901');
  assert.equal(plainNumber('123456789012345678901.00'), '123456789012345678901');
  assert.equal(plainNumber('-0'), '0');
});

test('numbers that no double can hold stay as they are', () => {
  assert.deepEqual(['1e400', '1e-400', '.', '', '-', '1e'].map(plainNumber), ['1e400', '1e-400', '.', '', '-', '1e']);
});
