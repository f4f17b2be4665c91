import { decimalKey, isExactDecimal, keyedDecimal } from './exact-decimals.ts';
import { COMMA_WAY, commaSeen, MARKED, OTHER_MARKS, POINT_WAY, readMarks, testBothMarks } from './marked-numbers.ts';
import { DIFFERS, FITS, FRACTION, testNumber } from './numbers.ts';
import type { Ambiguity, ColumnFormat, ColumnType } from './profile.ts';

/** The way of a verdict that a number is one of any number of digits; `FITS` is the way that a double holds it exactly. */
const EXACT_WAY = 8;
/** The way that it may have an exponent. */
const FLOAT_WAY = 16;
const ALL_WAYS = FITS | POINT_WAY | COMMA_WAY | EXACT_WAY | FLOAT_WAY;
/** Seen: an exponent that no product code has: with a sign, or behind a fraction. */
const EXPONENT = 1 << 24;
const EXACT_DIGITS = 15;
const LONGEST = 64;
const FLOAT = /^-?(?:0|[1-9]\d*|(?=\.\d))(?:\.(\d*))?(?:[eE]([+-]?)\d{1,3})?$/;

/** The ways in which a text can be read as a number, and what was seen: plain, with marks, of any length, with an exponent. */
export function testAnyNumber(text: string): number {
  const plain = testNumber(text);
  if (plain === 0) return testOtherForms(text);
  if (text.length > EXACT_DIGITS) return isLongOwn(text, plain) ? LONG_OWN : testOtherForms(text) | plain;
  if ((plain & FRACTION) === 0) return plain | ALL_WAYS;
  if (text.includes('e') || text.startsWith('.') || text.startsWith('-.')) return testOtherForms(text) | plain;
  const fraction = plain | FITS | FLOAT_WAY | EXACT_WAY | POINT_WAY | MARKED;
  // A fraction of three digits may be a group.
  const grouped = text.charCodeAt(text.length - 4) === 46 && (testBothMarks(text) & COMMA_WAY) !== 0;
  return grouped ? fraction | COMMA_WAY | commaSeen(MARKED | OTHER_MARKS) : fraction;
}

/** What a double is written as with more digits than marks may be in, as workbooks are full of: no other form has to be tried. */
const LONG_OWN = FITS | FRACTION | EXACT_WAY | FLOAT_WAY;

function isLongOwn(text: string, plain: number): boolean {
  const first = text.charCodeAt(0);
  return (
    plain === (FITS | FRACTION) && text.length > EXACT_DIGITS + 2 && first >= 48 && first <= 57 && !text.includes('e')
  );
}

function testOtherForms(text: string): number {
  const first = text.charCodeAt(0);
  if (text.length > LONGEST || !((first >= 48 && first <= 57) || first === 45 || first === 46)) return 0;
  return testBothMarks(text) | testExact(text) | testFloat(text);
}

function testExact(text: string): number {
  if (!isExactDecimal(text)) return 0;
  const own = keyedDecimal(decimalKey(text)) === text;
  return EXACT_WAY | (text.includes('.') ? FRACTION : 0) | (own ? 0 : DIFFERS);
}

function testFloat(text: string): number {
  const parts = FLOAT.exec(text);
  if (!parts || !Number.isFinite(Number(text)) || isTooSmall(text)) return 0;
  return parts[2] !== undefined && (parts[1] || parts[2]) ? FLOAT_WAY | EXPONENT : FLOAT_WAY;
}

/** Whether no double but zero holds a number that is not zero. */
function isTooSmall(text: string): boolean {
  return Number(text) === 0 && /[1-9]/.test(text.replace(/e.*/i, ''));
}

/** What a column of numbers is. Whole numbers beyond 2⁵³ are ids rather than numbers and stay text. */
export function settleNumber(
  ways: number,
  seen: number,
): { type: ColumnType; format?: ColumnFormat; ambiguous?: Ambiguity; differs?: boolean } | null {
  const fraction = (seen & FRACTION) !== 0;
  if ((ways & FITS) !== 0) return { type: fraction ? 'decimal' : 'integer' };
  if ((ways & EXACT_WAY) !== 0) return fraction ? { type: 'decimal', format: 'exact' } : null;
  if ((ways & FLOAT_WAY) !== 0) return (seen & EXPONENT) === 0 ? null : { type: 'float', differs: true };
  const marks = readMarks(ways, seen);
  if (marks === null) return null;
  if ('ambiguous' in marks) return { type: 'text', ...marks, differs: false };
  return {
    type: marks.fraction ? 'decimal' : 'integer',
    format: marks.mark === '.' ? 'point' : 'comma',
    differs: true,
  };
}
