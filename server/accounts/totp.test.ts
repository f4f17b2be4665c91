import assert from 'node:assert/strict';
import { test } from 'node:test';
import { totpCode } from '../../test/helpers/totp.ts';
import { newTotpSecret, showTotpSecret, totpStep } from './totp.ts';

const SECRET = Buffer.from('12345678901234567890');

test('the codes of RFC 6238, appendix B, are of their steps', () => {
  const vectors: [seconds: number, code: string][] = [
    [59, '94287082'],
    [1111111109, '07081804'],
    [1111111111, '14050471'],
    [1234567890, '89005924'],
    [2000000000, '69279037'],
    [20000000000, '65353130'],
  ];
  for (const [seconds, code] of vectors)
    assert.equal(totpStep(SECRET, code.slice(2), seconds * 1000), Math.floor(seconds / 30));
});

test('a code is good one step early and late, and not two', () => {
  const secret = newTotpSecret();
  const { secret: shown } = showTotpSecret(secret, 'someone');
  const now = 1_800_000_015;
  for (const apart of [-1, 0, 1])
    assert.equal(totpStep(secret, totpCode(shown, now + apart * 30), now * 1000), Math.floor(now / 30) + apart);
  for (const apart of [-2, 2]) assert.equal(totpStep(secret, totpCode(shown, now + apart * 30), now * 1000), null);
});

test('what is no code is none', () => {
  for (const code of ['', '12345', '1234567', 'abcdef', '-12345', '١٢٣٤٥٦'])
    assert.equal(totpStep(SECRET, code, 59_000), null);
});

test('a secret is shown as apps take it, and is another each time', () => {
  const shown = showTotpSecret(newTotpSecret(), 'Zoë & co');
  assert.match(shown.secret, /^[A-Z2-7]{32}$/);
  const url = new URL(shown.otpauth_url);
  assert.equal(url.protocol, 'otpauth:');
  assert.equal(decodeURIComponent(url.pathname).split(':').at(-1), 'Zoë & co');
  assert.equal(url.searchParams.get('secret'), shown.secret);
  assert.equal(url.searchParams.get('issuer'), 'Intakt');
  assert.notEqual(showTotpSecret(newTotpSecret(), 'x').secret, shown.secret);
});
