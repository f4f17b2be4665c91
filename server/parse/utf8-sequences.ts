/**
 * The length of the well-formed UTF-8 sequence at `at` (1–4), or 0 if there is none: overlong forms, surrogates and
 * code points above U+10FFFF are none (Unicode 17, table 3-7).
 */
export function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (at + length > bytes.length) return 0;
  const second = bytes[at + 1]!;
  if (second < (LOWEST_SECOND[first] ?? 0x80) || second > (HIGHEST_SECOND[first] ?? 0xbf)) return 0;
  for (let i = at + 2; i < at + length; i++) if ((bytes[i]! & 0xc0) !== 0x80) return 0;
  return length;
}

const LOWEST_SECOND: Readonly<Record<number, number>> = { 224: 0xa0, 240: 0x90 };
const HIGHEST_SECOND: Readonly<Record<number, number>> = { 237: 0x9f, 244: 0x8f };

/** How many bytes at the end of `bytes` (0–3) may be the start of a sequence that goes on behind them. */
export function unfinishedBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte >= 0xc0) return back < (byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4) ? back : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}

/** How many valid multi-byte sequences and how many bytes of no sequence there are in `bytes`. */
export function countSequences(bytes: Uint8Array): { valid: number; invalid: number } {
  let valid = 0;
  let invalid = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length > 1) valid++;
    if (length === 0) invalid++;
    at += length || 1;
  }
  return { valid, invalid };
}

/** The text of `bytes` with every byte that is part of no valid sequence written as `\xE9`. */
export function escapeInvalid(bytes: Buffer): string {
  let text = '';
  let from = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length === 0) {
      text += `${bytes.toString('utf8', from, at)}\\x${bytes[at]!.toString(16).toUpperCase()}`;
      from = at + 1;
    }
    at += length || 1;
  }
  return text + bytes.toString('utf8', from);
}
