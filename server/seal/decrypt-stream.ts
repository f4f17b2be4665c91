import { Problem } from '../core/problem.ts';
import type { StreamOptions } from './encrypt-stream.ts';
import {
  AES256_GCM_HKDF_1MB,
  headerSize,
  plaintextSize,
  type StreamFormat,
  segmentCipher,
  segmentCount,
  TAG_SIZE,
} from './stream-format.ts';

/** Fills `into` with the ciphertext from `position` on. Two reads may be under way at a time. */
export type ReadAt = (into: Uint8Array, position: number) => Promise<void>;

/** What to decrypt. */
export interface DecryptOptions extends StreamOptions {
  readonly readAt: ReadAt;
  /** Bytes of the whole ciphertext. */
  readonly ciphertextSize: number;
  /** What the data is, for the message when it is damaged: `blob 0192…`. */
  readonly name: string;
}

/**
 * The plaintext from `start` (default 0) up to but not including `end` (default its size); beyond its end there is
 * nothing, as with `slice`. Yields fresh chunks of at most one segment, each authenticated before it is given out; one
 * segment is read ahead. An empty range authenticates the segment it stands in, so one at the very end tells whether
 * the ciphertext is whole.
 * @throws Problem `data_corrupt` when a segment was changed, moved or cut off, or the key or associated data is
 * another's.
 */
export async function* decryptRange(options: DecryptOptions, start = 0, end = Infinity): AsyncGenerator<Uint8Array> {
  const { format = AES256_GCM_HKDF_1MB, ciphertextSize, readAt, key, associatedData, name } = options;
  const size = plaintextSize(ciphertextSize, format);
  if (size < 0) throw corrupt(name);
  const final = segmentCount(ciphertextSize, format) - 1;
  const read = segmentReader(readAt, ciphertextSize, format);
  const range = segmentRange(Math.min(start, size), Math.min(end, size), size, final, format);

  let next = read(range.first);
  try {
    const header = Buffer.allocUnsafe(headerSize(format));
    await readAt(header, 0);
    if (header[0] !== header.length) throw corrupt(name);
    const cipher = segmentCipher(header, key, associatedData, format);
    for (let index = range.first; index <= range.last; index++) {
      const segment = await next;
      if (index < range.last) next = read(index + 1);
      const plaintext = cipher.open(index, index === final, segment);
      if (!plaintext) throw corrupt(name);
      const wanted = range.within(index, plaintext);
      if (wanted.length > 0) yield wanted;
    }
  } finally {
    // Whoever stops early may close the file next, so nothing must be under way any more.
    await next.catch(() => {});
  }
}

/** Reads whole segments into two buffers by turns: a segment is valid until the next but one is asked for. */
function segmentReader(readAt: ReadAt, ciphertextSize: number, format: StreamFormat) {
  const buffers: (Buffer | undefined)[] = [undefined, undefined];
  return async (index: number): Promise<Uint8Array> => {
    const from = index === 0 ? headerSize(format) : index * format.segmentSize;
    const to = Math.min((index + 1) * format.segmentSize, ciphertextSize);
    const buffer = buffers[index % 2] ?? Buffer.allocUnsafeSlow(to - from);
    // The first segment is the shortest but the last, so its buffer would not do for a later one.
    if (index > 0) buffers[index % 2] = buffer;
    const segment = buffer.subarray(0, to - from);
    await readAt(segment, from);
    return segment;
  };
}

/** The segments that hold a range of the plaintext. Counted from the header's start, all hold equally many bytes. */
function segmentRange(start: number, end: number, size: number, final: number, format: StreamFormat) {
  const offset = headerSize(format);
  const payload = format.segmentSize - TAG_SIZE;
  const segmentOf = (position: number) => Math.min(final, Math.floor((position + offset) / payload));
  const first = segmentOf(start);
  return {
    first,
    // The final segment may hold nothing, yet it alone tells that the data ends here.
    last: end === size ? final : Math.max(first, segmentOf(end - 1)),
    within(index: number, plaintext: Uint8Array): Uint8Array {
      const base = index === 0 ? 0 : index * payload - offset;
      return plaintext.subarray(Math.max(0, start - base), Math.max(0, end - base));
    },
  };
}

const corrupt = (name: string): Problem =>
  new Problem(
    'data_corrupt',
    `The stored data of ${name} cannot be decrypted: it was damaged, cut off or tampered with, or its key is another's. Restore it from a backup.`,
  );
