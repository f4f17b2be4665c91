import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { type DecryptOptions, decryptRange } from './decrypt-stream.ts';
import { createEncryptor } from './encrypt-stream.ts';
import {
  AES256_GCM_HKDF_1MB,
  headerSize,
  plaintextSize,
  type StreamFormat,
  segmentCipher,
  segmentCount,
  TAG_SIZE,
} from './stream-format.ts';
import vectors from './stream-vectors.json' with { type: 'json' };

const KEY = Buffer.alloc(32, 7);
const SMALL: StreamFormat = { ...AES256_GCM_HKDF_1MB, segmentSize: 96 };
const FIRST = 96 - 40 - TAG_SIZE;
const NEXT = 96 - TAG_SIZE;

function encrypt(chunks: readonly Uint8Array[], format = SMALL, associatedData = 'file 1', key = KEY): Buffer {
  const encryptor = createEncryptor({ key, associatedData, format });
  return Buffer.concat([...chunks.flatMap((chunk) => encryptor.update(chunk)), ...encryptor.final()]);
}

function optionsFor(ciphertext: Uint8Array, more: Partial<DecryptOptions> = {}): DecryptOptions {
  const readAt: DecryptOptions['readAt'] = async (into, position) => {
    into.set(ciphertext.subarray(position, position + into.length));
  };
  const ciphertextSize = ciphertext.length;
  return { readAt, ciphertextSize, key: KEY, associatedData: 'file 1', name: 'file 1', format: SMALL, ...more };
}

