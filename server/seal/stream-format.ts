import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync } from 'node:crypto';

/**
 * Parameters of Tink's streaming format AES-GCM-HKDF; the names are Tink's
 * (https://developers.google.com/tink/streaming-aead/aes_gcm_hkdf_streaming). A ciphertext is
 * `header ‖ segment 0 ‖ segment 1 …` with `header = its length (1 byte) ‖ salt ‖ nonce prefix (7 bytes)`. Every segment
 * ends in a 16-byte tag; together with the header, segment 0 is as long as the others, and the last may be shorter.
 */
export interface StreamFormat {
  /** Hash of the HKDF (RFC 5869) that derives one AES key per ciphertext. */
  readonly hkdfHash: 'sha1' | 'sha256' | 'sha512';
  /** Bytes of the derived AES key and of the salt. */
  readonly derivedKeySize: 16 | 32;
  /** Bytes of a whole segment, its tag included. */
  readonly segmentSize: number;
}

/** Tink's key template of this name, with a 32-byte key: how every blob is stored. */
export const AES256_GCM_HKDF_1MB: StreamFormat = { hkdfHash: 'sha256', derivedKeySize: 32, segmentSize: 1024 * 1024 };

const NONCE_PREFIX_SIZE = 7;
const NONCE_SIZE = 12;

/** Bytes of the tag that ends each segment. */
export const TAG_SIZE = 16;

/** Bytes before the first segment. */
export const headerSize = ({ derivedKeySize }: StreamFormat): number => 1 + derivedKeySize + NONCE_PREFIX_SIZE;

/** How many segments a ciphertext of `ciphertextSize` bytes has. */
export const segmentCount = (ciphertextSize: number, { segmentSize }: StreamFormat): number =>
  Math.max(1, Math.ceil(ciphertextSize / segmentSize));

/**
 * Bytes of the plaintext in a ciphertext of `ciphertextSize` bytes; -1 when no ciphertext has that size. The size is
 * only as true as the last segment is authentic.
 */
export function plaintextSize(ciphertextSize: number, format: StreamFormat = AES256_GCM_HKDF_1MB): number {
  const segments = segmentCount(ciphertextSize, format);
  const last = ciphertextSize - (segments - 1) * format.segmentSize - (segments === 1 ? headerSize(format) : 0);
  return last < TAG_SIZE ? -1 : ciphertextSize - headerSize(format) - segments * TAG_SIZE;
}

/** Encrypts and decrypts single segments of one ciphertext, in any order. */
export interface SegmentCipher {
  /** The segment's ciphertext and tag. No index may be sealed twice. @throws RangeError beyond 2³² segments. */
  seal(index: number, last: boolean, plaintext: Uint8Array): [ciphertext: Uint8Array, tag: Uint8Array];
  /** The segment's plaintext, or `null` when it does not authenticate at this place. */
  open(index: number, last: boolean, segment: Uint8Array): Uint8Array | null;
}

/**
 * The cipher of the ciphertext that starts with `header`, of which salt and nonce prefix are taken.
 * @param associatedData at most 1,024 bytes of UTF-8, a limit of node:crypto.
 */
export function segmentCipher(
  header: Uint8Array,
  key: Uint8Array,
  associatedData: string,
  format: StreamFormat,
): SegmentCipher {
  const { hkdfHash, derivedKeySize } = format;
  const salt = header.subarray(1, 1 + derivedKeySize);
  const derived = createSecretKey(Buffer.from(hkdfSync(hkdfHash, key, salt, associatedData, derivedKeySize)));
  const algorithm = derivedKeySize === 32 ? 'aes-256-gcm' : 'aes-128-gcm';
  const nonce = Buffer.alloc(NONCE_SIZE);
  nonce.set(header.subarray(1 + derivedKeySize));

  function nonceOf(index: number, last: boolean): Buffer {
    nonce.writeUInt32BE(index, NONCE_PREFIX_SIZE);
    nonce[NONCE_SIZE - 1] = last ? 1 : 0;
    return nonce;
  }

  return {
    seal(index, last, plaintext) {
      const cipher = createCipheriv(algorithm, derived, nonceOf(index, last));
      const ciphertext = cipher.update(plaintext);
      cipher.final();
      return [ciphertext, cipher.getAuthTag()];
    },
    open(index, last, segment) {
      const decipher = createDecipheriv(algorithm, derived, nonceOf(index, last), { authTagLength: TAG_SIZE });
      decipher.setAuthTag(segment.subarray(-TAG_SIZE));
      const plaintext = decipher.update(segment.subarray(0, -TAG_SIZE));
      try {
        decipher.final();
      } catch {
        return null;
      }
      return plaintext;
    },
  };
}
