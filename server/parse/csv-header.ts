import type { Cell } from '../core/batch.ts';
import { Problem } from '../core/problem.ts';
import { fitNames, type Layout } from './csv-layout.ts';
import { skipLine } from './csv-line.ts';
import { failureDetail } from './csv-rejects.ts';
import { repairRow } from './csv-repair.ts';
import type { SampleRow } from './csv-sample.ts';
import { cellsOf, type Scan, type Scanner, type Syntax } from './csv-scanner.ts';
import { decodeScan } from './csv-text.ts';
import type { CsvWindow } from './csv-window.ts';

/** What a header is read with. The scanner is set up for `syntax`. */
export interface HeaderReading {
  readonly scanner: Scanner;
  readonly window: CsvWindow;
  readonly syntax: Syntax;
  readonly limits: { readonly columns: number; readonly cellLength: number };
}

/**
 * The names of the columns: the lines of the header at which the window stands, what they say of a column joined by
 * blanks; the window is moved behind them. `null` for a column without a name. `sample` are rows of the table.
 * @throws Problem `cell_too_large`, `quote_unterminated` or `encoding_invalid` when a line cannot be read, and
 * `too_many_columns`.
 */
export async function takeNames(
  reading: HeaderReading,
  { headerRows, cells, columns }: Layout,
  sample: readonly SampleRow[],
): Promise<Cell[]> {
  checkColumns(columns, reading.limits.columns);
  const names: string[][] = Array.from({ length: columns }, () => []);
  for (let line = 0; line < headerRows; line++) {
    const taken = await takeHeaderRow(reading, cells);
    if (taken === null) break;
    checkColumns(taken.length, reading.limits.columns);
    for (const [column, name] of fitNames(taken, cells, sample).entries()) {
      if (name !== null && name.trim() !== '') names[column]?.push(name);
    }
  }
  return names.map((parts) => (parts.length === 0 ? null : parts.join(' ')));
}

/** The cells of the next row, blank lines passed over; `null` at the end of the file. */
async function takeHeaderRow(reading: HeaderReading, cells: number): Promise<Cell[] | null> {
  const { scanner, window, limits, syntax } = reading;
  for (;;) {
    const scan = scanner.scan(window.start, window.end, window.isFinal);
    if (scan.rowCount === 0 && !scan.failure) {
      if (window.isFinal) return null;
      await window.fill();
      continue;
    }
    const count = scan.rows[0]!;
    if (scan.rowCount > 0 && count === 0) window.start = scan.rows[1]!;
    else if (scan.rowCount > 0 && count === cells) return takeRow(scan, window, count);
    else return (await takeRepaired(scan, window, syntax, cells, limits)) ?? takeRow(scan, window, count);
  }
}

/** The cells of the row at the window, if its quotes are wrong and can be taken otherwise. */
async function takeRepaired(
  scan: Scan,
  window: CsvWindow,
  syntax: Syntax,
  cells: number,
  { cellLength, columns }: HeaderReading['limits'],
): Promise<Cell[] | null> {
  const { failure } = scan;
  const isRow = scan.rowCount > 0;
  if (isRow && scan.rows[0]! > columns) checkColumns(scan.rows[0]!, columns);
  const line = isRow
    ? Buffer.from(window.bytes.subarray(window.start, scan.rows[1]!))
    : await skipLine(window, failure!.cellStart);
  const repaired = repairRow(line, syntax, cells, cellLength);
  if (repaired && isRow) window.start = scan.rows[1]!;
  if (repaired || isRow) return repaired;
  const code = failure!.reason === 'row_too_large' ? 'cell_too_large' : failure!.reason;
  throw new Problem(code, failureDetail('The header', failure!, cellLength));
}

function takeRow(scan: Scan, window: CsvWindow, count: number): Cell[] {
  const { text, invalidRows } = decodeScan(scan, window.bytes, window.start);
  if (invalidRows?.has(0)) {
    const detail =
      'The header holds bytes that are invalid in its encoding. Name the right encoding, or fix the header.';
    throw new Problem('encoding_invalid', detail);
  }
  window.start = scan.rows[1]!;
  return cellsOf(scan, text, 0, count);
}

/** @throws Problem `too_many_columns` when a table of `count` columns has more than `limit`. */
export function checkColumns(count: number, limit: number): void {
  if (count <= limit) return;
  throw new Problem('too_many_columns', `The table has ${count} columns; ${limit} are allowed. Check the delimiter.`);
}
