import type { Cell } from '../core/batch.ts';
import { aadhaar } from './detectors/aadhaar.ts';
import { type Detector, OTHER, VALID } from './detectors/detector.ts';
import { type HeaderMatch, headerWords, isDigitLike, matchHeader } from './header.ts';
import type { ColumnType, MaskKind, SensitiveFinding } from './profile.ts';

const DETECTORS: readonly Detector[] = [aadhaar];
/** A random column passes in `chance` of its values, a true one in nearly all; between lie dirty and mixed columns. */
const SEAL_SHARE = 0.6;
const SEAL_SHARE_WITH_HEADER = 0.2;
const WARN_SHARE = 0.2;
/** Among values of the right shape, so many times the share that chance gives is no chance, given enough of them. */
const WARN_TIMES_CHANCE = 3;
const WARN_VALUES = 5;

/** A finding together with how values of its kind are masked. */
export interface Screened extends SensitiveFinding {
  readonly maskKind: MaskKind;
}

/** Looks through one column for sensitive values; it counts and keeps none. */
export interface Screen {
  add(cells: readonly Cell[]): void;
  /** The strongest finding, or `null` when neither a value nor the header points to anything. */
  finish(filled: number, type: ColumnType): Screened | null;
}

interface Count {
  readonly detector: Detector;
  readonly header: HeaderMatch;
  shaped: number;
  valid: number;
  digitLike: boolean;
}

/** The screen of the column named `header`, with every detector. */
export function createScreen(header: string): Screen {
  const words = headerWords(header);
  const counts = DETECTORS.map((detector) => startCount(detector, words));
  return {
    add(cells) {
      for (const count of counts) tally(count, cells);
    },
    finish(filled, type) {
      const found = counts.map((count) => conclude(count, filled, type)).filter((finding) => finding !== null);
      return found.sort((a, b) => rank(b) - rank(a))[0] ?? null;
    },
  };
}

function startCount(detector: Detector, words: readonly string[]): Count {
  const header = matchHeader(words, detector.names, detector.hints);
  return { detector, header, shaped: 0, valid: 0, digitLike: false };
}

function tally(count: Count, cells: readonly Cell[]): void {
  const { test, length } = count.detector;
  const [shortest, longest] = length;
  for (let i = 0; i < cells.length; i++) {
    const value = cells[i];
    if (value === null || value === undefined || value.length < shortest || value.length > longest) continue;
    const verdict = test(value);
    if (verdict !== OTHER) count.shaped++;
    if (verdict === VALID) count.valid++;
  }
  if (count.header === 'name' && !count.digitLike) count.digitLike = cells.some((cell) => !!cell && isDigitLike(cell));
}

function conclude(count: Count, filled: number, type: ColumnType): Screened | null {
  if (count.valid === 0 && count.header === null) return null;
  const { kind, maskKind } = count.detector;
  const share = filled === 0 ? 0 : count.valid / filled;
  return { kind, maskKind, share, header: count.header !== null, decision: decide(count, share, filled, type) };
}

/**
 * - `seal` when 60 % of the values are valid, or 20 % with a word of the header;
 * - `seal` when the header names the kind and any value looks like a number, right or wrong: a mistyped number in an
 *   Aadhaar column is still somebody's. Dates, timestamps and booleans about the kind (`aadhaar_verified`) are not meant;
 * - `warn` when 20 % are valid, when those of the right shape are valid far more often than by chance, or when the
 *   header names the kind but no value looks like a number;
 * - `none` for the rest, such as random 12-digit order numbers, of which one in ten is valid.
 */
function decide(count: Count, share: number, filled: number, type: ColumnType): SensitiveFinding['decision'] {
  if (share >= SEAL_SHARE || (count.header !== null && share >= SEAL_SHARE_WITH_HEADER)) return 'seal';
  const named = count.header === 'name' && filled > 0 && !['date', 'timestamp', 'boolean'].includes(type);
  if (named) return count.digitLike ? 'seal' : 'warn';
  const far = count.valid >= WARN_VALUES && count.valid / count.shaped >= WARN_TIMES_CHANCE * count.detector.chance;
  return share >= WARN_SHARE || far ? 'warn' : 'none';
}

function rank(finding: SensitiveFinding): number {
  return { seal: 4, warn: 2, none: 0 }[finding.decision] + finding.share;
}
