import type { Cell, Reject } from '../core/batch.ts';
import { Problem } from '../core/problem.ts';
import { fitNames, type Layout } from './csv-layout.ts';
import { skipLine } from './csv-line.ts';
import { failureDetail, headerReject } from './csv-rejects.ts';
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

/** What a header says of the columns. */
export interface TakenNames {
  /** By column, `null` for one without a name. */
  readonly names: readonly Cell[];
  /** Lines of it that have more names than there are columns. */
  readonly rejects: readonly Reject[];
}

/**
 * The names of the columns: the lines of the header at which the window stands, row `row` of the file, what they say of a
 * column joined by blanks; the window is moved behind them. `sample` are rows of the table.
 * @throws Problem `cell_too_large`, `quote_unterminated` or `encoding_invalid` when a line cannot be read, and
 * `too_many_columns`.
 */
export async function takeNames(
  reading: HeaderReading,
  { headerRows, cells, columns }: Layout,
  sample: readonly SampleRow[],
  row: number,
): Promise<TakenNames> {
  checkColumns(columns, reading.limits.columns);
  const names: string[][] = Array.from({ length: columns }, () => []);
  const rejects: Reject[] = [];
  for (let line = 0; line < headerRows; line++) {
    const taken = await takeHeaderRow(reading, cells);
    if (taken === null) break;
    checkColumns(taken.cells.length, reading.limits.columns);
    const filled = [...fitNames(taken.cells, cells, sample).entries()].filter(
      ([, name]) => name !== null && name.trim() !== '',
    );
    for (const [column, name] of filled) names[column]?.push(name!);
    if (filled.some(([column]) => column >= columns)) rejects.push(headerReject(row + line, columns, taken.line));
  }
  return { names: names.map((parts) => (parts.length === 0 ? null : parts.join(' '))), rejects };
}

interface HeaderRow {
  readonly cells: Cell[];
  /** Its bytes. */
  readonly line: Buffer;
}

/** The next row, blank lines passed over; `null` at the end of the file. */
async function takeHeaderRow(reading: HeaderReading, cells: number): Promise<HeaderRow | null> {
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

/** The row at the window, if its quotes are wrong and can be taken otherwise. */
async function takeRepaired(
  scan: Scan,
  window: CsvWindow,
  syntax: Syntax,
  cells: number,
  { cellLength, columns }: HeaderReading['limits'],
): Promise<HeaderRow | null> {
  const { failure } = scan;
  const isRow = scan.rowCount > 0;
  if (isRow && scan.rows[0]! > columns) checkColumns(scan.rows[0]!, columns);
  const line = isRow
    ? Buffer.from(window.bytes.subarray(window.start, scan.rows[1]!))
    : await skipLine(window, failure!.cellStart);
  const repaired = repairRow(line, syntax, cells, cellLength);
  if (repaired && isRow) window.start = scan.rows[1]!;
  if (repaired || isRow) return repaired && { cells: repaired, line };
  const code = failure!.reason === 'row_too_large' ? 'cell_too_large' : failure!.reason;
  throw new Problem(code, failureDetail('The header', failure!, cellLength));
}

function takeRow(scan: Scan, window: CsvWindow, count: number): HeaderRow {
  const { text, invalidRows } = decodeScan(scan, window.bytes, window.start);
  if (invalidRows?.has(0)) {
    const detail =
      'The header holds bytes that are invalid in its encoding. Name the right encoding, or fix the header.';
    throw new Problem('encoding_invalid', detail);
  }
  const line = Buffer.from(window.bytes.subarray(window.start, scan.rows[1]!));
  window.start = scan.rows[1]!;
  return { cells: cellsOf(scan, text, 0, count), line };
}

/** @throws Problem `too_many_columns` when a table of `count` columns has more than `limit`. */
export function checkColumns(count: number, limit: number): void {
  if (count <= limit) return;
  throw new Problem('too_many_columns', `The table has ${count} columns; ${limit} are allowed. Check the delimiter.`);
}
