import { hash } from 'node:crypto';
import { Problem } from '../../core/problem.ts';
import type { Source } from '../../core/source.ts';
import { corrupt } from '../xlsx/corrupt.ts';

/** How a package is encrypted, and what its password is tried on. */
export interface Lock {
  /** The cipher of the package, or `null` when the password is another one. */
  unlock(password: string): PackageCipher | null;
}

/** Opens a package piece by piece. */
export interface PackageCipher {
  /** The plain bytes of the segment with this number, of `SEGMENT_BYTES` or, the last one, less. */
  decrypt(segment: Buffer, number: number): Buffer;
  /** Checks the whole stream with its size in front, where the file says what it must come to. */
  verify(stream: Source): Promise<void>;
}

/** What Excel locks a book with that only asks its readers not to change it; every program tries it unasked. */
export const USUAL_PASSWORD = 'VelvetSweatshop';

/** Plain and encrypted bytes of a segment alike ([MS-OFFCRYPTO] 2.3.4.4 and 2.3.4.15). */
export const SEGMENT_BYTES = 4096;

/** A whole number as four bytes, the lowest first. */
export function fourBytes(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/**
 * The hash of salt and password (UTF-16), hashed again `rounds` times with the round's number before it: what both ways
 * of encryption make their keys of.
 */
export function spin(algorithm: string, salt: Buffer, password: string, rounds: number): Buffer {
  let digest = hash(algorithm, Buffer.concat([salt, Buffer.from(password, 'utf16le')]), 'buffer');
  const next = Buffer.alloc(4 + digest.length);
  for (let round = 0; round < rounds; round++) {
    next.writeUInt32LE(round);
    digest.copy(next, 4);
    digest = hash(algorithm, next, 'buffer');
  }
  return digest;
}

/** The problem of what the file says of its encryption and nothing can be made of. */
export function brokenLock(what: string): Problem {
  return corrupt(`what is said of its encryption ${what}`);
}

/** The problem of an encryption that is sound, but not one of those that can be opened. */
export function unknownLock(what: string): Problem {
  const detail = `The workbook is encrypted in a way that cannot be opened: ${what}.`;
  return new Problem('unsupported_format', `${detail} Save it without a password and upload that copy.`);
}
