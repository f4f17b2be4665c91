import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { bitsFor, createBlindIndex, createNodeBlindIndex } from './blind-index.ts';
import { loadLanes } from './lanes.ts';
import { normalise } from './normalise.ts';

const KEY = randomBytes(32);

test('the number is the first bits of the HMAC-SHA-256 of the normalised value', () => {
  const tag = createHmac('sha256', KEY).update('123456789012').digest();
  for (const bits of [8, 17, 31, 32]) {
    const expected = Math.floor(tag.readUInt32BE() / 2 ** (32 - bits));
    assert.equal(createBlindIndex(KEY, bits).of('1234-5678 9012'), expected);
    assert.deepEqual(createBlindIndex(KEY, bits).all(['123456789012']), Uint32Array.of(expected));
  }
});

test('WebAssembly and Node give the same numbers for any values and batch sizes', () => {
  const text = fc.oneof(fc.string({ maxLength: 80 }), fc.string({ unit: 'binary', maxLength: 30 }));
  fc.assert(
    fc.property(fc.array(text, { maxLength: 20 }), fc.integer({ min: 8, max: 32 }), (values, bits) => {
      const index = createBlindIndex(KEY, bits);
      const expected = createNodeBlindIndex(KEY, bits).all(values);
      assert.deepEqual(index.all(values), expected);
      assert.deepEqual(Uint32Array.from(values, index.of), expected);
    }),
    { numRuns: 300 },
  );
  for (const size of [0, 1, 1023, 1024, 1025, 3000]) {
    const values = Array.from({ length: size }, (_, i) => `${i}`.repeat(i % 12));
    assert.deepEqual(createBlindIndex(KEY, 20).all(values), createNodeBlindIndex(KEY, 20).all(values));
  }
});

test('spellings of one value have one number', () => {
  const spellings: [string, string[]][] = [
    [
      '123456789012',
      [
        '1234 5678 9012',
        '1234-5678-9012',
        '１２３４ ５６７８ ９０１２',
        '1234\u20115678\u00a09012',
        '\ufeff123456789012 ',
      ],
    ],
    ['ABCDE1234F', ['abcde1234f', 'AbCdE 1234-f']],
    ['STRASSE', ['Straße', 'STRAẞE', 'strasse']],
    ['ΟΔΟΣ', ['οδος', 'οδοσ', 'Οδός'.normalize('NFD').replace('\u0301', '')]],
    ['JOSÉ', ['José', 'Jose\u0301']],
  ];
  for (const [form, all] of spellings) for (const value of all) assert.equal(normalise(value), form);
});

test('one value that is not in its normal form is seen at any place of a batch', () => {
  const index = createBlindIndex(KEY, 32);
  for (let at = 0; at < 40; at++) {
    for (const odd of ['a', 'z', '-', ' ', '/', ':', '@', '[', 'é']) {
      const values = ['7'.repeat(at) + odd + '7'.repeat(40 - at), 'A1', 'Z9'];
      assert.deepEqual(index.all(values), Uint32Array.from(values, index.of), JSON.stringify(values));
    }
  }
});

test('normalising twice changes nothing, and the short ways agree with the long one', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      assert.equal(normalise(normalise(value)), normalise(value));
    }),
    { numRuns: 2000 },
  );
  fc.assert(fc.property(fc.string(), (value) => assert.equal(normalise(`é${value}`), `É${normalise(value)}`)));
});

test('different values, and different keys, give different numbers', () => {
  const values = Array.from({ length: 1000 }, (_, i) => `${100_000_000_000 + i}`);
  const numbers = createBlindIndex(KEY, 32).all(values);
  assert.ok(new Set(numbers).size > 995);
  const others = createBlindIndex(randomBytes(32), 32).all(values);
  assert.ok(numbers.filter((number, i) => number === others[i]).length < 5);
});

test('the values are wiped from the module', () => {
  createBlindIndex(KEY, 16).all(['CANARY5391', 'CANARY5391'.repeat(5)]);
  assert.equal(loadLanes()!.memory.includes('CANARY5391'), false);
});

test('about eight rows share a number, within 8 and 32 bits', () => {
  assert.deepEqual([0, 1, 1000, 1_000_000, 10_000_000, 2 ** 40].map(bitsFor), [8, 8, 8, 17, 21, 32]);
});

test('a wrong key or number of bits is refused', () => {
  assert.throws(() => createBlindIndex(KEY.subarray(1), 16), { code: 'key_invalid' });
  for (const bits of [0, 7, 33, 8.5, Number.NaN]) {
    assert.throws(() => createBlindIndex(KEY, bits), { code: 'config_invalid' });
  }
});
