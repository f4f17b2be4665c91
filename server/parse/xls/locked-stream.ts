import { hash, timingSafeEqual } from 'node:crypto';
import { brokenLock, fourBytes, USUAL_PASSWORD, unknownLock } from '../locked-package/lock.ts';
import { passwordNeeded, passwordWrong } from '../password.ts';
import { createRc4 } from './rc4.ts';
import { BEGINNINGS, RECORD } from './record-types.ts';
import { xorArray, xorVerifier } from './xor-lock.ts';

/** Makes the bytes of a record plain, in place: `record` begins at `at` in the stream, and its data is `length` long. */
type Unlock = (bytes: Buffer, at: number, length: number, open: number) => void;

/** Records whose data is never encrypted ([MS-XLS] 2.2.10), besides those that begin a substream. */
const PLAIN_RECORDS: ReadonlySet<number> = new Set([RECORD.FILE_PASS, 0x194, 0x195, 0xe1, 0x196, 0x138]);
/** The place of a sheet in the stream stands plain before its name. */
const PLAIN_IN_BOUND_SHEET = 4;
/** The key changes after so many bytes of the stream. */
const BLOCK_BYTES = 1024;
const XOR = 0;
const SHA1 = 0x8004;
const RC4 = 0x6801;

/**
 * Makes a workbook stream under a password plain, in place: XOR obfuscation, RC4 and RC4 CryptoAPI ([MS-XLS] 2.2.10,
 * [MS-OFFCRYPTO] 2.3.5 to 2.3.7). A stream without a password stays as it is.
 * @throws Problem `workbook_encrypted` without a password, `password_wrong`; `workbook_corrupt`; `unsupported_format` for
 * other ways of encryption.
 */
export function unlockStream(bytes: Buffer, password: string | undefined): void {
  const lock = findLock(bytes);
  if (!lock) return;
  const unlock = unlockerOf(lock, password ?? USUAL_PASSWORD);
  if (!unlock)
    throw password === undefined ? passwordNeeded('workbook_encrypted', 'workbook') : passwordWrong('workbook');
  for (const { type, start, length } of records(bytes)) {
    if (type === RECORD.FILE_PASS) bytes.writeUInt16LE(NOTHING, start - 4);
    if (BEGINNINGS.has(type) || PLAIN_RECORDS.has(type)) continue;
    unlock(bytes, start, length, type === RECORD.BOUND_SHEET ? Math.min(length, PLAIN_IN_BOUND_SHEET) : 0);
  }
}

/** A record of padding, which nobody reads. */
const NOTHING = 0x5c;

function* records(bytes: Buffer): Generator<{ type: number; start: number; length: number }> {
  for (let at = 0; at + 4 <= bytes.length; ) {
    const [type, length] = [bytes.readUInt16LE(at), bytes.readUInt16LE(at + 2)];
    if (at + 4 + length > bytes.length) return;
    yield { type, start: at + 4, length };
    at += 4 + length;
  }
}

/** The data of the record that says how the stream is encrypted; it stands among those of the workbook as a whole. */
function findLock(bytes: Buffer): Buffer | undefined {
  for (const { type, start, length } of records(bytes)) {
    if (type === RECORD.EOF) return undefined;
    if (type === RECORD.FILE_PASS) return Buffer.from(bytes.subarray(start, start + length));
  }
  return undefined;
}

function unlockerOf(lock: Buffer, password: string): Unlock | undefined {
  if (lock.length === 4) return xorUnlock(lock, password);
  if (lock.length < 6) throw brokenLock('is cut off');
  if (lock.readUInt16LE(0) === XOR) return xorUnlock(lock.subarray(2), password);
  const [major, minor] = [lock.readUInt16LE(2), lock.readUInt16LE(4)];
  if (major === 1 && minor === 1) return rc4Unlock(lock.subarray(6), password);
  if (major >= 2 && major <= 4 && minor === 2) return cryptoApiUnlock(lock.subarray(6), password);
  throw unknownLock(`version ${major}.${minor}`);
}

