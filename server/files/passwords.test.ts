import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '../core/problem.ts';
import { createFilePasswords, toPassword } from './passwords.ts';

test('a password is kept until it is dropped or replaced, for an hour at most', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const passwords = createFilePasswords();
  passwords.keep('a', 'one');
  passwords.keep('b', 'two');
  t.mock.timers.tick(30 * 60_000);
  passwords.keep('b', 'three');
  passwords.keep('c', 'four');
  passwords.drop('c');
  assert.deepEqual(['a', 'b', 'c'].map(passwords.of), ['one', 'three', undefined]);
  t.mock.timers.tick(30 * 60_000);
  assert.deepEqual(['a', 'b'].map(passwords.of), [undefined, 'three'], 'the hour begins anew with another password');
  t.mock.timers.tick(30 * 60_000);
  assert.equal(passwords.of('b'), undefined);
});

test('an empty password is none, and one that is given twice or too long is refused', () => {
  assert.deepEqual([undefined, '', ' ', 'x'].map(toPassword), [undefined, undefined, ' ', 'x']);
  for (const wrong of [['a', 'b'], 'x'.repeat(1001)]) {
    assert.throws(
      () => toPassword(wrong),
      (error) => error instanceof Problem && !error.detail.includes('xx'),
    );
  }
});
