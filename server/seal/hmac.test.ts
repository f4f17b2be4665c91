import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { createHmacSha256 } from './hmac.ts';

test('gives the HMAC of RFC 4231, test case 2', () => {
  const tag = createHmacSha256(Buffer.from('Jefe'))(Buffer.from('what do ya want for nothing?'));
  const expected = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
  assert.equal(Buffer.from(tag, 'latin1').toString('hex'), expected);
});

test('agrees with createHmac for any key and any order of messages of any length', () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 5 });
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), messages, (key, all) => {
      const hmac = createHmacSha256(key);
      for (const message of all)
        assert.equal(hmac(message), createHmac('sha256', key).update(message).digest('binary'));
    }),
  );
});
