import type { Cell, Reject } from '../core/batch.ts';
import { cutNames } from './column-names.ts';
import { takeNames } from './csv-header.ts';
import { findLayout, type Layout, type ToldLayout } from './csv-layout.ts';
import { preambleReject } from './csv-rejects.ts';
import { repairRow } from './csv-repair.ts';
import { mostFrequent, type SampleRow, sampleRows } from './csv-sample.ts';
import { createScanner, type Scanner, type Syntax } from './csv-scanner.ts';
import type { CsvWindow } from './csv-window.ts';
import { isNamed } from './header.ts';
import { firstLineEnd } from './line-break.ts';

/** What tables are found with. */
export interface TableReading {
  readonly scanner: Scanner;
  readonly window: CsvWindow;
  readonly syntax: Syntax;
  readonly limits: { readonly columns: number; readonly cellLength: number };
  readonly told: ToldLayout;
  /** The character that begins a line which is a comment. */
  readonly comment: string | null;
}

/** A table of which all but the rows is known. */
export interface OpenTable extends Layout {
  /** The columns' names as they stand in the header; `null` where there is none. */
  readonly names: readonly Cell[];
  /** What stands above it. */
  readonly preamble: readonly Reject[];
  /** What of its header did not become part of a name. */
  readonly headerRejects: readonly Reject[];
  /** Rows of the file that were taken before its first row, blank ones counted. */
  readonly rowsBefore: number;
}

/** A block below a blank line is a table of its own if it has a header that shows, or so many rows. */
const SMALLEST_BLOCK = 3;
/** How much of a block is looked at. */
const BLOCK_BYTES = 16_384;

/**
 * The table that begins in the window, `rowsBefore` rows behind the start of the file; the window is moved to its first
 * row, the scanner is not set up for it.
 * @throws Problem `too_many_columns`, and for a header that cannot be read `cell_too_large`, `quote_unterminated` or
 * `encoding_invalid`.
 */
export async function openTable(reading: TableReading, rowsBefore: number): Promise<OpenTable> {
  const { scanner, window, syntax, limits } = reading;
  const rows = withoutComments(sampleRows(scanner, window, syntax, limits.columns), window, reading.comment);
  const lineOf = ({ from, to }: SampleRow) => window.bytes.subarray(from, to);
  const layout = findLayout(rows, reading.told, (row, cells) =>
    repairRow(Buffer.from(lineOf(row)), syntax, cells, limits.cellLength),
  );
  const preamble = rows
    .slice(0, layout.first)
    .flatMap((row, index) => (row.count === 0 ? [] : [preambleReject(rowsBefore + index + 1, lineOf(row))]));
  window.start = rows[layout.first]?.from ?? window.start;
  scanner.use(syntax, limits.columns);
  const headerRow = rowsBefore + layout.first + 1;
  const { names, rejects } = await takeNames(reading, layout, rows.slice(layout.first + 1), headerRow);
  const headerRejects = [...rejects, ...cutNames(names, headerRow)];
  return { ...layout, names, preamble, headerRejects, rowsBefore: rowsBefore + layout.first + layout.headerRows };
}

/**
 * Tells whether the block of rows from byte `from` of the window on, which stands below a blank line of a table with
 * `columns` columns, is another table: nearly all of its rows but for a title have as many cells as each other and not as
 * many as the table's. `null` when too little of it is in the window. The window's scanner is not used.
 */
export type TableFinder = (window: CsvWindow, from: number, columns: number) => boolean | null;

/** A finder of tables in files of one syntax. */
export function createTableFinder({
  syntax,
  limits,
  told,
}: Pick<TableReading, 'syntax' | 'limits' | 'told'>): TableFinder {
  let own: Scanner | undefined;
  return (window, from, columns) => {
    const end = endOfBlock(window, from);
    if (end === null) return null;
    own ??= createScanner(limits.columns, limits.cellLength);
    const bytes = own.input(end - from);
    window.bytes.copy(bytes, 0, from, end);
    const block = sampleRows(own, { bytes, start: 0, end: end - from, isFinal: true }, syntax, limits.columns);
    return isOtherTable(block, columns, told);
  };
}

function isOtherTable(block: readonly SampleRow[], columns: number, { isIdentifier }: ToldLayout): boolean {
  const cells = mostFrequent(block.map(({ count }) => count));
  const table = block.slice(block.findIndex(({ count }) => count === cells));
  const alike = table.filter(({ count }) => count === cells);
  if (cells < 2 || cells === columns || alike.length < 2 || alike.length < 0.8 * table.length) return false;
  return (
    alike.length >= SMALLEST_BLOCK ||
    isNamed(
      alike.map((row) => row.cells),
      isIdentifier,
    )
  );
}

/** Where the first blank line behind `from` stands, or as far as is looked for it; `null` when that is not in the window. */
function endOfBlock({ bytes, end, isFinal }: CsvWindow, from: number): number | null {
  const most = Math.min(end, from + BLOCK_BYTES);
  for (let at = from; ; ) {
    const next = firstLineEnd(bytes, at, most);
    if (next === null) return isFinal || most < end ? most : null;
    if (next - at === 1 || (next - at === 2 && bytes[at] === 0x0d)) return at;
    at = next;
  }
}

/** The rows, comments as lines that cannot be read: they are no part of the table. */
function withoutComments(rows: readonly SampleRow[], { bytes }: CsvWindow, comment: string | null): SampleRow[] {
  return rows.map((row) =>
    row.count !== 0 && comment !== null && bytes[row.from] === comment.charCodeAt(0)
      ? { ...row, count: -1, cells: [] }
      : row,
  );
}
