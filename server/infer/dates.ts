import { DIFFERS, skipDigits } from './numbers.ts';

/** The order in which a date's parts stand. */
export type DateOrder = 'ymd' | 'dmy' | 'mdy';

const SEPARATORS = '-/.';
const HYPHEN = 45;
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether the day exists in the Gregorian calendar, from the year 1 on. */
function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1 || year < 1) return false;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= (month === 2 && leap ? 29 : MONTH_DAYS[month - 1]!);
}

/** The number that two ASCII digits write, or -1 where they are none. */
export function twoDigits(text: string, from: number): number {
  const [tens, ones] = [text.charCodeAt(from) - 48, text.charCodeAt(from + 1) - 48];
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}

/** The day that `2024-02-29` at the start of `text` writes, as the number 20240229, or 0. */
export function isoDay(text: string): number {
  if (text.charCodeAt(4) !== HYPHEN || text.charCodeAt(7) !== HYPHEN) return 0;
  const [century, years] = [twoDigits(text, 0), twoDigits(text, 2)];
  if (century < 0 || years < 0) return 0;
  return dayNumber(century * 100 + years, twoDigits(text, 5), twoDigits(text, 8));
}

/** The number that the ASCII digits of `text` from `from` to before `to` write. */
function digitsValue(text: string, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) value = value * 10 + text.charCodeAt(i) - 48;
  return value;
}

/** The way of a verdict that a date's parts stand in this order. */
export const DATE_WAYS = { ymd: 1, dmy: 2, mdy: 4 } as const satisfies Record<DateOrder, number>;

/**
 * Verdict on `text` as a date, in the ways of `DATE_WAYS`: four digits for the year, one or two for month and day, the same
 * separator `-`, `/` or `.` twice, a day that exists. Its own text is ISO 8601, `2024-02-29`.
 */
export function testDate(text: string): number {
  if (text.length === 10 && isoDay(text) !== 0) return DATE_WAYS.ymd;
  if (skipDigits(text, 0) === 4) return dateNumber(text, 'ymd') === 0 ? 0 : DATE_WAYS.ymd | DIFFERS;
  const ways =
    (dateNumber(text, 'dmy') === 0 ? 0 : DATE_WAYS.dmy) | (dateNumber(text, 'mdy') === 0 ? 0 : DATE_WAYS.mdy);
  return ways === 0 ? 0 : ways | DIFFERS;
}

/** The order in which the parts of a column's dates stand, given the ways that all have; `null` if none or several do. */
export function dateOrder(ways: number): DateOrder | null {
  return (['ymd', 'dmy', 'mdy'] as const).find((order) => DATE_WAYS[order] === ways) ?? null;
}

/** The ISO text of a date in this order, or `undefined` when `text` is none. */
export function isoDate(text: string, order: DateOrder): string | undefined {
  const value = dateNumber(text, order);
  if (value === 0) return undefined;
  if (order === 'ymd' && text.length === 10 && text.charCodeAt(4) === HYPHEN) return text;
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
