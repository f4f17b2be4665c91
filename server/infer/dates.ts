import { DIFFERS, FITS, skipDigits } from './numbers.ts';

/** The order in which a date's parts stand. */
export type DateOrder = 'ymd' | 'dmy' | 'mdy';

const SEPARATORS = '-/.';
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether the day exists in the Gregorian calendar, years 1–9999. */
export function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1 || year < 1) return false;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= (month === 2 && leap ? 29 : MONTH_DAYS[month - 1]!);
}

/** The number that the ASCII digits of `text` from `from` to before `to` write. */
export function digitsValue(text: string, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) value = value * 10 + text.charCodeAt(i) - 48;
  return value;
}

/**
 * Verdict on `text` as a date in the given order: four digits for the year, one or two for month and day, the same
 * separator `-`, `/` or `.` twice, a day that exists. Its own text is ISO 8601, `2024-02-29`.
 */
export function testDate(text: string, order: DateOrder): number {
  if (dateNumber(text, order) === 0) return 0;
  return order === 'ymd' && text.length === 10 && text[4] === '-' ? FITS : FITS | DIFFERS;
}

/** The ISO text of a date that `testDate` accepts, or `undefined`. */
export function isoDate(text: string, order: DateOrder): string | undefined {
  const value = dateNumber(text, order);
  if (value === 0) return undefined;
  const digits = String(value).padStart(8, '0');
  return `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`;
}

/** The date as the number yyyymmdd, or 0. */
function dateNumber(text: string, order: DateOrder): number {
  if (text.length < 8 || text.length > 10) return 0;
  const first = skipDigits(text, 0);
  const second = skipDigits(text, first + 1);
  if (text[first] !== text[second] || !SEPARATORS.includes(text[first] ?? ' ')) return 0;
  if (skipDigits(text, second + 1) !== text.length) return 0;
  const last = text.length - second - 1;
  const [year, other] = order === 'ymd' ? [first, last] : [last, first];
  if (year !== 4 || !isShort(other) || !isShort(second - first - 1)) return 0;
  const a = digitsValue(text, 0, first);
  const b = digitsValue(text, first + 1, second);
  const c = digitsValue(text, second + 1, text.length);
  if (order === 'ymd') return dayNumber(a, b, c);
  return order === 'dmy' ? dayNumber(c, b, a) : dayNumber(c, a, b);
}

function isShort(length: number): boolean {
  return length === 1 || length === 2;
}

function dayNumber(year: number, month: number, day: number): number {
  return isDay(year, month, day) ? year * 10_000 + month * 100 + day : 0;
}
