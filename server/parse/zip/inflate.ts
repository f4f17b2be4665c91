import type { Transform } from 'node:stream';
import { createInflateRaw } from 'node:zlib';

/** Large enough that the work per chunk outweighs the hop to the thread pool, small enough for a processor's cache. */
export const CHUNK_BYTES = 64 << 10;

/**
 * The bytes of a raw deflate stream (RFC 1951). The next piece is only inflated when it is asked for, and a chunk of
 * `packed` is used up before the next one is taken.
 * @throws the zlib error (`code` `Z_…`) of damaged data, or whatever `packed` throws.
 */
export function inflate(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  return unpackWith(createInflateRaw({ chunkSize: CHUNK_BYTES }), packed);
}

/** The bytes that `unpacker` makes of `packed`, in the way of `inflate`. */
export async function* unpackWith(unpacker: Transform, packed: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const chunks = packed[Symbol.asyncIterator]();
  pump(chunks, unpacker).catch((error: Error) => unpacker.destroy(error));
  try {
    yield* unpacker;
  } finally {
    unpacker.destroy();
    await chunks.return?.();
  }
}

async function pump(chunks: AsyncIterator<Uint8Array>, unpacker: Transform): Promise<void> {
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
    await write(unpacker, next.value);
  }
  unpacker.end();
}

function write(unpacker: Transform, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    unpacker.write(chunk, (error) => (error ? reject(error) : resolve()));
  });
}
