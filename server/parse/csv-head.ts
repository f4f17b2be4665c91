import type { Cell } from '../core/batch.ts';
import { Problem } from '../core/problem.ts';
import { failureDetail } from './csv-rejects.ts';
import { cellsOf, type Scan, type Scanner } from './csv-scanner.ts';
import { decodeScan } from './csv-text.ts';
import type { CsvWindow } from './csv-window.ts';
import { firstLineEnd } from './line-break.ts';

const LF = 0x0a;
const CR = 0x0d;
/** How far a first line is looked for before the dialect is guessed from a part of it. */
const FIRST_LINE_BYTES = 1024 * 1024;

/** Moves the window behind Excel's first line `sep=;`, and gives its separator; `null` when there is no such line. */
export function takeSeparatorLine(window: CsvWindow): string | null {
  const text = window.bytes.toString('utf8', window.start, Math.min(window.end, window.start + 32));
  const match = /^"?sep=([^"\r\n\ufffd])"?(?:\r\n|\r|\n)/iu.exec(text);
  if (!match) return null;
  window.start += Buffer.byteLength(match[0]);
  return match[1]!;
}

/**
 * Moves the window to the first byte that is no line break, and gives the number of lines skipped.
 * @throws Problem `not_a_table` when there is no such byte.
 */
export async function skipBlankLines(window: CsvWindow): Promise<number> {
  for (let lines = 0, before = 0; ; window.start++) {
    if (window.end - window.start < 2 && !window.isFinal) await window.fill();
    if (window.start === window.end)
      throw new Problem('not_a_table', 'The file is empty. Send one with a header or rows.');
    const byte = window.bytes[window.start]!;
    if (byte !== LF && byte !== CR) return lines;
    if (byte === CR || before !== CR) lines++;
    before = byte;
  }
}

/** Reads on until the window holds the whole first line, or 1 MiB of it: less would not show the dialect. */
export async function fillFirstLine(window: CsvWindow): Promise<void> {
  const isThere = () => firstLineEnd(window.bytes, window.start, window.end) !== null;
  while (!window.isFinal && window.end - window.start < FIRST_LINE_BYTES && !isThere()) await window.fill();
}

/**
 * The cells of the row at which the window stands, which names the columns; the window is moved behind it.
 * @throws Problem `cell_too_large`, `quote_unterminated` or `encoding_invalid` when the row cannot be read, and
 * `too_many_columns`.
 */
export async function takeHeader(
  scanner: Scanner,
  window: CsvWindow,
  limits: { readonly columns: number; readonly cellLength: number },
): Promise<Cell[]> {
  let scan = scanner.scan(window.start, window.end, window.isFinal);
  while (scan.rowCount === 0) {
    throwFailure(scan, limits.cellLength);
    await window.fill();
    scan = scanner.scan(window.start, window.end, window.isFinal);
  }
  checkColumns(scan.rows[0]!, limits.columns);
  const { text, invalidRows } = decodeScan(scan, window.bytes, window.start);
  if (invalidRows?.has(0)) {
    const detail =
      'The header holds bytes that are invalid in its encoding. Name the right encoding, or fix the header.';
    throw new Problem('encoding_invalid', detail);
  }
  window.start = scan.rows[1]!;
  return cellsOf(scan, text, 0, scan.rows[0]!);
}

/** @throws Problem `too_many_columns`. */
export function checkColumns(count: number, limit: number): void {
  if (count <= limit) return;
  throw new Problem('too_many_columns', `The table has ${count} columns; ${limit} are allowed. Check the delimiter.`);
}

function throwFailure({ failure }: Scan, cellLength: number): void {
  if (!failure) return;
  const code = failure.reason === 'row_too_large' ? 'cell_too_large' : failure.reason;
  throw new Problem(code, failureDetail('The header', failure, cellLength));
}
