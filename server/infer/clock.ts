import { twoDigits } from './dates.ts';
import { DIFFERS, skipDigits } from './numbers.ts';

/** The way of a verdict that a text is a time of day. */
export const TIME_WAY = 1;
/** The way that it is an amount of time. */
export const DURATION_WAY = 2;
/** Seen: a duration that is not written as `durationText` writes it, such as every one like `26:30:15`. */
export const DURATION_DIFFERS = 1 << 10;

const COLON = 58;
const POINT = 46;
const LETTER_P = 80;
const LONGEST = 40;
/** Digits of a number of seconds, with its fraction, that a double keeps. */
const EXACT_DIGITS = 15;
const ISO_DURATION =
  /^P(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.(\d{1,6}))?S)?)?$/;
const CLOCK_DURATION = /^(\d{1,6}):([0-5]\d):([0-5]\d)(?:\.(\d{1,6}))?$/;

/**
 * Verdict on `text` as a time of day (`9:30`, `21:04:05.5`, `9:30 PM`) and as a duration (`P1DT2H`, `PT26H30M`,
 * `26:30:15`). A year and a month have no fixed length, so a duration has none.
 */
export function testClock(text: string): number {
  const time = timeText(text);
  const seconds = durationSeconds(text);
  return (
    (time === undefined ? 0 : time === text ? TIME_WAY : TIME_WAY | DIFFERS) |
    (seconds === undefined ? 0 : durationText(seconds) === text ? DURATION_WAY : DURATION_WAY | DURATION_DIFFERS)
  );
}

/** The sortable text of a time of day, `21:04:05.5`, seconds included, or `undefined` when `text` is none. */
export function timeText(text: string): string | undefined {
  const hours = skipDigits(text, 0);
  if (hours < 1 || hours > 2 || text.charCodeAt(hours) !== COLON || text.length > LONGEST) return undefined;
  const minute = twoDigits(text, hours + 1);
  let end = hours + 3;
  const seconds = text.charCodeAt(end) === COLON ? twoDigits(text, end + 1) : 0;
  if (text.charCodeAt(end) === COLON) end += 3;
  const fraction = end === hours + 6 && text.charCodeAt(end) === POINT ? skipDigits(text, end + 1) : end;
  const hour = hourOf(Number(text.slice(0, hours)), text.slice(fraction));
  if (minute < 0 || minute > 59 || seconds < 0 || seconds > 59 || fraction === end + 1 || hour === undefined)
    return undefined;
  const whole = `${two(hour)}:${two(minute)}:${two(seconds)}`;
  return fraction === end ? whole : whole + text.slice(end, fraction).replace(/\.?0*$/, '');
}

/** The hour of the day that a number and what stands behind the time (nothing, `AM`, ` pm`) say, or `undefined`. */
function hourOf(hour: number, half: string): number | undefined {
  if (half === '') return hour < 24 ? hour : undefined;
  if (!/^ ?[AaPp][Mm]$/.test(half) || hour < 1 || hour > 12) return undefined;
  return (hour % 12) + (/p/i.test(half) ? 12 : 0);
}

/** How many seconds a duration has, or `undefined` when `text` is none, or one of more digits than a double keeps. */
export function durationSeconds(text: string): number | undefined {
  if (text.length > LONGEST || text.length < 3) return undefined;
  const iso = text.charCodeAt(0) === LETTER_P ? ISO_DURATION.exec(text) : null;
  const clock = iso ? null : CLOCK_DURATION.exec(text);
  if (!iso && !clock) return undefined;
  const parts = iso ? iso.slice(1, 6) : [undefined, undefined, ...clock!.slice(1, 4)];
  const fraction = (iso ? iso[6] : clock![4]) ?? '';
  const units = [604_800, 86_400, 3600, 60, 1];
  const whole = parts.reduce((sum, part, i) => sum + Number(part ?? 0) * units[i]!, 0);
  if (String(whole).length + fraction.length > EXACT_DIGITS) return undefined;
  return fraction === '' ? whole : Number(`${whole}.${fraction}`);
}

/** A duration in ISO 8601: hours, minutes and seconds, those that are zero left out: `PT26H30M`, `PT0S`. */
export function durationText(seconds: number): string {
  const [digits, fraction] = String(seconds).split('.') as [string, string?];
  const whole = Number(digits);
  const rest = `${whole % 60}${fraction === undefined ? '' : `.${fraction}`}`;
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const text = `${hours > 0 ? `${hours}H` : ''}${minutes > 0 ? `${minutes}M` : ''}${rest === '0' ? '' : `${rest}S`}`;
  return `PT${text || '0S'}`;
}

const two = (number: number): string => String(number).padStart(2, '0');
