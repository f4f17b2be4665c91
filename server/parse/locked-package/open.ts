import type { Source } from '../../core/source.ts';
import type { CompoundFile } from '../compound/compound.ts';
import { passwordNeeded, passwordWrong } from '../password.ts';
import { readRange } from '../zip/range.ts';
import { agileLock } from './agile.ts';
import { brokenLock, type Lock, type PackageCipher, SEGMENT_BYTES, USUAL_PASSWORD, unknownLock } from './lock.ts';
import { standardLock } from './standard.ts';

const MAX_INFO_BYTES = 1 << 20;
const SIZE_BYTES = 8;
const BLOCK_BYTES = 16;

/** Whether a compound file is a package under a password. */
export function isLockedPackage({ names }: CompoundFile): boolean {
  return names.some((name) => /^EncryptedPackage$/i.test(name));
}

/**
 * The package (a ZIP archive, usually) that a compound file holds encrypted, decrypted piece by piece as it is read.
 * Where the file says what its bytes must come to, they are checked once, before anything is given out.
 * @throws Problem `workbook_encrypted` without a password, `password_wrong`; `workbook_corrupt`; `unsupported_format` for
 * ways of encryption other than agile and standard.
 */
export async function openLockedPackage(file: CompoundFile, password: string | undefined): Promise<Source> {
  const [info, stream] = [await file.stream('EncryptionInfo'), await file.stream('EncryptedPackage')];
  if (!info || !stream || info.size < SIZE_BYTES || info.size > MAX_INFO_BYTES) throw brokenLock('is missing');
  if (stream.size < SIZE_BYTES) throw brokenLock('is cut off');
  const cipher = unlock(lockOf(await readRange(info, 0, info.size)), password);
  await cipher.verify(stream);
  const size = Number((await readRange(stream, 0, SIZE_BYTES)).readBigUInt64LE());
  return decrypted(stream, cipher, size);
}

function lockOf(info: Buffer): Lock {
  const [major, minor] = [info.readUInt16LE(0), info.readUInt16LE(2)];
  if (major === 4 && minor === 4) return agileLock(info);
  if (major >= 2 && major <= 4 && minor === 2) return standardLock(info);
  throw unknownLock(`version ${major}.${minor}`);
}

function unlock(lock: Lock, password: string | undefined): PackageCipher {
  const cipher = lock.unlock(password ?? USUAL_PASSWORD);
  if (cipher) return cipher;
  throw password === undefined ? passwordNeeded('workbook_encrypted', 'workbook') : passwordWrong('workbook');
}

function decrypted(stream: Source, cipher: PackageCipher, size: number): Source {
  const last = stream.size - ((stream.size - SIZE_BYTES) % BLOCK_BYTES);
  if (size > last - SIZE_BYTES) throw brokenLock('claims more than there is');
  return {
    size,
    async *stream(start = 0, end = size) {
      let segment = Math.floor(start / SEGMENT_BYTES);
      const to = Math.min(last, SIZE_BYTES + Math.ceil(end / SEGMENT_BYTES) * SEGMENT_BYTES);
      let at = segment * SEGMENT_BYTES;
      for await (const locked of wholeSegments(stream.stream(SIZE_BYTES + at, to))) {
        const plain = decryptAll(cipher, locked, segment);
        segment += Math.ceil(locked.length / SEGMENT_BYTES);
        yield plain.subarray(Math.max(0, start - at), end - at);
        at += plain.length;
      }
    },
  };
}

function decryptAll(cipher: PackageCipher, locked: Buffer, first: number): Buffer {
  const plain = Buffer.allocUnsafe(locked.length);
  for (let at = 0, number = first; at < locked.length; at += SEGMENT_BYTES, number++) {
    plain.set(cipher.decrypt(locked.subarray(at, at + SEGMENT_BYTES), number), at);
  }
  return plain;
}

/** The same bytes in chunks of whole segments; the last one may end within one. */
async function* wholeSegments(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = Buffer.concat([rest, chunk]);
    const whole = bytes.length - (bytes.length % SEGMENT_BYTES);
    if (whole > 0) yield bytes.subarray(0, whole);
    rest = bytes.subarray(whole);
  }
  if (rest.length > 0) yield rest;
}
