import type { Cell } from '../../server/core/batch.ts';

/** What a line of delimited text is: a row, nothing, or a line that cannot be read, with the text that is set aside. */
export type ReferenceRow =
  | { readonly cells: readonly Cell[]; readonly raw: string }
  | { readonly failed: 'cell_too_large' | 'quote_unterminated'; readonly column: number; readonly raw: string };

/**
 * The rows of `text`, blank lines as rows of no cells, read one character after another with no thought of speed: what
 * the reader's scanner is compared with. `cellLength` in UTF-16 units.
 */
export function referenceRows(text: string, delimiter: string | null, cellLength: number): ReferenceRow[] {
  const rows: ReferenceRow[] = [];
  for (let at = 0; at < text.length; ) {
    const row = readRow(text, at, delimiter, cellLength);
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

function readRow(text: string, from: number, delimiter: string | null, cellLength: number): Row {
  const cells: Cell[] = [];
  if (lineBreak(text, from) > 0)
    return { end: from, next: from + lineBreak(text, from), result: (raw) => ({ cells, raw }) };
  for (let at = from; ; ) {
    const cell = readCell(text, at, delimiter, cellLength);
    if ('failed' in cell) {
      const end = lineEnd(text, at);
      const column = cells.length;
      return { end, next: end + lineBreak(text, end), result: (raw) => ({ failed: cell.failed, column, raw }) };
    }
    cells.push(cell.value);
    if (cell.end === text.length || lineBreak(text, cell.end) > 0) {
      return { end: cell.end, next: cell.end + lineBreak(text, cell.end), result: (raw) => ({ cells, raw }) };
    }
    at = cell.end + delimiter!.length;
  }
}

type ReadCell = { value: Cell; end: number } | { failed: 'cell_too_large' | 'quote_unterminated' };

function readCell(text: string, at: number, delimiter: string | null, cellLength: number): ReadCell {
  if (text[at] === '"') {
    const close = closingQuote(text, at + 1);
    const inner = text.slice(at + 1, close ?? text.length);
    if (inner.length > cellLength)
      return { failed: spansLines(inner.slice(0, cellLength + 1)) ? 'quote_unterminated' : 'cell_too_large' };
    if (close === null) return { failed: 'quote_unterminated' };
    if (cellEnds(text, close + 1, delimiter)) return { value: inner.replaceAll('""', '"'), end: close + 1 };
    if (spansLines(inner)) return { failed: 'quote_unterminated' };
    return plain(text, at, close + 1, delimiter, cellLength);
  }
  return plain(text, at, at, delimiter, cellLength);
}

function plain(text: string, at: number, from: number, delimiter: string | null, cellLength: number): ReadCell {
  let end = from;
  while (!cellEnds(text, end, delimiter)) end++;
  if (end - at > cellLength) return { failed: 'cell_too_large' };
  return { value: at === end ? null : text.slice(at, end), end };
}

function closingQuote(text: string, from: number): number | null {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2)) if (text[at + 1] !== '"') return at;
  return null;
}

function cellEnds(text: string, at: number, delimiter: string | null): boolean {
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
