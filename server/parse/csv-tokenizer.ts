import type { Reject } from '../core/batch.ts';
import type { Budget } from './budget.ts';
import { createBatchBuilder } from './csv-batch.ts';
import { skipLine } from './csv-line.ts';
import { commentReject, failedReject, invalidTextReject, type RejectContext, raggedReject } from './csv-rejects.ts';
import { repairRow } from './csv-repair.ts';
import { cellsOf, type Failure, type Scan, type Scanner, type Syntax } from './csv-scanner.ts';
import { decodeScan } from './csv-text.ts';
import type { CsvWindow } from './csv-window.ts';
import type { ReadEvent } from './format.ts';

/** How the rows behind the header are to be read. */
export interface RowSettings extends RejectContext {
  readonly syntax: Syntax;
  /** How many cells most rows have: fewer than there are columns where the header has more names. */
  readonly cells: number;
  /** The name of the file's encoding, for messages. */
  readonly encoding: string;
  /** The character that begins a line which is a comment. */
  readonly comment: string | null;
  /** Rows of the file that were taken before, blank ones counted. */
  readonly rowsBefore: number;
  readonly budget: Budget;
  /**
   * Whether another table starts at this byte of the window, with a row of another width below a blank line; see
   * `TableFinder`. `null` when all rows are of one table.
   */
  readonly startsTable: ((from: number) => boolean | null) | null;
  /** Called each time bytes were taken from the source; an event it gives is passed on. */
  readonly progress: () => ReadEvent | null;
}

/**
 * The batches, rejects and progress of the rows from the window's start to the end of the table. The scanner is set up
 * for the table's syntax and columns. Returns `null` at the end of the file,
 * else the rows of the file that were taken before the next table, at which the window stands then.
 *
 * A line that cannot be read (a quote that never ends, a cell or row that is too large) is rejected, and reading goes
 * on behind the first line break at or behind the cell at fault.
 * @throws Problem `too_many_rows`, `too_many_cells`, and what the source throws.
 */
export async function* readRows(
  scanner: Scanner,
  window: CsvWindow,
  settings: RowSettings,
): AsyncGenerator<ReadEvent, number | null> {
  const table = createTable(settings);
  for (;;) {
    const scan = scanner.scan(window.start, window.end, window.isFinal);
    const stop = yield* table.take(scan, window.bytes, window.start);
    window.start = stop?.at ?? scan.consumed;
    if (stop?.isTable) break;
    else if (stop) await window.fill();
    else if (scan.failure) yield table.fail(scan.failure, await skipLine(window, scan.failure.cellStart));
    else if (!scan.full && window.isFinal) break;
    else if (!scan.full) await window.fill();
    const progress = settings.progress();
    if (progress) yield progress;
  }
  yield* table.end();
  return window.start < window.end ? table.row() : null;
}

/** Where the rows of a table end, or where more has to be seen to tell. */
interface Stop {
  readonly at: number;
  readonly isTable: boolean;
}

/** Turns the rows of one scan after another into events. */
function createTable(settings: RowSettings) {
  const { columns, cells, comment, startsTable } = settings;
  const builder = createBatchBuilder(columns, settings.budget);
  let row = settings.rowsBefore;
  let isBelowBlank = false;

  /**
   * The rows of `scan`, which began at byte `from`, up to one that starts another table, or may do so: `null` if there is
   * none.
   */
  function* take(scan: Scan, bytes: Buffer, from: number): Generator<ReadEvent, Stop | null> {
    const { text, invalidRows } = decodeScan(scan, bytes, from);
    const comments = comment === null ? null : findComments(scan, bytes, from, comment);
    const startOf = (i: number) => (i === 0 ? from : scan.rows[4 * i - 3]!);
    for (let i = 0, cell = 0; i < scan.rowCount; ) {
      const run = countRegular(scan, i, builder.room(), columns, invalidRows, comments);
      builder.add(text, scan, i, cell, run);
      i += run;
      cell += run * columns;
      row += run;
      if (run > 0) isBelowBlank = false;
      if (builder.room() > 0 && i < scan.rowCount) {
        const count = scan.rows[4 * i]!;
        const isSuspect = startsTable !== null && isBelowBlank && count > 0 && count !== columns;
        const isTable = isSuspect ? startsTable(startOf(i)) : false;
        if (isTable !== false) return { at: startOf(i), isTable: isTable === true };
        isBelowBlank = count === 0;
        const line = bytes.subarray(startOf(i), scan.rows[4 * i + 1]!);
        const reject = comments?.has(i)
          ? commentReject(++row, line)
          : takeOther(scan, i, text, cell, line, invalidRows?.has(i) === true);
        if (reject) yield { type: 'reject', reject };
        cell += Math.min(count, columns);
        i++;
      }
      if (builder.room() === 0) yield { type: 'batch', batch: builder.take()! };
    }
    return null;
  }

  /** Row `i`, which is blank, invalid, or of another length than the header: its reject, unless it can be taken. */
  function takeOther(
    scan: Scan,
    i: number,
    text: string,
    cell: number,
    line: Buffer,
    isInvalid: boolean,
  ): Reject | null {
    row++;
    const count = scan.rows[4 * i]!;
    if (isInvalid) return invalidTextReject(row, line, settings.encoding);
    if (count === 0) return null;
    const repaired = count === cells ? null : repairRow(line, settings.syntax, cells, settings.limits.cellLength);
    // Cells behind the last column are left out when all of them are empty.
    const isPadded = count === cells || (settings.ragged !== 'reject' && scan.rows[4 * i + 3] === 0);
    if (!repaired && !isPadded) return raggedReject(row, count, line, settings);
    builder.addShort(repaired ?? cellsOf(scan, text, cell, Math.min(count, columns)));
    return null;
  }

  function fail(failure: Failure, raw: Buffer): ReadEvent {
    isBelowBlank = false;
    return { type: 'reject', reject: failedReject(++row, failure, raw, settings) };
  }

  function* end(): Generator<ReadEvent, void> {
    const batch = builder.take();
    if (batch) yield { type: 'batch', batch };
  }
  return { take, fail, end, row: () => row };
}

/** How many rows from row `from` on, at most `limit`, are valid, no comments, and have a cell for every column. */
function countRegular(
  { rows, rowCount }: Scan,
  from: number,
  limit: number,
  columns: number,
  invalidRows: ReadonlySet<number> | null,
  comments: ReadonlySet<number> | null,
): number {
  const end = Math.min(rowCount, from + limit);
  let i = from;
  while (i < end && rows[4 * i] === columns && !invalidRows?.has(i) && !comments?.has(i)) i++;
  return i - from;
}

function findComments({ rows, rowCount }: Scan, bytes: Buffer, from: number, comment: string): Set<number> {
  const comments = new Set<number>();
  for (let i = 0, start = from; i < rowCount; start = rows[4 * i + 1]!, i++) {
    if (bytes[start] === comment.charCodeAt(0)) comments.add(i);
  }
  return comments;
}
