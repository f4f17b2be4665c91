import { isUtf8 } from 'node:buffer';
import type { Cell } from '../core/batch.ts';
import { restoreBy, type Syntax } from './csv-scanner.ts';
import { withoutLineEnd } from './line-break.ts';
import { RAW_BYTES } from './reject-text.ts';

/** Ways that are tried before a row is given up; a row that can be read needs a few for each of its quotes. */
const MOST_STEPS = 10_000;
/** Wider rows are not tried: the search goes as deep as they have cells. */
const MOST_COLUMNS = 1000;

/**
 * The cells of a row whose quotes are wrong, if there is a way to read it that gives `columns` cells; else `null`.
 *
 * A quote that begins a cell is wrong if the quote that would close it is followed by text, or if none closes it. Such a
 * cell is taken, in this order: as it stands up to the next delimiter behind its closing quote; up to a later quote that
 * does end it, the quotes between being text; or without quotes, the first one being text. `line` is the row's bytes.
 */
export function repairRow(line: Buffer, syntax: Syntax, columns: number, cellLength: number): Cell[] | null {
  const bytes = withoutLineEnd(line);
  if (syntax.quote === null || syntax.delimiter === null || columns > MOST_COLUMNS) return null;
  if (bytes.length > RAW_BYTES || !bytes.includes(syntax.quote) || !isUtf8(bytes)) return null;
  const cells = search(bytes.toString('utf8'), syntax, syntax.delimiter, syntax.quote, columns);
  return cells?.every((cell) => (cell ?? '').length <= cellLength) ? cells : null;
}

/** A cell and the unit behind it. */
type Taken = readonly [cell: Cell, end: number];

function search(text: string, syntax: Syntax, delimiter: string, quote: string, columns: number): Cell[] | null {
  const restore = restoreBy(syntax);
  const failed = new Set<number>();
  let isWrong = false;
  let steps = 0;

  const endsAt = (at: number) => at === text.length || text.startsWith(delimiter, at);
  function nextEnd(from: number): number {
    const end = text.indexOf(delimiter, from);
    return end < 0 ? text.length : end;
  }
  /** As the scanner takes a cell with text behind its closing quote. */
  function asItStands(at: number, end: number): Taken {
    const cell = text.slice(at, end);
    const isOdd = cell.split(quote).length % 2 === 0;
    return [isOdd && cell.endsWith(quote) ? cell.slice(1, -1) : cell, end];
  }
  /** The ways to take the cell at `at`. */
  function* ways(at: number): Generator<Taken> {
    if (text[at] !== quote) {
      const end = nextEnd(at);
      yield [at === end ? null : text.slice(at, end), end];
      return;
    }
    const close = closingQuote(text, at + 1, quote, syntax.escaping);
    if (close !== null && endsAt(close + 1)) {
      yield [restore(text.slice(at + 1, close), true), close + 1];
      return;
    }
    isWrong = true;
    if (close !== null) yield asItStands(at, nextEnd(close));
    for (let later = text.indexOf(quote, at + 1); later >= 0; later = text.indexOf(quote, later + 1)) {
      if (endsAt(later + 1)) yield [text.slice(at + 1, later), later + 1];
    }
    yield [text.slice(at, nextEnd(at)), nextEnd(at)];
  }
  /** The cells from `at` on, `left` of them to the end of the row. */
  function take(at: number, left: number): Cell[] | null {
    const state = at * (MOST_COLUMNS + 1) + left;
    if (failed.has(state)) return null;
    for (const [cell, end] of ways(at)) {
      if (++steps > MOST_STEPS) return null;
      if (end === text.length && left === 1) return [cell];
      if (end === text.length || left === 1) continue;
      const isBlank = syntax.padded && text[end + delimiter.length] === ' ';
      const rest = take(end + delimiter.length + (isBlank ? 1 : 0), left - 1);
      if (rest) return [cell, ...rest];
    }
    failed.add(state);
    return null;
  }
  const cells = take(0, columns);
  return isWrong ? cells : null;
}

/** The first quote from `from` on that is neither doubled nor escaped. */
function closingQuote(text: string, from: number, quote: string, escaping: string | null): number | null {
  for (let at = from; at < text.length; at++) {
    if (text[at] === escaping && (text[at + 1] === quote || text[at + 1] === escaping)) at++;
    else if (text[at] === quote && text[at + 1] === quote) at++;
    else if (text[at] === quote) return at;
  }
  return null;
}
