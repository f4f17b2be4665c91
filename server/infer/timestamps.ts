import { isoDay, twoDigits } from './dates.ts';
import { DIFFERS, FITS, skipDigits } from './numbers.ts';

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

/**
 * Verdict on `text` as an ISO 8601 timestamp: `2024-02-29T23:59:59.5+05:30`, with a space for the `T`, without seconds
 * or fraction, and with an offset if `zoned`, without one if not. Its own text is that of `timestampText`.
 */
export function testTimestamp(text: string, zoned: boolean): number {
  const parts = split(text);
  if (parts === undefined || zoned !== (parts.offset !== undefined)) return 0;
  const own = parts.seconds && text[10] === 'T' && (parts.end === 19 || text[parts.end - 1] !== '0');
  return own && (!zoned || (parts.end === text.length - 1 && text[parts.end] === 'Z')) ? FITS : FITS | DIFFERS;
}

/**
 * The sortable text of a timestamp that `testTimestamp` accepts, or `undefined`: `2024-02-29T18:29:59.5`, in UTC if
 * `zoned`, with seconds, with a fraction of any length unless it is zero. Written for a reader, a zoned one ends in `Z`.
 */
export function timestampText(text: string, zoned: boolean): string | undefined {
  const parts = split(text);
  if (parts === undefined || zoned !== (parts.offset !== undefined)) return undefined;
  const minutes = parts.offset ? shifted(text, parts.offset) : `${text.slice(0, 10)}T${text.slice(11, 16)}`;
  if (minutes === undefined) return undefined;
  if (!parts.seconds) return `${minutes}:00`;
  const fraction = text.slice(19, parts.end).replace(/\.?0*$/, '');
  return minutes + text.slice(16, 19) + fraction;
}

function split(text: string): Parts | undefined {
  if (text.length < 16 || text.length > 64 || !hasDay(text) || !hasTime(text)) return undefined;
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
