import { createZstdDecompress } from 'node:zlib';
import { CHUNK_BYTES, unpackWith } from '../zip/inflate.ts';
import { damaged } from './damaged.ts';

/**
 * The content of all frames of a Zstandard file (RFC 8878, 3.1), one behind the other; skippable frames are left out.
 * Node's own decompressor stops behind the first frame, so the frames are told apart here, by the headers of their
 * blocks.
 * @throws Problem `archive_corrupt`, or the zlib error of damaged data.
 */
export async function* unpackZstd(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = createReader(packed);
  try {
    for (let head = await reader.take(4, true); head.length > 0; head = await reader.take(4, true)) {
      const magic = head.readUInt32LE(0);
      if (magic === FRAME) yield* unpackWith(createZstdDecompress({ chunkSize: CHUNK_BYTES }), frame(head, reader));
      else if (magic >>> 4 === SKIPPABLE) for await (const _ of reader.pass((await reader.take(4)).readUInt32LE(0)));
      else throw damaged('zstd');
    }
  } finally {
    await reader.close();
  }
}

const FRAME = 0xfd2fb528;
const SKIPPABLE = 0x184d2a5;
const RLE = 1;
const RESERVED = 3;

type Reader = ReturnType<typeof createReader>;

/** The bytes of one frame, whose magic number was taken. */
async function* frame(magic: Buffer, reader: Reader): AsyncGenerator<Uint8Array> {
  yield magic;
  const descriptor = await reader.take(1);
  yield descriptor;
  const flags = descriptor[0]!;
  const isSingle = (flags & 0x20) !== 0;
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][flags >> 6]!;
  yield await reader.take((isSingle ? 0 : 1) + [0, 1, 2, 4][flags & 3]! + sizeBytes);
  for (let isLast = false; !isLast; ) {
    const head = await reader.take(3);
    yield head;
    const block = head.readUIntLE(0, 3);
    const type = (block >> 1) & 3;
    if (type === RESERVED) throw damaged('zstd');
    yield* reader.pass(type === RLE ? 1 : block >> 3);
    isLast = (block & 1) === 1;
  }
  if ((flags & 4) !== 0) yield await reader.take(4);
}

/** Hands out a stream's bytes by count. */
function createReader(packed: AsyncIterable<Uint8Array>) {
  const chunks = packed[Symbol.asyncIterator]();
  let held: Uint8Array = new Uint8Array();

  /** Up to `count` of the next bytes; none at the end. */
  async function some(count: number): Promise<Uint8Array> {
    while (held.length === 0) {
      const next = await chunks.next();
      if (next.done) return held;
      held = next.value;
    }
    const part = held.subarray(0, count);
    held = held.subarray(part.length);
    return part;
  }

  async function* pass(count: number): AsyncGenerator<Uint8Array> {
    for (let left = count; left > 0; ) {
      const part = await some(left);
      if (part.length === 0) throw damaged('zstd');
      left -= part.length;
      yield part;
    }
  }

  return {
    pass,
    /** Exactly `count` bytes; none where the stream ends and `mayEnd`. @throws Problem `archive_corrupt`. */
    async take(count: number, mayEnd = false): Promise<Buffer> {
      const bytes = Buffer.alloc(count);
      for (let at = 0; at < count; ) {
        const part = await some(count - at);
        if (part.length === 0 && at === 0 && mayEnd) return bytes.subarray(0, 0);
        if (part.length === 0) throw damaged('zstd');
        bytes.set(part, at);
        at += part.length;
      }
      return bytes;
    },
    close: async () => void (await chunks.return?.()),
  };
}
