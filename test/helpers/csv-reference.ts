import type { Cell } from '../../server/core/batch.ts';

/** What a line of delimited text is: a row, nothing, or a line that cannot be read, with the text that is set aside. */
export type ReferenceRow =
  | { readonly cells: readonly Cell[]; readonly raw: string }
  | { readonly failed: 'cell_too_large' | 'quote_unterminated'; readonly column: number; readonly raw: string };

/** The characters by which cells are told apart, as the reader's scanner takes them. */
export interface ReferenceSyntax {
  readonly delimiter: string | null;
  readonly quote: string | null;
  readonly escaping: string | null;
  readonly padded: boolean;
}

/**
 * The rows of `text`, blank lines as rows of no cells, read one character after another with no thought of speed: what
 * the reader's scanner is compared with. `cellLength` in UTF-16 units.
 */
export function referenceRows(text: string, syntax: ReferenceSyntax, cellLength: number): ReferenceRow[] {
  const rows: ReferenceRow[] = [];
  for (let at = 0; at < text.length; ) {
    const row = readRow(text, at, syntax, cellLength);
    rows.push(row.result(text.slice(at, row.end)));
    at = row.next;
  }
  return rows;
}

interface Row {
  readonly end: number;
  readonly next: number;
  readonly result: (raw: string) => ReferenceRow;
}

function readRow(text: string, from: number, syntax: ReferenceSyntax, cellLength: number): Row {
  const cells: Cell[] = [];
  if (lineBreak(text, from) > 0)
    return { end: from, next: from + lineBreak(text, from), result: (raw) => ({ cells, raw }) };
  for (let at = from; ; ) {
    const cell = readCell(text, at, syntax, cellLength);
    if ('failed' in cell) {
      const end = lineEnd(text, at);
      const column = cells.length;
      return { end, next: end + lineBreak(text, end), result: (raw) => ({ failed: cell.failed, column, raw }) };
    }
    cells.push(cell.value);
    if (cell.end === text.length || lineBreak(text, cell.end) > 0) {
      return { end: cell.end, next: cell.end + lineBreak(text, cell.end), result: (raw) => ({ cells, raw }) };
    }
    at = cell.end + syntax.delimiter!.length;
    if (syntax.padded && text[at] === ' ') at++;
  }
}

type ReadCell = { value: Cell; end: number } | { failed: 'cell_too_large' | 'quote_unterminated' };

function readCell(text: string, at: number, syntax: ReferenceSyntax, cellLength: number): ReadCell {
  const { quote } = syntax;
  if (quote === null || text[at] !== quote) return plain(text, at, syntax, cellLength);
  const close = closingQuote(text, at + 1, quote, syntax.escaping);
  const inner = text.slice(at + 1, close ?? text.length);
  if (inner.length > cellLength)
    return { failed: spansLines(inner.slice(0, cellLength + 1)) ? 'quote_unterminated' : 'cell_too_large' };
  if (close === null) return { failed: 'quote_unterminated' };
  if (cellEnds(text, close + 1, syntax)) return { value: restore(inner, syntax, true), end: close + 1 };
  if (spansLines(inner)) return { failed: 'quote_unterminated' };
  const end = plainEnd(text, close + 1, syntax);
  const behind = text.slice(close + 1, end);
  const isEnclosed = behind.endsWith(quote) && behind.split(quote).length % 2 === 0;
  const value = isEnclosed ? text.slice(at + 1, end - 1) : text.slice(at, end);
  return value.length > cellLength ? { failed: 'cell_too_large' } : { value, end };
}

function plain(text: string, at: number, syntax: ReferenceSyntax, cellLength: number): ReadCell {
  const end = plainEnd(text, at, syntax);
  if (end - at > cellLength) return { failed: 'cell_too_large' };
  return { value: at === end ? null : restore(text.slice(at, end), syntax, false), end };
}

/** Where a cell that is at `from`, outside of quotes, ends: an escaping saves the delimiter behind it. */
function plainEnd(text: string, from: number, syntax: ReferenceSyntax): number {
  let end = from;
  while (!cellEnds(text, end, syntax)) end += isEscaping(text, end, syntax) ? 1 + escapedLength(text, end, syntax) : 1;
  return end;
}

function isEscaping(text: string, at: number, { escaping }: ReferenceSyntax): boolean {
  return escaping !== null && text[at] === escaping;
}

/** The length of what the escaping at `at` makes text, 0 if it is text itself. */
function escapedLength(text: string, at: number, { delimiter, quote, escaping }: ReferenceSyntax): number {
  for (const one of [delimiter, quote, escaping]) if (one !== null && text.startsWith(one, at + 1)) return one.length;
  return 0;
}

function closingQuote(text: string, from: number, quote: string, escaping: string | null): number | null {
  for (let at = from; at < text.length; at++) {
    const next = text[at + 1];
    if (escaping !== null && text[at] === escaping && (next === quote || next === escaping)) at++;
    else if (text[at] === quote && next === quote) at++;
    else if (text[at] === quote) return at;
  }
  return null;
}

/** What a cell says: in quotes, two of them are one; an escaping is left out before what it makes text. */
function restore(cell: string, { quote, escaping, delimiter }: ReferenceSyntax, isQuoted: boolean): string {
  const within = isQuoted
    ? { quote, escaping, delimiter: null, padded: false }
    : { quote, escaping, delimiter, padded: false };
  let result = '';
  for (let at = 0; at < cell.length; at++) {
    const isDoubled = isQuoted && cell[at] === quote && cell[at + 1] === quote;
    if (isDoubled || (isEscaping(cell, at, within) && escapedLength(cell, at, within) > 0)) at++;
    result += cell[at];
  }
  return result;
}

function cellEnds(text: string, at: number, { delimiter }: ReferenceSyntax): boolean {
  return at >= text.length || lineBreak(text, at) > 0 || (delimiter !== null && text.startsWith(delimiter, at));
}

function spansLines(text: string): boolean {
  return /[\r\n]/.test(text);
}

function lineBreak(text: string, at: number): number {
  if (text[at] === '\r') return text[at + 1] === '\n' ? 2 : 1;
  return text[at] === '\n' ? 1 : 0;
}

function lineEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && lineBreak(text, at) === 0) at++;
  return at;
}
