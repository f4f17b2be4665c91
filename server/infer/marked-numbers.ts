import { FITS, FRACTION, skipDigits } from './numbers.ts';

/** The character that stands before a number's fraction. */
export type DecimalMark = '.' | ',';

/** Seen: a point or comma, which the other decimal mark would read otherwise. */
export const MARKED = 1 << 10;
/** Seen: digits in groups with spaces between them. */
export const SPACED = 1 << 11;
/** Seen: digits in groups with apostrophes between them. */
export const APOSTROPHES = 1 << 12;
/** Seen: digits in groups with the mark between them that is not the decimal mark. */
export const OTHER_MARKS = 1 << 13;

const ZERO = 48;
const MINUS = 45;
/** Any decimal of up to 15 significant digits survives text → double → text (IEEE 754 binary64). */
const EXACT_DIGITS = 15;
const POINT = 46;
const COMMA = 44;
const SPACES = /[\s\u00a0\u202f]/;
const GROUP_MARKS = /[\s\u00a0\u202f'’]/g;

/**
 * Verdict on the number that stands in `text` from `from` to before `to`, its fraction after `mark`, its digits perhaps in
 * groups: of three with points, commas, spaces or apostrophes between them (`1.234,56`, `1 234,56`, `1'234.56`), or as in
 * India (`12,34,567.89`). A minus may stand before it. Leading zeros, and more digits than a double keeps, fit not.
 */
export function testMarked(text: string, mark: DecimalMark, from = 0, to = text.length): number {
  const start = text.charCodeAt(from) === MINUS ? from + 1 : from;
  let end = Math.min(skipDigits(text, start), to);
  const first = end - start;
  if (first === 0 || (first > 1 && text.charCodeAt(start) === ZERO)) return 0;
  let bits = FITS;
  const groups: number[] = [];
  for (; end < to; ) {
    const kind = groupKind(text.charCodeAt(end), mark);
    if (kind === 0) break;
    const next = Math.min(skipDigits(text, end + 1), to);
    groups.push(next - end - 1);
    bits |= kind;
    end = next;
  }
  if (groups.length > 0 && !areGroups(first, groups, bits, mark, text.charCodeAt(start))) return 0;
  if (end < to) {
    const fraction = Math.min(skipDigits(text, end + 1), to);
    if (text[end] !== mark || fraction === end + 1 || fraction !== to) return 0;
    bits |= FRACTION | MARKED;
  }
  return to - start <= EXACT_DIGITS || countDigits(text, start, to) <= EXACT_DIGITS ? bits : 0;
}

/** What a mark between groups is, as the bit that says it was seen; 0 for what is none. */
function groupKind(code: number, mark: DecimalMark): number {
  if (code === (mark === '.' ? COMMA : POINT)) return OTHER_MARKS | MARKED;
  if (code === 39 || code === 0x2019) return APOSTROPHES;
  return SPACES.test(String.fromCharCode(code)) ? SPACED : 0;
}

/** Groups of three behind one to three digits, all with the same mark; or Indian ones of two and a last one of three. */
function areGroups(first: number, groups: readonly number[], bits: number, mark: DecimalMark, digit: number): boolean {
  const kinds = bits & (SPACED | APOSTROPHES | OTHER_MARKS);
  if (first > 3 || digit === ZERO || (kinds & (kinds - 1)) !== 0) return false;
  if (groups.every((length) => length === 3)) return true;
  const indian = mark === '.' && kinds === OTHER_MARKS && first <= 2 && groups.at(-1) === 3;
  return indian && groups.slice(0, -1).every((length) => length === 2);
}

function countDigits(text: string, from: number, to: number): number {
  let count = 0;
  for (let i = from; i < to; i++) if (skipDigits(text, i) > i) count++;
  return count;
}

/** The number of a text that `testMarked` accepts with this mark, as any language writes it: `1234.56`. */
export function unmarked(text: string, mark: DecimalMark): string {
  const digits = text.replace(GROUP_MARKS, '');
  return mark === '.' ? digits.replaceAll(',', '') : digits.replaceAll('.', '').replace(',', '.');
}

/** The way of a verdict that the fraction stands after a point. */
export const POINT_WAY = 2;
/** The way that it stands after a comma. */
export const COMMA_WAY = 4;
/** What was seen when a comma stands before the fraction has its bits so much higher. */
const COMMA_SHIFT = 8;

/** The ways in which a number with marks can be read, with what was seen in either. */
export function testBothMarks(text: string, from = 0, to = text.length): number {
  const point = testMarked(text, '.', from, to);
  const comma = testMarked(text, ',', from, to);
  return (point === 0 ? 0 : (point ^ FITS) | POINT_WAY) | (comma === 0 ? 0 : commaSeen(comma ^ FITS) | COMMA_WAY);
}

/** What was seen of a number whose fraction stands after a comma, apart from what was seen of one with a point. */
export function commaSeen(seen: number): number {
  return seen << COMMA_SHIFT;
}

/** The decimal mark of a column and whether any number has a fraction, or why it cannot be told; `null` for no numbers. */
export type MarkReading =
  | { readonly mark: DecimalMark; readonly fraction: boolean }
  | { readonly ambiguous: 'decimal_mark' | 'grouping' }
  | null;

/**
 * The decimal mark of a column: that with which all its values are numbers. With both (`1,234` alone) it is ambiguous,
 * as are digits that are only in groups with spaces, which may be codes (`560 001`).
 */
export function readMarks(ways: number, seen: number): MarkReading {
  const [point, comma] = [(ways & POINT_WAY) !== 0, (ways & COMMA_WAY) !== 0];
  if (!point && !comma) return null;
  const bits = point ? seen : seen >> COMMA_SHIFT;
  if (point && comma && (bits & MARKED) !== 0) return { ambiguous: 'decimal_mark' };
  const kinds = bits & (SPACED | APOSTROPHES | OTHER_MARKS);
  if ((kinds & (kinds - 1)) !== 0) return null;
  const fraction = (bits & FRACTION) !== 0;
  return kinds === SPACED && !fraction ? { ambiguous: 'grouping' } : { mark: point ? '.' : ',', fraction };
}
