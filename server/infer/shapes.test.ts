import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { VALID } from './detectors/detector.ts';
import { email } from './detectors/email.ts';
import { addressKey, keyedAddress, testAddress, testEmail } from './shapes.ts';

test('an e-mail address is what the detector takes for one', () => {
  const like = fc.stringMatching(/^[a-z._+%-]{0,4}@?[a-z0-9._-]{0,8}\.[a-z0-9]{1,4}$/);
  fc.assert(
    fc.property(like, (text) => {
      assert.equal(testEmail(text) !== 0, text.length >= 6 && email.test(text) === VALID, text);
    }),
    { numRuns: 20_000 },
  );
});

test('an address of version 6 is written as RFC 5952 says, and sorts by its number', () => {
  for (const [text, written] of [
    ['2001:DB8::0:1', '2001:db8::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['::', '::'],
    ['1::', '1::'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
  ] as const) {
    assert.equal(keyedAddress(addressKey(text)!), written);
    assert.equal(addressKey(written), addressKey(text));
  }
  assert.ok(addressKey('::2')! < addressKey('::10')!);
  for (const text of ['fe80::1%eth0', '1.2.3', '::g', '']) assert.equal(testAddress(text), 0, text);
});
