import { aadhaar } from '../detectors/aadhaar.ts';
import { aadhaarVid } from '../detectors/aadhaar-vid.ts';
import { bankAccount } from '../detectors/bank-account.ts';
import { dePensionInsurance } from '../detectors/de-pension-insurance.ts';
import { deTaxId } from '../detectors/de-tax-id.ts';
import { type Detector, VALID } from '../detectors/detector.ts';
import { paymentCard } from '../detectors/payment-card.ts';
import { usSsn } from '../detectors/us-ssn.ts';
import { endsApart, isDigit, isDigits, isGap, runEnd, startsApart } from './boundaries.ts';
import { type Fours, judgeFours } from './four-groups.ts';
import { judge, judgeNamed, type Take } from './judge.ts';

/** Of eight digits only a word before says what they are: they are mostly days. */
const SHORTEST_BARE = 8;
const SHORTEST_GROUPED = 9;
const HYPHEN = 45;

/**
 * Judges the run of digits from `start` to before `end`, with those that follow it behind the same gap, group by group;
 * returns where to go on.
 */
export function fromDigits(text: string, start: number, end: number, take: Take): number {
  // Most numbers in texts are short and stand alone.
  if (end - start < SHORTEST_BARE && !(isGap(text, end) && isDigit(text, end + 1))) return end;
  const starts = [start];
  const ends = [end];
  const gap = text.charCodeAt(end);
  for (let to = end; isGap(text, to) && text.charCodeAt(to) === gap; ) {
    const next = runEnd(text, to + 1);
    if (next === to + 1 || !isDigits(text, to + 1, next)) break;
    starts.push(to + 1);
    ends.push(next);
    to = next;
  }
  for (let group = 0; group < starts.length; ) group += fromGroup({ text, starts, ends, gap, take }, group);
  return ends.at(-1)!;
}

interface Groups {
  readonly text: string;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly gap: number;
  readonly take: Take;
}

const PENSION = /\d\d ?\d{6} ?[A-Z] ?\d{3}(?![A-Za-z0-9])/y;

/** Judges the groups from `group` on and returns how many were used up. */
function fromGroup(groups: Groups, group: number): number {
  const { text, starts, ends, gap, take } = groups;
  const length = (g: number) => (g < starts.length ? ends[g]! - starts[g]! : 0);
  const apart = (g: number, count: number) =>
    (g > 0 || startsApart(text, starts[0]!)) && (g + count < starts.length || endsApart(text, ends[g + count - 1]!));
  const usual = (detector: Detector, count: number) =>
    apart(group, count) && judge(detector, text, starts[group]!, ends[group + count - 1]!, 'usual', take);
  let fours = 0;
  while (length(group + fours) === 4) fours++;
  if (fours === 1 && length(group + 1) === 6 && (length(group + 2) === 5 || length(group + 2) === 4)) {
    usual(paymentCard, 3);
    return 3;
  }
  if (fours === 3) usual(aadhaar, 3);
  if (fours > 3 && apart(group, fours)) {
    const run = { text, starts: starts.slice(group, group + fours), ends: ends.slice(group, group + fours) };
    if (!(fours === 4 && isNamedFours(run, take)) && !judgeFours(run, take) && fours === 4) usual(paymentCard, 4);
  }
  if (group === 0 && starts.length > 1 && fours !== 3 && fours !== 4 && isAccount(groups)) return starts.length;
  if (fours > 0) return fours;
  if (length(group) === 2 && length(group + 1) === 3 && length(group + 2) === 3 && length(group + 3) === 3) {
    usual(deTaxId, 4);
    return 4;
  }
  if (gap === HYPHEN && starts.length === 3 && length(0) === 3 && length(1) === 2 && length(2) === 4) {
    usual(usSsn, 3);
    return 3;
  }
  if (length(group) === 2 && length(group + 1) === 6 && startsApart(text, starts[group]!)) {
    PENSION.lastIndex = starts[group]!;
    const pension = PENSION.exec(text);
    if (pension) judge(dePensionInsurance, text, starts[group]!, starts[group]! + pension[0].length, 'usual', take);
  }
  if (gap !== HYPHEN || starts.length === 1) bare(text, starts[group]!, ends[group]!, take);
  return 1;
}

/** Takes four groups of four as what a word before says that they are. */
function isNamedFours({ text, starts, ends }: Fours, take: Take): boolean {
  return [aadhaarVid, paymentCard].some((detector) => judgeNamed(detector, text, starts[0]!, ends[3]!, take));
}

/** Takes digits in groups as a bank account's, if a word before says that they are. */
function isAccount({ text, starts, ends, take }: Groups): boolean {
  const digits = starts.reduce((sum, start, g) => sum + ends[g]! - start, 0);
  return digits >= SHORTEST_GROUPED && digits <= 18 && judgeNamed(bankAccount, text, starts[0]!, ends.at(-1)!, take);
}

/** Digits in one run. */
function bare(text: string, start: number, end: number, take: Take): void {
  const length = end - start;
  if (length < SHORTEST_BARE || length > 19 || !startsApart(text, start) || !endsApart(text, end)) return;
  if (length === 16 && judgeNamed(aadhaarVid, text, start, end, take)) return;
  const detector = length === 12 ? aadhaar : length === 11 ? deTaxId : length >= 14 ? paymentCard : null;
  const certain = detector !== null && detector.test(text.slice(start, end)) === VALID;
  if (!certain && length <= 18 && judgeNamed(bankAccount, text, start, end, take)) return;
  if (detector !== null) judge(detector, text, start, end, 'bare', take);
}
