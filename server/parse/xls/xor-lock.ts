/** What fills a short password up ([MS-OFFCRYPTO] 2.3.7.2). */
const PAD = Buffer.from('bbffffbaffffb98000be0f00bf0f00', 'hex');
const ARRAY_BYTES = 16;

/** The number by which a password of up to 15 letters is known ([MS-OFFCRYPTO] 2.3.7.1). */
export function xorVerifier(letters: Uint8Array): number {
  let verifier = 0;
  for (const byte of [...letters.toReversed(), letters.length]) {
    verifier = ((verifier >> 14) & 1) ^ ((verifier << 1) & 0x7fff) ^ byte;
  }
  return verifier ^ 0xce4b;
}

/** The bytes that are mixed into the data in turn: the password and its padding under the key ([MS-OFFCRYPTO] 2.3.7.2). */
export function xorArray(letters: Uint8Array, key: number): Uint8Array {
  const filled = Buffer.concat([letters, PAD]).subarray(0, ARRAY_BYTES);
  return filled.map((byte, index) => {
    const mixed = byte ^ (index % 2 === 0 ? key & 0xff : key >> 8);
    return (mixed >> 1) | ((mixed & 1) << 7);
  });
}
