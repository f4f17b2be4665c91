import { createDecipheriv, createHmac, hash, timingSafeEqual } from 'node:crypto';
import { onOpen } from '../xlsx/part.ts';
import { createXmlParser } from '../xlsx/xml.ts';
import { attributeOf, nameHash, type XmlToken } from '../xlsx/xml-token.ts';
import { brokenLock, fourBytes, type Lock, spin, unknownLock } from './lock.ts';

/** What is encrypted, and how: `keyData` of the package, `encryptedKey` of a password. */
interface Method {
  readonly algorithm: string;
  readonly hashBytes: number;
  readonly keyBytes: number;
  readonly salt: Buffer;
}

const KEY_DATA = nameHash('keyData');
const ENCRYPTED_KEY = nameHash('encryptedKey');
const DATA_INTEGRITY = nameHash('dataIntegrity');
/** Mixed into the hash of the password for each of its uses ([MS-OFFCRYPTO] 2.3.4.11 and 2.3.4.13). */
const VERIFIER_INPUT = Buffer.from('fea7d2763b4b9e79', 'hex');
const VERIFIER_VALUE = Buffer.from('d7aa0f6d3061344e', 'hex');
const PACKAGE_KEY = Buffer.from('146e0be7abacd0d6', 'hex');
const HMAC_KEY = Buffer.from('5fb2ad010cb9e1f6', 'hex');
const HMAC_VALUE = Buffer.from('a0677f02b22c8433', 'hex');

const PREFIX_BYTES = 8;
const BLOCK_BYTES = 16;
const MAX_SALT_BYTES = 1 << 16;
/** Excel takes 100,000; a million takes about two seconds. */
const MAX_ROUNDS = 1_000_000;
const HASHES: ReadonlyMap<string, readonly [name: string, bytes: number]> = new Map([
  ['SHA1', ['sha1', 20]],
  ['SHA-1', ['sha1', 20]],
  ['SHA256', ['sha256', 32]],
  ['SHA-256', ['sha256', 32]],
  ['SHA384', ['sha384', 48]],
  ['SHA-384', ['sha384', 48]],
  ['SHA512', ['sha512', 64]],
  ['SHA-512', ['sha512', 64]],
]);

/**
 * The lock of ECMA-376 agile encryption (Excel 2010 and later; [MS-OFFCRYPTO] 2.3.4.10 to 2.3.4.15) from its stream
 * `EncryptionInfo`: AES in CBC mode under a key of the package, which is encrypted under the password.
 * @throws Problem `workbook_corrupt`; `unsupported_format` for other ciphers, and more than a million rounds.
 */
export function agileLock(info: Buffer): Lock {
  let keyData: Method | undefined;
  let integrity: { key: Buffer; value: Buffer } | undefined;
  let password: (Method & { rounds: number; input: Buffer; value: Buffer; key: Buffer }) | undefined;
  const handler = onOpen((name, token) => {
    if (name === KEY_DATA) keyData ??= methodOf(token);
    if (name === DATA_INTEGRITY) {
      integrity = { key: base64(token, 'encryptedHmacKey'), value: base64(token, 'encryptedHmacValue') };
    }
    // There may be keys for certificates besides, which have no rounds.
    if (name !== ENCRYPTED_KEY || password || text(token, 'spinCount') === '') return;
    const [input, value] = [base64(token, 'encryptedVerifierHashInput'), base64(token, 'encryptedVerifierHashValue')];
    const key = base64(token, 'encryptedKeyValue');
    password = { ...methodOf(token), rounds: roundsOf(token), input, value, key };
  });
  const parser = createXmlParser('EncryptionInfo', info.length, handler);
  parser.write(info.subarray(PREFIX_BYTES));
  parser.end();
  if (!keyData || !password) throw brokenLock('names no key that a password opens');
  const [data, lock, sum] = [keyData, password, integrity];

  return {
    unlock(given) {
      const spun = spin(lock.algorithm, lock.salt, given, lock.rounds);
      const open = (bytes: Buffer, use: Buffer) => {
        const key = fit(hash(lock.algorithm, Buffer.concat([spun, use]), 'buffer'), lock.keyBytes);
        return decrypt(key, fit(lock.salt, BLOCK_BYTES), bytes);
      };
      const expected = hash(lock.algorithm, open(lock.input, VERIFIER_INPUT), 'buffer');
      const value = open(lock.value, VERIFIER_VALUE).subarray(0, lock.hashBytes);
      if (value.length !== expected.length || !timingSafeEqual(value, expected)) return null;
      const key = open(lock.key, PACKAGE_KEY).subarray(0, data.keyBytes);
      const openWith = (bytes: Buffer, salted: Buffer) => {
        const iv = hash(data.algorithm, Buffer.concat([data.salt, salted]), 'buffer');
        return decrypt(key, fit(iv, BLOCK_BYTES), bytes);
      };
      return {
        decrypt: (segment, number) => openWith(segment, fourBytes(number)),
        async verify(stream) {
          if (!sum) return;
          const hmac = createHmac(data.algorithm, openWith(sum.key, HMAC_KEY).subarray(0, data.hashBytes));
          for await (const chunk of stream.stream()) hmac.update(chunk);
          const said = openWith(sum.value, HMAC_VALUE).subarray(0, data.hashBytes);
          const found = hmac.digest();
          if (said.length !== found.length || !timingSafeEqual(said, found)) {
            throw brokenLock('does not agree with what is encrypted');
          }
        },
      };
    },
  };
}

function methodOf(token: XmlToken): Method {
  const name = text(token, 'hashAlgorithm').toUpperCase();
  const [cipher, chaining] = [text(token, 'cipherAlgorithm'), text(token, 'cipherChaining')];
  const found = HASHES.get(name);
  if (!found || cipher !== 'AES' || chaining !== 'ChainingModeCBC') throw unknownLock('it is not AES-CBC with SHA');
  const keyBytes = Number(text(token, 'keyBits')) / 8;
  if (![16, 24, 32].includes(keyBytes)) throw brokenLock('has a key of an impossible size');
  const salt = base64(token, 'saltValue');
  if (salt.length === 0 || salt.length > MAX_SALT_BYTES) throw brokenLock('has a salt of an impossible size');
  return { algorithm: found[0], hashBytes: found[1], keyBytes, salt };
}

function roundsOf(token: XmlToken): number {
  const rounds = Number(text(token, 'spinCount'));
  if (!Number.isSafeInteger(rounds) || rounds < 0) throw brokenLock('has an impossible number of rounds');
  if (rounds > MAX_ROUNDS) throw unknownLock(`the password takes ${rounds} rounds, and ${MAX_ROUNDS} can be done`);
  return rounds;
}

const text = (token: XmlToken, name: string): string => attributeOf(token, nameHash(name)) ?? '';
const base64 = (token: XmlToken, name: string): Buffer => Buffer.from(text(token, name), 'base64');

/** Cut, or filled up with 0x36. */
function fit(bytes: Buffer, length: number): Buffer {
  if (bytes.length >= length) return bytes.subarray(0, length);
  return Buffer.concat([bytes, Buffer.alloc(length - bytes.length, 0x36)]);
}

function decrypt(key: Buffer, iv: Buffer, bytes: Buffer): Buffer {
  if (bytes.length === 0 || bytes.length % BLOCK_BYTES !== 0) throw brokenLock('is cut off');
  return createDecipheriv(`aes-${key.length * 8}-cbc`, key, iv)
    .setAutoPadding(false)
    .update(bytes);
}
