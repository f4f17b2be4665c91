import type { RowGroup } from 'hyparquet';
import { BATCH_ROWS, type Batch, type Cell, type Reject } from '../core/batch.ts';
import { Problem } from '../core/problem.ts';
import type { Source } from '../core/source.ts';
import { type Budget, createBudget } from './budget.ts';
import { uniqueNames } from './column-names.ts';
import type { Format, ReadEvent, ReadLimits, ReadOptions } from './format.ts';
import { readFooter } from './parquet/footer.ts';
import { createLeafReader, type LeafReader } from './parquet/leaf.ts';
import { nestedJson } from './parquet/nested.ts';
import { readPages } from './parquet/pages.ts';
import { corrupt, countOf } from './parquet/problems.ts';
import { columnsOf, type Field, schemaOf, type TableColumn } from './parquet/schema.ts';
import { openWindow } from './parquet/window.ts';
import { RAW_BYTES } from './reject-text.ts';

/** Bytes that are read ahead, over all columns, and for one of them. */
const AHEAD_BYTES = 64 << 20;
const MOST_AHEAD = 1 << 20;
const LEAST_AHEAD = 32 << 10;

/**
 * Parquet files (apache/parquet-format) as one table. Cells come as `textOf` says; members of groups are columns of
 * their own (`address.city`), lists, maps and groups that repeat are JSON (`nestedJson`); absent values are `null`.
 *
 * Row groups are read one after the other, each column page by page: memory holds a page of each column, of at most
 * 128 MiB. All checksums that a file has are checked. A cell that is too long becomes a reject, and is absent.
 *
 * Problems: `content_mismatch`, `parquet_encrypted`, `parquet_corrupt`, `unsupported_format`, `unpacked_too_large`,
 * `not_a_table`, `too_many_columns`, `too_many_rows`, `too_many_cells`, `cell_too_large` for a list that cannot be
 * held.
 */
export const parquetFormat: Format = { read };

/** What stays the same while one file is read. */
interface Reading {
  readonly source: Source;
  readonly dataEnd: number;
  readonly leaves: readonly Field[];
  readonly columns: readonly TableColumn[];
  readonly limits: ReadLimits;
  readonly budget: Budget;
  readonly unpacks: (bytes: number) => void;
}

async function* read(source: Source, name: string, { limits }: ReadOptions): AsyncGenerator<ReadEvent> {
  const { metadata, dataEnd } = await readFooter(source);
  const { root, leaves } = schemaOf(metadata.schema);
  const columns = columnsOf(root);
  checkColumns(columns.length, limits.columns);
  const groups = metadata.row_groups;
  const total = groups.reduce((sum, group) => sum + rowsOf(group), 0);
  yield {
    type: 'table',
    name,
    columns: uniqueNames(columns.map((column) => column.name)),
    dialect: { rowGroups: groups.length },
  };
  const budget = createBudget(limits);
  const reading = { source, dataEnd, leaves, columns, limits, budget, unpacks: createUnpackBudget(limits) };
  let done = 0;
  for (const group of groups.filter((one) => rowsOf(one) > 0)) {
    for await (const event of readGroup(reading, group, done)) {
      yield event;
      if (event.type !== 'batch') continue;
      done += event.batch.length;
      if (done < total) yield { type: 'progress', done: done / total };
    }
  }
  yield { type: 'progress', done: 1 };
}

function checkColumns(count: number, limit: number): void {
  if (count === 0) throw new Problem('not_a_table', 'The Parquet file has no columns.');
  if (count <= limit) return;
  throw new Problem('too_many_columns', `The file has ${count} columns; ${limit} are allowed. Split it.`);
}

function rowsOf({ num_rows }: RowGroup): number {
  return countOf(num_rows, 'the number of rows of a row group');
}

function createUnpackBudget({ unpackedBytes }: ReadLimits): (bytes: number) => void {
  let unpacked = 0;
  return (bytes) => {
    unpacked += bytes;
    if (unpacked <= unpackedBytes) return;
    throw new Problem('unpacked_too_large', 'The file unpacks to too much data. Split it.');
  };
}

async function* readGroup(reading: Reading, group: RowGroup, rowsBefore: number): AsyncGenerator<ReadEvent> {
  const readers = openLeaves(reading, group);
  const total = rowsOf(group);
  for (let done = 0; done < total; ) {
    const length = Math.min(BATCH_ROWS, total - done);
    const rejects: Reject[] = [];
    const cells: Cell[][] = [];
    for (const [index, column] of reading.columns.entries()) {
      const taken = await takeCells(column, readers, length);
      rejects.push(...rejectLong(taken, index, rowsBefore + done, reading.limits.cellLength));
      cells.push(taken);
    }
    yield { type: 'batch', batch: counted({ length, columns: cells }, reading.budget) };
    for (const reject of rejects) yield { type: 'reject', reject };
    done += length;
  }
  for (const reader of readers) if (!(await reader.isAtEnd())) throw corrupt('a column has more rows than the others');
}

function openLeaves({ source, dataEnd, leaves, unpacks }: Reading, { columns }: RowGroup): LeafReader[] {
  if (columns.length !== leaves.length) throw corrupt('a row group does not have the columns of the schema');
  const ahead = Math.max(LEAST_AHEAD, Math.min(MOST_AHEAD, Math.floor(AHEAD_BYTES / leaves.length)));
  return columns.map(({ meta_data: chunk, file_path }, index) => {
    const leaf = leaves[index]!;
    if (!chunk || file_path) throw corrupt('a column is not in the file itself');
    if (chunk.type !== leaf.element.type) throw corrupt('a column is not of the type of the schema');
    const first = countOf(chunk.data_page_offset, 'the place of a column');
    const dictionary = countOf(chunk.dictionary_page_offset ?? 0, 'the place of a dictionary');
    const start = dictionary > 0 ? Math.min(first, dictionary) : first;
    if (start < 4 || start > dataEnd) throw corrupt('a column begins outside of the data');
    return createLeafReader(leaf, readPages(openWindow(source, start, dataEnd, ahead), chunk, leaf, unpacks));
  });
}

/** The next `length` cells of a column. */
async function takeCells(
  { field, isFlat }: TableColumn,
  readers: readonly LeafReader[],
  length: number,
): Promise<Cell[]> {
  const own = readers.slice(field.firstLeaf, field.endLeaf);
  const cells = new Array<Cell>(length);
  for (let i = 0; i < length; i++) {
    for (const reader of own) while (!reader.next()) await reader.load();
    cells[i] = isFlat ? flatCell(own[0]!) : nestedJson(field, own);
  }
  return cells;
}

function flatCell({ leaf, row }: LeafReader): Cell {
  if (row.definitions && row.definitions[row.start] !== leaf.maxDefinition) return null;
  return row.texts[row.text]!;
}

/** Takes cells that are too long out of `cells`. Rows of a file count from 1. */
function rejectLong(cells: Cell[], column: number, rowsBefore: number, cellLength: number): Reject[] {
  return cells.flatMap((cell, index) => {
    if (cell === null || cell.length <= cellLength) return [];
    cells[index] = null;
    const row = rowsBefore + index + 1;
    const detail = `A cell of row ${row} has ${cell.length} characters; ${cellLength} are allowed. Shorten it.`;
    return [{ row, column, code: 'cell_too_large', detail, raw: cell.slice(0, RAW_BYTES) }];
  });
}

function counted(batch: Batch, budget: Budget): Batch {
  for (let row = 0; row < batch.length; row++) budget.addRows(1);
  budget.addCells(batch.columns.reduce((sum, column) => sum + column.filter((cell) => cell !== null).length, 0));
  return batch;
}
