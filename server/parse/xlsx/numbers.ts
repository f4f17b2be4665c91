const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
const ZERO = 0x30;
const NINE = 0x39;
const MINUS = 0x2d;
const POINT = 0x2e;
/** Every decimal of so many significant digits is the shortest text of its double. */
const EXACT_DIGITS = 15;

/**
 * Whether the ASCII bytes are a number in the form that `plainNumber` gives, seen without making a string: whole
 * numbers of any length, and fractions of at most 15 digits.
 */
export function isPlainNumber(bytes: Uint8Array, start: number, end: number): boolean {
  let at = bytes[start] === MINUS ? start + 1 : start;
  const first = at;
  while (at < end && bytes[at]! >= ZERO && bytes[at]! <= NINE) at++;
  if (at === first || (bytes[first] === ZERO && at > first + 1)) return false;
  if (at === end) return first === start || bytes[first] !== ZERO;
  if (bytes[at] !== POINT || end - first > EXACT_DIGITS + 1) return false;
  for (at++; at < end; at++) if (bytes[at]! < ZERO || bytes[at]! > NINE) return false;
  return bytes[end - 1]! > ZERO && bytes[end - 1]! <= NINE;
}

/**
 * A number's text in plain decimal notation: `1E3` is `1000`, `-0.50` is `-0.5`. Whole numbers keep all their digits,
 * however many (they are identifiers as often as amounts); others come as the shortest text of the double they are
 * stored as, so `0.1000000000000000055` is `0.1`. What is no number (`0x10`), or one that no double can hold, comes
 * back unchanged.
 */
export function plainNumber(text: string): string {
  // The usual case, a double of 16 or 17 digits, without taking the text apart.
  if (String(Number(text)) === text && !text.includes('e')) return text;
  const match = NUMBER.exec(text);
  if (!match) return text;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return text;
  const value = Number(text);
  if (!Number.isFinite(value) || (value === 0 && /[1-9]/.test(whole + fraction))) return text;
  if (Number(exponent) === 0 && /^0*$/.test(fraction)) return signed(sign, whole.replace(/^0+(?=\d)/, '') || '0');
  return expand(String(value));
}

function signed(sign: string | undefined, digits: string): string {
  return sign === '-' && digits !== '0' ? `-${digits}` : digits;
}

/** JavaScript's shortest text of a double without its exponent. */
function expand(text: string): string {
  if (text === '-0') return '0';
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (!match) return text;
  const [, sign, first, rest = '', exponent] = match;
  const digits = first + rest;
  const point = 1 + Number(exponent);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return sign + digits.padEnd(point, '0');
}
