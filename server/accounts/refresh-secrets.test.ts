import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId, newSecret } from '../core/ids.ts';
import { createRefreshSecrets } from './refresh-secrets.ts';

const [OLD, NEW] = ['a secret of before that is long enough', 'a secret of after that is long enough'];
const secrets = createRefreshSecrets([NEW, OLD]);
const session = newId();

test('each secret of a session has one successor, and all of them are known as its own', () => {
  let secret = secrets.first(session);
  const all = new Set<string>();
  for (let n = 0; n < 50; n++) {
    assert.match(secret, /^[\w-]{43}$/);
    assert.ok(secrets.isOf(session, secret));
    assert.equal(secrets.next(session, secret), secrets.next(session, secret));
    all.add(secret);
    secret = secrets.next(session, secret);
  }
  assert.equal(all.size, 50);
});

test('what was made up, changed, cut, or given to another session is none of them', () => {
  const secret = secrets.first(session);
  const changed = `${secret[0] === 'A' ? 'B' : 'A'}${secret.slice(1)}`;
  for (const other of [newSecret(), changed, secret.slice(0, -1), `${secret}A`, '', 'ä'.repeat(43), '='.repeat(43)]) {
    assert.equal(secrets.isOf(session, other), false, other);
  }
  assert.equal(secrets.isOf(newId(), secret), false);
});

test('secrets of a key that was rotated are known as long as it is there', () => {
  const secret = createRefreshSecrets([OLD]).first(session);
  assert.ok(secrets.isOf(session, secret));
  assert.equal(createRefreshSecrets([NEW]).isOf(session, secret), false);
});
