import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mask, maskAll } from './mask.ts';

test('an Aadhaar number shows its last four digits, whatever stood between them', () => {
  for (const value of [
    '234512345678',
    '2345 1234 5678',
    '2345-1234-5678',
    ' 2345 1234  5678\u00a0',
    '2345.1234.5678',
  ]) {
    assert.equal(mask(value, 'aadhaar'), 'XXXX-XXXX-5678');
  }
});

test('what is not twelve digits shows at most a quarter of itself', () => {
  assert.equal(mask('23451234567', 'aadhaar'), 'XXXX-67');
  assert.equal(mask('2345123456789012', 'aadhaar'), 'XXXX-9012');
  assert.equal(mask('2.34512E+11', 'aadhaar'), 'XXXX-11');
  assert.equal(mask('2345 1234 567A', 'aadhaar'), 'XXXX-67A');
  assert.equal(mask('1234', 'aadhaar'), 'XXXX-4');
  assert.equal(mask('', 'aadhaar'), 'XXXX');
});

test('other values show the end of themselves, short ones nothing', () => {
  assert.equal(mask('ABCDE1234F', 'pan'), 'XXXX-4F');
  assert.equal(mask('Asha', 'text'), 'XXXX-a');
  assert.equal(mask('Bo', 'text'), 'XXXX');
  assert.equal(mask('1990-02-28', 'text'), 'XXXX-28');
});

test('spaces, signs and invisible characters do not make a short value long', () => {
  for (const filler of [' ', '.', '\u200b', '\u00a0', '-', '\u{1f600}']) {
    assert.equal(mask(`${filler.repeat(40)}1234`, 'aadhaar'), 'XXXX-4');
    assert.equal(mask(`12${filler.repeat(40)}3`, 'text'), 'XXXX');
  }
});

test('no mask ever shows more than four characters or a quarter of the letters and digits', () => {
  const any = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.stringMatching(/^[0-9 -]{0,20}$/));
  fc.assert(
    fc.property(any, fc.constantFrom('aadhaar', 'text'), (value, kind) => {
      const counted = Array.from(value).filter((character) => /[\p{L}\p{N}]/u.test(character));
      const masked = mask(value, kind);
      assert.match(masked, /^XXXX(-XXXX)?(-|$)/);
      const shown = Array.from(masked.replace(/^XXXX(-XXXX-|-|$)/, ''));
      if (/^XXXX-XXXX-\d{4}$/.test(masked) && kind === 'aadhaar' && counted.length === 12) return;
      assert.ok(shown.length <= Math.min(4, counted.length / 4));
      assert.deepEqual(shown, shown.length === 0 ? [] : counted.slice(-shown.length));
    }),
    { numRuns: 2000 },
  );
});

test('a batch is masked as its values are', () => {
  const values = ['234512345678', 'x', ''];
  for (const kind of ['aadhaar', 'text']) {
    assert.deepEqual(
      maskAll(values, kind),
      values.map((value) => mask(value, kind)),
    );
  }
});
