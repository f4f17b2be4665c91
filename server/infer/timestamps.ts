import { timeText } from './clock.ts';
import { DATE_WAYS, isoDate, isoDay, testDate, twoDigits } from './dates.ts';
import { DIFFERS, skipDigits } from './numbers.ts';

const LONGEST = 64;
const COLON = 58;
const DOT = 46;
const SPACE = 32;
const LETTER_T = 84;
const LETTER_Z = 90;

/** Where the parts of a timestamp stand; `offset` in minutes, `undefined` when the text names none. */
interface Parts {
  readonly seconds: boolean;
  /** Index after the seconds or their fraction. */
  readonly end: number;
  readonly offset: number | undefined;
}

/** The ways of a verdict that a timestamp is written in. */
export const TIMESTAMP_WAYS = { utc: 1, local: 2, dmy: 4, mdy: 8 } as const;
/** How a column's timestamps are written: in ISO 8601 with an offset (`utc`) or without, or with the date in this order. */
export type TimestampFormat = keyof typeof TIMESTAMP_WAYS;

/** How a column's timestamps are written, given the ways that all have; `null` when the order of the date is open. */
export function timestampFormat(ways: number): TimestampFormat | null {
  return (['utc', 'local', 'dmy', 'mdy'] as const).find((format) => TIMESTAMP_WAYS[format] === ways) ?? null;
}

/**
 * Verdict on `text` as a timestamp, in the ways of `TIMESTAMP_WAYS`: as ISO 8601, `2024-02-29T23:59:59.5+05:30`, with a space
 * for the `T`, without seconds or fraction, with an offset or without one; or a date in another order, a space and a time
 * of day (`29.02.2024 9:30 PM`). Its own text is that of `timestampText`.
 */
export function testTimestamp(text: string): number {
  const parts = split(text);
  if (parts === undefined) return testOtherOrder(text);
  const way = parts.offset === undefined ? TIMESTAMP_WAYS.local : TIMESTAMP_WAYS.utc;
  const own = parts.seconds && text[10] === 'T' && (parts.end === 19 || text[parts.end - 1] !== '0');
  const zone = way === TIMESTAMP_WAYS.local || (parts.end === text.length - 1 && text[parts.end] === 'Z');
  return own && zone ? way : way | DIFFERS;
}

function testOtherOrder(text: string): number {
  const space = text.length > LONGEST ? -1 : text.indexOf(' ', 8);
  if (space < 8 || space > 10 || skipDigits(text, 0) === 4 || timeText(text.slice(space + 1)) === undefined) return 0;
  const ways = testDate(text.slice(0, space));
  if (ways === 0) return 0;
  return (ways & DATE_WAYS.dmy && TIMESTAMP_WAYS.dmy) | (ways & DATE_WAYS.mdy && TIMESTAMP_WAYS.mdy) | DIFFERS;
}

/**
 * The sortable text of a timestamp written in this way, or `undefined` for another: `2024-02-29T18:29:59.5`, in UTC for
 * `utc`, with seconds, with a fraction of any length unless it is zero. Written for a reader, one in UTC ends in `Z`.
 */
export function timestampText(text: string, format: TimestampFormat): string | undefined {
  if (format === 'dmy' || format === 'mdy') return otherOrderText(text, format);
  const parts = split(text);
  if (parts === undefined || (format === 'utc') !== (parts.offset !== undefined)) return undefined;
  const minutes = parts.offset ? shifted(text, parts.offset) : `${text.slice(0, 10)}T${text.slice(11, 16)}`;
  if (minutes === undefined) return undefined;
  if (!parts.seconds) return `${minutes}:00`;
  const fraction = text.slice(19, parts.end).replace(/\.?0*$/, '');
  return minutes + text.slice(16, 19) + fraction;
}

function otherOrderText(text: string, order: 'dmy' | 'mdy'): string | undefined {
  const space = text.length > LONGEST ? -1 : text.indexOf(' ', 8);
  const day = isoDate(text.slice(0, space), order);
  const time = timeText(text.slice(space + 1));
  return day === undefined || time === undefined ? undefined : `${day}T${time}`;
}

function split(text: string): Parts | undefined {
  if (text.length < 16 || text.length > LONGEST || !hasDay(text) || !hasTime(text)) return undefined;
  const seconds = text.charCodeAt(16) === COLON;
  if (seconds && !(twoDigits(text, 17) >= 0 && twoDigits(text, 17) < 60)) return undefined;
  let end = seconds ? 19 : 16;
  if (seconds && text.charCodeAt(19) === DOT) {
    end = skipDigits(text, 20);
    if (end === 20) return undefined;
  }
  if (end === text.length) return { seconds, end, offset: undefined };
  const offset = zoneOffset(text, end);
  return offset === undefined || leavesCalendar(text, offset) ? undefined : { seconds, end, offset };
}

function hasDay(text: string): boolean {
  const separator = text.charCodeAt(10);
  return (separator === LETTER_T || separator === SPACE) && isoDay(text) !== 0;
}

function hasTime(text: string): boolean {
  const [hour, minute] = [twoDigits(text, 11), twoDigits(text, 14)];
  return hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && text.charCodeAt(13) === COLON;
}

/** Minutes east of UTC of `Z`, `+05:30`, `+0530` or `+05` at the text's end. */
function zoneOffset(text: string, from: number): number | undefined {
  if (text.length === from + 1 && text.charCodeAt(from) === LETTER_Z) return 0;
  const match = /^([+-])(\d\d)(?::?(\d\d))?$/.exec(text.slice(from));
  const minutes = match ? Number(match[2]) * 60 + Number(match[3] ?? 0) : Number.NaN;
  if (!match || minutes >= 24 * 60 || Number(match[3] ?? 0) > 59) return undefined;
  return match[1] === '-' ? -minutes : minutes;
}

/** Moved to UTC, the first and last day of the calendar may fall into a year that four digits cannot write. */
function leavesCalendar(text: string, offset: number): boolean {
  return offset !== 0 && (text.startsWith('0001') || text.startsWith('9999')) && shifted(text, offset) === undefined;
}

function shifted(text: string, offset: number): string | undefined {
  const day = new Date(`${text.slice(0, 10)}T${text.slice(11, 16)}:00Z`);
  day.setUTCMinutes(day.getUTCMinutes() - offset);
  const year = day.getUTCFullYear();
  return year < 1 || year > 9999 ? undefined : day.toISOString().slice(0, 16);
}
