import { createInflateRaw, type InflateRaw } from 'node:zlib';

/** Large enough that the work per chunk outweighs the hop to the thread pool, small enough for a processor's cache. */
const CHUNK_BYTES = 64 << 10;

/**
 * The bytes of a raw deflate stream (RFC 1951). The next piece is only inflated when it is asked for, and a chunk of
 * `packed` is used up before the next one is taken.
 * @throws the zlib error (`code` `Z_…`) of damaged data, or whatever `packed` throws.
 */
export async function* inflate(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const inflater = createInflateRaw({ chunkSize: CHUNK_BYTES });
  const chunks = packed[Symbol.asyncIterator]();
  pump(chunks, inflater).catch((error: Error) => inflater.destroy(error));
  try {
    yield* inflater;
  } finally {
    inflater.destroy();
    await chunks.return?.();
  }
}

async function pump(chunks: AsyncIterator<Uint8Array>, inflater: InflateRaw): Promise<void> {
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
    await write(inflater, next.value);
  }
  inflater.end();
}

function write(inflater: InflateRaw, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    inflater.write(chunk, (error) => (error ? reject(error) : resolve()));
  });
}
