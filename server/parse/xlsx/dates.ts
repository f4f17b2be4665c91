/** What a number format shows of a number: a day, a time of day, both, or an amount of time (`[h]:mm`). */
export type DateKind = 'date' | 'time' | 'datetime' | 'duration';

/** Where a workbook counts its days from (`workbookPr/@date1904`). */
export type DateSystem = '1900' | '1904';

const DAY_MS = 86_400_000;
/** Days from 0000-03-01 to 1970-01-01 in the proleptic Gregorian calendar. */
const EPOCH_DAYS = 719_468;

/** Days whose texts are kept at hand, each for every so many-th: eleven years. */
const DAY_PLACES = 4096;
const knownDays = new Int32Array(DAY_PLACES).fill(0x7fffffff);
const knownTexts = new Array<string>(DAY_PLACES).fill('');

/** `first` is the first serial taken for a day, `end` that of 10000-01-01, `shift` the days to add to reach 1970. */
const SYSTEMS = {
  // Serial 60 is 1900-02-29, which never was; programs disagree on the days before it.
  from1900: { first: 61, end: 2_958_466, shift: -25_569 },
  from1904: { first: 0, end: 2_957_004, shift: -24_107 },
} as const;

/**
 * The ISO 8601 text of a date serial, to the millisecond: `2023-01-01`, `2023-01-01T10:20:30.5`, `10:20:30`,
 * `PT26H30M`. A date whose serial has a time of day shows it too, and a time of one day or more shows its date.
 * `undefined` for serials that are no sure date (negative; up to 60 when counting from 1900; from the year 10000 on):
 * they stay numbers.
 */
export function dateText(serial: number, kind: DateKind, system: DateSystem): string | undefined {
  const { first, end, shift } = system === '1900' ? SYSTEMS.from1900 : SYSTEMS.from1904;
  if (!(serial >= 0 && serial < end)) return undefined;
  const ms = Math.round(serial * DAY_MS);
  if (kind === 'duration') return durationText(ms);
  const day = Math.floor(ms / DAY_MS);
  const rest = ms - day * DAY_MS;
  if (kind === 'time' && day === 0) return timeText(rest);
  if (day < first || day >= end) return undefined;
  const date = dayText(day + shift);
  return kind === 'date' && rest === 0 ? date : `${date}T${timeText(rest)}`;
}

/** The text of a day, which mostly comes again. */
function dayText(day: number): string {
  const place = day & (DAY_PLACES - 1);
  if (knownDays[place] !== day) {
    knownDays[place] = day;
    knownTexts[place] = madeDayText(day);
  }
  return knownTexts[place]!;
}

/** http://howardhinnant.github.io/date_algorithms.html#civil_from_days, for the years 1900 to 9999. */
function madeDayText(daysSince1970: number): string {
  const days = daysSince1970 + EPOCH_DAYS;
  const era = Math.floor(days / 146_097);
  const dayOfEra = days - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const day = dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  return `${era * 400 + yearOfEra + (month <= 2 ? 1 : 0)}-${two(month)}-${two(day)}`;
}

function timeText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return clock + fractionText(ms % 1000);
}

/** ISO 8601 duration in hours, minutes and seconds; parts that are zero are left out. */
function durationText(ms: number): string {
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor(ms / 60_000) % 60;
  const seconds = Math.floor(ms / 1000) % 60;
  const parts = [hours > 0 ? `${hours}H` : '', minutes > 0 ? `${minutes}M` : ''];
  if (ms % 60_000 > 0 || ms === 0) parts.push(`${seconds}${fractionText(ms % 1000)}S`);
  return `PT${parts.join('')}`;
}

function fractionText(ms: number): string {
  return ms === 0 ? '' : `.${String(ms).padStart(3, '0').replace(/0+$/, '')}`;
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
