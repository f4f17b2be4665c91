/** Characters shown of a value at most, and the share of its letters and digits that they may be. */
const SHOWN = 4;
const SHARE = 4;

/**
 * What may be shown of a sealed value to someone who may not reveal it.
 *
 * - `aadhaar`, twelve digits with whatever between them: `XXXX-XXXX-1234`, the form UIDAI asks for.
 * - Everything else, a malformed Aadhaar included: `XXXX-` and the last letters and digits, at most four and at most a
 *   quarter of them, so that a short value shows nothing (`XXXX`). The length of the mask never tells the value's.
 *
 * Only letters and digits count and are shown: spaces or signs cannot be used to make a short number look long.
 */
export function mask(value: string, kind: string): string {
  return kind === 'aadhaar' ? maskAadhaar(value) : maskText(value);
}

/** `mask` of each value, in order. */
export function maskAll(values: readonly string[], kind: string): string[] {
  return values.map(kind === 'aadhaar' ? maskAadhaar : maskText);
}

function maskAadhaar(value: string): string {
  // The two usual forms first; past some length no separators explain it, and looking would cost what it is long.
  if (/^\d{4}[ -]?\d{4}[ -]?\d{4}$/.test(value)) return `XXXX-XXXX-${value.slice(-4)}`;
  const digits = value.length <= 64 ? value.replace(/[^\p{L}\p{N}]/gu, '') : '';
  return /^\d{12}$/.test(digits) ? `XXXX-XXXX-${digits.slice(8)}` : maskText(value);
}

function maskText(value: string): string {
  const end: string[] = [];
  let count = 0;
  for (let i = value.length - 1; i >= 0 && count < SHOWN * SHARE; i--) {
    const character = characterEndingAt(value, i);
    i -= character.length - 1;
    if (isLetterOrDigit(character) && ++count <= SHOWN) end.unshift(character);
  }
  const shown = Math.floor(count / SHARE);
  return shown === 0 ? 'XXXX' : `XXXX-${end.slice(-shown).join('')}`;
}

/** One UTF-16 unit, or the two of a character outside the basic plane. */
function characterEndingAt(value: string, end: number): string {
  const low = value.charCodeAt(end);
  const paired = low >= 0xdc00 && low <= 0xdfff && end > 0 && value.codePointAt(end - 1)! > 0xffff;
  return paired ? value.slice(end - 1, end + 1) : value[end]!;
}

function isLetterOrDigit(character: string): boolean {
  const code = character.charCodeAt(0);
  if (code > 0x7f) return /^[\p{L}\p{N}]/u.test(character);
  const letter = code | 0x20;
  return (code >= 48 && code <= 57) || (letter >= 97 && letter <= 122);
}
