import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { heard } from './heard.ts';

const column = {
  name: 'aadhar_number',
  type: 'text',
  format: null,
  unit: null,
  ambiguous: null,
  rows: 2,
  empty: 0,
  sealed: true,
  masked: false,
  sealedBy: 'detected',
  sensitive: { kind: 'aadhaar', share: 1, header: true, decision: 'seal' },
  maskKind: 'aadhaar',
  rawDiffers: false,
};
const dataset = { name: 'people', columns: [column], dialect: { delimiter: ',' }, rows: 2, rejects: 0 };

test('what a parser says in due form is taken as it is', () => {
  const messages = [
    { type: 'started' },
    { type: 'progress', phase: 'sealing', done: 0.5 },
    { type: 'tables', count: 0 },
    { type: 'done', datasets: [dataset, { ...dataset, columns: [{ ...column, sealedBy: null, sensitive: null }] }] },
    { type: 'failed', code: 'not_a_table', detail: 'The file holds no table.' },
    { type: 'failed', code: 'internal', detail: 'It failed.', stack: 'TypeError' },
  ];
  for (const message of messages) assert.equal(heard(message), message);
});

test('a number of tables that would keep the service busy for ever is not taken', () => {
  for (const count of [Number.POSITIVE_INFINITY, Number.NaN, -1, 0.5, 1e9, '3', undefined])
    assert.equal(heard({ type: 'tables', count }), null);
});

test('a failure is taken with a known code that is a parser’s to give, and no other', () => {
  for (const code of ['no_such_code', 'toString', 'unavailable', 'cancelled', 5, undefined])
    assert.equal(heard({ type: 'failed', code, detail: 'x' }), null);
  assert.equal(heard({ type: 'failed', code: 'not_a_table', detail: { not: 'text' } }), null);
});

test('progress is of a known phase and a number', () => {
  assert.equal(heard({ type: 'progress', phase: 'ready', done: 1 }), null);
  assert.equal(heard({ type: 'progress', phase: 'parsing', done: Number.NaN }), null);
});

test('a dataset whose counts, columns or dialect are not what they must be is not taken', () => {
  const wrong = [
    { rows: -1 },
    { rejects: '0' },
    { columns: 'none' },
    { columns: [{ ...column, sealed: 'no' }] },
    { columns: [{ ...column, sensitive: { kind: 'aadhaar' } }] },
    { columns: [null] },
    { dialect: { delimiter: ['a'] } },
    { dialect: null },
    { name: 'x'.repeat(1_000_000) },
  ];
  for (const change of wrong) assert.equal(heard({ type: 'done', datasets: [{ ...dataset, ...change }] }), null);
});

test('nothing that a process could send is an error', () => {
  const type = fc.constantFrom('started', 'progress', 'tables', 'done', 'failed', '__proto__', 'toString');
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.record({ type, datasets: fc.anything(), code: fc.anything() })), (said) => {
      heard(said);
    }),
  );
});