async function decrypt(options: DecryptOptions, start?: number, end?: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of decryptRange(options, start, end)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const refused = (options: DecryptOptions, why: string) =>
  assert.rejects(decrypt(options), { code: 'data_corrupt' }, why);

const known = [...vectors.tink, ...vectors.python].map((vector) => ({
  name: vector.name,
  format: vector as unknown as StreamFormat,
  key: Buffer.from(vector.key, 'hex'),
  associatedData: vector.associatedData,
  plaintext: Buffer.from(vector.plaintext, 'hex'),
  ciphertext: Buffer.from(vector.ciphertext, 'hex'),
}));

for (const { name, plaintext, ciphertext, ...options } of known) {
  test(`a known ciphertext decrypts: ${name}`, async () => {
    assert.deepEqual(await decrypt(optionsFor(ciphertext, options)), plaintext);
    assert.equal(plaintextSize(ciphertext.length, options.format), plaintext.length);
  });

  test(`the same salt gives the known ciphertext: ${name}`, () => {
    const { format, key, associatedData } = options;
    const header = ciphertext.subarray(0, headerSize(format));
    const cipher = segmentCipher(header, key, associatedData, format);
    const parts: Uint8Array[] = [header];
    const count = segmentCount(ciphertext.length, format);
    for (let index = 0, from = 0; index < count; index++) {
      const to = from + format.segmentSize - TAG_SIZE - (index === 0 ? header.length : 0);
      parts.push(...cipher.seal(index, index === count - 1, plaintext.subarray(from, to)));
      from = to;
    }
    assert.deepEqual(Buffer.concat(parts), ciphertext);
  });
}

test('the stored format has the parameters of the Tink template it is named after', () => {
  assert.deepEqual(AES256_GCM_HKDF_1MB, { hkdfHash: 'sha256', derivedKeySize: 32, segmentSize: 1_048_576 });
});

test('data of any size comes back, however it was cut up, and any range of it equals the slice', async () => {
  const boundaries = [0, 1, FIRST - 1, FIRST, FIRST + 1, FIRST + NEXT, FIRST + NEXT + 1, FIRST + 3 * NEXT];
  const size = fc.oneof(fc.constantFrom(...boundaries), fc.nat(500));
  const cuts = fc.array(fc.nat(500), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(size, cuts, fc.nat(600), fc.nat(600), async (length, cut, a, b) => {
      const data = randomBytes(length);
      const at = [0, ...cut.map((c) => Math.min(c, length)).sort((x, y) => x - y), length];
      const ciphertext = encrypt(at.slice(1).map((to, i) => data.subarray(at[i], to)));
      assert.equal(plaintextSize(ciphertext.length, SMALL), length);
      assert.deepEqual(await decrypt(optionsFor(ciphertext)), data);
      const [start, end] = [Math.min(a, b), Math.max(a, b)];
      assert.deepEqual(await decrypt(optionsFor(ciphertext), start, end), Buffer.from(data.subarray(start, end)));
    }),
    { numRuns: 300 },
  );
});

test('megabyte segments come back around their boundaries', async () => {
  const payload = 1_048_576 - TAG_SIZE;
  for (const length of [payload - 40 - 1, payload - 40, payload - 40 + 1, 2 * payload - 40, 2 * payload - 39]) {
    const data = randomBytes(length);
    const options = optionsFor(encrypt([data], AES256_GCM_HKDF_1MB), { format: AES256_GCM_HKDF_1MB });
    assert.ok((await decrypt(options)).equals(data));
    assert.ok((await decrypt(options, length - 20_000)).equals(data.subarray(-20_000)));
  }
});

test('a chunk may be overwritten by its owner as soon as it was taken', async () => {
  const encryptor = createEncryptor({ key: KEY, associatedData: 'file 1', format: SMALL });
  const chunk = Buffer.from('kept');
  const parts = encryptor.update(chunk);
  chunk.fill(0);
  const ciphertext = Buffer.concat([...parts, ...encryptor.final()]);
  assert.equal((await decrypt(optionsFor(ciphertext))).toString(), 'kept');
});

test('the same data is never encrypted to the same bytes', () => {
  assert.notDeepEqual(encrypt([Buffer.from('x')]), encrypt([Buffer.from('x')]));
});

test('a flipped bit anywhere in header, segments and tags is found', async () => {
  const ciphertext = encrypt([randomBytes(FIRST + NEXT + 30)]);
  for (let i = 0; i < ciphertext.length; i++) {
    const changed = Buffer.from(ciphertext);
    changed[i]! ^= 1 << (i % 8);
    await refused(optionsFor(changed), `byte ${i}`);
  }
});

test('a ciphertext that was cut off is found at any length, segment boundaries included', async () => {
  const ciphertext = encrypt([randomBytes(FIRST + 2 * NEXT)]);
  for (let length = 0; length < ciphertext.length; length++) {
    await refused(optionsFor(ciphertext.subarray(0, length)), `${length} bytes`);
  }
});

test('an empty range at the end tells that a ciphertext was cut off at a segment boundary', async () => {
  const ciphertext = encrypt([randomBytes(FIRST + 2 * NEXT)]);
  assert.equal((await decrypt(optionsFor(ciphertext), FIRST + 2 * NEXT)).length, 0);
  const cut = optionsFor(ciphertext.subarray(0, 192));
  await assert.rejects(decrypt(cut, plaintextSize(192, SMALL)), { code: 'data_corrupt' });
  const changed = Buffer.from(encrypt([]));
  changed[changed.length - 1]! ^= 1;
  await refused(optionsFor(changed), 'an empty file');
});

test('segments cannot be swapped, dropped, doubled, appended or taken from another ciphertext', async () => {
  const data = randomBytes(FIRST + 3 * NEXT);
  const [one, other] = [encrypt([data]), encrypt([data])];
  const part = (from: Buffer, index: number) => from.subarray(index * 96, (index + 1) * 96);
  const of = (...indexes: number[]) => Buffer.concat(indexes.map((index) => part(one, index)));
  await refused(optionsFor(of(0, 2, 1, 3)), 'swapped');
  await refused(optionsFor(of(0, 2, 3)), 'dropped');
  await refused(optionsFor(of(0, 1, 1, 2, 3)), 'doubled');
  await refused(optionsFor(of(0, 1, 2, 3, 3)), 'appended');
  await refused(optionsFor(Buffer.concat([one, Buffer.alloc(1)])), 'one byte more');
  await refused(optionsFor(Buffer.concat([of(0), part(other, 1), of(2, 3)])), 'taken from another');
});

test('a range reads what is whole of a damaged ciphertext and refuses the rest', async () => {
  const data = randomBytes(FIRST + 3 * NEXT);
  const ciphertext = encrypt([data]);
  ciphertext[2 * 96 + 5]! ^= 1;
  assert.deepEqual(await decrypt(optionsFor(ciphertext), 0, FIRST + NEXT), data.subarray(0, FIRST + NEXT));
  await assert.rejects(decrypt(optionsFor(ciphertext), 0, FIRST + NEXT + 1), { code: 'data_corrupt' });
});

test('another key, associated data or segment size is refused, and the message names what was read', async () => {
  const ciphertext = encrypt([randomBytes(200)]);
  await refused(optionsFor(ciphertext, { key: Buffer.alloc(32, 8) }), 'key');
  await refused(optionsFor(ciphertext, { associatedData: 'file 2' }), 'associated data');
  await refused(optionsFor(ciphertext, { format: AES256_GCM_HKDF_1MB }), 'segment size');
  await assert.rejects(decrypt(optionsFor(ciphertext, { associatedData: 'x', name: 'blob 12' })), /blob 12/);
});

test('a reader that stops early leaves no read under way', async () => {
  let underWay = 0;
  const inner = optionsFor(encrypt([randomBytes(FIRST + 5 * NEXT)]));
  const readAt: DecryptOptions['readAt'] = async (into, position) => {
    underWay += 1;
    await new Promise((resolve) => setImmediate(resolve));
    await inner.readAt(into, position);
    underWay -= 1;
  };
  for await (const _ of decryptRange({ ...inner, readAt })) break;
  assert.equal(underWay, 0);
});
