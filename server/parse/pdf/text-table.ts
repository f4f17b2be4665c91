import type { Cell, Reject } from '../../core/batch.ts';
import { Problem } from '../../core/problem.ts';
import type { Budget } from '../budget.ts';
import type { ReadEvent, ReadLimits, TableStart } from '../format.ts';
import { TEXT_BYTES } from './caps.ts';
import { readingOrder } from './reading-order.ts';
import { rowEvents } from './row-events.ts';
import { lineText, type Word } from './words.ts';

/**
 * The text that is in no table, and what could not be read: one row a line, with the page and the line's number on it,
 * both from 1. What tables hold is left out, so that a sealed column's values do not stand here once more, plain.
 */
export interface TextTable {
  /** The text of a page. Each list of words has coordinates of its own. @throws Problem `unpacked_too_large`. */
  add(page: number, ...parts: readonly (readonly Word[])[]): void;
  /** A page that gave nothing, or not all. */
  reject(page: number, code: string, detail: string): void;
  readonly isEmpty: boolean;
  /** The dataset, of which `more` is said in its dialect. @throws Problem `too_many_rows`, `too_many_cells`. */
  events(more: TableStart['dialect']): Generator<ReadEvent>;
}

const COLUMNS = ['page', 'line', 'text'];

/** A table without text yet. Until the last page its text waits as UTF-8, 64 MiB of it at most. */
export function createTextTable(limits: ReadLimits, budget: Budget): TextTable {
  const pages: { page: number; text: Buffer }[] = [];
  const rejects: Reject[] = [];
  let bytes = 0;

  function add(page: number, ...parts: readonly (readonly Word[])[]): void {
    const lines = parts.flatMap(readingOrder).map(({ words }) => lineText(words));
    if (lines.length === 0) return;
    const text = Buffer.from(lines.join('\n'));
    bytes += text.length;
    if (bytes > TEXT_BYTES) throw tooLarge();
    pages.push({ page, text });
  }

  function* lines(): Generator<Cell[]> {
    for (const { page, text } of pages) {
      for (const [index, line] of text.toString().split('\n').entries()) {
        yield [String(page), String(index + 1), line];
      }
    }
  }

  function* events(more: TableStart['dialect']): Generator<ReadEvent> {
    yield { type: 'table', name: 'text', columns: COLUMNS, dialect: { kind: 'text', header: false, ...more } };
    yield* rowEvents(lines(), 1, limits, budget);
    for (const reject of rejects) yield { type: 'reject', reject };
  }

  return {
    add,
    reject: (page, code, detail) => void rejects.push({ row: page, code, detail, raw: '' }),
    get isEmpty() {
      return pages.length === 0 && rejects.length === 0;
    },
    events,
  };
}

function tooLarge(): Problem {
  return new Problem('unpacked_too_large', `The PDF has more than ${TEXT_BYTES} bytes of text. Split it.`);
}
