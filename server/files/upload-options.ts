import { Problem } from '../core/problem.ts';
import { AS_KINDS } from '../parse/detect.ts';
import type { ReadOptions } from '../parse/format.ts';

/** What a sender may say about a file, in the form it is kept in beside it. A password is never kept there. */
export interface UploadOptions extends Omit<ReadOptions, 'limits' | 'password'> {
  readonly seal: readonly string[];
  readonly plain: readonly string[];
  /** The kind that the sender says the file is, or `auto`. */
  readonly as?: string;
}

/** The names of the upload's options, as query parameters or as fields of the form. */
export const OPTION_NAMES = [
  ...(['seal', 'plain', 'delimiter', 'quote', 'escape', 'comment', 'skip_lines', 'encoding'] as const),
  ...(['header', 'header_rows', 'ragged', 'as', 'rows'] as const),
] as const;

/**
 * Checks options as they came. `seal` and `plain` are column names: repeated, with commas between, or a JSON array
 * (for names that hold a comma).
 * @throws Problem `invalid_request` naming the option.
 */
export function parseOptions(given: Readonly<Record<string, unknown>>): UploadOptions {
  const { delimiter, quote, escape: escaping, comment, encoding, header, ragged, as, rows } = given;
  const { skip_lines: skipLines, header_rows: headerRows } = given;
  return {
    seal: toNames('seal', given.seal),
    plain: toNames('plain', given.plain),
    ...(isGiven(delimiter) && { delimiter: toDelimiter(delimiter) }),
    ...(isGiven(quote) && { quote: toMark('quote', quote) }),
    ...(isGiven(escaping) && { escape: toMark('escape', escaping) }),
    ...(isGiven(comment) && { comment: toMark('comment', comment) ?? '' }),
    ...(isGiven(skipLines) && { skipLines: toCount('skip_lines', skipLines, 0, 1000) }),
    ...(isGiven(headerRows) && { headerRows: toCount('header_rows', headerRows, 1, 10) }),
    ...(isGiven(encoding) && { encoding: toEncoding(encoding) }),
    ...(isGiven(header) && { header: oneOf('header', header, ['present', 'absent'] as const) }),
    ...(isGiven(ragged) && { ragged: oneOf('ragged', ragged, ['reject', 'pad', 'extra'] as const) }),
    ...(isGiven(as) && { as: oneOf('as', as, AS_KINDS) }),
    ...(isGiven(rows) && { rows: toPath(rows) }),
  };
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== '';

function toNames(option: string, value: unknown): string[] {
  const parts = value === undefined ? [] : Array.isArray(value) ? value : [value];
  const names = parts.flatMap((part: unknown) => {
    const text = String(part).trim();
    if (!text.startsWith('[')) return text.split(',');
    return parseArray(option, text);
  });
  const trimmed = names.map((name) => name.trim()).filter(Boolean);
  if (trimmed.length > 1000 || trimmed.some((name) => name.length > 200)) {
    throw new Problem('invalid_request', `${option} takes at most 1,000 column names of at most 200 characters.`);
  }
  return trimmed;
}

function parseArray(option: string, text: string): string[] {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value) && value.every((name) => typeof name === 'string')) return value;
  } catch {
    // Said below.
  }
  throw new Problem('invalid_request', `${option} begins with [ but is not a JSON array of column names.`);
}

function toDelimiter(value: unknown): string {
  const text = value === 'tab' || value === '\\t' ? '\t' : String(value);
  if (!/^[^"\r\n] ?$/.test(text))
    throw new Problem(
      'invalid_request',
      'delimiter must be one character, and no quote or line end; a blank may follow. Write tab for a tab.',
    );
  return text;
}

/** A character that marks something in text; `null` for `none`, which only a comment cannot be. */
function toMark(option: string, value: unknown): string | null {
  if (value === 'none' && option !== 'comment') return null;
  if (/^[!-~]$/.test(String(value))) return String(value);
  const none = option === 'comment' ? '' : ', or none';
  throw new Problem('invalid_request', `${option} must be one ASCII character${none}.`);
}

function toCount(option: string, value: unknown, least: number, most: number): number {
  const count = /^\d{1,4}$/.test(String(value)) ? Number(value) : -1;
  if (count >= least && count <= most) return count;
  throw new Problem('invalid_request', `${option} must be a whole number from ${least} to ${most}.`);
}

function toEncoding(value: unknown): string {
  try {
    return new TextDecoder(String(value)).encoding;
  } catch {
    throw new Problem(
      'invalid_request',
      'encoding must be a label of the WHATWG Encoding Standard, such as utf-8 or windows-1252.',
    );
  }
}

function toPath(value: unknown): string {
  const path = String(value).replace(/^\//, '');
  if (path.length <= 1000 && path.split('/').every(Boolean)) return path;
  const detail = 'rows must be the path of the elements that are rows, from the root on, such as feed/entry.';
  throw new Problem('invalid_request', detail);
}

function oneOf<T extends string>(option: string, value: unknown, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (!found) throw new Problem('invalid_request', `${option} must be ${allowed.join(' or ')}.`);
  return found;
}
