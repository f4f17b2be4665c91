import { Problem } from '../../core/problem.ts';
import type { Page } from './pages.ts';
import { corrupt } from './problems.ts';
import type { Field } from './schema.ts';

/** The values of a leaf in one row: its levels from `start` up to but not including `end`. */
export interface LeafRow {
  readonly repetitions: Uint32Array | null;
  readonly definitions: Uint32Array | null;
  readonly texts: readonly string[];
  start: number;
  end: number;
  /** The text of the first value that is there. */
  text: number;
}

/** Goes over the rows of a leaf. */
export interface LeafReader {
  readonly leaf: Field;
  /** Moves to the next row. Only after `load` has made sure that it is held. */
  readonly row: LeafRow;
  /** Whether the next row is held in whole. */
  next(): boolean;
  /** Reads on until the next row is held in whole, after `next` has said that it is not. @throws Problem. */
  load(): Promise<void>;
  /** Whether no value is left. */
  isAtEnd(): Promise<boolean>;
}

/** Values and absent ones in one row: a list of more is no cell. */
const MAX_ROW_VALUES = 4 << 20;

/** A reader of the rows of `leaf` in `pages`. */
export function createLeafReader(leaf: Field, pages: AsyncGenerator<Page>): LeafReader {
  const row = { repetitions: null, definitions: null, texts: [], start: 0, end: 0, text: 0 } as {
    -readonly [K in keyof LeafRow]: LeafRow[K];
  };
  /** Levels held, and the end of the last page. */
  let count = 0;
  let textsBehind = 0;
  let isLast = false;

  function next(): boolean {
    const start = row.end;
    let end = start + 1;
    if (row.repetitions) while (end < count && row.repetitions[end] !== 0) end++;
    // A row of a leaf that repeats may go on in the next page.
    if (start >= count || (row.repetitions && end === count && !isLast)) return false;
    row.start = start;
    row.end = end;
    row.text = textsBehind;
    textsBehind += present(row, start, end);
    return true;
  }

  function present({ definitions }: LeafRow, start: number, end: number): number {
    if (!definitions) return end - start;
    let found = 0;
    for (let i = start; i < end; i++) if (definitions[i] === leaf.maxDefinition) found++;
    return found;
  }

  async function load(): Promise<void> {
    const { value: page, done } = await pages.next();
    if (done) isLast = true;
    else append(page);
    if (isLast && row.end >= count) throw corrupt('a column has fewer rows than the others');
  }

  function append(page: Page): void {
    const kept = count - row.end;
    if (kept + page.count > MAX_ROW_VALUES && kept > 0) {
      const detail = `A list in the column ${JSON.stringify(leaf.name.slice(0, 100))} has more than ${MAX_ROW_VALUES} values.`;
      throw new Problem('cell_too_large', `${detail} Split it.`);
    }
    if (kept === 0 && page.repetitions && page.repetitions[0] !== 0) throw corrupt('a row begins within another');
    const join = (held: Uint32Array | null, more: Uint32Array | null) =>
      held && more && kept > 0 ? concat(held.subarray(row.end, count), more) : more;
    row.repetitions = join(row.repetitions, page.repetitions);
    row.definitions = join(row.definitions, page.definitions);
    row.texts = kept > 0 ? [...row.texts.slice(textsBehind), ...page.texts] : page.texts;
    row.start = row.end = row.text = textsBehind = 0;
    count = kept + page.count;
  }

  return {
    leaf,
    row,
    next,
    load,
    async isAtEnd() {
      if (row.end < count) return false;
      const { value: page, done } = await pages.next();
      return done === true || page.count === 0;
    },
  };
}

function concat(a: Uint32Array, b: Uint32Array): Uint32Array {
  const both = new Uint32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
