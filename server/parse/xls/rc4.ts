/**
 * A function that gives the next byte of the RC4 key stream under `key`. It is broken as a cipher, and not among
 * those of OpenSSL any more; legacy workbooks are encrypted by it.
 */
export function createRc4(key: Uint8Array): () => number {
  const state = Uint8Array.from({ length: 256 }, (_, index) => index);
  const swap = (a: number, b: number) => {
    const kept = state[a]!;
    state[a] = state[b]!;
    state[b] = kept;
  };
  let [i, j] = [0, 0];
  for (; i < 256; i++) {
    j = (j + state[i]! + key[i % key.length]!) & 255;
    swap(i, j);
  }
  [i, j] = [0, 0];
  return () => {
    i = (i + 1) & 255;
    j = (j + state[i]!) & 255;
    swap(i, j);
    return state[(state[i]! + state[j]!) & 255]!;
  };
}
