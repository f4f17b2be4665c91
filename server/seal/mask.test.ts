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
  assert.equal(mask('ABCDE1234F', 'text'), 'XXXX-4F');
  assert.equal(mask('Asha', 'text'), 'XXXX-a');
  assert.equal(mask('Bo', 'text'), 'XXXX');
  assert.equal(mask('1990-02-28', 'text'), 'XXXX-28');
});

test('kinds with a usual mask show it, in whatever form the value is written', () => {
  assert.equal(mask('2934 5678 9012 3456', 'aadhaar_vid'), 'XXXX-XXXX-XXXX-3456');
  for (const card of ['4111111111111111', '4111 1111-1111.1111']) {
    assert.equal(mask(card, 'payment_card'), 'XXXX XXXX XXXX 1111');
  }
  assert.equal(mask('378282246310005', 'payment_card'), 'XXXX XXXX XXXX 0005');
  assert.equal(mask('de89 3704 0044 0532 0130 00', 'iban'), 'DEXX XXXX 3000');
  assert.equal(mask('NO9386011117947', 'iban'), 'NOXX XXXX 947');
  for (const pan of ['ABCPE1234F', 'abcpe 1234 f']) assert.equal(mask(pan, 'pan'), 'XXXXXXX34X');
  assert.equal(mask('asha.iyer@example.org', 'email'), 'aXXXX@example.org');
  assert.equal(mask('ravi.k@oksbi', 'upi_id'), 'rXXXX@oksbi');
});

test('what has not the form of its kind is masked like any text', () => {
  assert.equal(mask('41111111', 'payment_card'), 'XXXX-11');
  assert.equal(mask('ABCDE12345', 'pan'), 'XXXX-45');
  assert.equal(mask('unknown', 'iban'), 'XXXX-n');
  assert.equal(mask('a b@c@example.org', 'email'), 'XXXX-org');
  assert.equal(mask('ravi@234123412346', 'upi_id'), 'XXXX-2346');
  assert.equal(mask('ravi@9876543210.upi', 'email'), 'XXXX-0upi');
  assert.equal(mask('4'.repeat(4000), 'payment_card'), 'XXXX-4444');
  assert.equal(mask('ABCPE1234F', '__proto__'), 'XXXX-4F');
});

test('of an address with a short name nothing but the provider is shown', () => {
  for (const short of ['a', 'abc', 'a.b', '....'])
    assert.equal(mask(`${short}@example.org`, 'email'), 'XXXX@example.org');
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

test('no mask of a number shows more than its last four characters, besides an IBAN its country', () => {
  const any = fc.oneof(
    fc.string(),
    fc.stringMatching(/^[0-9 -]{0,24}$/),
    fc.stringMatching(/^[A-Z]{2}[0-9A-Z]{9,30}$/),
  );
  fc.assert(
    fc.property(any, fc.constantFrom('aadhaar_vid', 'payment_card', 'iban', 'pan', 'passport'), (value, kind) => {
      const masked = mask(value, kind);
      const bare = value.replace(/[^\p{L}\p{N}]/gu, '');
      if (/^XXXXXXX\d\dX$/.test(masked) && bare.length === 10) return;
      const [, country, shown] = /^(?:XXXX|([A-Z]{2})XX)(?:[- ]XXXX){0,2}(?:[- ](.{0,8}))?$/su.exec(masked)!;
      assert.ok(Array.from(shown ?? '').length <= Math.min(4, bare.length > 13 ? 4 : Array.from(bare).length / 4));
      assert.ok(bare.toUpperCase().endsWith((shown ?? '').toUpperCase()));
      assert.ok(country === undefined || (kind === 'iban' && bare.toUpperCase().startsWith(country)));
    }),
    { numRuns: 3000 },
  );
});

test('a batch is masked as its values are', () => {
  const values = ['234512345678', 'x', ''];
  for (const kind of ['aadhaar', 'pan', 'text']) {
    assert.deepEqual(
      maskAll(values, kind),
      values.map((value) => mask(value, kind)),
    );
  }
});
