import assert from 'node:assert/strict';
import { hash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { Problem } from '../../core/problem.ts';
import { unlockStream } from './locked-stream.ts';
import { createRc4 } from './rc4.ts';
import { xorArray, xorVerifier } from './xor-lock.ts';

const keyStream = (key: Buffer, length: number): Buffer => {
  const next = createRc4(key);
  return Buffer.from(Array.from({ length }, next));
};

test('RC4 gives the key streams of RFC 6229', () => {
  assert.equal(keyStream(Buffer.from('0102030405', 'hex'), 16).toString('hex'), 'b2396305f03dc027ccc3524a0a1118a8');
  const key = Buffer.from('0102030405060708090a0b0c0d0e0f10', 'hex');
  assert.equal(keyStream(key, 4112).subarray(4096).toString('hex'), 'a36a4c301ae8ac13610ccbc12256cacc');
});

test('a password of XOR obfuscation is known by the number that the specification gives', () => {
  // From a workbook that Excel locked with "abc": its FilePass record holds the key 0x514a and the number 0xcc1a.
  assert.equal(xorVerifier(Buffer.from('abc')), 0xcc1a);
});

const record = (type: number, data: Buffer): Buffer => {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(type);
  head.writeUInt16LE(data.length, 2);
  return Buffer.concat([head, data]);
};
const CELLS = Array.from({ length: 300 }, (_, index) => record(0x203, Buffer.from(`cell ${index}`.padEnd(14))));
const plainStream = (lock: Buffer): Buffer =>
  Buffer.concat([record(0x809, Buffer.alloc(16, 6)), record(0x2f, lock), ...CELLS, record(0x0a, Buffer.alloc(0))]);
/** Applies `change` to every data byte that is encrypted; `at` is its place in the stream, `from` its record's. */
function encrypt(lock: Buffer, change: (byte: number, at: number, from: number, length: number) => number): Buffer {
  const bytes = plainStream(lock);
  for (let at = 0; at < bytes.length; ) {
    const [type, length] = [bytes.readUInt16LE(at), bytes.readUInt16LE(at + 2)];
    for (let index = at + 4; type === 0x203 && index < at + 4 + length; index++) {
      bytes[index] = change(bytes[index]!, index, at + 4, length);
    }
    at += 4 + length;
  }
  return bytes;
}

const words = (...values: number[]): Buffer => Buffer.from(Uint16Array.from(values).buffer);

function withRc4(password: string): Buffer {
  const [salt, verifier] = [randomBytes(16), randomBytes(16)];
  const short = hash('md5', Buffer.from(password, 'utf16le'), 'buffer').subarray(0, 5);
  const repeated = Buffer.concat(Array.from({ length: 16 }, () => Buffer.concat([short, salt])));
  const base = hash('md5', repeated, 'buffer').subarray(0, 5);
  const blockKey = (block: number) => hash('md5', Buffer.concat([base, words(block, 0)]), 'buffer');
  const both = Buffer.concat([verifier, hash('md5', verifier, 'buffer')]);
  const mixed = both.map((byte, index) => byte ^ keyStream(blockKey(0), 32)[index]!);
  const streams = Array.from({ length: 10 }, (_, block) => keyStream(blockKey(block), 1024));
  const lock = Buffer.concat([words(1, 1, 1), salt, mixed]);
  return encrypt(lock, (byte, at) => byte ^ streams[at >> 10]![at & 1023]!);
}

function withXor(password: string): Buffer {
  const letters = Buffer.from(password);
  const array = xorArray(letters, 0xcf0e);
  return encrypt(words(0, 0xcf0e, xorVerifier(letters)), (byte, at, from, length) => {
    const turned = ((byte << 5) | (byte >> 3)) & 0xff;
    return turned ^ array[(from + length + (at - from)) % 16]!;
  });
}

for (const [kind, make] of Object.entries({ RC4: withRc4, 'XOR obfuscation': withXor })) {
  test(`a stream under ${kind} becomes plain over the ends of its blocks, by the right password alone`, () => {
    const bytes = make('secret');
    assert.throws(
      () => unlockStream(bytes, undefined),
      (e: Problem) => e.code === 'workbook_encrypted',
    );
    assert.throws(
      () => unlockStream(bytes, 'Secret'),
      (e: Problem) => e.code === 'password_wrong',
    );
    unlockStream(bytes, 'secret');
    assert.ok(bytes.includes(Buffer.concat(CELLS)));
    assert.doesNotThrow(() => unlockStream(bytes, undefined), 'it has no lock any more');
  });
}

test('a lock that is cut off or of an unknown kind is refused', () => {
  for (const [lock, code] of [
    [words(1, 1, 1), 'workbook_corrupt'],
    [words(1, 2, 2, 0, 0, 0xffff, 0xffff), 'workbook_corrupt'],
    [words(1), 'workbook_corrupt'],
    [words(1, 9, 9), 'unsupported_format'],
  ] as const) {
    assert.throws(
      () => unlockStream(plainStream(lock), 'x'),
      (e) => e instanceof Problem && e.code === code,
    );
  }
});
