import { type Cell, GLANCES } from '../core/batch.ts';
import { readAmount, testAmount, testPercentage } from './amounts.ts';
import { settleNumber, testAnyNumber } from './any-number.ts';
import { DURATION_DIFFERS, TIME_WAY, testClock } from './clock.ts';
import { type DateOrder, dateOrder, testDate } from './dates.ts';
import { readMarks } from './marked-numbers.ts';
import { DIFFERS, FITS, WAYS } from './numbers.ts';
import type { Ambiguity, ColumnFormat, ColumnType } from './profile.ts';
import { CERTAIN_IP, testAddress, testEmail, testJson, testPhone, testUrl, testUuid } from './shapes.ts';
import { testTimestamp, timestampFormat } from './timestamps.ts';

/** A column's type, how its values are written, and whether any of them is written otherwise than its value is. */
export interface Typing {
  readonly type: ColumnType;
  readonly format: ColumnFormat;
  /** Of amounts the currency: an ISO 4217 code, or the sign where several share it. Of percentages `%`. */
  readonly unit: string | null;
  /** Why a column is text that could be more. */
  readonly ambiguous: Ambiguity | null;
  readonly differs: boolean;
}

/** Settles the type of one column by elimination. */
export interface Typer {
  /** Whether the cells so far are texts in which other things may stand: of no type, JSON or addresses of the web. */
  readonly holdsText: boolean;
  /** Sees more cells of the column, and what they are at a glance; empty ones count for no type and against none. */
  add(cells: readonly Cell[], glances?: Uint8Array): void;
  /** The type that every cell so far has. A column without a value, or whose values read two ways, is text. */
  finish(): Typing;
}

/**
 * Types told by one test, which says in which ways a text can be read and what was seen in it (`numbers.ts`). `settle` is
 * given the ways that all values have and what was seen in any of them.
 */
interface Family {
  readonly test: (text: string) => number;
  /** The verdicts on what a glance tells all of, by `GLANCES`; `ASK` for the others. */
  readonly known?: readonly number[];
  readonly settle: (ways: number, seen: number) => (Partial<Typing> & Pick<Typing, 'type'>) | null;
  /** Whether other things may stand in a text of this type. */
  readonly text?: boolean;
}

const one = (type: ColumnType) => () => ({ type });
const ASK = -1;
const ASK_ALL = Object.values(GLANCES).map(() => ASK);

/** What `test` says of an example says it of all that are like it at a glance. */
function knownBy(test: Family['test'], examples: Partial<Record<keyof typeof GLANCES, string>>): readonly number[] {
  return Object.keys(GLANCES).map((name) => {
    const example = examples[name as keyof typeof GLANCES];
    return example === undefined ? ASK : test(example);
  });
}

/** In the order in which they are asked at the end. */
const FAMILIES: readonly Family[] = [
  { test: testAddress, settle: (_, seen) => ((seen & CERTAIN_IP) === 0 ? null : { type: 'ip' }) },
  { test: testAnyNumber, known: knownBy(testAnyNumber, { integer: '7', decimal: '7.5' }), settle: settleNumber },
  { test: testBoolean, settle: one('boolean') },
  {
    test: testDate,
    known: knownBy(testDate, { day: '2024-02-28' }),
    settle: (ways) => settleMoment('date', dateOrder(ways)),
  },
  { test: testClock, settle: settleClock },
  { test: testTimestamp, settle: (ways) => settleMoment('timestamp', timestampFormat(ways)) },
  { test: testPercentage, settle: settlePercentage },
  { test: testUuid, settle: one('uuid') },
  { test: testUrl, settle: one('url'), text: true },
  { test: testEmail, known: knownBy(testEmail, { email: 'a@example.org' }), settle: one('email') },
  { test: testPhone, known: knownBy(testPhone, { phone: '+91 70000 12345' }), settle: one('phone') },
  { test: testJson, settle: one('json'), text: true },
];
const TEXT: Typing = { type: 'text', format: null, unit: null, ambiguous: null, differs: false };

interface Candidate extends Family {
  /** The ways that all cells so far have: all of them before the first, none after one that did not fit. */
  ways: number;
  seen: number;
}

/**
 * The typer of one column. A family is dropped at the first value that it does not fit, so each value costs about one test
 * however many types there are, and what remains was true of every value.
 */
export function createTyper(): Typer {
  let alive: Candidate[] = [...FAMILIES, createAmounts()].map((family) => ({ ...family, ways: WAYS, seen: 0 }));
  return {
    get holdsText() {
      return alive.every(({ text }) => text === true);
    },
    add(cells, glances) {
      if (alive.length === 0) return;
      for (const candidate of alive) look(candidate, cells, glances);
      if (alive.some(({ ways }) => ways === 0)) alive = alive.filter(({ ways }) => ways !== 0);
    },
    finish() {
      for (const { settle, ways, seen } of alive) {
        const settled = ways === WAYS ? null : settle(ways, seen);
        if (settled !== null) return { ...TEXT, differs: (seen & DIFFERS) !== 0, ...settled };
      }
      return TEXT;
    },
  };
}

function look(candidate: Candidate, cells: readonly Cell[], glances: Uint8Array | undefined): void {
  const { test, known = ASK_ALL } = candidate;
  let { ways, seen } = candidate;
  for (let i = 0; i < cells.length && ways !== 0; i++) {
    // What is known of a glance is known without a look at the cell.
    let verdict = glances === undefined ? ASK : known[glances[i]!]!;
    if (verdict === ASK) {
      const text = cells[i];
      if (text === null || text === undefined || text.length === 0) continue;
      verdict = test(text);
    }
    ways &= verdict;
    seen |= verdict;
  }
  candidate.ways = ways;
  candidate.seen = seen;
}

/** Amounts of money: all of the same currency. */
function createAmounts(): Family {
  let currency: string | undefined;
  return {
    test(text) {
      const amount = readAmount(text);
      if (amount === undefined || (currency !== undefined && amount.unit !== currency)) return 0;
      currency = amount.unit;
      return testAmount(amount);
    },
    settle: (ways, seen) => settleMarks('currency', currency!, ways, seen),
  };
}

function testBoolean(text: string): number {
  if (text === 'true' || text === 'false') return FITS;
  if (text.length > 5) return 0;
  const lower = text.toLowerCase();
  return lower === 'true' || lower === 'false' ? FITS | DIFFERS : 0;
}

function settleMoment(
  type: 'date' | 'timestamp',
  format: DateOrder | 'utc' | 'local' | null,
): Partial<Typing> & Pick<Typing, 'type'> {
  return format === null ? { type: 'text', ambiguous: 'date_order', differs: false } : { type, format };
}

/** What could be a time of day in every value is one: `10:30:15` is rather that than ten hours and a half. */
function settleClock(ways: number, seen: number) {
  if ((ways & TIME_WAY) !== 0) return { type: 'time' as const };
  return { type: 'duration' as const, differs: (seen & DURATION_DIFFERS) !== 0 };
}

/** Without groups and commas a point is a decimal mark, `12.125 %`, as in any number. */
function settlePercentage(ways: number, seen: number) {
  if ((ways & FITS) !== 0) return { type: 'percentage' as const, format: 'point' as const, unit: '%', differs: true };
  return settleMarks('percentage', '%', ways, seen);
}

function settleMarks(type: 'currency' | 'percentage', unit: string, ways: number, seen: number) {
  const marks = readMarks(ways, seen);
  if (marks === null) return null;
  if ('ambiguous' in marks) return { type: 'text' as const, ...marks, differs: false };
  return { type, format: marks.mark === '.' ? ('point' as const) : ('comma' as const), unit, differs: true };
}