/** Source: [MS-OFFCRYPTO] 2.3.7.3. The record names the key, so that it need not be made of the password. */
function xorUnlock(lock: Buffer, password: string): Unlock | undefined {
  const letters = Buffer.from(password, 'latin1');
  if (letters.length === 0 || letters.length > 15 || xorVerifier(letters) !== lock.readUInt16LE(2)) return undefined;
  const keys = xorArray(letters, lock.readUInt16LE(0));
  return (bytes, at, length, open) => {
    for (let index = open; index < length; index++) {
      const byte = bytes[at + index]! ^ keys[(at + length + index) % keys.length]!;
      bytes[at + index] = (byte >> 5) | (byte << 3);
    }
  };
}

/** Source: [MS-OFFCRYPTO] 2.3.6. */
function rc4Unlock(lock: Buffer, password: string): Unlock | undefined {
  if (lock.length < 48) throw brokenLock('is cut off');
  const short = hash('md5', Buffer.from(password, 'utf16le'), 'buffer').subarray(0, 5);
  const salted = Buffer.concat([short, lock.subarray(0, 16)]);
  const base = hash('md5', Buffer.concat(new Array<Buffer>(16).fill(salted)), 'buffer').subarray(0, 5);
  const keyOf = (block: number) => hash('md5', Buffer.concat([base, fourBytes(block)]), 'buffer');
  return verified('md5', keyOf, lock.subarray(16, 32), lock.subarray(32, 48));
}

/** Source: [MS-OFFCRYPTO] 2.3.5. */
function cryptoApiUnlock(lock: Buffer, password: string): Unlock | undefined {
  const headerBytes = lock.length < 8 ? 0 : lock.readUInt32LE(4);
  const at = 8 + headerBytes;
  if (headerBytes < 20 || at + 60 > lock.length || lock.readUInt32LE(at) !== 16) throw brokenLock('is cut off');
  if (lock.readUInt32LE(16) !== RC4 || lock.readUInt32LE(20) !== SHA1) throw unknownLock('it is not RC4 with SHA-1');
  const keyBytes = (lock.readUInt32LE(24) || 40) / 8;
  if (!Number.isInteger(keyBytes) || keyBytes < 5 || keyBytes > 16) throw brokenLock('has a key of an impossible size');
  const base = hash(
    'sha1',
    Buffer.concat([lock.subarray(at + 4, at + 20), Buffer.from(password, 'utf16le')]),
    'buffer',
  );
  const keyOf = (block: number) => {
    const key = hash('sha1', Buffer.concat([base, fourBytes(block)]), 'buffer').subarray(0, keyBytes);
    // A key of 40 bits is used with zeros behind it.
    return keyBytes === 5 ? Buffer.concat([key, Buffer.alloc(11)]) : key;
  };
  return verified('sha1', keyOf, lock.subarray(at + 20, at + 36), lock.subarray(at + 40, at + 60));
}

function verified(
  algorithm: string,
  keyOf: (block: number) => Buffer,
  verifier: Buffer,
  verifierHash: Buffer,
): Unlock | undefined {
  const plain = Buffer.concat([verifier, verifierHash]);
  const next = createRc4(keyOf(0));
  for (let index = 0; index < plain.length; index++) plain[index]! ^= next();
  const expected = hash(algorithm, plain.subarray(0, verifier.length), 'buffer');
  return timingSafeEqual(expected, plain.subarray(verifier.length)) ? rc4Stream(keyOf) : undefined;
}

/** The key stream runs over all bytes of the stream, those that stand plain too. Records must come in order. */
function rc4Stream(keyOf: (block: number) => Buffer): Unlock {
  let next = createRc4(keyOf(0));
  let block = 0;
  let position = 0;
  const byteAt = (at: number): number => {
    if (Math.floor(at / BLOCK_BYTES) !== block) {
      block = Math.floor(at / BLOCK_BYTES);
      next = createRc4(keyOf(block));
      position = block * BLOCK_BYTES;
    }
    for (; position < at; position++) next();
    position++;
    return next();
  };
  return (bytes, at, length, open) => {
    for (let index = open; index < length; index++) bytes[at + index]! ^= byteAt(at + index);
  };
}
