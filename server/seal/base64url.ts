/**
 * The bytes of canonical base64url with its padding (RFC 4648, sections 3.5 and 5), or `null` for anything else: another
 * alphabet, white space, missing `=`, bits set after the last byte. One run of bytes has exactly one text.
 */
export function decodeBase64url(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64url');
  return encodeBase64url(bytes, 0, bytes.length) === text ? bytes : null;
}

const PADDING = ['', '==', '='];

/** Base64url with padding of the bytes from `start` up to but not including `end`. */
export function encodeBase64url(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('base64url', start, end) + PADDING[(end - start) % 3];
}
