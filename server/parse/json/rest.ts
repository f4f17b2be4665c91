import { isUtf8 } from 'node:buffer';
import type { Batch, Reject } from '../../core/batch.ts';
import { Problem } from '../../core/problem.ts';
import { failedReject, invalidTextReject, type RejectContext } from '../csv-rejects.ts';
import type { Failure } from '../csv-scanner.ts';
import type { ReadLimits } from '../format.ts';
import { RAW_BYTES, rawText } from '../reject-text.ts';
import { columnNames, createKeyTree, type KeyNode } from './keys.ts';
import { createRowBuilder } from './row-builder.ts';
import { createRowLog, type RowCell } from './row-log.ts';
import { readValue } from './row-reader.ts';
import { repeatedReject } from './table.ts';
import type { Taken } from './take.ts';

/** The table of one row that the members of an object beside its tables make. */
export interface RestTable {
  readonly columns: readonly string[];
  readonly batch: Batch;
  readonly rejects: readonly Reject[];
}

/** Gathers what an object holds besides arrays of objects. */
export interface Rest {
  /** The members of the object at `key` come, up to `leave`. */
  enter(key: string): void;
  leave(): void;
  /** @throws Problem `too_many_columns`, `cell_too_large` when all together are too long to be held. */
  value(key: string, value: Taken): void;
  /** The table; `null` when nothing was gathered, or only nulls beside tables. */
  finish(isAlone: boolean): RestTable | null;
}

/** Nothing gathered yet. `longest` is how many units of text may be held; `encoding` is for messages. */
export function createRest(limits: ReadLimits, longest: number, encoding: string): Rest {
  const tree = createKeyTree(limits.columns, null);
  const log = createRowLog();
  const refused: { key: KeyNode; bytes: Buffer; isInvalid: boolean }[] = [];
  let here = tree.root;
  let units = 0;

  function refuse(key: KeyNode, bytes: Buffer, isInvalid: boolean): void {
    refused.push({ key, bytes: bytes.subarray(0, RAW_BYTES + 4), isInvalid });
    tree.see(key, false);
  }

  function take(key: KeyNode, { bytes, isWhole }: Taken): void {
    const isInvalid = isWhole && !isUtf8(bytes);
    const cell = isWhole && !isInvalid ? readValue(bytes.toString('utf8')) : null;
    const length = cell?.text?.length ?? 0;
    if (cell === null || length > limits.cellLength) {
      refuse(key, bytes, isInvalid);
      return;
    }
    units += length;
    if (units > longest)
      throw new Problem('cell_too_large', 'The members beside the tables are too long. Shorten them.');
    tree.see(key, cell.text === null);
    log.put({ at: key, ...cell });
  }

  function rejects(columns: number): Reject[] {
    const context: RejectContext = { columns, header: false, ragged: 'reject', limits };
    const all = refused.map(({ key, bytes, isInvalid }) => {
      const failure: Failure = { reason: 'cell_too_large', cellStart: 0, column: key.column };
      return isInvalid
        ? { ...invalidTextReject(1, bytes, encoding), column: key.column }
        : failedReject(1, failure, bytes, context);
    });
    if (log.repeated === null) return all;
    const dropped = log.dropped.map(({ text, raw }) => raw ?? text).join('\n');
    return [...all, repeatedReject(1, log.repeated.column, rawText(Buffer.from(dropped)))];
  }
  return {
    enter(name) {
      here = tree.child(here, name);
      log.enter(here);
    },
    leave() {
      log.leave();
      here = here.parent!;
    },
    value(name, taken) {
      const key = tree.child(here, name);
      log.enter(key);
      take(key, taken);
      log.leave();
    },
    finish(isAlone) {
      const columns = tree.finish();
      const cells = log.cells();
      const isNothing = cells.every(({ text }) => text === null) && refused.length === 0 && log.dropped.length === 0;
      if (columns.length === 0 || (isNothing && !isAlone)) return null;
      const batch = batchOf(cells, columns.length, limits.cellLength);
      return { columns: columnNames(columns), batch, rejects: rejects(columns.length) };
    },
  };
}

function batchOf(cells: readonly RowCell[], columns: number, cellLength: number): Batch {
  const builder = createRowBuilder(columns, null, cellLength);
  for (const { at, ...cell } of cells) if (typeof at !== 'number' && cell.text !== null) builder.put(at.column, cell);
  builder.advance();
  return builder.take()!;
}
