const LF = 0x0a;
const CR = 0x0d;

/**
 * The byte behind the first line break (LF, CR or CRLF) in `bytes` from `from` up to `to`; `null` when there is none,
 * or when a CR is the last byte, so that it cannot be told whether an LF belongs to it.
 */
export function firstLineEnd(bytes: Buffer, from: number, to: number): number | null {
  for (let at = from; at < to; at++) {
    if (bytes[at] === LF) return at + 1;
    if (bytes[at] !== CR) continue;
    if (at + 1 === to) return null;
    return bytes[at + 1] === LF ? at + 2 : at + 1;
  }
  return null;
}

/** `bytes` without the line break that ends them. */
export function withoutLineEnd(bytes: Buffer): Buffer {
  let end = bytes.length;
  if (bytes[end - 1] === LF) end--;
  if (bytes[end - 1] === CR) end--;
  return bytes.subarray(0, end);
}
