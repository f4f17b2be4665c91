import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { collect } from '../../../test/helpers/collect.ts';
import { sourceOf } from '../../../test/helpers/read-tables.ts';
import type { Packing } from '../content.ts';
import { unpack } from './unpack.ts';

const MEGABYTE = 1 << 20;

/** What comes out of packed bytes that come in chunks, spoiled once the next one is asked for. */
async function unpacked(
  packed: Buffer,
  packing: Packing,
  { chunkBytes = 65_536, limit = 1 << 30 } = {},
): Promise<Buffer> {
  const chunks = unpack(sourceOf(packed, chunkBytes).stream(), packing, limit);
  return Buffer.concat((await collect(chunks)).map((chunk) => Buffer.from(chunk)));
}

const text = Buffer.from(Array.from({ length: 3000 }, (_, i) => `${i},person ${(i * 7919) % 1000}\n`).join(''));
const checked = { params: { [constants.ZSTD_c_checksumFlag]: 1 } };
const skippable = Buffer.concat([Buffer.from('502a4d1803000000', 'hex'), Buffer.from('abc')]);

describe('what comes out is what went in', () => {
  const cases: [what: string, packing: Packing, packed: Buffer, content: Buffer][] = [
    ['gzip', 'gzip', gzipSync(text), text],
    [
      'gzip of two members',
      'gzip',
      Buffer.concat([gzipSync(text), gzipSync('end')]),
      Buffer.concat([text, Buffer.from('end')]),
    ],
    ['zstd', 'zstd', zstdCompressSync(text), text],
    ['zstd with a checksum', 'zstd', zstdCompressSync(text, checked), text],
    ['zstd of nothing', 'zstd', zstdCompressSync(''), Buffer.alloc(0)],
    ['zstd of many equal bytes', 'zstd', zstdCompressSync(Buffer.alloc(MEGABYTE)), Buffer.alloc(MEGABYTE)],
    [
      'zstd of three frames, one of them skippable',
      'zstd',
      Buffer.concat([zstdCompressSync(text), skippable, zstdCompressSync('end', checked)]),
      Buffer.concat([text, Buffer.from('end')]),
    ],
  ];
  for (const [what, packing, packed, content] of cases) {
    test(`of ${what}, in chunks of any size`, async () => {
      for (const chunkBytes of [1 << 20, 1000, 7]) {
        assert.ok((await unpacked(packed, packing, { chunkBytes })).equals(content), `${chunkBytes}`);
      }
    });
  }

  test('of zstd whose content cannot be packed', async () => {
    const noise = randomBytes(MEGABYTE);
    assert.ok((await unpacked(zstdCompressSync(noise), 'zstd')).equals(noise));
  });
});

test('data that is cut off anywhere, followed by something else, or changed is refused', async () => {
  for (const [packing, packed] of [
    ['gzip', gzipSync(text)],
    ['zstd', zstdCompressSync(text, checked)],
  ] as const) {
    const refused = (bytes: Buffer, what: string) =>
      assert.rejects(unpacked(bytes, packing), { code: 'archive_corrupt' }, `${packing} ${what}`);
    for (let end = 0; end < packed.length; end += Math.ceil(packed.length / 20)) {
      if (end > 0 || packing === 'gzip') await refused(packed.subarray(0, end), `cut at ${end}`);
    }
    await refused(Buffer.concat([packed, Buffer.from('something else')]), 'followed');
    const changed = Buffer.from(packed);
    changed[changed.length - 2]! ^= 1;
    await refused(changed, 'changed');
  }
});

test('what unpacks to more than is allowed, or out of proportion, ends at once', async () => {
  const tooLarge = { code: 'unpacked_too_large' };
  const bomb = Buffer.alloc(300 * MEGABYTE);
  for (const [packing, packed] of [
    ['gzip', gzipSync(bomb)],
    ['zstd', zstdCompressSync(bomb)],
  ] as const) {
    const before = performance.now();
    await assert.rejects(unpacked(packed, packing), tooLarge);
    assert.ok(performance.now() - before < 5000);
  }
  await assert.rejects(unpacked(gzipSync(text), 'gzip', { limit: text.length - 1 }), tooLarge);
  assert.equal((await unpacked(gzipSync(text), 'gzip', { limit: text.length })).length, text.length);
});
