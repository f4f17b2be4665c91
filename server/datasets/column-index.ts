import { hkdfSync } from 'node:crypto';
import { type BlindIndex, createBlindIndex } from '../seal/blind-index.ts';

/**
 * The blind index of sealed column `column`, under a key of its own, so that equal values of two columns are not seen to
 * be equal. `secret` is the dataset's blind-index key.
 * @throws Problem `key_invalid` when `secret` has not 32 bytes.
 */
export function columnIndex(secret: Uint8Array, column: number, bits: number): BlindIndex {
  const key = hkdfSync('sha256', secret, new Uint8Array(), `intakt blind index, column ${column}`, 32);
  return createBlindIndex(new Uint8Array(key), bits);
}
