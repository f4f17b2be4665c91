import { digitsValue, isDay } from './dates.ts';
import { DIFFERS, FITS, skipDigits } from './numbers.ts';

const COLON = 58;
const DOT = 46;

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
  if (seconds && (skipDigits(text, 17) !== 19 || digitsValue(text, 17, 19) > 59)) return undefined;
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
  const shaped = text[4] === '-' && text[7] === '-' && (text[10] === 'T' || text[10] === ' ');
  if (!shaped || skipDigits(text, 0) !== 4 || skipDigits(text, 5) !== 7 || skipDigits(text, 8) !== 10) return false;
  return isDay(digitsValue(text, 0, 4), digitsValue(text, 5, 7), digitsValue(text, 8, 10));
}

function hasTime(text: string): boolean {
  if (skipDigits(text, 11) !== 13 || text.charCodeAt(13) !== COLON || skipDigits(text, 14) !== 16) return false;
  return digitsValue(text, 11, 13) < 24 && digitsValue(text, 14, 16) < 60;
}

/** Minutes east of UTC of `Z`, `+05:30`, `+0530` or `+05` at the text's end. */
function zoneOffset(text: string, from: number): number | undefined {
  const zone = text.slice(from);
  if (zone === 'Z') return 0;
  const match = /^([+-])(\d\d)(?::?(\d\d))?$/.exec(zone);
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
