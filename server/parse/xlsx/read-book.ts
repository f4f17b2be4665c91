import { Problem } from '../../core/problem.ts';
import { type Budget, createBudget } from '../budget.ts';
import type { ReadEvent, ReadOptions } from '../format.ts';
import type { Archive } from '../zip/archive.ts';
import type { ZipEntry } from '../zip/directory.ts';
import type { DateSystem } from './dates.ts';
import type { Extent } from './references.ts';
import { both, outside, within } from './regions.ts';
import { createExtentSink, type RowSink } from './rows.ts';
import { createTable, type Table } from './table.ts';
import type { TableObject } from './table-objects.ts';
import type { Sheet } from './workbook.ts';

/** An open workbook in a ZIP archive, of whatever format its parts are. The generators yield after each chunk read. */
export interface Book {
  readonly archive: Archive;
  readonly sheets: readonly Sheet[];
  readonly dateSystem: DateSystem;
  readonly sharedStrings: ZipEntry | undefined;
  /** Reads the shared texts, which must be done before the sheets. */
  readStrings(entry: ZipEntry): AsyncGenerator<void>;
  /** The tables that the author of a sheet marked. */
  tablesOf(sheet: Sheet): Promise<TableObject[]>;
  /** Tells a sheet's rows and cells. */
  feed(sheet: Sheet, rows: RowSink): AsyncGenerator<void>;
}

interface Reading extends Book {
  readonly options: ReadOptions;
  readonly budget: Budget;
}

const PROGRESS_STEP = 0.01;

/**
 * The events of a workbook: every sheet with a cell that holds something is a table; where its author marked tables on
 * it, each of them is one, and then what stands outside of them.
 * @throws Problem `not_a_table`; as `createTable`, and what `book` throws.
 */
export function readBook(book: Book, options: ReadOptions): AsyncGenerator<ReadEvent> {
  const reading = { ...book, options, budget: createBudget(options.limits) };
  return withProgress(readTables(reading), reading);
}

async function* readTables(reading: Reading): AsyncGenerator<ReadEvent | undefined> {
  const { sheets, sharedStrings } = reading;
  if (sharedStrings) for await (const _ of reading.readStrings(sharedStrings)) yield undefined;
  let tables = 0;
  for (const sheet of sheets) {
    for await (const event of readSheet(reading, sheet)) {
      if (event?.type === 'table') tables++;
      yield event;
    }
  }
  if (tables === 0) throw new Problem('not_a_table', 'No sheet of the workbook has a cell that holds anything.');
}

/** The events of one sheet, and `undefined` for each chunk read, when it is time to look at the progress. */
async function* readSheet(reading: Reading, sheet: Sheet): AsyncGenerator<ReadEvent | undefined> {
  const marked = await reading.tablesOf(sheet);
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
  const { dateSystem, options, budget } = reading;
  const table = createTable({
    name: marked?.name ?? sheet.name,
    dialect: { hidden: sheet.hidden, dateSystem, ...(marked && { sheet: sheet.name }) },
    options,
    budget,
    marked,
  });
  for await (const _ of reading.feed(sheet, part(table))) {
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
  for await (const _ of reading.feed(sheet, part(sink)));
  return sink.extent ?? extent;
}

/** The events with progress put in where enough was read, and at the end. */
async function* withProgress(
  events: AsyncIterable<ReadEvent | undefined>,
  { archive, sheets, sharedStrings }: Reading,
): AsyncGenerator<ReadEvent> {
  const parts = [sharedStrings, ...sheets.map((sheet) => sheet.entry)];
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
