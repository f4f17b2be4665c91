import { isUtf8 } from 'node:buffer';
import type { Cell } from '../../core/batch.ts';
import { Problem } from '../../core/problem.ts';
import { cutNames, uniqueNames } from '../column-names.ts';
import type { ReadEvent, ReadOptions } from '../format.ts';
import { hasHeader } from '../header.ts';
import { columnNames, createKeyTree, type KeyTree } from './keys.ts';
import { type Records, readRecords } from './records.ts';
import { readRow } from './row-reader.ts';
import { NULL_ROW, type RowKind, type Separation, SLOW_ROW } from './scanner.ts';
import type { TablePlan } from './table.ts';
import type { JsonText } from './text.ts';

/** The rows from which it is told whether the first one is a header. */
const SAMPLE_ROWS = 200;
const SAMPLE_BYTES = 1024 * 1024;

type Rows = Extract<Records, { type: 'rows' }>;

/**
 * Reads the rows that come next in `text`, up to the end of their array or of the text, to learn what columns they have.
 * @throws Problem `not_a_table` when there is none, `too_many_columns`, `encoding_invalid` for the first row of arrays,
 * and as `readRecords`; when there are only rejects, the reason of the first.
 */
export async function* surveyTable(
  text: JsonText,
  separation: Separation,
  name: string,
  { options, progress }: Surveying,
): AsyncGenerator<ReadEvent, TablePlan> {
  text.scanner.startTable(separation);
  const tree = createKeyTree(options.limits.columns, text.scanner);
  const sample = createSample();
  let kind: RowKind | null = null;
  let hasRows = false;
  let complaint: Problem | undefined;
  for await (const records of readRecords(text, separation)) {
    if (records.type === 'reject') complaint ??= problemOf(records.reject);
    else {
      kind = records.scan.kind;
      hasRows = true;
      if (kind === 'objects') learnKeys(records, tree);
      else if (kind === 'arrays') sample.add(records, tree);
    }
    const event = progress(text);
    if (event) yield event;
  }
  if (!hasRows) throw complaint ?? new Problem('not_a_table', 'There are no rows. Send a file with some.');
  const plan = kind === 'arrays' ? planArrays(sample, options) : planOthers(kind ?? 'scalars', tree);
  return { name, tree, ...plan };
}

/** What the survey of a file needs besides its text. */
export interface Surveying {
  readonly options: ReadOptions;
  /** An event when enough was read since the last one. */
  readonly progress: (text: JsonText) => ReadEvent | null;
}

type Plan = Pick<TablePlan, 'kind' | 'columns' | 'headerRow' | 'headerRejects'>;

const CODES = { row_too_large: 'cell_too_large', too_deep: 'json_too_deep' } as const;

function problemOf({ code, detail }: { readonly code: string; readonly detail: string }): Problem {
  return new Problem(CODES[code as keyof typeof CODES] ?? 'json_invalid', detail);
}

function planOthers(kind: RowKind, tree: KeyTree): Plan {
  const columns = kind === 'scalars' ? ['value'] : columnNames(tree.finish());
  if (columns.length === 0) throw new Problem('not_a_table', 'No row has a member, so there are no columns.');
  return { kind, columns, headerRow: null, headerRejects: [] };
}

function planArrays({ rows, firstNumber }: Sample, { header, limits, isIdentifier }: ReadOptions): Plan {
  const first = rows[0]!;
  if (first.length === 0) throw new Problem('not_a_table', 'The first row is empty, so there are no columns.');
  if (first.length > limits.columns) {
    const detail = `The first row has ${first.length} cells; ${limits.columns} columns are allowed. Split the table.`;
    throw new Problem('too_many_columns', detail);
  }
  const isHeader = header === undefined ? hasHeader(rows, false, isIdentifier) : header === 'present';
  const columns = uniqueNames(isHeader ? first : first.map(() => null));
  if (!isHeader) return { kind: 'arrays', columns, headerRow: null, headerRejects: [] };
  return { kind: 'arrays', columns, headerRow: firstNumber, headerRejects: cutNames(first, firstNumber) };
}

/** Takes the keys of those rows that have any that the scanner does not know. */
function learnKeys({ scan, bytes }: Rows, tree: KeyTree): void {
  for (let i = 0; i < scan.rowCount; i++) {
    if (((scan.rows[6 * i + 4] ?? 0) & SLOW_ROW) === 0) continue;
    const line = bytes.subarray(scan.rows[6 * i + 1], scan.rows[6 * i + 2]);
    if (isUtf8(line)) readRow(line.toString('utf8'), tree);
  }
}

interface Sample {
  /** The first rows that are not null. */
  readonly rows: readonly (readonly Cell[])[];
  /** The number of the first of them. */
  readonly firstNumber: number;
  add(records: Rows, tree: KeyTree): void;
}

function createSample(): Sample {
  const rows: Cell[][] = [];
  let bytesLeft = SAMPLE_BYTES;
  let firstNumber = 0;
  return {
    rows,
    get firstNumber() {
      return firstNumber;
    },
    add({ scan, bytes, number }, tree) {
      for (let i = 0; i < scan.rowCount && rows.length < SAMPLE_ROWS && bytesLeft > 0; i++) {
        const [, start = 0, end = 0, , marks = 0, place = 0] = scan.rows.subarray(6 * i, 6 * i + 6);
        const row = bytes.subarray(start, end);
        if (marks & NULL_ROW) continue;
        if (rows.length === 0) firstNumber = number + place;
        if (isUtf8(row)) rows.push(cellsOf(row, tree));
        else if (rows.length === 0) throw invalidFirstRow();
        bytesLeft -= row.length;
      }
    },
  };
}

function cellsOf(row: Buffer, tree: KeyTree): Cell[] {
  const cells = readRow(row.toString('utf8'), tree).cells();
  return cells.map(({ text }) => text);
}

function invalidFirstRow(): Problem {
  const detail = 'The first row holds bytes that are invalid in its encoding. Name the right encoding, or fix the row.';
  return new Problem('encoding_invalid', detail);
}
