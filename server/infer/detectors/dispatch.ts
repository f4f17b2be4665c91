import { ANY_MARK, characterClass, isDigit, markOf, SPACE_CLASS } from './characters.ts';
import type { Detector } from './detector.ts';

const LONGEST = 128;
const ZERO = 48;
const POINT = 46;
const GROUPS_MARK = 1;
const NONE: readonly number[] = [];
const OPEN = 1;
const JOINABLE = 2;
const MARKED = 4;

/** Tells which detectors could recognise a value, by its length, its first and last character and its mark. */
export interface Dispatch {
  /** Places in the list of detectors, by length (shifted by 7), class of the first and the last character, and mark. */
  readonly places: readonly (readonly number[])[];
  /**
   * Of the same keys without the mark: `OPEN` if a detector may take a value in one run, `MARKED` if one takes other marks,
   * `JOINABLE` if joining groups may lead to one.
   */
  readonly open: Uint8Array;
}

/** The dispatch to those of `detectors` for which `takes` is true and that need no header. */
export function createDispatch(detectors: readonly Detector[], takes: (detector: Detector) => boolean): Dispatch {
  const places: (readonly number[])[] = new Array((LONGEST + 1) << 7).fill(NONE);
  const open = new Uint8Array((LONGEST + 1) << 4);
  for (const [place, detector] of detectors.entries()) {
    if (detector.header === 'needed' || !takes(detector)) continue;
    for (const key of keysOf(detector)) {
      places[key] = [...places[key]!, place];
      open[key >> 3]! |= (key & 7) === 0 ? OPEN : MARKED;
      if ((key & 7) === 0) openJoined(open, key >> 3);
    }
  }
  return { places, open };
}

function keysOf({ length, first, last, marks }: Detector): number[] {
  const bits = (set: number) => [0, 1, 2, 3, 4, 5].filter((bit) => (set >> bit) & 1);
  const lengths = Array.from({ length: Math.min(length[1], LONGEST) - length[0] + 1 }, (_, i) => length[0] + i);
  const ends = bits(first).flatMap((f) => bits(last).map((l) => (f << 5) | (l << 3)));
  return lengths.flatMap((n) => ends.flatMap((end) => bits(marks).map((mark) => (n << 7) | end | mark)));
}

/** What is written in groups, most of them of three characters or more, is longer by its separators. */
function openJoined(open: Uint8Array, key: number): void {
  const most = (key >> 4) / 2;
  for (let more = 1; more <= most && (key >> 4) + more <= LONGEST; more++) open[key + (more << 4)]! |= JOINABLE;
}

/**
 * The places of the detectors that could recognise `value` whatever its column's name; `null` for a value that is to be
 * made `bare` first. It is asked for every cell of a file: few are left with any detector, and those mostly with one.
 */
export function candidates({ places, open }: Dispatch, value: string): readonly number[] | null {
  const length = value.length;
  if (length === 0 || length > LONGEST) return NONE;
  const end = value.charCodeAt(length - 1);
  const first = characterClass(value.charCodeAt(0));
  const last = characterClass(end);
  if (first === SPACE_CLASS || last === SPACE_CLASS) return null;
  const key = (length << 4) | (first << 2) | last;
  const ways = open[key]!;
  if (ways === 0) return NONE;
  if (end === ZERO && isFloat(value)) return null;
  // Where the mark decides nothing, the detectors themselves find out that a value is not in one run, and sooner.
  const mark = (ways & MARKED) === 0 ? 0 : markOf(value);
  if (mark <= GROUPS_MARK && (ways & JOINABLE) !== 0 && isGrouped(value)) return null;
  return places[(key << 3) | mark]!;
}

/** Whether `value` has the length and the ends that the detector's values have. */
export function fits({ length, first, last }: Detector, value: string): boolean {
  if (value.length < length[0] || value.length > length[1]) return false;
  const ends =
    (first >> characterClass(value.charCodeAt(0))) & (last >> characterClass(value.charCodeAt(value.length - 1)));
  return (ends & 1) === 1;
}

/** `text` as the detector judges it: without space around it where it takes any mark, else `bare`. */
export function wholeValue({ marks }: Detector, text: string): string {
  return marks === ANY_MARK ? text.trim() : bare(text);
}

/**
 * `text` without space around it, without the `.0` that a whole number gains where a table held it as a float, and without
 * the spaces and hyphens between groups of letters and digits.
 */
export function bare(text: string): string {
  const value = text.trim();
  if (isFloat(value)) return value.slice(0, -2);
  return isGrouped(value) ? value.replace(/[ -]/g, '') : value;
}

/** Shorter numbers are no identifiers, and a version or an address may end in `.0` too. */
function isFloat(value: string): boolean {
  const point = value.length - 2;
  return point >= 8 && value.charCodeAt(point) === POINT && /^\d+\.0$/.test(value);
}

/** Whether the first group has at most five characters and a digit stands at its end or right after it, as in no name. */
function isGrouped(value: string): boolean {
  for (let i = 1; i <= 5; i++) {
    const code = value.charCodeAt(i);
    if (code === 32 || code === 45) return isDigit(value, i - 1) || isDigit(value, i + 1);
  }
  return false;
}
