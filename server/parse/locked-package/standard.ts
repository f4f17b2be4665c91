import { createDecipheriv, hash, timingSafeEqual } from 'node:crypto';
import { brokenLock, fourBytes, type Lock, spin, unknownLock } from './lock.ts';

const ROUNDS = 50_000;
const SHA1 = 0x8004;
/** AES with 128, 192 and 256 bits. */
const AES: ReadonlyMap<number, number> = new Map([
  [0x660e, 16],
  [0x660f, 24],
  [0x6610, 32],
]);
const SHA1_BYTES = 20;

/**
 * The lock of ECMA-376 standard encryption (Excel 2007; [MS-OFFCRYPTO] 2.3.4.5 to 2.3.4.9) from its stream
 * `EncryptionInfo`. It has no checksum over the package.
 * @throws Problem `workbook_corrupt`, `unsupported_format`.
 */
export function standardLock(info: Buffer): Lock {
  const headerBytes = info.length < 12 ? 0 : info.readUInt32LE(8);
  const at = 12 + headerBytes;
  if (headerBytes < 20 || at + 72 > info.length) throw brokenLock('is cut off');
  const keyBytes = AES.get(info.readUInt32LE(20));
  if (!keyBytes || info.readUInt32LE(24) !== SHA1) throw unknownLock('it is not AES with SHA-1');
  if (info.readUInt32LE(at) !== 16) throw brokenLock('has a salt of another size');
  const salt = info.subarray(at + 4, at + 20);
  const verifier = info.subarray(at + 20, at + 36);
  const verifierHash = info.subarray(at + 40, at + 72);
  return {
    unlock(password) {
      const key = keyOf(spin('sha1', salt, password, ROUNDS), keyBytes);
      const expected = hash('sha1', decrypt(key, verifier), 'buffer');
      if (!timingSafeEqual(expected, decrypt(key, verifierHash).subarray(0, SHA1_BYTES))) return null;
      return { decrypt: (segment) => decrypt(key, segment), verify: async () => {} };
    },
  };
}

function decrypt(key: Buffer, bytes: Buffer): Buffer {
  return createDecipheriv(`aes-${key.length * 8}-ecb`, key, null)
    .setAutoPadding(false)
    .update(bytes);
}

function keyOf(spun: Buffer, bytes: number): Buffer {
  const last = hash('sha1', Buffer.concat([spun, fourBytes(0)]), 'buffer');
  const half = (pad: number) => {
    const block = Buffer.alloc(64, pad);
    for (const [index, byte] of last.entries()) block[index]! ^= byte;
    return hash('sha1', block, 'buffer');
  };
  return Buffer.concat([half(0x36), half(0x5c)]).subarray(0, bytes);
}
