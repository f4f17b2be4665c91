const LF = 0x0a;
const CR = 0x0d;

/**
 * The byte behind the first line break (LF, CR or CRLF) in `bytes` from `from` up to `to`; `null` when there is none,
 * or when a CR is the last byte, so that it cannot be told whether an LF belongs to it.
 */
export function firstLineEnd(bytes: Buffer, from: number, to: number): number | null {
  const part = bytes.subarray(from, to);
  const lineFeed = part.indexOf(LF);
  const carriage = (lineFeed < 0 ? part : part.subarray(0, lineFeed)).indexOf(CR);
  if (carriage < 0) return lineFeed < 0 ? null : from + lineFeed + 1;
  if (carriage + 1 === part.length) return null;
  return from + carriage + (part[carriage + 1] === LF ? 2 : 1);
}

/** `bytes` without the line break that ends them. */
export function withoutLineEnd(bytes: Buffer): Buffer {
  let end = bytes.length;
  if (bytes[end - 1] === LF) end--;
  if (bytes[end - 1] === CR) end--;
  return bytes.subarray(0, end);
}
