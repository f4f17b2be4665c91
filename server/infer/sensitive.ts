import type { Cell } from '../core/batch.ts';
import { DETECTORS } from './detectors/all.ts';
import { ANY_MARK } from './detectors/characters.ts';
import { type Detector, OTHER, VALID } from './detectors/detector.ts';
import { bare, candidates, createDispatch, type Dispatch, fits } from './detectors/dispatch.ts';
import { type Header, type HeaderMatch, isDigitLike, matchHeader, readHeader } from './header.ts';
import { POLICY } from './policy.ts';
import type { ColumnType, SensitiveFinding } from './profile.ts';

/** A random column passes in `chance` of its values, a true one in nearly all; between lie dirty and mixed columns. */
const SHARE = 0.6;
const SHARE_WITH_HEADER = 0.2;
const WARN_SHARE = 0.2;
/** A share is no evidence unless it is so many times what chance gives. */
const TIMES_CHANCE = 2;
const TIMES_CHANCE_WITH_HEADER = 1.5;
/** Among values of the right shape, so many times the share that chance gives is no chance, given enough of them. */
const WARN_TIMES_CHANCE = 3;
const WARN_VALUES = 5;

/** Columns of these types only tell something about an identifier. */
const NO_IDENTIFIERS: readonly ColumnType[] = ['date', 'time', 'timestamp', 'duration', 'boolean', 'percentage'];

/**
 * All kinds are looked for in the first eight batches and then in ever fewer, down to one of 16; identifiers, since a column
 * is sealed for them, in every batch once the header or a value points to one. Between two looks lies at most an eighth
 * of the rows before, so that a run of 20 % of the rows cannot lie there unseen.
 */
const WIDEST_STEP = 16;
const STEP_SHARE = 8;
const EVERY_KIND = createDispatch(DETECTORS, () => true);
const SEALED_KINDS = createDispatch(DETECTORS, isSealed);

/** Looks through one column for sensitive values; it counts and keeps none. */
export interface Screen {
  /** Looks at more cells of the column, and returns how many of them hold something. */
  add(cells: readonly Cell[]): number;
  /** The strongest finding, or `null` when neither a value nor the header points to anything. */
  finish(type: ColumnType): SensitiveFinding | null;
}

interface Count {
  readonly detector: Detector;
  readonly test: Detector['test'];
  readonly header: HeaderMatch;
  /** Non-empty cells looked at, values among them of the detector's shape, and those of them that are valid. */
  filled: number;
  shaped: number;
  valid: number;
  /** Whether any value looks like a number; asked below a header that names an identifier. */
  digitLike: boolean;
}

/** The detectors that look at the cells of one batch: by their values, and because the header asks for them. */
interface Lookout {
  readonly dispatch: Dispatch;
  readonly counts: readonly Count[];
  readonly below: readonly Count[];
}

/** The screen of the column named `header`, with every detector. */
export function createScreen(header: string): Screen {
  const read = readHeader(header);
  const counts = DETECTORS.map((detector) => startCount(detector, read));
  const sealed = counts.filter((count) => isSealed(count.detector));
  const named = sealed.filter((count) => count.header === 'name');
  const below = counts.filter((count) => count.detector.header === 'needed' && count.header !== null);
  const all: Lookout = { dispatch: EVERY_KIND, counts, below };
  const some: Lookout = { dispatch: SEALED_KINDS, counts, below: below.filter((count) => isSealed(count.detector)) };
  let awake = sealed.some((count) => count.header !== null);
  let batches = 0;
  let next = 0;
  return {
    add(cells) {
      const whole = batches === next;
      if (whole) next += Math.min(WIDEST_STEP, 1 + Math.floor(batches / STEP_SHARE));
      batches++;
      if (!whole && !awake) return filledCells(cells);
      const filled = look(whole ? all : some, cells);
      for (const count of whole ? counts : sealed) count.filled += filled;
      for (const count of named) count.digitLike ||= cells.some((cell) => !!cell && isDigitLike(cell));
      awake ||= sealed.some((count) => count.shaped > 0);
      return filled;
    },
    finish(type) {
      const found = counts.filter((count) => count.valid > 0 || count.header !== null);
      return found.map((count) => conclude(count, type)).sort((a, b) => b.rank - a.rank)[0]?.finding ?? null;
    },
  };
}

