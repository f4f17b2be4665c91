import { aadhaar } from '../detectors/aadhaar.ts';
import { type Detector, VALID } from '../detectors/detector.ts';
import { paymentCard } from '../detectors/payment-card.ts';
import type { SensitiveKind } from '../profile.ts';
import { type Form, formOf, type Take } from './judge.ts';

/** A kind that is written in groups of four digits, and in how many. */
interface Kind {
  readonly detector: Detector;
  readonly groups: number;
}

const CARD: Kind = { detector: paymentCard, groups: 4 };
const AADHAAR: Kind = { detector: aadhaar, groups: 3 };

/** Groups of four digits with the same gap between them: where each starts and ends in the text. */
export interface Fours {
  readonly text: string;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** A year, or the month and year in which a card expires. */
const DATED = /^(?:(?:19|20)\d\d|(?:0[1-9]|1[0-2])\d\d)$/;

/**
 * Takes the identifiers in a run of four groups or more: the valid ones that fill most of it, side by side or beside years, or
 * beside anything behind a word, which speaks of the whole run. Where there are none, the run counts as one of each kind that
 * is not valid, so that those which are valid by chance stay a small share. Returns whether there are any.
 */
export function judgeFours(fours: Fours, take: Take): boolean {
  const { parts, others } = fillRun(fours);
  const isFilled = others.every((digits) => DATED.test(digits));
  const taken = parts.filter(({ kind }) => isFilled || formOfKind(fours, kind) === 'named');
  for (const { kind, at } of taken) takeKind(fours, kind, at, true, take);
  if (taken.length > 0) return true;
  // Four groups alone are judged as a card by the caller.
  for (const kind of fours.starts.length > 4 ? [CARD, AADHAAR] : [AADHAAR]) takeKind(fours, kind, 0, false, take);
  return false;
}

/** An identifier that begins with the group `at`. */
interface Part {
  readonly kind: Kind;
  readonly at: number;
}

/** The valid identifiers that fill most of the run, in order, and the groups between and beside them. */
function fillRun(fours: Fours): { parts: Part[]; others: string[] } {
  const kinds = firstKinds(fours);
  const parts: Part[] = [];
  const others: string[] = [];
  for (let at = 0; at < kinds.length; at += kinds[at]?.groups ?? 1) {
    const kind = kinds[at];
    if (kind) parts.push({ kind, at });
    else others.push(fours.text.slice(fours.starts[at], fours.ends[at]));
  }
  return { parts, others };
}

/** By group, the kind of which a valid one begins there if that fills most of the run from there on, else `null`. */
function firstKinds({ text, starts, ends }: Fours): (Kind | null)[] {
  const kinds: (Kind | null)[] = starts.map(() => null);
  const filled = [...starts.map(() => 0), 0];
  for (let at = starts.length - 1; at >= 0; at--) {
    // Of two that overlap, the one beside a year is meant.
    filled[at] = filled[at + 1]! + (DATED.test(text.slice(starts[at], ends[at])) ? 0.5 : 0);
    for (const kind of [CARD, AADHAAR]) {
      const end = at + kind.groups;
      if (end > starts.length || kind.groups + filled[end]! <= filled[at]!) continue;
      if (kind.detector.test(text.slice(starts[at], ends[end - 1]).replace(/\D/g, '')) !== VALID) continue;
      filled[at] = kind.groups + filled[end]!;
      kinds[at] = kind;
    }
  }
  return kinds;
}

function formOfKind({ text, starts }: Fours, { detector, groups }: Kind): Form {
  return formOf(detector, text, starts[0]!, starts.length === groups ? 'usual' : 'among');
}

function takeKind(fours: Fours, kind: Kind, at: number, valid: boolean, take: Take): void {
  const { detector, groups } = kind;
  const form = formOfKind(fours, kind);
  const span = { start: fours.starts[at]!, end: fours.ends[at + groups - 1]! };
  take({ kind: detector.kind as SensitiveKind, ...span, valid, form: valid || form !== 'named' ? form : 'among' });
}
