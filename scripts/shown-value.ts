import type { Cell } from '../server/core/batch.ts';

/** How a cell agrees with what Excel shows of it; `no` when it does not. */
export type Agreement = 'text' | 'number' | 'date' | 'no';

const MONTHS = 'january february march april may june july august september october november december'.split(' ');
const DAYS = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ');
const ISO = /^(?:(\d{4,5})-(\d\d)-(\d\d))?T?(?:(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?$/;
const DURATION = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d+))?S)?$/;

/**
 * Compares a cell's value with the text that Excel shows of it, which is in the cell's number format.
 *
 * - `text`: the same characters but for white space around them and the kind of line breaks; a character outside of the
 *   file's code page is `?` or `_` there.
 * - `number`: what is shown is the number, rounded to the digits that are shown; with currency, percent (a hundred times
 *   the number), separators, brackets for a minus, an exponent, a fraction, marks between the digits, a stroke for zero, and
 *   text around it.
 * - `date`: every number and word that is shown is a part of the date, time or duration: its year, month, day, hours (of
 *   12 or 24, or in all), minutes, seconds (rounded), names of month or weekday. A number up to 60, which is no sure
 *   date and stays a number, may be shown as the date that Excel takes it for.
 */
export function agreement(cell: Cell, raw: Cell, shown: string): Agreement {
  const text = (cell ?? '').replace(/\r\n?/g, '\n').trim();
  const said = shown.replace(/\r\n?/g, '\n').trim();
  if (sameText(text, said)) return 'text';
  if (isDate(text) && sameDate(text, said)) return 'date';
  const number = Number(isDate(text) ? raw : text);
  if (text === '' || !Number.isFinite(number)) return 'no';
  if (sameNumber(number, said) || sameDigits(number, said)) return 'number';
  if (!isDate(text) && number >= 0 && number <= LAST_UNSURE && sameDate(earlyDate(number), said)) return 'date';
  return 'no';
}

function sameText(text: string, said: string): boolean {
  if (text === said) return true;
  const [ours, theirs] = [[...text], [...said]];
  const lossy = (at: number) => /[?_]/.test(theirs[at]!) && ours[at]! > '\x7f';
  return ours.length === theirs.length && ours.every((letter, at) => letter === theirs[at] || lossy(at));
}

const isDate = (text: string): boolean => text !== '' && (ISO.test(text) || DURATION.test(text));

/** Up to here the days of Excel and of the calendar are not the same. */
const LAST_UNSURE = 60;

function earlyDate(serial: number): string {
  const date = new Date(Date.UTC(1899, 11, 31) + Math.round(serial * 86_400_000));
  return date.toISOString().slice(0, 19);
}

/** Formats of telephone and other numbers put marks between the digits. */
function sameDigits(number: number, said: string): boolean {
  const digits = said.replace(/[-\s()./]/g, '');
  return /^\d+$/.test(digits) && Number(digits) === Math.round(Math.abs(number));
}

function sameNumber(number: number, said: string): boolean {
  if (number === 0 && /^[^\d\w]*-\s*$/.test(said)) return true;
  const fraction = /^(-?)\s*(?:(\d+)\s+)?(\d+)\s*\/\s*(\d+)$/.exec(said);
  if (fraction) {
    const [, minus, whole = '0', top, bottom] = fraction;
    const value = (Number(whole) + Number(top) / Number(bottom)) * (minus ? -1 : 1);
    return Math.abs(value - number) <= 0.5 / Number(bottom) + 1e-9;
  }
  const found = [...said.matchAll(/\d[\d,.\s]*(?:E[+-]?\d+)?|\.\d+(?:E[+-]?\d+)?/gi)].map(([piece]) => piece);
  if (found.length !== 1) return false;
  const digits = found[0]!.replace(/[\s,]|\.$/g, '');
  const [mantissa = '', exponent = '0'] = digits.split(/e/i);
  const scale = 10 ** Number(exponent) / (said.includes('%') ? 100 : 1);
  const step = scale * 10 ** -(mantissa.split('.')[1]?.length ?? 0);
  const isMinus = /^\s*\(.*\)\s*$|^[^\d.]*-/.test(said);
  const value = Number(mantissa) * scale * (isMinus ? -1 : 1);
  const near = (wanted: number) => Math.abs(value - wanted) <= step * 0.5 + Math.abs(wanted) * 1e-9;
  // Sections of a format may show a negative number without its sign, in another colour.
  return near(number) || (!isMinus && near(-number));
}

function sameDate(text: string, said: string): boolean {
  const parts = ISO.test(text) ? ofDate(ISO.exec(text)!) : ofDuration(DURATION.exec(text)!);
  const numbers = new Set(parts.numbers.flatMap((value) => [value, value + 1 === 60 ? 0 : value + 0]));
  const tokens = said.toLowerCase().match(/\d+|\p{L}+/gu) ?? [];
  if (tokens.length === 0) return false;
  return tokens.every((token) => {
    if (/^\d/.test(token))
      return numbers.has(Number(token)) || Number(token) === roundedTo(parts.fraction, token.length);
    return parts.words.some((word) => word.startsWith(token)) || /^(?:am|pm|[ahmpstz年月日时時分秒])$/.test(token);
  });
}

/** The first digits of a fraction of a second, rounded; all nines become zero, and the second the next one. */
function roundedTo(fraction: string, digits: number): number {
  return Math.round(Number(`0.${fraction || 0}`) * 10 ** digits) % 10 ** digits;
}

function ofDate([, year, month, day, hour, minute, second, fraction = '']: RegExpExecArray) {
  const [y, m, d, h, n, s] = [year, month, day, hour ?? '00', minute ?? '00', second ?? '00'].map(Number) as number[];
  const hours = [h!, h! % 12 || 12];
  const rounded = [n! + 1, s! + 1].map((value) => value % 60);
  const weekday = year ? DAYS[new Date(Date.UTC(y!, m! - 1, d!)).getUTCDay()]! : '';
  const date = year ? [y!, y! % 100, m!, d!] : [];
  return {
    numbers: [...date, ...hours, n!, s!, ...rounded],
    words: year ? [MONTHS[m! - 1]!, weekday] : [],
    fraction,
  };
}

function ofDuration([, hours = '0', minutes = '0', seconds = '0', fraction = '']: RegExpExecArray) {
  const [h, m, s] = [hours, minutes, seconds].map(Number) as [number, number, number];
  const all = [h, h % 24, h % 12 || 12, m, s, h * 60 + m, h * 3600 + m * 60 + s];
  return { numbers: [...all, (m + 1) % 60, (s + 1) % 60, h * 3600 + m * 60 + s + 1], words: [], fraction };
}
