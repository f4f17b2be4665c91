import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { Problem } from '../core/problem.ts';
import { createNodeSealer, formatFernetKey, parseFernetKey } from './fernet.ts';
import { isFresh } from './fernet-age.ts';
import { referenceFront, referenceToken, signReference, toToken } from './fernet-reference.ts';
import { createWasmSealer } from './fernet-wasm.ts';
import type { KeySealer } from './keyring.ts';

/** The key, IV and moment of all test vectors of https://github.com/fernet/spec. */
const KEY_TEXT = 'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=';
const KEY = parseFernetKey(KEY_TEXT);
const IV = Uint8Array.from({ length: 16 }, (_, i) => i);
const TIME = Date.parse('1985-10-26T01:20:00-07:00') / 1000;
const TOKEN = 'gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==';

/** A token of the specification's `invalid.json`: each is the token of an empty value, one second later, with one defect. */
const EMPTY = { time: TIME + 1, iv: IV };
const empty = Buffer.from(referenceToken(KEY, EMPTY), 'base64url');
const INVALID: [defect: string, token: string, now: number][] = [
  ['incorrect mac', toToken(Buffer.concat([empty.subarray(0, -10), Buffer.alloc(10, 'A')])), TIME + 1],
  ['too short', toToken(empty.subarray(0, 40)), TIME + 1],
  ['invalid base64', `${'%'.repeat(13)}${toToken(empty).slice(13)}`, TIME + 1],
  ['payload size not multiple of block size', signReference(KEY, empty.subarray(0, 40)), TIME + 1],
  ['payload padding error', referenceToken(KEY, { ...EMPTY, padded: paddedWrong() }), TIME + 1],
  ['far-future timestamp', referenceToken(KEY, { ...EMPTY, time: TIME + 36_001 }), TIME + 1],
  ['expired', toToken(empty), TIME + 91],
  ['incorrect IV', signReference(KEY, Buffer.concat([wrongIv(), empty.subarray(25, 41)])), TIME + 1],
];

function paddedWrong(): Buffer {
  return Buffer.concat([Buffer.alloc(15, 16), Buffer.from([15])]);
}

function wrongIv(): Buffer {
  return referenceFront(
    TIME + 1,
    Uint8Array.from(IV, (byte, i) => (i === 0 ? 5 : byte)),
  );
}

const SEALERS: [string, (key: Uint8Array) => KeySealer][] = [
  ['in Node', createNodeSealer],
  ['in WebAssembly', createWasmSealer],
];

test('the reference makes the token that the specification publishes', () => {
  assert.equal(referenceToken(KEY, { value: Buffer.from('hello'), time: TIME, iv: IV }), TOKEN);
});

