import { Problem } from '../core/problem.ts';
import type { Source } from '../core/source.ts';
import type { Format, ReadEvent, ReadOptions } from './format.ts';
import { type Budget, createBudget } from './xlsx/budget.ts';
import { openPackage } from './xlsx/not-xlsx.ts';
import { findWorkbook } from './xlsx/package.ts';
import { feedPart } from './xlsx/part.ts';
import type { Extent } from './xlsx/references.ts';
import { both, outside, within } from './xlsx/regions.ts';
import { createExtentSink, type RowSink } from './xlsx/rows.ts';
import { createSharedStringsHandler } from './xlsx/shared-strings.ts';
import { type CellContext, createSheetHandler } from './xlsx/sheet.ts';
import { readDateStyles } from './xlsx/styles.ts';
import { createTable, type Table } from './xlsx/table.ts';
import { readTableObjects, type TableObject } from './xlsx/table-objects.ts';
import { createTextArena, type TextArena } from './xlsx/text-arena.ts';
import { readWorkbook, type Sheet, type Workbook } from './xlsx/workbook.ts';
import { type Archive, openArchive } from './zip/archive.ts';

/** Shared texts that are kept while the sheets are read, in bytes. */
const MAX_SHARED_BYTES = 512 << 20;
/** References and escapes take up to seven bytes of a part for one character of a cell. */
const BYTES_PER_CHARACTER = 7;
const MIN_TOKEN_BYTES = 64 << 10;
const PROGRESS_STEP = 0.01;

/**
 * Reads Excel workbooks (.xlsx, .xlsm; ECMA-376, transitional and strict) in one pass over each sheet: every sheet
 * with a cell that holds something is a table, hidden ones too, in the workbook's order. Where its author marked tables
 * on a sheet, each of them is one, and then what stands outside of them; each takes a pass of its own.
 *
 * Cells come as `createSheetHandler` says, tables as `createTable`; merged cells hold their value at the top left.
 * The dialect says `header`, `hidden`, `dateSystem` (`1900` or `1904`), `firstColumn` (`A`), and of a marked table
 * its `sheet`; of headers and lines above them, if there is more than one, `headerRows` and `preamble`. A sheet of more than
 * one batch that does not declare the columns it has is read twice, the first time only for them.
 * Besides a batch or two, memory holds the shared texts, 512 MiB at most.
 */
export const xlsxFormat: Format = { types: ['xlsx'], read };

/** What stays the same while one workbook is read. */
interface Reading {
  readonly archive: Archive;
  readonly workbook: Workbook;
  readonly context: CellContext;
  readonly options: ReadOptions;
  readonly budget: Budget;
  readonly tokenBytes: number;
}

async function* read(source: Source, _name: string, options: ReadOptions): AsyncGenerator<ReadEvent> {
  const zip = await openPackage(source, options.password);
  const archive = await openArchive(zip, options.limits.unpackedBytes);
  const workbook = await readWorkbook(archive, await findWorkbook(archive));
  const sharedStrings = createTextArena(MAX_SHARED_BYTES);
  const dateStyles = workbook.styles ? await readDateStyles(archive, workbook.styles) : [];
  const { cellLength } = options.limits;
  const context: CellContext = { sharedStrings, dateStyles, dateSystem: workbook.dateSystem, cellLength };
  const tokenBytes = Math.max(MIN_TOKEN_BYTES, cellLength * BYTES_PER_CHARACTER);
  const reading = { archive, workbook, context, options, budget: createBudget(options.limits), tokenBytes };
  yield* withProgress(readTables(reading, sharedStrings), reading);
}

async function* readTables(reading: Reading, sharedStrings: TextArena): AsyncGenerator<ReadEvent | undefined> {
  const { archive, workbook, options, tokenBytes } = reading;
  if (workbook.sharedStrings) {
    const handler = createSharedStringsHandler(sharedStrings, options.limits.cellLength);
    for await (const _ of feedPart(archive, workbook.sharedStrings, tokenBytes, handler)) yield undefined;
  }
  let tables = 0;
  for (const sheet of workbook.sheets) {
    for await (const event of readSheet(reading, sheet)) {
      if (event?.type === 'table') tables++;
      yield event;
    }
  }
  if (tables === 0) throw new Problem('not_a_table', 'No sheet of the workbook has a cell that holds anything.');
}

/** The events of one sheet, and `undefined` for each chunk read, when it is time to look at the progress. */
async function* readSheet(reading: Reading, sheet: Sheet): AsyncGenerator<ReadEvent | undefined> {
  const marked = await readTableObjects(reading.archive, sheet);
  const ranges = marked.map(({ range }) => range);
  const others = createExtentSink();
  for (const [index, table] of marked.entries()) {
    const also = index === 0 ? (sink: RowSink) => both(sink, outside(ranges, others)) : (sink: RowSink) => sink;
    yield* readTable(reading, sheet, (sink) => also(within(table.range, sink)), table);
  }
  if (marked.length === 0) yield* readTable(reading, sheet, (sink) => sink);
  else if (others.extent) yield* readTable(reading, sheet, (sink) => outside(ranges, sink));
}

/** The table that `part` of a sheet's rows and cells makes. */
async function* readTable(
  reading: Reading,
  sheet: Sheet,
  part: (sink: RowSink) => RowSink,
  marked?: TableObject,
): AsyncGenerator<ReadEvent | undefined> {
  const { workbook, options, budget } = reading;
  const table = createTable({
    name: marked?.name ?? sheet.name,
    dialect: { hidden: sheet.hidden, dateSystem: workbook.dateSystem, ...(marked && { sheet: sheet.name }) },
    options,
    budget,
    marked,
  });
  for await (const _ of feedSheet(reading, sheet, part(table))) {
    if (table.waiting) {
      const known = marked?.range ?? (table.declared ? table.extent : undefined);
      table.start(known ?? (await measure(reading, sheet, part, table)));
    }
    yield* table.take();
    yield undefined;
  }
  table.end();
  yield* table.take();
}

async function measure(
  reading: Reading,
  sheet: Sheet,
  part: (sink: RowSink) => RowSink,
  { extent }: Table,
): Promise<Extent> {
  const sink = createExtentSink();
  for await (const _ of feedSheet(reading, sheet, part(sink)));
  return sink.extent ?? extent;
}

function feedSheet(reading: Reading, sheet: Sheet, rows: RowSink): AsyncGenerator<void> {
  const handler = createSheetHandler(sheet.name, reading.context, rows);
  return feedPart(reading.archive, sheet.entry, reading.tokenBytes, handler);
}

/** The events with progress put in where enough was read, and at the end. */
async function* withProgress(
  events: AsyncIterable<ReadEvent | undefined>,
  { archive, workbook }: Reading,
): AsyncGenerator<ReadEvent> {
  const parts = [workbook.sharedStrings, ...workbook.sheets.map((sheet) => sheet.entry)];
  const total = parts.reduce((sum, part) => sum + (part?.packed ?? 0), 0);
  const before = archive.packedRead;
  let told = 0;
  for await (const event of events) {
    if (event) yield event;
    const done = Math.min(1, (archive.packedRead - before) / total);
    if (event || done < told + PROGRESS_STEP) continue;
    told = done;
    yield { type: 'progress', done };
  }
  if (told < 1) yield { type: 'progress', done: 1 };
}
