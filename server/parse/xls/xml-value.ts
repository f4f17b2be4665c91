import { type DateKind, type DateSystem, dateText } from '../xlsx/dates.ts';
import { kindOfCode } from '../xlsx/number-formats.ts';
import { plainNumber } from '../xlsx/numbers.ts';
import type { CellText } from './cell-text.ts';

const DATE_TIME = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d{1,12}))?$/;
const MIDNIGHT = '00:00:00';
const DAY_MS = 86_400_000;

/** Number formats that have a name instead of a code. All others that have one are plain numbers. */
const NAMED_FORMATS: ReadonlyMap<string, DateKind> = new Map([
  ['General Date', 'datetime'],
  ['Long Date', 'date'],
  ['Medium Date', 'date'],
  ['Short Date', 'date'],
  ['Long Time', 'time'],
  ['Medium Time', 'time'],
  ['Short Time', 'time'],
]);
const OTHER_NAMES =
  /^(?:General Number|Currency|Euro Currency|Fixed|Standard|Percent|Scientific|Yes\/No|True\/False|On\/Off)$/;

/** What a style's number format says its numbers are, or `undefined` when they are plain numbers. */
export function kindOfFormat(format: string): DateKind | undefined {
  return NAMED_FORMATS.get(format) ?? (OTHER_NAMES.test(format) ? undefined : kindOfCode(format));
}

/**
 * The value of a cell of a workbook in XML: its `type`, what it says, and what its style shows; `undefined` when it holds
 * nothing. Numbers and truth values come as in an XLSX workbook. Dates are written in ISO 8601 in the file already; what
 * goes is the midnight that no style asks for, zeros behind a fraction of a second, and the day where only a time is meant.
 */
export function xmlValue(
  type: string | undefined,
  written: string,
  kind: DateKind | undefined,
  dateSystem: DateSystem,
): CellText | undefined {
  if (type !== 'Number' && type !== 'DateTime' && type !== 'Boolean' && type !== 'Error')
    return { text: written, raw: null, isText: true };
  const trimmed = written.trim();
  if (trimmed === '') return undefined;
  if (type === 'Boolean') return { text: truth(trimmed), raw: null, isText: false };
  if (type === 'Error') return { text: trimmed, raw: null, isText: false };
  const text = type === 'Number' ? numberText(trimmed, kind, dateSystem) : momentText(trimmed, kind, dateSystem);
  return { text, raw: text === written ? null : written, isText: false };
}

function truth(written: string): string {
  return written === '1' ? 'TRUE' : written === '0' ? 'FALSE' : written;
}

function numberText(written: string, kind: DateKind | undefined, dateSystem: DateSystem): string {
  return (kind && dateText(Number(written), kind, dateSystem)) ?? plainNumber(written);
}

function momentText(written: string, kind: DateKind | undefined, dateSystem: DateSystem): string {
  const [, date, clock, digits = ''] = DATE_TIME.exec(written) ?? [];
  if (date === undefined || clock === undefined) return written;
  const fraction = digits.replace(/0+$/, '');
  const time = fraction ? `${clock}.${fraction}` : clock;
  if (kind === 'duration') return durationText(written, dateSystem) ?? written;
  if (isNoDay(date, dateSystem) && (kind === 'time' || (kind === undefined && time !== MIDNIGHT))) return time;
  return time === MIDNIGHT && kind !== 'datetime' && kind !== 'time' ? date : `${date}T${time}`;
}

/** The day of a time that has no day. */
const FIRST_DAYS: Readonly<Record<DateSystem, string>> = { '1900': '1899-12-31', '1904': '1904-01-01' };
/** The same to programs that count without a 29th of February 1900. */
const DAY_BEFORE = '1899-12-30';
/** From here on days count one more since then: Excel's 1900 had a 29th of February. */
const LEAP_DAY = Date.UTC(1900, 2, 1);

function isNoDay(date: string, dateSystem: DateSystem): boolean {
  return date === FIRST_DAYS[dateSystem] || (dateSystem === '1900' && date === DAY_BEFORE);
}

function durationText(written: string, dateSystem: DateSystem): string | undefined {
  const moment = Date.parse(`${written}Z`);
  const leap = dateSystem === '1900' && moment >= LEAP_DAY ? 1 : 0;
  return dateText((moment - Date.parse(FIRST_DAYS[dateSystem])) / DAY_MS + leap, 'duration', dateSystem);
}
