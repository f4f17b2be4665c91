import type { Reject } from '../core/batch.ts';
import type { Failure } from './csv-scanner.ts';
import { rawText } from './reject-text.ts';

/** What the rejects of one file are measured against. */
export interface RejectContext {
  readonly columns: number;
  readonly header: boolean;
  readonly ragged: 'reject' | 'pad' | 'extra';
  readonly limits: { readonly cellLength: number };
}

/** The reject of a row with `count` cells, which are more or fewer than there are columns. */
export function raggedReject(row: number, count: number, bytes: Buffer, context: RejectContext): Reject {
  const expected = `the ${context.header ? 'header' : 'table'} has ${context.columns}`;
  const cells = `${count} ${count === 1 ? 'cell' : 'cells'}`;
  const isShort = count < context.columns;
  const advice = isShort ? 'Fix the row or upload with ragged=pad.' : 'Fix the row or upload with ragged=extra.';
  return { row, code: 'ragged_row', detail: `Row ${row} has ${cells}, ${expected}. ${advice}`, raw: rawText(bytes) };
}

/** What keeps a line above the table, a title or a note, which is no row of it. */
export function preambleReject(row: number, bytes: Buffer): Reject {
  const detail = `Row ${row} stands above the table. Upload with skip_lines=0 if it belongs to it.`;
  return { row, code: 'preamble', detail, raw: rawText(bytes) };
}

/** What keeps a line of the header with names beyond the table's `columns` columns. */
export function headerReject(row: number, columns: number, bytes: Buffer): Reject {
  const detail = `Row ${row} is a line of the header and has names for more columns than the table's ${columns}; those are left out. Check the line and header_rows.`;
  return { row, code: 'ragged_header', detail, raw: rawText(bytes) };
}

/** What keeps a line that is a comment by what the sender said. */
export function commentReject(row: number, bytes: Buffer): Reject {
  return { row, code: 'comment', detail: `Row ${row} is a comment, by the option comment.`, raw: rawText(bytes) };
}

/** The reject of a row with bytes that have no meaning in the file's encoding. */
export function invalidTextReject(row: number, bytes: Buffer, encoding: string): Reject {
  const detail = `Row ${row} holds bytes that are not valid ${encoding}. Fix the row, or name the right encoding.`;
  return { row, code: 'invalid_text', detail, raw: rawText(bytes) };
}

/** The reject of a line that cannot be read as a row. */
export function failedReject(row: number, failure: Failure, bytes: Buffer, context: RejectContext): Reject {
  const { reason: code, column } = failure;
  const detail = failureDetail(`Row ${row}`, failure, context.limits.cellLength);
  return { row, ...(code === 'row_too_large' ? {} : { column }), code, detail, raw: rawText(bytes) };
}

/** What is wrong with the row that `where` names, and what to do. */
export function failureDetail(where: string, { reason, column }: Failure, cellLength: number): string {
  if (reason === 'row_too_large') return `${where} has more than 16 MiB. Check its quotes and line breaks.`;
  if (reason === 'cell_too_large') {
    return `${where}, cell ${column + 1} has more than ${cellLength} characters. Shorten it or raise the limit.`;
  }
  return `${where}, cell ${column + 1} opens a quote that is never closed. Close it, or write "" for a quote in quotes.`;
}
