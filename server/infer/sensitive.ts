import { type Cell, GLANCES } from '../core/batch.ts';
import { DETECTORS } from './detectors/all.ts';
import { type Detector, OTHER, VALID } from './detectors/detector.ts';
import { bare, candidates, createDispatch, type Dispatch, fits, wholeValue } from './detectors/dispatch.ts';
import { type Header, type HeaderMatch, isDigitLike, matchHeader, readHeader } from './header.ts';
import { isHidden, POLICY, type Policy, type Treatment, treatmentOf } from './policy.ts';
import type { ColumnType, SensitiveFinding } from './profile.ts';
import { type TaughtKind, taughtDetector } from './taught.ts';

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

const NO_KINDS: ReadonlySet<string> = new Set();

/** Columns of these types only tell something about an identifier. */
const NO_IDENTIFIERS: readonly ColumnType[] = ['date', 'time', 'timestamp', 'duration', 'boolean', 'percentage'];

/**
 * All kinds are looked for in the first eight batches and then in ever fewer, down to one of 16; identifiers, since a column
 * is sealed for them, in every batch once the header or a value points to one. Between two looks lies at most an eighth of
 * the rows before, so that a run of 20 % of the rows cannot lie there unseen. What the first eight batches are beyond doubt,
 * the column is, whatever follows. Of a later batch one cell in four is looked at, each time from another one on.
 */
const WIDEST_STEP = 16;
const STEP_SHARE = 8;
const SETTLED_BATCHES = 8;
const SAMPLE = 4;

/** What is looked for in the columns of a table, and what becomes of it. */
export interface Kit {
  readonly policy: Policy;
  readonly detectors: readonly Detector[];
  readonly every: Dispatch;
  /** Of those whose values are sealed or masked. */
  readonly hidden: Dispatch;
}

/** The kit of a policy and taught kinds; it can serve many tables. */
export function createKit(policy: Policy, taught: readonly TaughtKind[]): Kit {
  const all = [...DETECTORS, ...taught.map(taughtDetector)];
  const detectors = all.filter(({ kind }) => treatmentOf(policy, kind) !== 'leave');
  const hides = (detector: Detector) => isBuiltIn(detector) && isHidden(treatmentOf(policy, detector.kind));
  return { policy, detectors, every: createDispatch(detectors, isBuiltIn), hidden: createDispatch(detectors, hides) };
}

/** Taught kinds are judged by their patterns alone. */
function isBuiltIn({ kind }: Detector): boolean {
  return Object.hasOwn(POLICY, kind);
}

/** The kit without a policy and kinds of one's own. */
export const USUAL_KIT: Kit = createKit({}, []);

/** Looks through one column for sensitive values; it counts and keeps none. */
export interface Screen {
  /** Whether the column is to be sealed or masked as a whole, whatever follows. */
  readonly settled: boolean;
  /** Looks at more cells of the column, given what they are at a glance, and returns how many of them hold something. */
  add(cells: readonly Cell[], glances?: Uint8Array): number;
  /**
   * The strongest finding, or `null` when neither a value nor the header points to anything. Of `kinds`, which other columns
   * of the table are found to be, a single value is enough if most of its shape are valid.
   */
  finish(type: ColumnType, kinds?: ReadonlySet<string>): SensitiveFinding | null;
}

interface Count {
  readonly detector: Detector;
  readonly treatment: Treatment;
  readonly test: Detector['test'];
  readonly header: HeaderMatch;
  /** Non-empty cells looked at, values among them of the detector's shape, and those of them that are valid. */
  filled: number;
  shaped: number;
  valid: number;
  /** Whether any value looks like a number; asked below a header that names an identifier. */
  digitLike: boolean;
  /** Whether the first batches were of this kind beyond doubt. */
  settled: boolean;
}

/** The detectors that look at the cells of one batch: those that the dispatch gives, and those that look at each. */
interface Lookout {
  readonly dispatch: Dispatch;
  readonly counts: readonly Count[];
  /** Those that the header asks for, and taught ones. */
  readonly each: readonly Count[];
}

