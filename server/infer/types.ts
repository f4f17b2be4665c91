import type { Cell } from '../core/batch.ts';
import { isoDate, testDate } from './dates.ts';
import { DIFFERS, FITS, FRACTION, testNumber } from './numbers.ts';
import type { ColumnFormat, ColumnType } from './profile.ts';
import { testTimestamp, timestampText } from './timestamps.ts';

/** A column's type, how its values are written, and whether any of them is written otherwise than its value is. */
export interface Typing {
  readonly type: ColumnType;
  readonly format: ColumnFormat;
  readonly differs: boolean;
}

/** Settles the type of one column by elimination. */
export interface Typer {
  /** Sees more cells of the column; empty ones count for no type and against none. */
  add(cells: readonly Cell[]): void;
  /** The type that every cell so far has. A column without a value, or with dates that read two ways, is text. */
  finish(): Typing;
}

/** A typed value as it is stored: numbers and booleans (1, 0) as numbers, dates and timestamps as sortable text. */
export type TypedValue = string | number;

interface Candidate {
  readonly type: ColumnType;
  readonly format: ColumnFormat;
  /** 0 when the text does not fit, else bits of `numbers.ts`. */
  readonly test: (text: string) => number;
}

const CANDIDATES: readonly Candidate[] = [
  { type: 'integer', format: null, test: testNumber },
  { type: 'boolean', format: null, test: testBoolean },
  { type: 'date', format: 'ymd', test: (text) => testDate(text, 'ymd') },
  { type: 'date', format: 'dmy', test: (text) => testDate(text, 'dmy') },
  { type: 'date', format: 'mdy', test: (text) => testDate(text, 'mdy') },
  { type: 'timestamp', format: 'utc', test: (text) => testTimestamp(text, true) },
  { type: 'timestamp', format: 'local', test: (text) => testTimestamp(text, false) },
];
const TEXT: Typing = { type: 'text', format: null, differs: false };

/**
 * The typer of one column. A candidate is dropped at the first value that it does not fit, so each value costs about
 * one test however many types there are, and what remains was true of every value.
 */
export function createTyper(): Typer {
  let alive = CANDIDATES.map((candidate) => ({ candidate, seen: 0 }));
  return {
    add(cells) {
      if (alive.length === 0) return;
      for (const state of alive) state.seen = fits(cells, state.candidate.test, state.seen);
      if (alive.some((state) => state.seen < 0)) alive = alive.filter((state) => state.seen >= 0);
    },
    finish() {
      const [only, another] = alive;
      if (only === undefined || another !== undefined || only.seen === 0) return TEXT;
      const { type, format } = only.candidate;
      const settled = type === 'integer' && (only.seen & FRACTION) !== 0 ? 'decimal' : type;
      return { type: settled, format, differs: (only.seen & DIFFERS) !== 0 };
    },
  };
}

/** The bits that all cells had together with `seen`, or -1 when one does not fit. */
function fits(cells: readonly Cell[], test: (text: string) => number, seen: number): number {
  let bits = seen;
  for (let i = 0; i < cells.length; i++) {
    const text = cells[i];
    if (text === null || text === undefined || text.length === 0) continue;
    const verdict = test(text);
    if (verdict === 0) return -1;
    bits |= verdict;
  }
  return bits;
}

function testBoolean(text: string): number {
  if (text === 'true' || text === 'false') return FITS;
  if (text.length > 5) return 0;
  const lower = text.toLowerCase();
  return lower === 'true' || lower === 'false' ? FITS | DIFFERS : 0;
}

/**
 * The value to store for a non-empty text of a column of this type, or `undefined` when the text does not have the type.
 * `valueText` of what is returned is the text again unless the typing `differs`.
 */
export function typedValue(text: string, type: ColumnType, format: ColumnFormat): TypedValue | undefined {
  if (type === 'text') return text;
  if (type === 'integer' || type === 'decimal') return testNumber(text) === 0 ? undefined : Number(text) + 0;
  if (type === 'boolean') return testBoolean(text) === 0 ? undefined : Number(text.toLowerCase() === 'true');
  if (type === 'timestamp') return timestampText(text, format === 'utc');
  return isoDate(text, format === 'dmy' || format === 'mdy' ? format : 'ymd');
}

/**
 * Whether a text that has this type is what `valueText` makes of its value, so that the value alone keeps it. Told from
 * the text's form: to write a number out again costs twenty times as much.
 */
export function isOwnText(text: string, type: ColumnType, format: ColumnFormat): boolean {
  if (type === 'text') return true;
  if (type === 'integer' || type === 'decimal') return (testNumber(text) & DIFFERS) === 0;
  if (type === 'boolean') return (testBoolean(text) & DIFFERS) === 0;
  if (type === 'timestamp') return (testTimestamp(text, format === 'utc') & DIFFERS) === 0;
  return format === 'ymd' && (testDate(text, 'ymd') & DIFFERS) === 0;
}

/** The text that a stored value is written as: `12.5`, `true`, `2024-02-29`, `2024-02-29T18:29:59.5Z`. */
export function valueText(value: TypedValue, type: ColumnType, format: ColumnFormat): string {
  if (type === 'boolean') return value === 1 ? 'true' : 'false';
  return format === 'utc' ? `${value}Z` : String(value);
}
