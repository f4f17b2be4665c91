import { percentageNumber, readAmount } from './amounts.ts';
import { durationSeconds, durationText, timeText } from './clock.ts';
import { isoDate } from './dates.ts';
import { decimalKey, isExactDecimal, keyedDecimal } from './exact-decimals.ts';
import { testMarked, unmarked } from './marked-numbers.ts';
import { DIFFERS, testNumber } from './numbers.ts';
import type { ColumnFormat, ColumnType } from './profile.ts';
import { addressKey, keyedAddress, testUuid } from './shapes.ts';
import { type TimestampFormat, timestampText } from './timestamps.ts';

/** A typed value as it is stored: what `storage` says, so that values compare and sort as what they stand for. */
export type TypedValue = string | number;

/** What can be known of a typed value: its type, and how its column is written. */
export interface ValueType {
  readonly type: ColumnType;
  readonly format: ColumnFormat;
}

const INTEGERS: readonly ColumnType[] = ['integer', 'boolean'];
const REALS: readonly ColumnType[] = ['decimal', 'float', 'currency', 'percentage', 'duration'];

/**
 * How the values of a type are stored: whole numbers and booleans (0, 1) as integers; decimals, amounts, percentages and
 * durations (seconds) as doubles, which hold them exactly; `key`: text that sorts right but is not what is shown; `text`: as
 * they are shown.
 */
export function storage({ type, format }: ValueType): 'integer' | 'real' | 'key' | 'text' {
  if (INTEGERS.includes(type)) return 'integer';
  if (format === 'exact' || type === 'ip') return 'key';
  return REALS.includes(type) ? 'real' : 'text';
}

/** Whether the values of a type are the texts themselves, an empty one included. */
export function isPlainText(type: ColumnType): boolean {
  return type === 'text' || type === 'email' || type === 'url' || type === 'phone' || type === 'json';
}

/**
 * The value to store for a non-empty text of a column of this type, or `undefined` when the text does not have the type.
 * `valueText` of what is returned is the text again unless the typing `differs`.
 */
export function typedValue(text: string, { type, format }: ValueType): TypedValue | undefined {
  switch (type) {
    case 'integer':
    case 'decimal':
      return numberValue(text, format);
    case 'float':
      return text.trim() === text && Number.isFinite(Number(text)) ? Number(text) + 0 : undefined;
    case 'boolean':
      return /^(true|false)$/i.test(text) ? Number(text.length === 4) : undefined;
    case 'date':
      return isoDate(text, format === 'dmy' || format === 'mdy' ? format : 'ymd');
    case 'time':
      return timeText(text);
    case 'timestamp':
      return timestampText(text, format as TimestampFormat);
    case 'duration':
      return durationSeconds(text);
    case 'currency':
      return markedValue(readAmount(text)?.number, format);
    case 'percentage':
      return markedValue(percentageNumber(text), format);
    case 'uuid':
      return testUuid(text) === 0 ? undefined : text.toLowerCase();
    case 'ip':
      return addressKey(text);
    default:
      return text;
  }
}

function numberValue(text: string, format: ColumnFormat): TypedValue | undefined {
  if (format === 'exact') return isExactDecimal(text) ? decimalKey(text) : undefined;
  if (format === 'point' || format === 'comma') return markedValue(text, format);
  return testNumber(text) === 0 ? undefined : Number(text) + 0;
}

function markedValue(text: string | undefined, format: ColumnFormat): number | undefined {
  const mark = format === 'comma' ? ',' : '.';
  return text === undefined || testMarked(text, mark) === 0 ? undefined : Number(unmarked(text, mark)) + 0;
}

/**
 * Whether the text that `value` was made of is what `valueText` makes of it, so that the value alone keeps it. Of plain
 * numbers told from the text's form: to write a number out again costs twenty times as much.
 */
export function isOwnText(text: string, value: TypedValue, column: ValueType): boolean {
  const { type, format } = column;
  const plain = (type === 'integer' || type === 'decimal') && format === null;
  return plain ? (testNumber(text) & DIFFERS) === 0 : valueText(value, column) === text;
}

/** A stored value as it is given: numbers as numbers, booleans as such, all else as text. */
export function shownValue(value: TypedValue, column: ValueType): string | number | boolean {
  if (column.type === 'boolean') return value === 1;
  return column.type === 'duration' || storage(column) === 'key' ? valueText(value, column) : value;
}

/** The text that a stored value is written as: `12.5`, `true`, `2024-02-29`, `2024-02-29T18:29:59.5Z`, `PT26H`. */
export function valueText(value: TypedValue, { type, format }: ValueType): string {
  if (type === 'boolean') return value === 1 ? 'true' : 'false';
  if (type === 'duration') return durationText(value as number);
  if (type === 'ip') return keyedAddress(value as string);
  if (format === 'exact') return keyedDecimal(value as string);
  return format === 'utc' ? `${value}Z` : String(value);
}
