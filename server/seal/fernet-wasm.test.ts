import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { createNodeSealer } from './fernet.ts';
import { createWasmSealer } from './fernet-wasm.ts';
import { loadLanes } from './lanes.ts';

const KEY = randomBytes(32);
const node = createNodeSealer(KEY);
const wasm = createWasmSealer(KEY);
const NOW = 1_800_000_000;

/** Any strings at all: ASCII and not, empty, with lone surrogates, some longer than a slot, some with NUL. */
const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 40 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.string({ minLength: 90, maxLength: 200 }) },
  { weight: 1, arbitrary: fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 }).map(fromUnits) },
);

function fromUnits(units: number[]): string {
  return String.fromCharCode(...units);
}

test('what WebAssembly seals Node opens and the other way round, for any strings', () => {
  fc.assert(
    fc.property(fc.array(text, { maxLength: 50 }), (values) => {
      const expected = values.map((value) => value.toWellFormed());
      assert.deepEqual(node.open(wasm.seal(values, NOW)), expected);
      assert.deepEqual(wasm.open(node.seal(values, NOW)), expected);
      assert.deepEqual(wasm.open(wasm.seal(values, NOW)), expected);
    }),
    { numRuns: 300 },
  );
});

test('batches of any size keep their order', () => {
  const sizes = fc.oneof(
    fc.integer({ min: 0, max: 3000 }),
    fc.constantFrom(0, 1, 3, 4, 5, 1023, 1024, 1025, 2048, 3000),
  );
  fc.assert(
    fc.property(sizes, fc.constantFrom(1, 20, 140), (size, longest) => {
      const values = Array.from({ length: size }, (_, i) => `${i}`.padEnd((i * 7) % longest, '.'));
      assert.deepEqual(node.open(wasm.seal(values, NOW)), values);
      assert.deepEqual(wasm.open(node.seal(values, NOW)), values);
    }),
    { numRuns: 40 },
  );
});

test('both agree on which tokens of a mixed batch are valid', () => {
  const change = fc.record({ at: fc.nat(), to: fc.string({ minLength: 0, maxLength: 2, unit: 'binary' }) });
  fc.assert(
    fc.property(fc.array(fc.tuple(text, fc.option(change)), { maxLength: 40 }), (cases) => {
      const sealed = wasm.seal(
        cases.map(([value]) => value),
        NOW,
      );
      const tokens = sealed.map((token, i) => edit(token, cases[i]![1]));
      assert.deepEqual(wasm.openEach(tokens), node.openEach(tokens));
    }),
    { numRuns: 200 },
  );
});

function edit(token: string, change: { at: number; to: string } | null): string {
  if (change === null) return token;
  const at = change.at % token.length;
  return token.slice(0, at) + change.to + token.slice(at + 1);
}

test('texts of megabytes and of every length around a slot are sealed too', () => {
  const values = [
    ...Array.from({ length: 300 }, (_, i) => 'é'.repeat(i)),
    'x'.repeat(3_000_000),
    'ङ'.repeat(700_000),
    '',
  ];
  assert.deepEqual(node.open(wasm.seal(values, NOW)), values);
  assert.deepEqual(wasm.open(node.seal(values, NOW)), values);
});

test('a lone surrogate is sealed as the replacement character, as TextEncoder writes it', () => {
  const values = ['a\ud800b', '\udc00', 'plain', `\ud83d${'x'.repeat(200)}`];
  const expected = values.map((value) => new TextDecoder().decode(new TextEncoder().encode(value)));
  assert.deepEqual(wasm.open(wasm.seal(values, NOW)), expected);
  assert.deepEqual(node.open(node.seal(values, NOW)), expected);
});

test('after a batch no value and no key is left in the module, not even when the batch failed', () => {
  const canary = 'CANARY-5390';
  const values = Array.from({ length: 1024 }, (_, i) => `${canary}${i}`);
  const tokens = wasm.seal(values, NOW);
  const { memory, stateOf, BLOCKS } = loadLanes()!;
  const states = stateOf(KEY.subarray(0, 16));
  wasm.seal(values, NOW);
  assert.equal(memory.includes(canary), false);
  wasm.open(tokens);
  assert.equal(memory.includes(canary), false);
  wasm.seal([...values.slice(1), `${canary} é`], NOW);
  assert.equal(memory.includes(canary), false);
  wasm.openEach([...tokens.slice(1), tokens[0]!.replace('gAAAA', 'gAAAB')]);
  assert.equal(memory.includes(canary), false);
  assert.equal(memory.includes(states), false);
  assert.deepEqual(new Set(memory.subarray(BLOCKS, BLOCKS + 1024 * 16)), new Set([0]));
});

test('the memory of the module does not grow', () => {
  const before = loadLanes()!.memory.buffer.byteLength;
  wasm.seal(Array(5000).fill('x'.repeat(127)), NOW);
  assert.equal(loadLanes()!.memory.buffer.byteLength, before);
  assert.equal(before, 2 ** 20);
});
