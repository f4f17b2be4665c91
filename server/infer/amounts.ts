import { POINT_WAY, testBothMarks } from './marked-numbers.ts';
import { FITS, testNumber } from './numbers.ts';

/** Signs and abbreviations of one currency alone, with its ISO 4217 code; what several share stays as it is written. */
const SIGNS: Readonly<Record<string, string>> = {
  '€': 'EUR',
  '£': 'GBP',
  '₹': 'INR',
  'Rs.': 'INR',
  Rs: 'INR',
  US$: 'USD',
  A$: 'AUD',
  C$: 'CAD',
  R$: 'BRL',
  '₩': 'KRW',
  '₽': 'RUB',
  '₺': 'TRY',
  '₪': 'ILS',
  '₫': 'VND',
  '₴': 'UAH',
  '₦': 'NGN',
  '฿': 'THB',
  '₱': 'PHP',
  $: '$',
  '¥': '¥',
};
const CODES = new Set(Intl.supportedValuesOf('currency'));
const UNIT = '(?:US|[ACR])?\\$|[€£₹₩₽₺₪₫₴₦฿₱¥]|Rs\\.?|[A-Z]{3}';
const NUMBER = "\\d[\\d.,\\s\\u00a0\\u202f'’]*(?<=\\d)";
const BEFORE = new RegExp(`^(-?)(${UNIT})[ \\u00a0\\u202f]?(-?)(${NUMBER})$`);
const BEHIND = new RegExp(`^(-?)(${NUMBER})[ \\u00a0\\u202f]?(${UNIT})$`);
const LONGEST = 40;
const PERCENT = 37;

/** An amount of money: its currency, as an ISO 4217 code where the sign says which, and its number with a minus or none. */
export interface Amount {
  readonly unit: string;
  readonly number: string;
}

/** The amount that `text` is, with its currency before or behind it (`€ 12,50`, `1,234.56 USD`, `-₹5`), or `undefined`. */
export function readAmount(text: string): Amount | undefined {
  if (text.length > LONGEST || text.length < 2) return undefined;
  const before = BEFORE.exec(text);
  const behind = before ? null : BEHIND.exec(text);
  const [sign, unit, number] = before
    ? [before[1]! + before[3]!, before[2]!, before[4]!]
    : [behind?.[1] ?? '', behind?.[3], behind?.[2]];
  if (unit === undefined || number === undefined || sign.length > 1) return undefined;
  const code = Object.hasOwn(SIGNS, unit) ? SIGNS[unit]! : unit;
  return code === unit && /^[A-Z]/.test(unit) && !CODES.has(unit) ? undefined : { unit: code, number: sign + number };
}

/** The ways in which the number of an amount can be read, with what was seen (`marked-numbers.ts`). */
export function testAmount({ number }: Amount): number {
  return testBothMarks(number);
}

/**
 * Verdict on a percentage: a number, perhaps a space, `%`. In its only way (`FITS`) the number has no groups and a point
 * before its fraction.
 */
export function testPercentage(text: string): number {
  const number = percentageNumber(text);
  if (number === undefined) return 0;
  const marks = testBothMarks(number);
  return (marks & POINT_WAY) !== 0 && testNumber(number) !== 0 ? marks | FITS : marks;
}

/** The number of a percentage, as it is written, or `undefined`. */
export function percentageNumber(text: string): string | undefined {
  const end = numberEnd(text);
  return end === 0 ? undefined : text.slice(0, end);
}

/** Where the number before a percent sign ends, or 0. */
function numberEnd(text: string): number {
  const sign = text.length - 1;
  if (text.length > LONGEST || text.charCodeAt(sign) !== PERCENT) return 0;
  const space = text.charCodeAt(sign - 1);
  return space === 32 || space === 0xa0 || space === 0x202f ? sign - 1 : sign;
}
