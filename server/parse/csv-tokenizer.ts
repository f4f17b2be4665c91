import type { Reject } from '../core/batch.ts';
import { createBatchBuilder } from './csv-batch.ts';
import { skipFailedLine } from './csv-failed-line.ts';
import { failedReject, invalidTextReject, type RejectContext, raggedReject } from './csv-rejects.ts';
import { cellsOf, type Failure, type Scan, type Scanner } from './csv-scanner.ts';
import { decodeScan } from './csv-text.ts';
import type { CsvWindow } from './csv-window.ts';
import type { ReadEvent, ReadLimits } from './format.ts';

/** How the rows behind the header are to be read. */
export interface RowSettings extends RejectContext {
  readonly limits: ReadLimits;
  /** The name of the file's encoding, for messages. */
  readonly encoding: string;
  /** Rows of the file that were taken before, blank ones counted. */
  readonly rowsBefore: number;
  /** Called each time bytes were taken from the source; an event it gives is passed on. */
  readonly progress: () => ReadEvent | null;
}

/**
 * The batches, rejects and progress of the rows from the window's start to the end of the file. The scanner is set up
 * for the table's delimiter and columns.
 *
 * A line that cannot be read (a quote that never ends, a cell or row that is too large) is rejected, and reading goes
 * on behind the first line break at or behind the cell at fault.
 * @throws Problem `too_many_rows`, `too_many_cells`, and what the source throws.
 */
export async function* readRows(
  scanner: Scanner,
  window: CsvWindow,
  settings: RowSettings,
): AsyncGenerator<ReadEvent, void> {
  const table = createTable(settings);
  for (;;) {
    const scan = scanner.scan(window.start, window.end, window.isFinal);
    yield* table.take(scan, window.bytes, window.start);
    window.start = scan.consumed;
    if (scan.failure) yield table.fail(scan.failure, await skipFailedLine(window, scan.failure));
    else if (!scan.full && window.isFinal) break;
    else if (!scan.full) await window.fill();
    const progress = settings.progress();
    if (progress) yield progress;
  }
  yield* table.end();
}

/** Turns the rows of one scan after another into events. */
function createTable(settings: RowSettings) {
  const { columns } = settings;
  const builder = createBatchBuilder(columns, settings.limits);
  let row = settings.rowsBefore;

  /** The rows of `scan`, which began at byte `from`. */
  function* take(scan: Scan, bytes: Buffer, from: number): Generator<ReadEvent, void> {
    const { text, invalidRows } = decodeScan(scan, bytes, from);
    for (let i = 0, cell = 0; i < scan.rowCount; ) {
      const run = countRegular(scan, i, builder.room(), columns, invalidRows);
      builder.add(text, scan.cells, cell, run);
      i += run;
      cell += run * columns;
      row += run;
      if (builder.room() > 0 && i < scan.rowCount) {
        const line = bytes.subarray(i === 0 ? from : scan.rows[4 * i - 3]!, scan.rows[4 * i + 1]!);
        const reject = takeOther(scan, i, text, cell, line, invalidRows?.has(i) === true);
        if (reject) yield { type: 'reject', reject };
        cell += Math.min(scan.rows[4 * i]!, columns);
        i++;
      }
      if (builder.room() === 0) yield { type: 'batch', batch: builder.take()! };
    }
  }

  /** Row `i`, which is blank, invalid, or of another length than the header: its reject, unless nothing is wrong. */
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
    // Cells behind the last column are left out when all of them are empty.
    const isPadded = settings.ragged === 'pad' && scan.rows[4 * i + 3] === 0;
    if (!isPadded) return raggedReject(row, count, line, settings);
    builder.addShort(cellsOf(scan, text, cell, Math.min(count, columns)));
    return null;
  }

  function fail(failure: Failure, raw: Buffer): ReadEvent {
    return { type: 'reject', reject: failedReject(++row, failure, raw, settings) };
  }

  function* end(): Generator<ReadEvent, void> {
    const batch = builder.take();
    if (batch) yield { type: 'batch', batch };
  }
  return { take, fail, end };
}

/** How many rows from row `from` on, at most `limit`, are valid and have a cell for every column. */
function countRegular(
  { rows, rowCount }: Scan,
  from: number,
  limit: number,
  columns: number,
  invalidRows: ReadonlySet<number> | null,
): number {
  const end = Math.min(rowCount, from + limit);
  let i = from;
  while (i < end && rows[4 * i] === columns && !invalidRows?.has(i)) i++;
  return i - from;
}
