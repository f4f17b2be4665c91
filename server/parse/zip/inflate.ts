import type { Transform } from 'node:stream';
import { createInflateRaw } from 'node:zlib';

/** Large enough that the work per chunk outweighs the hop to the thread pool, small enough for a processor's cache. */
export const CHUNK_BYTES = 64 << 10;
/** What is inflated at a time: in smaller steps, a third of the work is the hops to the thread pool. */
const INFLATED_BYTES = 256 << 10;

/**
 * The bytes of a raw deflate stream (RFC 1951). The next piece is only inflated when it is asked for, which ends the one
 * before, and a chunk of `packed` is used up before the next one is taken.
 * @throws the zlib error (`code` `Z_…`) of damaged data, or whatever `packed` throws.
 */
export async function* inflate(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const bytes of unpackWith(createInflateRaw({ chunkSize: INFLATED_BYTES }), packed)) {
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
    giveBack(bytes);
  }
}

/** Frees memory that is filled to its end, to which nothing more is inflated: some 30 MB wait for the garbage collector else. */
function giveBack({ buffer, byteOffset, length }: Buffer): void {
  const isFilled = buffer.byteLength === INFLATED_BYTES && byteOffset + length === INFLATED_BYTES;
  if (isFilled && buffer instanceof ArrayBuffer) buffer.transfer(0);
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
