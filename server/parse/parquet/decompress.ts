import { brotliDecompressSync, unzipSync, zstdDecompressSync } from 'node:zlib';
import { type CompressionCodec, snappyUncompress } from 'hyparquet';
import { decompressLz4, decompressLz4Raw } from 'hyparquet-compressors';
import { corrupt, fromLibrary } from './problems.ts';

/**
 * The `size` bytes that a page packed by `codec` unpacks to, in memory of their own and of exactly that size: whoever
 * reads beyond them finds nothing.
 * @throws Problem `parquet_corrupt`, `unsupported_format`.
 */
export function decompress(packed: Uint8Array, codec: CompressionCodec, size: number): Uint8Array {
  const bytes = fromLibrary('a page', () => unpack(packed, codec, size));
  if (bytes.length !== size) throw corrupt('a page does not unpack to the size that it says');
  return bytes.buffer.byteLength === size ? bytes : Uint8Array.from(bytes);
}

function unpack(packed: Uint8Array, codec: CompressionCodec, size: number): Uint8Array {
  // What would be longer is refused while it is unpacked; nothing is allowed no output.
  const limit = { maxOutputLength: Math.max(1, size) };
  switch (codec) {
    case 'UNCOMPRESSED':
      return packed;
    case 'SNAPPY': {
      const output = new Uint8Array(size);
      if (size > 0) snappyUncompress(packed, output);
      return output;
    }
    case 'GZIP':
      return unzipSync(packed, limit);
    case 'BROTLI':
      return brotliDecompressSync(packed, limit);
    case 'ZSTD':
      return zstdDecompressSync(packed, limit);
    case 'LZ4':
      return (isHadoopLz4(packed, size) ? decompressLz4 : decompressLz4Raw)(packed, size);
    case 'LZ4_RAW':
      return decompressLz4Raw(packed, size);
    default:
      throw new Error(`unsupported codec ${codec}`);
  }
}

/**
 * Whether it is LZ4 blocks as Hadoop's writers frame them, each behind its two lengths, unpacked and packed, and not one block
 * alone. The library would go back and forth for half a minute over lengths that are negative to it.
 */
function isHadoopLz4(packed: Uint8Array, size: number): boolean {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  let [at, unpacked] = [0, 0];
  while (at + 8 <= packed.length) {
    unpacked += view.getUint32(at);
    at += 8 + view.getUint32(at + 4);
  }
  return at === packed.length && unpacked === size;
}
