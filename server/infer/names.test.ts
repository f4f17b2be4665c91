import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNameFinder } from './names.ts';

const kinds = (name: string, find = createNameFinder()) => find(name).map(({ kind }) => kind);

test('an identifier that is a name is found, in any usual form', () => {
  assert.deepEqual(kinds('ABCPE1234F'), ['pan']);
  assert.deepEqual(kinds(' 4111-1111-1111-1111 '), ['payment_card']);
  assert.deepEqual(kinds('DE89 3704 0044 0532 0130 00'), ['iban']);
  assert.deepEqual(kinds('ravi.k@oksbi'), ['upi_id']);
});

test('an identifier within a name or a path is found', () => {
  assert.deepEqual(createNameFinder()('clients/pan_ABCPE1234F.csv'), [{ kind: 'pan', start: 12, end: 22 }]);
  assert.deepEqual(kinds('card 4111111111111111'), ['payment_card']);
  assert.deepEqual(kinds('people.ABCPE1234F.name'), ['pan']);
  assert.deepEqual(kinds('passport no J8369854'), ['passport']);
});

test('an identifier behind and before what parts the words of a name is found, and no more of the name', () => {
  const parts = (name: string) =>
    createNameFinder()(name).map(({ kind, start, end }) => [kind, name.slice(start, end)]);
  for (const [name, ...found] of [
    ['aadhaar-234123412346.csv', 'aadhaar', '234123412346'],
    ['234123412346-scan.pdf', 'aadhaar', '234123412346'],
    ['kyc/ABCPE1234F-2024.csv', 'pan', 'ABCPE1234F'],
    ['statement-DE89370400440532013000-2024-01.csv', 'iban', 'DE89370400440532013000'],
    ['k-4111111111111111', 'payment_card', '4111111111111111'],
    ['k+4111111111111111', 'payment_card', '4111111111111111'],
    ['x.5.4111111111111111', 'payment_card', '4111111111111111'],
    ['at 10:4111111111111111', 'payment_card', '4111111111111111'],
    ['raju@okicici.csv', 'upi_id', 'raju@okicici'],
    ['ravi.k85@oksbi', 'upi_id', 'ravi.k85@oksbi'],
    ['a_2341-2341-2346.csv', 'aadhaar', '2341-2341-2346'],
  ] as const)
    assert.deepEqual(parts(name), [found], name);
});

test('names of columns are none', () => {
  const names = [
    'id',
    'Q1 2024',
    '2024-01-31',
    'pan',
    'aadhaar no',
    'col_123456',
    'x@y',
    'EUR/1000',
    'address line 2',
    'konto-2024-01-01-2024-01-31',
    'v1.2.3-456',
    'build-20240131.10:30:15+0200.log',
    'asha@example.org.csv',
    '',
  ];
  assert.deepEqual(
    names.flatMap((name) => kinds(name)),
    [],
  );
});

test('a policy says what is one', () => {
  const detection = { policy: { pan: 'leave', email: 'mask' }, taught: [] } as const;
  const find = createNameFinder(detection);
  assert.deepEqual(kinds('ABCPE1234F', find), []);
  assert.deepEqual(kinds('asha@example.org', find), ['email']);
});

test('a taught kind is one where it has a digit', () => {
  const taught = {
    ...{ id: 'staff_id', title: 'Staff id', checksum: null, header: [], headerNeeded: false, share: 0.6 },
    patterns: ['EMP-\\d{6}', '[a-z]{4}'],
  };
  const find = createNameFinder({ policy: {}, taught: [taught] });
  assert.deepEqual(kinds('EMP-123456', find), ['staff_id']);
  assert.deepEqual(kinds('name', find), []);
});
