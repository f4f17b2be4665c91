import { createGunzip } from 'node:zlib';
import { Problem } from '../../core/problem.ts';
import type { Packing } from '../content.ts';
import { isZlibError, mayUnpackTo } from '../zip/archive.ts';
import { CHUNK_BYTES, unpackWith } from '../zip/inflate.ts';
import { damaged } from './damaged.ts';
import { unpackZstd } from './zstd.ts';

/**
 * What a gzip file (RFC 1952, all of its members) or a Zstandard file (RFC 8878, all of its frames) unpacks to, of which
 * at most `limit` bytes may come, and no more than the archive reader would take for so many packed ones.
 * @throws Problem `unpacked_too_large` at the first byte too many; `archive_corrupt` at the end when the checksum is
 * wrong or something is missing; whatever `packed` throws.
 */
export async function* unpack(
  packed: AsyncIterable<Uint8Array>,
  packing: Packing,
  limit: number,
): AsyncGenerator<Uint8Array> {
  let taken = 0;
  let given = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of packed) {
      taken += chunk.length;
      yield chunk;
    }
  }
  try {
    for await (const chunk of packing === 'gzip' ? gunzip(counted()) : unpackZstd(counted())) {
      given += chunk.length;
      if (!mayUnpackTo(given, taken) || given > limit) throw tooLarge();
      yield chunk;
    }
  } catch (error) {
    throw isZlibError(error) ? damaged(packing) : error;
  }
}

function gunzip(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  return unpackWith(createGunzip({ chunkSize: CHUNK_BYTES }), packed);
}

function tooLarge(): Problem {
  return new Problem('unpacked_too_large', 'The file unpacks to too much data. Split it.');
}
