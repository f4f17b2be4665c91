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