for (const [where, create] of SEALERS) {
  describe(`Fernet ${where}`, () => {
    const sealer = create(KEY);
    const isValid = (token: string, now: number) => sealer.openEach([token])[0] !== null && isFresh(token, 60, now);

    test('opens the token that the specification publishes', () => {
      assert.deepEqual(sealer.open([TOKEN]), ['hello']);
      assert.equal(isValid(TOKEN, TIME + 1), true);
    });

    for (const [defect, token, now] of INVALID) {
      test(`does not accept a token of the specification's invalid ones: ${defect}`, () => {
        assert.equal(isValid(token, now), false);
      });
    }

    test('makes of each value the very token that the specification says for its IV', () => {
      for (const time of [0, TIME, 2 ** 32 + 7]) {
        const values = Array.from({ length: 300 }, (_, i) => 'x'.repeat(i));
        for (const [i, token] of sealer.seal(values, time).entries()) {
          const iv = Buffer.from(token, 'base64url').subarray(9, 25);
          assert.equal(token, referenceToken(KEY, { value: Buffer.from(values[i]!), time, iv }));
        }
      }
    });

    test('gives each token its own IV', () => {
      const tokens = sealer.seal(Array(3000).fill('same'), TIME);
      assert.equal(new Set(tokens.map((token) => token.slice(12, 34))).size, 3000);
    });

    test('rejects a token with any one character replaced by any other', () => {
      for (const value of ['123456789012', 'a value of two blocks', 'and one that is long enough for three']) {
        const [token] = sealer.seal([value], TIME);
        const changed = everyReplacement(token!);
        assert.deepEqual(new Set(sealer.openEach(changed)), new Set([null]));
      }
    });

    test('rejects a token with any one bit flipped, of any length', () => {
      for (const length of [0, 15, 16, 47, 127, 128, 1000]) {
        const bytes = Buffer.from(sealer.seal(['x'.repeat(length)], TIME)[0]!, 'base64url');
        const flipped = Array.from({ length: bytes.length * 8 }, (_, bit) => toToken(flip(bytes, bit)));
        assert.deepEqual(new Set(sealer.openEach(flipped)), new Set([null]));
      }
    });

    test('rejects other spellings of an authentic token', () => {
      for (const token of sealer.seal(['', 'x'.repeat(16), 'x'.repeat(32), 'x'.repeat(500)], TIME)) {
        const spellings = [token.replace(/=+$/, ''), `${token}=`, `${token}\n`, ` ${token}`, `${token}====`, ''];
        const others = spellings.filter((spelling) => spelling !== token);
        assert.deepEqual(new Set(sealer.openEach(others)), new Set([null]));
      }
    });

    test('rejects plus and slash in place of minus and underscore', () => {
      const tokens = sealer.seal(Array(50).fill('value'), TIME);
      const standard = tokens.map((token) => token.replaceAll('-', '+').replaceAll('_', '/'));
      const changed = standard.filter((token, i) => token !== tokens[i]);
      assert.ok(changed.length > 10);
      assert.deepEqual(new Set(sealer.openEach(changed)), new Set([null]));
    });

    test('rejects a character that only has the right lower byte', () => {
      const [token, other] = sealer.seal(['value', 'other'], TIME);
      const wide = String.fromCharCode(token!.charCodeAt(0) + 0x100) + token!.slice(1);
      assert.deepEqual(sealer.openEach([other!, wide, other!]), ['other', null, 'other']);
      const last = token!.slice(0, -1) + String.fromCharCode(0x100 + 61);
      assert.deepEqual(sealer.openEach([other!, other!, last]), ['other', 'other', null]);
    });

    test('rejects another version even when it is authentic', () => {
      const signed = Buffer.from(TOKEN, 'base64url').subarray(0, -32);
      assert.deepEqual(
        sealer.openEach([signReference(KEY, Buffer.concat([Buffer.from([0x81]), signed.subarray(1)]))]),
        [null],
      );
    });

    test('rejects every wrong padding, and an authentic value that is not text', () => {
      const paddings = [0, 17, 255].map((last) => Buffer.concat([Buffer.alloc(15, 1), Buffer.from([last])]));
      const inner = Array.from({ length: 15 }, (_, i) => Buffer.alloc(16, 16).fill(1, i, i + 1));
      const padded = [...paddings, ...inner, Buffer.concat([Buffer.from([0xff]), Buffer.alloc(15, 15)])];
      const tokens = padded.map((block) => referenceToken(KEY, { time: TIME, padded: block }));
      assert.deepEqual(new Set(sealer.openEach(tokens)), new Set([null]));
    });

    test('rejects an authentic text cut in the middle of a character, though its neighbour completes it', () => {
      const bytes = Buffer.from('é');
      const halves = [bytes.subarray(0, 1), bytes.subarray(1)];
      const tokens = halves.map((value) => referenceToken(KEY, { value, time: TIME }));
      assert.deepEqual(sealer.openEach(tokens), [null, null]);
    });

    test('opens nothing under another key', () => {
      const tokens = sealer.seal(['', '123456789012', 'x'.repeat(1000)], TIME);
      assert.deepEqual(create(randomBytes(32)).openEach(tokens), [null, null, null]);
    });

    test('gives no value at all when one token is bad, and names it', () => {
      const tokens = sealer.seal(['a', 'b', 'c', 'd'], TIME);
      tokens[2] = tokens[2]!.replace('gAAAA', 'gBAAA');
      assert.throws(
        () => sealer.open(tokens),
        (error) => {
          assert.ok(error instanceof Problem && error.code === 'token_invalid');
          assert.match(error.detail, /index 2 of 4/);
          return error.extra.index === 2;
        },
      );
    });

    test('refuses a key that has not 32 bytes', () => {
      assert.throws(() => create(randomBytes(16)), { code: 'key_invalid' });
    });
  });
}

test('a key is read from and written as 44 characters of base64url', () => {
  assert.deepEqual(Buffer.from(KEY).toString('hex').slice(0, 8), '730ff4c7');
  assert.equal(formatFernetKey(KEY), KEY_TEXT);
  assert.throws(() => formatFernetKey(randomBytes(31)), { code: 'key_invalid' });
});

test('a key in any other spelling or size is refused without being quoted', () => {
  const bad = ['', KEY_TEXT.slice(0, -1), `${KEY_TEXT}\n`, KEY_TEXT.replace('_', '/'), KEY_TEXT.replace('4=', '5=')];
  for (const text of [...bad, randomBytes(16).toString('base64url'), randomBytes(33).toString('base64url')]) {
    assert.throws(
      () => parseFernetKey(text),
      (error) => {
        assert.ok(error instanceof Problem && error.code === 'key_invalid');
        return text.length < 20 || !error.message.includes(text.slice(0, 20));
      },
    );
  }
});

function everyReplacement(token: string): string[] {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/ %';
  return Array.from(token).flatMap((old, i) =>
    Array.from(alphabet)
      .filter((character) => character !== old)
      .map((character) => token.slice(0, i) + character + token.slice(i + 1)),
  );
}

function flip(bytes: Buffer, bit: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[bit >> 3]! ^= 1 << (bit & 7);
  return changed;
}
