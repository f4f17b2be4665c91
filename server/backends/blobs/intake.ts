import { createHash } from 'node:crypto';
import { Problem } from '../../core/problem.ts';
import { createEncryptor } from '../../seal/encrypt-stream.ts';
import type { PutOptions, StoredBlob } from './blobs.ts';

/** Counts, hashes and encrypts one upload. Each method gives the ciphertext that is complete by now. */
export interface Intake {
  /** @throws Problem `file_too_large` at the first chunk that goes beyond the limit. */
  update(chunk: Uint8Array): Uint8Array[];
  final(): Uint8Array[];
  /** What went through; to be called once, after `final`. */
  result(): StoredBlob;
}

/** An intake for one `put` of any blob store. */
export function createIntake({ maxBytes, key, associatedData }: PutOptions): Intake {
  const encryptor = createEncryptor({ key, associatedData });
  const hash = createHash('sha256');
  let size = 0;
  let storedBytes = 0;
  const counted = (parts: Uint8Array[]): Uint8Array[] => {
    for (const part of parts) storedBytes += part.length;
    return parts;
  };
  return {
    update(chunk) {
      size += chunk.length;
      if (size > maxBytes) {
        throw new Problem('file_too_large', `The file is larger than ${maxBytes} bytes. Send a smaller one.`);
      }
      hash.update(chunk);
      return counted(encryptor.update(chunk));
    },
    final: () => counted(encryptor.final()),
    result: () => ({ size, sha256: hash.digest('hex'), storedBytes }),
  };
}
