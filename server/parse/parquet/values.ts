import { isUtf8 } from 'node:buffer';
import type { SchemaElement } from 'hyparquet';
import { plainNumber } from '../xlsx/numbers.ts';

/** Gives the text of a value as it came out of a page: a number, a bigint, a boolean or bytes. */
export type ToText = (value: unknown) => string;

/**
 * How the values of a leaf are written (parquet-format, LogicalTypes). Integers and decimals have all their digits,
 * doubles and floats the shortest ones that are theirs alone, in plain notation. Dates, times and timestamps are
 * ISO 8601 to the unit they are kept in, with `Z` where they are instants. Bytes that are no text are hexadecimal,
 * after `0x`.
 */
export function textOf(element: SchemaElement): ToText {
  const { type } = element;
  // An annotation that does not go with the type is nothing that a value could be read by.
  if (type === 'INT32' || type === 'INT64') return ofInteger(element) ?? String;
  if (type === 'INT96') return (value) => timestamp(nanosOf(value), 9, '');
  if (type === 'FLOAT') return (value) => number(shortest(value as number));
  if (type === 'DOUBLE') return (value) => number(value as number);
  if (type === 'BOOLEAN') return String;
  return ofBytes(element) ?? bytes;
}

function ofInteger({ type, converted_type: converted, logical_type: logical, scale = 0 }: SchemaElement) {
  const exact = (work: (value: bigint) => string) => (value: unknown) => work(BigInt(value as number));
  if (logical?.type === 'DECIMAL') return exact((value) => decimal(value, logical.scale));
  if (converted === 'DECIMAL') return exact((value) => decimal(value, scale));
  if (logical?.type === 'DATE' || converted === 'DATE') return date;
  if (logical?.type === 'TIME') return exact((value) => time(value, DIGITS[logical.unit]));
  if (converted === 'TIME_MILLIS' || converted === 'TIME_MICROS') {
    return exact((value) => time(value, converted === 'TIME_MILLIS' ? 3 : 6));
  }
  if (logical?.type === 'TIMESTAMP') {
    return exact((value) => timestamp(value, DIGITS[logical.unit], logical.isAdjustedToUTC ? 'Z' : ''));
  }
  if (converted === 'TIMESTAMP_MILLIS' || converted === 'TIMESTAMP_MICROS') {
    return exact((value) => timestamp(value, converted === 'TIMESTAMP_MILLIS' ? 3 : 6, 'Z'));
  }
  const isUnsigned = converted?.startsWith('UINT_') || (logical?.type === 'INTEGER' && !logical.isSigned);
  return isUnsigned ? exact((value) => String(BigInt.asUintN(type === 'INT64' ? 64 : 32, value))) : undefined;
}

function ofBytes({ converted_type: converted, logical_type: logical, scale = 0 }: SchemaElement): ToText | undefined {
  if (logical?.type === 'DECIMAL') return (value) => decimal(signed(value as Uint8Array), logical.scale);
  if (converted === 'DECIMAL') return (value) => decimal(signed(value as Uint8Array), scale);
  if (logical?.type === 'UUID') return uuid;
  if (logical?.type === 'FLOAT16') return (value) => number(halfOf(value as Uint8Array));
  return converted === 'INTERVAL' ? interval : undefined;
}

/** Whether the text of a leaf's value may stand in JSON as it is. */
export function isJsonLiteral(text: string, { type, converted_type, logical_type }: SchemaElement): boolean {
  if (type === 'BOOLEAN') return true;
  const isNumber = converted_type === 'DECIMAL' || logical_type?.type === 'DECIMAL' || type !== 'BYTE_ARRAY';
  return isNumber && /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text);
}

const DIGITS = { MILLIS: 3, MICROS: 6, NANOS: 9 } as const;

/** `scale` is of any type in a hostile file. */
function decimal(unscaled: bigint, scale: number): string {
  if (!(scale > 0 && scale < 10_000)) return String(unscaled);
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** A big-endian integer in two's complement. */
function signed(value: Uint8Array): bigint {
  if (value.length === 0) return 0n;
  return BigInt.asIntN(value.length * 8, BigInt(`0x${Buffer.from(value).toString('hex')}`));
}

function date(value: unknown): string {
  const day = new Date(Number(value) * 86_400_000);
  return Number.isNaN(day.getTime()) ? String(value) : day.toISOString().replace(/T.*/, '');
}

function time(value: bigint, digits: number): string {
  const unit = 10n ** BigInt(digits);
  const seconds = Number(value / unit);
  if (value < 0n || seconds > 86_400) return String(value);
  const two = (part: number) => String(part).padStart(2, '0');
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return clock + fraction(value % unit, digits);
}

function timestamp(value: bigint, digits: number, zone: string): string {
  const unit = 10n ** BigInt(digits);
  const rest = ((value % unit) + unit) % unit;
  const moment = new Date(Number((value - rest) / unit) * 1000);
  if (Number.isNaN(moment.getTime())) return String(value);
  return moment.toISOString().slice(0, -5) + fraction(rest, digits) + zone;
}

function fraction(rest: bigint, digits: number): string {
  return rest === 0n ? '' : `.${String(rest).padStart(digits, '0').replace(/0+$/, '')}`;
}

/** Nanoseconds of the day and a Julian day in 96 bits, as Impala and Spark wrote timestamps. */
function nanosOf(value: unknown): bigint {
  const bits = value as bigint;
  const julian = BigInt.asIntN(32, bits >> 64n);
  return (julian - 2_440_588n) * 86_400_000_000_000n + BigInt.asIntN(64, bits);
}

function uuid(value: unknown): string {
  const hex = Buffer.from(value as Uint8Array).toString('hex');
  return hex.length === 32 ? hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-') : `0x${hex}`;
}

/** Months, days and milliseconds as an ISO 8601 duration. */
function interval(value: unknown): string {
  const parts = Buffer.from(value as Uint8Array);
  if (parts.length !== 12) return `0x${parts.toString('hex')}`;
  const [months, days, ms] = [0, 4, 8].map((at) => parts.readUInt32LE(at)) as [number, number, number];
  const clock = ms > 0 || (months === 0 && days === 0) ? `T${number(ms / 1000)}S` : '';
  return `P${months > 0 ? `${months}M` : ''}${days > 0 ? `${days}D` : ''}${clock}`;
}

function bytes(value: unknown): string {
  const content = value as Uint8Array;
  const text = isUtf8(content)
    ? Buffer.from(content.buffer, content.byteOffset, content.length).toString('utf8')
    : null;
  return text === null || NO_TEXT.test(text) ? `0x${Buffer.from(content).toString('hex')}` : text;
}

const NO_TEXT = /[\0-\x08\x0e-\x1f]/;

function number(value: number): string {
  return Number.isFinite(value) ? plainNumber(String(value)) : String(value);
}

/** The double with the fewest digits that is this float. */
function shortest(value: number): number {
  if (!Number.isFinite(value)) return value;
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}

/** IEEE 754 binary16. */
function halfOf(value: Uint8Array): number {
  const bits = value[0]! | (value[1]! << 8);
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const mantissa = bits & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 0x1f) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}