/** The screen of the column named `header`. */
export function createScreen(header: string, kit: Kit = USUAL_KIT): Screen {
  const read = readHeader(header);
  const counts = kit.detectors.map((detector) => startCount(detector, read, treatmentOf(kit.policy, detector.kind)));
  const hidden = counts.filter(hides);
  const named = hidden.filter((count) => count.header === 'name');
  const [all, some] = [lookout(kit.every, counts, counts), lookout(kit.hidden, counts, hidden)];
  let awake = hidden.some((count) => count.header !== null);
  let batches = 0;
  let next = 0;
  let settled = false;
  return {
    get settled() {
      return settled;
    },
    add(cells, glances) {
      const whole = batches === next;
      if (whole) next += Math.min(WIDEST_STEP, 1 + Math.floor(batches / STEP_SHARE));
      batches++;
      if (!whole && (!awake || settled)) return filledCells(cells, glances);
      const step = batches <= SETTLED_BATCHES ? 1 : SAMPLE;
      const looked = look(whole ? all : some, cells, batches % step, step);
      for (const count of whole ? counts : hidden) count.filled += looked;
      for (const count of named) count.digitLike ||= cells.some((cell) => !!cell && isDigitLike(cell));
      awake ||= hidden.some((count) => count.shaped > 0);
      if (batches === SETTLED_BATCHES) settled = settle(hidden);
      return step === 1 ? looked : filledCells(cells, glances);
    },
    finish(type, kinds = NO_KINDS) {
      const found = counts.filter((count) => count.valid > 0 || count.header !== null);
      return found.map((count) => conclude(count, type, kinds)).sort((a, b) => b.rank - a.rank)[0]?.finding ?? null;
    },
  };
}

function lookout(dispatch: Dispatch, counts: readonly Count[], wanted: readonly Count[]): Lookout {
  const below = wanted.filter(({ detector, header }) => detector.header === 'needed' && header !== null);
  const taught = wanted.filter(({ detector }) => detector.header !== 'needed' && !isBuiltIn(detector));
  return { dispatch, counts, each: [...below, ...taught] };
}

/** Settles the kinds that are beyond doubt. */
function settle(counts: readonly Count[]): boolean {
  for (const count of counts) count.settled = count.filled > 0 && shareOf(count) >= enough(count);
  return counts.some((count) => count.settled);
}

function hides({ treatment }: Count): boolean {
  return isHidden(treatment);
}

function shareOf({ filled, valid }: Count): number {
  return filled === 0 ? 0 : valid / filled;
}

function startCount(detector: Detector, read: Header, treatment: Treatment): Count {
  const header = matchHeader(read, detector.names, detector.hints);
  const { test } = detector;
  return { detector, treatment, test, header, filled: 0, shaped: 0, valid: 0, digitLike: false, settled: false };
}

/** Whatever tells something at a glance is filled. */
function filledCells(cells: readonly Cell[], glances: Uint8Array | undefined): number {
  let filled = 0;
  for (let i = 0; i < cells.length; i++) {
    if ((glances !== undefined && glances[i] !== GLANCES.unknown) || cells[i]) filled++;
  }
  return filled;
}

/** Looks at each `step`th cell from `start` on, and returns how many of them hold something. */
function look(lookout: Lookout, cells: readonly Cell[], start: number, step: number): number {
  let filled = 0;
  for (let i = start; i < cells.length; i += step) {
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
  for (let i = 0; i < lookout.each.length; i++) judgeWhole(lookout.each[i]!, text);
}

/** Judges a value as it stands, or with its groups joined where the detector has no marks. */
function judgeWhole(count: Count, text: string): void {
  const value = wholeValue(count.detector, text);
  if (fits(count.detector, value)) judge(count, value);
}

function judge(count: Count, value: string): void {
  const verdict = count.test(value);
  if (verdict === OTHER) return;
  count.shaped++;
  if (verdict === VALID) count.valid++;
}

/** Ranked by the decision, then by the share, which counts for more the less likely it is by chance. */
function conclude(
  count: Count,
  type: ColumnType,
  kinds: ReadonlySet<string>,
): { finding: SensitiveFinding; rank: number } {
  const { kind, chance } = count.detector;
  const share = shareOf(count);
  const decision = decide(count, share, type, kinds.has(kind));
  const rank = { seal: 4, mask: 4, warn: 2, none: 0 }[decision] + share * (1.01 - chance);
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
function decide(count: Count, share: number, type: ColumnType, isKnown: boolean): SensitiveFinding['decision'] {
  const { detector, treatment } = count;
  const { kind, chance } = detector;
  if (treatment === 'leave' || count.filled === 0 || (NO_IDENTIFIERS.includes(type) && kind !== 'birth_date'))
    return 'none';
  const named = count.header === 'name' && isHidden(treatment);
  const isStray = isKnown && detector.header !== 'needed' && count.valid > 0 && count.valid >= SHARE * count.shaped;
  if (isStray || count.settled || share >= enough(count) || (named && (count.shaped > 0 || count.digitLike)))
    return treatment;
  const far = count.valid >= WARN_VALUES && count.valid / count.shaped >= WARN_TIMES_CHANCE * chance;
  return named || far || share >= Math.max(WARN_SHARE, TIMES_CHANCE * chance) ? 'warn' : 'none';
}

/** The share of valid values with which a column is beyond doubt. */
function enough({ detector, header }: Count): number {
  if (detector.share !== undefined) return detector.share;
  if (detector.header === 'needed') return SHARE;
  if (header !== null) return Math.max(SHARE_WITH_HEADER, TIMES_CHANCE_WITH_HEADER * detector.chance);
  return Math.max(SHARE, TIMES_CHANCE * detector.chance);
}
