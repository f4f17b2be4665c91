import { isUtf8 } from 'node:buffer';
import { withoutLineEnd } from './line-break.ts';
import { escapeInvalid } from './utf8-sequences.ts';

/** How much of a rejected row is kept, in bytes of UTF-8. */
export const RAW_BYTES = 65_536;

/**
 * The text of a rejected row as it stood, without the line break behind it and cut at 64 KiB between two characters. A
 * byte that is no valid UTF-8 is written as `\xE9`.
 */
export function rawText(row: Buffer): string {
  const bytes = withoutLineEnd(row);
  let end = Math.min(bytes.length, RAW_BYTES);
  if (end < bytes.length) for (let back = 0; back < 3 && (bytes[end]! & 0xc0) === 0x80; back++) end--;
  const kept = bytes.subarray(0, end);
  return isUtf8(kept) ? kept.toString('utf8') : escapeInvalid(kept).slice(0, RAW_BYTES);
}
