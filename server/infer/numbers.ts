/**
 * A verdict on a text is made of bits; 0: no fit. The lowest eight are the ways in which it can be read, of which a column
 * keeps those that all its values have; the others are what was seen in any of them. This one: it fits, in the only way.
 */
export const FITS = 1;
/** The ways of a verdict. */
export const WAYS = 0xff;
/** Seen: a text that is not written as its value is written. */
export const DIFFERS = 1 << 8;
/** Seen: a number that is no integer. */
export const FRACTION = 1 << 9;

const ZERO = 48;
const NINE = 57;
const DOT = 46;
const MINUS = 45;
/** Any decimal of up to 15 significant digits survives text → double → text (IEEE 754 binary64). */
const EXACT_DIGITS = 15;
/** `String` writes a smaller fraction with an exponent. */
const PLAIN_FRACTION_ZEROS = 5;
const LONGEST = 64;

/** The index after the run of ASCII digits that starts at `from`. */
export function skipDigits(text: string, from: number): number {
  let i = from;
  for (; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < ZERO || code > NINE) break;
  }
  return i;
}

/**
 * Whether `text` is a number that a double holds exactly: `12`, `-0.50`, `.5`. What could be more than a number is none:
 * a leading zero or plus, separators (`1_000`, `1,000`), hexadecimal, an exponent in any form but JavaScript's own,
 * more digits than a double keeps, a magnitude above 2⁵³ − 1. The number's own text is `String(Number(text))`.
 */
export function testNumber(text: string): number {
  if (text.length > LONGEST) return 0;
  const start = text.charCodeAt(0) === MINUS ? 1 : 0;
  const point = skipDigits(text, start);
  const digits = point - start;
  if (digits > 1 && text.charCodeAt(start) === ZERO) return 0;
  if (point === text.length) return testInteger(text, start, digits);
  return text.charCodeAt(point) === DOT ? testDecimal(text, start, point) : testOwnForm(text);
}

function testInteger(text: string, start: number, digits: number): number {
  if (digits === 0 || digits > EXACT_DIGITS + 1) return 0;
  if (digits > EXACT_DIGITS && !Number.isSafeInteger(Number(text))) return 0;
  return start === 1 && text.charCodeAt(1) === ZERO ? FITS | DIFFERS : FITS;
}

function testDecimal(text: string, start: number, point: number): number {
  const end = skipDigits(text, point + 1);
  if (end !== text.length) return testOwnForm(text);
  if (end === point + 1) return 0;
  const zeros = leadingZeros(text, start, point, end);
  if (end - start - 1 > EXACT_DIGITS || zeros > PLAIN_FRACTION_ZEROS) return testLong(text);
  const own = point > start && text.charCodeAt(end - 1) !== ZERO;
  return own ? FITS | FRACTION : FITS | FRACTION | DIFFERS;
}

/** Zeros that follow the point of a number without an integer part. */
function leadingZeros(text: string, start: number, point: number, end: number): number {
  if (point > start && text.charCodeAt(start) !== ZERO) return 0;
  let i = point + 1;
  while (i < end && text.charCodeAt(i) === ZERO) i++;
  return i - point - 1;
}

/** For numbers of many digits: exact when the double's shortest text, or 15 digits of it, name the same number. */
function testLong(text: string): number {
  const value = Number(text);
  if (String(value) === text && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return FITS | FRACTION;
  const significant = text
    .replace(/^-?0*\.?0*/, '')
    .replace('.', '')
    .replace(/0+$/, '');
  const trimmed = text.replace(/0+$/, '').replace(/\.$/, '');
  if (significant.length > EXACT_DIGITS && String(value) !== trimmed) return 0;
  return Math.abs(value) > Number.MAX_SAFE_INTEGER ? 0 : FITS | FRACTION | DIFFERS;
}

/** `1e-7`, as JavaScript and spreadsheets' readers write it; `1E3` may be a product code and is none. */
function testOwnForm(text: string): number {
  const value = Number(text);
  if (Number.isNaN(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER) return 0;
  return String(value) === text ? FITS | FRACTION : 0;
}
