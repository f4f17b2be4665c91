import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** The fields of a token to be made; `padded` replaces the padded value, to make tokens that no sealer makes. */
export interface TokenFields {
  readonly value?: Uint8Array;
  readonly time: number;
  readonly iv?: Uint8Array;
  readonly padded?: Uint8Array;
}

/**
 * The specification step by step, with a cipher and an HMAC from raw keys for each value, as one would write it first.
 * For tests, which compare every fast path with it, and for benchmarks.
 */
export function referenceToken(key: Uint8Array, fields: TokenFields): string {
  const iv = fields.iv ?? randomBytes(16);
  const cipher = createCipheriv('aes-128-cbc', key.subarray(16), iv).setAutoPadding(fields.padded === undefined);
  const ciphertext = [cipher.update(fields.padded ?? fields.value ?? Buffer.alloc(0)), cipher.final()];
  return signReference(key, Buffer.concat([referenceFront(fields.time, iv), ...ciphertext]));
}

/** Version, timestamp and IV. */
export function referenceFront(time: number, iv: Uint8Array): Buffer {
  const header = Buffer.alloc(9, 0x80);
  header.writeBigUInt64BE(BigInt(time), 1);
  return Buffer.concat([header, iv]);
}

/** The token of `signed`, the bytes before the HMAC, whatever they are. */
export function signReference(key: Uint8Array, signed: Uint8Array): string {
  return toToken(Buffer.concat([signed, createHmac('sha256', key.subarray(0, 16)).update(signed).digest()]));
}

/** Base64url with padding. */
export function toToken(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

/** The value of a token, which must be a good one. */
export function referenceValue(key: Uint8Array, token: string): string {
  const bytes = Buffer.from(token, 'base64url');
  const signed = bytes.subarray(0, -32);
  const tag = createHmac('sha256', key.subarray(0, 16)).update(signed).digest();
  if (!timingSafeEqual(tag, bytes.subarray(-32))) throw new Error('not authentic');
  const decipher = createDecipheriv('aes-128-cbc', key.subarray(16), signed.subarray(9, 25));
  return decipher.update(signed.subarray(25), undefined, 'utf8') + decipher.final('utf8');
}
