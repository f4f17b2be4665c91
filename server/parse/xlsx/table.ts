import { BATCH_ROWS, type Reject } from '../../core/batch.ts';
import { Problem } from '../../core/problem.ts';
import type { Budget } from '../budget.ts';
import { cutNames, uniqueNames } from '../column-names.ts';
import type { ReadEvent, ReadOptions } from '../format.ts';
import { createBatchBuilder, type LooseBatch } from './batch-builder.ts';
import { corrupt } from './corrupt.ts';
import { findHeading, type HeadRow, joinNames } from './heading.ts';
import { columnLetters, type Extent, MAX_COLUMNS } from './references.ts';
import type { RowSink } from './rows.ts';
import type { TableObject } from './table-objects.ts';

/** What is known of a table before its rows. */
export interface TableSettings {
  readonly name: string;
  readonly dialect: Readonly<Record<string, string | number | boolean>>;
  /** Whether there is a header and where, unless that is known; how many columns there may be. */
  readonly options: ReadOptions;
  readonly budget: Budget;
  /** The table that the sheet's author marked, if it is one; no cells outside of it must come. */
  readonly marked?: TableObject | undefined;
}

/**
 * Makes a sheet's rows into a table's events.
 *
 * The table reaches from the first to the last column that hold anything. It starts when that is known: when the
 * sheet ends, or earlier by `start`. A row with a cell outside of these columns, and a second cell in one place,
 * become rejects, and so do lines above the header and totals of a marked table. `findHeading` tells from the first rows
 * where the header is; rows that hold nothing are left out.
 */
export interface Table extends RowSink {
  /** Rows are held back until `start`, which should be called before more come. */
  readonly waiting: boolean;
  /** The columns held back rows take, and whether the sheet declares the same ones. */
  readonly extent: Extent;
  readonly declared: boolean;
  /** Starts the table with these columns. @throws Problem `too_many_columns`. */
  start(extent: Extent): void;
  /** No more rows come. */
  end(): void;
  /** The events since the last call. */
  take(): ReadEvent[];
}

const MAX_RAW = 64 << 10;
const MAX_DUPLICATES = 1000;
/** Rows that are looked at to find the header. */
const HEAD_ROWS = 64;
const DIGITS_ONLY = /^[\s\d.,:/()+-]*\d[\s\d.,:/()+-]*$/;

type Held = { readonly reject: Reject } | { readonly batch: LooseBatch };

