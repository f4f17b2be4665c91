import { isUtf8 } from 'node:buffer';
import type { Reject } from '../../core/batch.ts';
import type { Budget } from '../budget.ts';
import { failedReject, invalidTextReject, raggedReject } from '../csv-rejects.ts';
import type { ReadEvent, ReadOptions } from '../format.ts';
import { rawText } from '../reject-text.ts';
import type { KeyTree } from './keys.ts';
import { type Records, readRecords } from './records.ts';
import { createRowBuilder } from './row-builder.ts';
import { readRow } from './row-reader.ts';
import { NULL_ROW, type RowKind, type Scan, type Separation } from './scanner.ts';
import type { JsonText } from './text.ts';

/** What is known of a table before its rows are read. */
export interface TablePlan {
  readonly name: string;
  readonly columns: readonly string[];
  readonly kind: RowKind;
  /** The keys of rows that are objects. */
  readonly tree: KeyTree;
  /** The number of the row that names the columns, or `null`. */
  readonly headerRow: number | null;
  /** What of the header did not become part of a name. */
  readonly headerRejects: readonly Reject[];
}

/** What all tables of a file share. */
export interface Reading {
  readonly options: ReadOptions;
  readonly encoding: string;
  readonly layout: string;
  readonly budget: Budget;
  /** An event when enough was read since the last one. */
  readonly progress: (text: JsonText) => ReadEvent | null;
}

type Rows = Extract<Records, { type: 'rows' }>;

/**
 * The events of the table whose rows come next in `text`, up to the end of its array or of the text.
 * @throws Problem `too_many_rows`, `too_many_cells`, and as `readRecords`.
 */
export async function* readTable(
  text: JsonText,
  separation: Separation,
  plan: TablePlan,
  reading: Reading,
): AsyncGenerator<ReadEvent, void> {
  const { name, columns, kind, headerRow } = plan;
  const dialect = { encoding: reading.encoding, layout: reading.layout, rows: kind };
  yield {
    type: 'table',
    name,
    columns,
    dialect: kind === 'arrays' ? { ...dialect, header: headerRow !== null } : dialect,
  };
  const columnOf = plan.tree.teach(text.scanner, separation);
  const table = createTable(plan, reading, kind === 'objects' ? columnOf : null);
  for await (const records of readRecords(text, separation)) {
    if (records.type === 'reject') yield records;
    else yield* table.take(records);
    const progress = reading.progress(text);
    if (progress) yield progress;
  }
  yield* table.end();
}

/** Turns the rows of one scan after another into events. */
function createTable(plan: TablePlan, { options, encoding, budget }: Reading, columnOf: Int32Array | null) {
  const { limits, ragged = 'reject' } = options;
  const builder = createRowBuilder(plan.columns.length, columnOf, limits.cellLength);
  const context = { columns: plan.columns.length, header: plan.headerRow !== null, ragged, limits };
  let headerIsAhead = plan.headerRow !== null;

  function* take(records: Rows): Generator<ReadEvent, void> {
    const { scan, bytes, from } = records;
    const text = decode(bytes.subarray(from, scan.consumed), scan.nonAscii);
    for (let i = 0; i < scan.rowCount; i++) {
      if (!takeScanned(scan, i, text)) for (const reject of takeOther(records, i)) yield { type: 'reject', reject };
      if (builder.isFull) yield { type: 'batch', batch: builder.take()! };
    }
  }

  /** Takes row `i` from its scanned cells, if it is one of those whose cells can be taken so. */
  function takeScanned({ rows, cells }: Scan, i: number, text: string | null): boolean {
    const at = 6 * i;
    if (text === null || rows[at + 4] !== 0 || (plan.kind === 'arrays' && rows[at + 3] !== context.columns))
      return false;
    const first = i === 0 ? 0 : rows[at - 6]!;
    const last = rows[at]!;
    if (headerIsAhead || !builder.putScanned(cells, first, last, text)) return false;
    advance(last - first);
    return true;
  }

  /** Takes any row, slowly: the header, and what has another length than the others, or keys the scanner cannot tell. */
  function takeOther({ scan: { rows }, bytes, number }: Rows, i: number): Reject[] {
    const [, start, end, count = 0, marks = 0, place = 0] = rows.subarray(6 * i, 6 * i + 6);
    const row = number + place;
    if (row === plan.headerRow) {
      headerIsAhead = false;
      return [...plan.headerRejects];
    }
    const line = bytes.subarray(start, end);
    const isRagged = plan.kind === 'arrays' && (marks & NULL_ROW) === 0 && !fits(count);
    return isRagged ? [raggedReject(row, count, line, context)] : takeSlowly(row, line);
  }

  function fits(count: number): boolean {
    return count === context.columns || (ragged === 'pad' && count < context.columns);
  }

  function advance(cells: number): void {
    budget.addRows(1);
    budget.addCells(cells);
    builder.advance();
  }

  /** A row that was not scanned for its cells, or has one that may be too long. */
  function takeSlowly(row: number, line: Buffer): Reject[] {
    if (!isUtf8(line)) return [invalidTextReject(row, line, encoding)];
    const log = readRow(line.toString('utf8'), plan.tree);
    const cells = log.cells().map(({ at, ...cell }) => ({ column: typeof at === 'number' ? at : at.column, cell }));
    const tooLarge = cells.find(({ cell }) => (cell.text?.length ?? 0) > limits.cellLength);
    if (tooLarge) {
      return [failedReject(row, { reason: 'cell_too_large', cellStart: 0, column: tooLarge.column }, line, context)];
    }
    const filled = cells.filter(({ cell }) => cell.text !== null);
    for (const { column, cell } of filled) builder.put(column, cell);
    advance(filled.length);
    return log.repeated ? [repeatedReject(row, log.repeated.column, rawText(line))] : [];
  }

  function* end(): Generator<ReadEvent, void> {
    const batch = builder.take();
    if (batch) yield { type: 'batch', batch };
  }
  return { take, end };
}

/** The reject beside a row that was taken; `column` is that of the key, -1 if it has none. */
export function repeatedReject(row: number, column: number, raw: string): Reject {
  const detail = `Row ${row} has a key more than once. The last one was taken, as is usual; all of them are kept here.`;
  return { row, ...(column >= 0 && { column }), code: 'duplicate_key', detail, raw };
}

/** The text of what was scanned, `null` when it is not valid UTF-8. */
function decode(bytes: Buffer, nonAscii: boolean): string | null {
  if (!nonAscii) return bytes.toString('latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : null;
}
