import { Problem } from '../../core/problem.ts';
import { createBudget } from '../budget.ts';
import type { ReadEvent, ReadOptions } from '../format.ts';
import type { DateSystem } from './dates.ts';
import type { Extent } from './references.ts';
import { createExtentSink, type RowSink } from './rows.ts';
import { createTable, type Table } from './table.ts';

/** Who is told of the sheets of a document that holds them one behind the other, in its order. */
export interface SheetListener {
  /** A sheet begins; gives the sink of its rows. */
  begin(name: string, dialect: { readonly hidden: boolean; readonly dateSystem: DateSystem }): RowSink;
  end(): void;
}

/** Tells a listener the whole document; yields, after each piece, what share of it was read. */
export type FeedSheets = (listener: SheetListener) => AsyncIterable<number>;

/** What is worth an event of progress. */
const PROGRESS_STEP = 0.01;

/**
 * The events of a document that holds all its sheets: a table for each that holds something, as `createTable` makes it.
 * The document is fed twice, the first time only for the columns; memory does not grow with it.
 * @throws Problem `not_a_table` when no cell holds anything; as `createTable`, `Budget` and `feed`.
 */
export async function* readStreamedSheets(feed: FeedSheets, options: ReadOptions): AsyncGenerator<ReadEvent> {
  const extents = await measure(feed);
  if (extents.every((extent) => extent === undefined)) {
    throw new Problem('not_a_table', 'No sheet of the spreadsheet has a cell that holds anything.');
  }
  yield { type: 'progress', done: 0.5 };
  yield* readTables(feed, options, extents);
  yield { type: 'progress', done: 1 };
}

/** The columns that each sheet's cells take; `undefined` for sheets that hold nothing. */
async function measure(feed: FeedSheets): Promise<(Extent | undefined)[]> {
  const sinks: ReturnType<typeof createExtentSink>[] = [];
  const listener: SheetListener = {
    begin() {
      const sink = createExtentSink();
      sinks.push(sink);
      return sink;
    },
    end() {},
  };
  for await (const _ of feed(listener));
  return sinks.map(({ extent }) => extent);
}

async function* readTables(
  feed: FeedSheets,
  options: ReadOptions,
  extents: readonly (Extent | undefined)[],
): AsyncGenerator<ReadEvent> {
  const budget = createBudget(options.limits);
  const events: ReadEvent[] = [];
  let table: Table | undefined;
  let tables = 0;
  const listener: SheetListener = {
    begin(name, dialect) {
      table = createTable({ name, dialect, options, budget });
      tables++;
      return table;
    },
    end() {
      drain();
      table!.end();
      events.push(...table!.take());
      table = undefined;
    },
  };

  function drain(): void {
    if (table?.waiting) table.start(extents[tables - 1]!);
    if (table) events.push(...table.take());
  }

  let told = 0;
  for await (const done of feed(listener)) {
    drain();
    yield* events.splice(0);
    if (done < told + PROGRESS_STEP || done >= 1) continue;
    told = done;
    yield { type: 'progress', done: 0.5 + 0.5 * done };
  }
}
