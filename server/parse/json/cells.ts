import type { Cell } from '../../core/batch.ts';
import { plainDecimal } from './numbers.ts';
import { CELL_KINDS } from './scanner.ts';

/** A cell and, where it differs so that it could not be told from it, the text as it stood in the file. */
export interface ReadCell {
  readonly text: Cell;
  readonly raw: Cell;
}

/**
 * The cell that is written as `text` in the file; `kind` is one of `CELL_KINDS`, and a string comes without its quotes.
 *
 * A string is the text that it stands for; a number is its digits, in plain decimal notation if it has an exponent
 * (with the raw text); an array, and an object without members, is its JSON without white space between tokens (with
 * the raw text if there was some). Half a surrogate pair, which is no text, becomes U+FFFD (with the raw text, in
 * which it is an escape).
 */
export function readCell(kind: number, text: string): ReadCell {
  if (kind === CELL_KINDS.true) return { text: 'true', raw: null };
  if (kind === CELL_KINDS.false) return { text: 'false', raw: null };
  if (kind === CELL_KINDS.escaped) return readEscaped(text);
  if (kind === CELL_KINDS.exponent) return differing(plainDecimal(text), text);
  return kind === CELL_KINDS.json ? differing(withoutSpace(text), text) : { text, raw: null };
}

/** The text of a string's content, escapes resolved. */
export function stringText(content: string): string {
  return JSON.parse(`"${content}"`);
}

function readEscaped(content: string): ReadCell {
  const text = stringText(content);
  return text.isWellFormed() ? { text, raw: null } : { text: text.toWellFormed(), raw: content };
}

function differing(text: string, raw: string): ReadCell {
  return { text, raw: text === raw ? null : raw };
}

/** JSON without the white space between its tokens. */
function withoutSpace(json: string): string {
  if (!/[ \t\r\n]/.test(json)) return json;
  const parts: string[] = [];
  for (let at = 0; at < json.length; ) {
    const quote = json.indexOf('"', at);
    parts.push(json.slice(at, quote < 0 ? json.length : quote).replace(/[ \t\r\n]+/g, ''));
    if (quote < 0) break;
    at = stringEnd(json, quote + 1) + 1;
    parts.push(json.slice(quote, at));
  }
  return parts.join('');
}

/** The closing quote of the string whose content starts at `from` of valid JSON. */
export function stringEnd(json: string, from: number): number {
  for (let quote = json.indexOf('"', from); ; quote = json.indexOf('"', quote + 1)) {
    let before = quote;
    while (before > from && json.charCodeAt(before - 1) === BACKSLASH) before--;
    if ((quote - before) % 2 === 0) return quote;
  }
}

const BACKSLASH = 0x5c;
