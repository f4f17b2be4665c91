import { randomFillSync } from 'node:crypto';
import { AES256_GCM_HKDF_1MB, headerSize, type StreamFormat, segmentCipher, TAG_SIZE } from './stream-format.ts';

/** What a ciphertext is bound to, and its form. */
export interface StreamOptions {
  /** The key: 32 bytes for the default format. One key may encrypt any number of streams. */
  readonly key: Uint8Array;
  /** Must be given again to decrypt: what the data belongs to, such as its id. At most 1,024 bytes of UTF-8. */
  readonly associatedData: string;
  /** Default `AES256_GCM_HKDF_1MB`. */
  readonly format?: StreamFormat;
}

/** Encrypts one stream piece by piece, holding at most one segment of plaintext. */
export interface Encryptor {
  /** Takes the next bytes, which stay the caller's; gives the ciphertext that is complete by now, often nothing. */
  update(chunk: Uint8Array): Uint8Array[];
  /** Gives the rest of the ciphertext. To be called once, after the last `update`. */
  final(): Uint8Array[];
}

/** The plaintext's buffer starts this small, so that a tiny file does not cost a whole segment of memory. */
const FIRST_BUFFER = 16 * 1024;

/** An encryptor with a fresh salt. Its output is what any Tink library decrypts with the same key and format. */
export function createEncryptor({ key, associatedData, format = AES256_GCM_HKDF_1MB }: StreamOptions): Encryptor {
  const header = newHeader(format);
  const cipher = segmentCipher(header, key, associatedData, format);
  let buffer = Buffer.allocUnsafeSlow(Math.min(FIRST_BUFFER, format.segmentSize));
  let capacity = format.segmentSize - TAG_SIZE - header.length;
  let filled = 0;
  let index = 0;

  function take(bytes: Uint8Array): void {
    if (filled + bytes.length > buffer.length) buffer = grown(buffer, filled + bytes.length, format.segmentSize);
    buffer.set(bytes, filled);
    filled += bytes.length;
  }

  function endSegment(last: boolean): Uint8Array[] {
    const parts: Uint8Array[] = cipher.seal(index, last, buffer.subarray(0, filled));
    if (index === 0) parts.unshift(header);
    index += 1;
    filled = 0;
    capacity = format.segmentSize - TAG_SIZE;
    return parts;
  }

  return {
    update(chunk) {
      const parts: Uint8Array[] = [];
      for (let taken = 0; taken < chunk.length; ) {
        // A full segment waits for the next byte, because only the very last one is marked as such.
        if (filled === capacity) parts.push(...endSegment(false));
        const piece = chunk.subarray(taken, taken + capacity - filled);
        take(piece);
        taken += piece.length;
      }
      return parts;
    },
    final: () => endSegment(true),
  };
}

function newHeader(format: StreamFormat): Buffer {
  const header = Buffer.allocUnsafeSlow(headerSize(format));
  header[0] = header.length;
  return randomFillSync(header, 1);
}

function grown(buffer: Buffer, needed: number, max: number): Buffer<ArrayBuffer> {
  const larger = Buffer.allocUnsafeSlow(Math.min(max, Math.max(needed, 4 * buffer.length)));
  larger.set(buffer);
  return larger;
}