/** A table without rows yet. */
export function createTable(settings: TableSettings): Table {
  const { budget, options, marked } = settings;
  const maxColumns = options.limits.columns;
  const rows = createBatchBuilder();
  // V8 keeps an object with a getter as a dictionary: not to be looked into for each cell.
  const { put: putCell, advance } = rows;
  let events: ReadEvent[] = [];
  let held: Held[] = [];
  let started = false;
  let declaredExtent: Extent | undefined;
  let names: ReadonlyMap<number, string> | undefined = marked && namesOf(marked);
  let headerRows = marked?.headerRows ?? 0;
  let headerRow = marked?.range.top ?? 1;
  let preamble = 0;
  /** The first rows, until it is known what they are. */
  let head: HeadRow[] = [];
  /** Before the start the columns seen, afterwards the table's. */
  let first = MAX_COLUMNS;
  let last = -1;
  let rowNumber = 0;
  let filled = 0;
  let looksLikeData = false;
  let duplicates = 0;
  let outside: [column: number, text: string][] = [];

  function put(column: number, text: string, raw: string | null, isText: boolean): void {
    if ((column < first || column > last) && !widen(column)) putOutside(column, text);
    else if (putCell(column, text, raw)) filled++;
    else rejectDuplicate(column, text);
    if (!names && (!isText || DIGITS_ONLY.test(text) || options.isIdentifier?.(text))) looksLikeData = true;
  }

  function widen(column: number): boolean {
    if (started) return false;
    first = Math.min(first, column);
    last = Math.max(last, column);
    refuseWidth(first, last);
    return true;
  }

  function refuseWidth(from: number, to: number): void {
    if (to - from < maxColumns) return;
    const range = `${columnLetters(from)} to ${columnLetters(to)}`;
    const detail = `The sheet ${JSON.stringify(settings.name)} has cells in the columns ${range}; ${maxColumns} columns are allowed.`;
    throw new Problem('too_many_columns', `${detail} Clear or split what is beyond the table.`);
  }

  function putOutside(column: number, text: string): void {
    if (outside.length === MAX_COLUMNS) throw repeated();
    outside.push([column, text]);
  }

  function rejectDuplicate(column: number, text: string): void {
    if (++duplicates > MAX_DUPLICATES) throw repeated();
    const detail = `The cell ${columnLetters(column)}${rowNumber} stands in the file twice; the first was taken. Save the workbook again.`;
    emitReject({ row: rowNumber, column, code: 'duplicate_cell', detail, raw: text.slice(0, MAX_RAW) });
  }

  function repeated(): Problem {
    return corrupt(`the sheet ${JSON.stringify(settings.name)} repeats the cells of row ${rowNumber}`);
  }

  function endRow(): void {
    budget.addCells(filled + outside.length);
    if (outside.length > 0) rejectRow();
    else if (filled > 0) takeRow();
    filled = 0;
    looksLikeData = false;
  }

  function takeRow(): void {
    if (marked && rowNumber < marked.range.top + marked.headerRows) rows.clear();
    else if (marked && rowNumber > marked.range.bottom - marked.totalsRows) rejectTotals();
    else if (names) addRow();
    else takeHeadRow();
  }

  function addRow(): void {
    budget.addRows(1);
    if (advance() === BATCH_ROWS) emitBatch();
  }

  function takeHeadRow(): void {
    head.push({ number: rowNumber, cells: rows.cells(), isData: looksLikeData });
    advance();
    if (head.length === HEAD_ROWS) settleHead();
  }

  /** Names the columns by the header among the first rows, and takes what stands above it for rejects. */
  function settleHead(): void {
    const heading = findHeading(head, options);
    const [above, header] = [head.slice(0, heading.preamble), head.slice(heading.preamble).slice(0, heading.header)];
    names = joinNames(header);
    headerRows = header.length;
    headerRow = header.at(-1)?.number ?? 1;
    preamble = above.length;
    for (const { number, cells } of above) {
      const detail = `Row ${number} stands above the header of the table and is no row of it.`;
      emitReject({ row: number, code: 'preamble', detail, raw: rawRow(cells, cells[0]![0]) });
    }
    rows.drop(above.length + header.length);
    for (let row = 0; row < rows.length; row++) budget.addRows(1);
    head = [];
  }

  function rejectTotals(): void {
    const cells = rows.cells();
    const detail = `Row ${rowNumber} holds the totals of the table and is no row of it.`;
    emitReject({ row: rowNumber, code: 'totals_row', detail, raw: rawRow(cells, cells[0]![0]) });
    rows.clear();
  }

  function rejectRow(): void {
    const cells = [...rows.cells(), ...outside].sort(([a], [b]) => a - b);
    const beyond = columnLetters(outside[0]![0]);
    const detail = `Row ${rowNumber} has a cell in column ${beyond}, but the sheet declares only the columns ${columnLetters(first)} to ${columnLetters(last)}. Save the workbook again.`;
    emitReject({ row: rowNumber, code: 'ragged_row', detail, raw: rawRow(cells, Math.min(first, cells[0]![0])) });
    rows.clear();
    outside = [];
  }

  function emitReject(reject: Reject): void {
    if (started) events.push(rejectEvent(reject, first));
    else held.push({ reject });
  }

  function emitBatch(): void {
    const batch = rows.take();
    if (started) events.push({ type: 'batch', batch: batch.fit({ first, last }) });
    else held.push({ batch });
  }

  function start(extent: Extent): void {
    refuseWidth(extent.first, extent.last);
    ({ first, last } = extent);
    started = true;
    const columns = Array.from({ length: last - first + 1 }, (_, index) => names?.get(first + index) ?? null);
    const dialect = {
      ...settings.dialect,
      header: headerRows > 0,
      firstColumn: columnLetters(first),
      ...(headerRows > 1 && { headerRows }),
      ...(preamble > 0 && { preamble }),
    };
    events.push({ type: 'table', name: settings.name, columns: uniqueNames(columns), dialect });
    for (const reject of cutNames(columns, headerRow)) events.push({ type: 'reject', reject });
    for (const item of held) {
      if ('reject' in item) events.push(rejectEvent(item.reject, first));
      else events.push({ type: 'batch', batch: item.batch.fit(extent) });
    }
    held = [];
  }

  function end(): void {
    if (last < 0 && !marked) return;
    if (!names) settleHead();
    if (!started) start(marked?.range ?? { first, last });
    if (rows.length > 0) emitBatch();
  }

  return {
    columnsOnly: false,
    declare(extent) {
      declaredExtent = extent;
    },
    startRow(number) {
      rowNumber = number;
      duplicates = 0;
    },
    put,
    endRow,
    get waiting() {
      return !started && held.some((item) => 'batch' in item);
    },
    get extent() {
      return { first, last };
    },
    get declared() {
      return declaredExtent?.first === first && declaredExtent.last === last;
    },
    start,
    end,
    take() {
      const taken = events;
      events = [];
      return taken;
    },
  };
}

function namesOf({ range, columns }: TableObject): Map<number, string> {
  return new Map(columns.map((name, index) => [range.first + index, name]));
}

function rejectEvent(reject: Reject, first: number): ReadEvent {
  const { column } = reject;
  return { type: 'reject', reject: column === undefined ? reject : { ...reject, column: column - first } };
}

/** The row's cells between tabs, from column `from` on. */
function rawRow(cells: readonly (readonly [column: number, text: string])[], from: number): string {
  let raw = '';
  let column = from;
  for (const [at, text] of cells) {
    raw += '\t'.repeat(at - column) + text;
    column = at;
    if (raw.length >= MAX_RAW) break;
  }
  return raw.slice(0, MAX_RAW);
}