function isSealed(detector: Detector): boolean {
  return POLICY[detector.kind] === 'seal';
}

function startCount(detector: Detector, header: Header): Count {
  const match = matchHeader(header, detector.names, detector.hints);
  return { detector, test: detector.test, header: match, filled: 0, shaped: 0, valid: 0, digitLike: false };
}

function filledCells(cells: readonly Cell[]): number {
  let filled = 0;
  for (let i = 0; i < cells.length; i++) if (cells[i]) filled++;
  return filled;
}

/** Looks at the cells and returns how many hold something. */
function look(lookout: Lookout, cells: readonly Cell[]): number {
  let filled = 0;
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i];
    if (!cell) continue;
    filled++;
    tally(lookout, cell);
  }
  return filled;
}

function tally(lookout: Lookout, text: string): void {
  let value = text;
  let places = candidates(lookout.dispatch, text);
  if (places === null) {
    value = bare(text);
    places = candidates(lookout.dispatch, value) ?? [];
  }
  for (let i = 0; i < places.length; i++) judge(lookout.counts[places[i]!]!, value);
  for (let i = 0; i < lookout.below.length; i++) judgeBelow(lookout.below[i]!, text);
}

/** Below a header that asks for it, a value is judged as it stands and with its groups joined. */
function judgeBelow(count: Count, text: string): void {
  const value = count.detector.marks === ANY_MARK ? text.trim() : bare(text);
  if (fits(count.detector, value)) judge(count, value);
}

function judge(count: Count, value: string): void {
  const verdict = count.test(value);
  if (verdict === OTHER) return;
  count.shaped++;
  if (verdict === VALID) count.valid++;
}

/** Ranked by the decision, then by the share, which counts for more the less likely it is by chance. */
function conclude(count: Count, type: ColumnType): { finding: SensitiveFinding; rank: number } {
  const { kind, chance } = count.detector;
  const share = count.filled === 0 ? 0 : count.valid / count.filled;
  const decision = decide(count, share, type);
  const rank = { seal: 4, warn: 2, none: 0 }[decision] + share * (1.01 - chance);
  return { finding: { kind, share, header: count.header !== null, decision }, rank };
}

/**
 * - Found: 60 % of the values are valid, or 20 % with a word of the header; where only the header can tell, 60 % with it.
 *   Or, for identifiers, the header names the kind and any value looks like a number, right or wrong: a mistyped number
 *   in an Aadhaar column is still somebody's. What is found is sealed or reported as `POLICY` says.
 * - `warn`: 20 % are valid, or those of the right shape are valid far more often than by chance, or the header names an
 *   identifier but no value looks like one.
 * - `none` for the rest, such as random 12-digit order numbers, of which one in ten is valid, and for dates and booleans
 *   that only tell something about an identifier.
 */
function decide(count: Count, share: number, type: ColumnType): SensitiveFinding['decision'] {
  const { kind, chance } = count.detector;
  if (count.filled === 0 || (NO_IDENTIFIERS.includes(type) && kind !== 'birth_date')) return 'none';
  const named = count.header === 'name' && isSealed(count.detector);
  if (share >= enough(count) || (named && (count.shaped > 0 || count.digitLike))) return POLICY[kind];
  const far = count.valid >= WARN_VALUES && count.valid / count.shaped >= WARN_TIMES_CHANCE * chance;
  return named || far || share >= Math.max(WARN_SHARE, TIMES_CHANCE * chance) ? 'warn' : 'none';
}

/** The share of valid values with which a column is beyond doubt. */
function enough({ detector, header }: Count): number {
  if (detector.header === 'needed') return SHARE;
  if (header !== null) return Math.max(SHARE_WITH_HEADER, TIMES_CHANCE_WITH_HEADER * detector.chance);
  return Math.max(SHARE, TIMES_CHANCE * detector.chance);
}
