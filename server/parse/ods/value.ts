import { dateText } from '../xlsx/dates.ts';
import { plainNumber } from '../xlsx/numbers.ts';

/** A cell's text, its own text in the file where that differs, and whether it is a text to the spreadsheet. */
export interface OdsValue {
  readonly text: string;
  readonly raw: string | null;
  readonly isText: boolean;
}

/** What the attributes of a cell say (OpenDocument 1.3 part 3, 19.385 and following). */
export interface CellAttributes {
  readonly type: string | undefined;
  /** `office:value`, `office:date-value`, `office:time-value` or `office:boolean-value`, whichever is there. */
  readonly value: string | undefined;
  /** `office:string-value`, which counts in place of the paragraphs. */
  readonly string: string | undefined;
  readonly isError: boolean;
  /** The number format shows an amount of time (`[h]:mm`). */
  readonly isDuration: boolean;
}

const DURATION = /^PT(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,12})?)S)?$/;
const DAY_SECONDS = 86_400;

/**
 * The value of a cell with these paragraphs (`undefined` for none), or `undefined` when it holds nothing.
 *
 * Numbers come as `plainNumber`. Dates are written in ISO 8601 in the file already; only zeros behind a fraction of a
 * second go. Times of less than a day come as a time of day, other ones as an ISO 8601 duration.
 */
export function odsValue(attributes: CellAttributes, paragraphs: string | undefined): OdsValue | undefined {
  const { type, value, string, isError } = attributes;
  if (isError && paragraphs) return { text: paragraphs, raw: null, isText: false };
  if (value !== undefined && value.trim() !== '' && type !== 'string') return typed(attributes, value);
  const text = string ?? paragraphs ?? (type === 'string' ? '' : undefined);
  return text === undefined ? undefined : { text, raw: null, isText: true };
}

function typed({ type, isDuration }: CellAttributes, written: string): OdsValue {
  const trimmed = written.trim();
  const text = plainText(trimmed, type, isDuration);
  return { text, raw: text === written ? null : written, isText: false };
}

function plainText(written: string, type: string | undefined, isDuration: boolean): string {
  if (type === 'date')
    return written.replace(/(:\d\d)\.(\d*?)0+$/, (_, time, rest) => (rest ? `${time}.${rest}` : time));
  if (type === 'time') return timeText(written, isDuration);
  if (type !== 'boolean') return plainNumber(written);
  return written === 'true' ? 'TRUE' : written === 'false' ? 'FALSE' : written;
}

function timeText(written: string, isDuration: boolean): string {
  const match = DURATION.exec(written);
  if (!match || written === 'PT') return written;
  const [, hours = '0', minutes = '0', seconds = '0'] = match;
  const days = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) / DAY_SECONDS;
  return dateText(days, isDuration || days >= 1 ? 'duration' : 'time', '1900') ?? written;
}
