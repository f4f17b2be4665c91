import { aadhaar } from '../detectors/aadhaar.ts';
import { aadhaarVid } from '../detectors/aadhaar-vid.ts';
import { bankAccount } from '../detectors/bank-account.ts';
import { dePensionInsurance } from '../detectors/de-pension-insurance.ts';
import { deTaxId } from '../detectors/de-tax-id.ts';
import { type Detector, OTHER, VALID } from '../detectors/detector.ts';
import { drivingLicence } from '../detectors/driving-licence.ts';
import { gstin } from '../detectors/gstin.ts';
import { iban, ibanLength } from '../detectors/iban.ts';
import { pan } from '../detectors/pan.ts';
import { passport } from '../detectors/passport.ts';
import { paymentCard } from '../detectors/payment-card.ts';
import { ukNino } from '../detectors/uk-nino.ts';
import { usSsn } from '../detectors/us-ssn.ts';
import { voterId } from '../detectors/voter-id.ts';
import type { SensitiveKind } from '../profile.ts';
import { findAddresses } from './addresses.ts';
import { createContext, isOtherNumber } from './context.ts';

/**
 * How strongly the way an identifier stands there speaks for it: behind a word for another number (`order 2345…`), as digits
 * alone, in its usual groups or with its letters, behind a word for it.
 */
export type Form = 'other' | 'bare' | 'usual' | 'named';

/** An identifier, or what has the shape of one, that stands in a text from `start` to before `end`. */
export interface Found {
  readonly kind: SensitiveKind;
  readonly start: number;
  readonly end: number;
  /** Whether its checksum and its parts are right. */
  readonly valid: boolean;
  readonly form: Form;
}

type Take = (found: Found) => void;

const AT = 64;
const SPACE = 32;
const HYPHEN = 45;
const POINT = 46;
const COLON = 58;
const COMMA = 44;
const LOW_LINE = 95;
const PERCENT = 37;
const NO_BREAK_SPACE = 160;
const LONGEST_RUN = 34;
const SHORTEST = 8;
const SHORTEST_BARE = 9;

const CONTEXTS = new Map(
  [aadhaar, aadhaarVid, bankAccount, passport, voterId, ukNino, usSsn, deTaxId, paymentCard].map((detector) => [
    detector,
    createContext(detector),
  ]),
);

/**
 * Finds the identifiers that stand in a text, in order and apart from each other: one pass over its characters, which stops
 * at digits and at `@` alone. They stand apart from other letters and digits, are written in one run or in the groups that
 * are usual for their kind, and have their checksum or a shape that little else has; numbers without either count behind a
 * word that says what they are.
 */
export function findIdentifiers(text: string, take: Take): void {
  const addresses = text.includes('@') ? findAddresses(text) : NONE;
  let from = 0;
  for (const address of addresses) {
    findBetween(text, from, address.start, take);
    take(address);
    from = address.end;
  }
  if (from === 0) findNumbers(text, take);
  else findBetween(text, from, text.length, take);
}

const NONE: readonly Found[] = [];

function findBetween(text: string, from: number, to: number, take: Take): void {
  const found = ({ start, end, ...more }: Found) => take({ ...more, start: start + from, end: end + from });
  findNumbers(text.slice(from, to), found);
}

/** All of them have two digits side by side, so every second character is looked at. */
function findNumbers(text: string, take: Take): void {
  if (text.length < SHORTEST) return;
  let floor = 0;
  for (let i = 1; i < text.length; i += 2) {
    const code = text.charCodeAt(i);
    if (code < 48 || code > 57) continue;
    floor = fromDigit(text, i > floor && isDigit(text, i - 1) ? i - 1 : i, floor, take);
    i = floor - 1;
  }
}

/** Judges what stands around the digit at `at`, but not before `floor`; returns where to go on. */
function fromDigit(text: string, at: number, floor: number, take: Take): number {
  let start = at;
  while (start > floor && at - start <= LONGEST_RUN && isAlnum(text, start - 1)) start--;
  const end = runEnd(text, at);
  if (end - start > LONGEST_RUN || at - start > LONGEST_RUN) return end;
  if (start === at && isDigits(text, start, end))
    return fromCapitals(text, start, floor, take) || fromDigits(text, start, end, take);
  return fromLetters(text, start, end, take);
}

/** A run of letters and digits: what is written with letters, or begins so and goes on in groups. */
function fromLetters(text: string, start: number, end: number, take: Take): number {
  if (!startsApart(text, start)) return end;
  if (end - start === 4) return fromStart(text, start, end, take);
  if (!endsApart(text, end)) return end;
  const length = end - start;
  if (length === 10) judge(pan, text, start, end, 'usual', take) || judgeNamed(voterId, text, start, end, take);
  else if (length === 15)
    judge(gstin, text, start, end, 'usual', take) || judge(drivingLicence, text, start, end, 'usual', take);
  else if (length === 12) judge(dePensionInsurance, text, start, end, 'usual', take);
  else if (length === 9) judgeNamed(ukNino, text, start, end, take);
  else if (length === 8) judgeNamed(passport, text, start, end, take);
  if (length >= 15) judge(iban, text, start, end, 'usual', take);
  return end;
}

const LICENCE = /[A-Z]{2}\d{2}[ -](?:19|20)\d{9}(?![A-Za-z0-9])/y;

/** `DE89 3704 0044 …`, or `MH12 20110012345`. */
function fromStart(text: string, start: number, end: number, take: Take): number {
  const rest = (ibanLength(text.slice(start, start + 2)) ?? 0) - 4;
  if (rest > 0) {
    let to = end;
    let left = rest;
    while (left > 0 && isGap(text, to)) {
      const next = runEnd(text, to + 1);
      if (next - to - 1 !== Math.min(4, left)) break;
      left -= next - to - 1;
      to = next;
    }
    if (left === 0 && endsApart(text, to) && judge(iban, text, start, to, 'usual', take)) return to;
  }
  LICENCE.lastIndex = start;
  const licence = LICENCE.exec(text);
  if (licence) judge(drivingLicence, text, start, start + licence[0].length, 'usual', take);
  return licence ? start + licence[0].length : end;
}

/** Runs of digits with the same gap between them, judged group by group. */
function fromDigits(text: string, start: number, end: number, take: Take): number {
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
  if (fours === 4 && apart(group, 4)) {
    judgeNamed(aadhaarVid, text, starts[group]!, ends[group + 3]!, take) || usual(paymentCard, 4);
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

/** Takes digits in groups as a bank account's, if a word before says that they are. */
function isAccount({ text, starts, ends, take }: Groups): boolean {
  const digits = starts.reduce((sum, start, g) => sum + ends[g]! - start, 0);
  return digits >= 9 && digits <= 18 && judgeNamed(bankAccount, text, starts[0]!, ends.at(-1)!, take);
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

/** What is written with capitals, a gap and digits: how many characters stand before the digits, and all of it. */
const LETTERED: readonly (readonly [detector: Detector, before: number, pattern: RegExp])[] = [
  [pan, 6, /[A-Z]{5}[ -]\d{4}[ -][A-Z](?![A-Za-z0-9])/y],
  [ukNino, 3, /[A-Z]{2}[ -]\d\d[ -]?\d\d[ -]?\d\d[ -]?[A-D](?![A-Za-z0-9])/y],
  [drivingLicence, 3, /[A-Z]{2}[ -]\d\d[ -]?(?:19|20)\d\d[ -]?\d{7}(?![A-Za-z0-9])/y],
  [passport, 2, /[A-Z][ -]\d{7}(?![A-Za-z0-9])/y],
];

/** Judges capitals before the digits at `at`, from `floor` on, with them; returns where to go on, 0 if they are nothing. */
function fromCapitals(text: string, at: number, floor: number, take: Take): number {
  const capital = text.charCodeAt(at - 2);
  if (!isGap(text, at - 1) || capital < 65 || capital > 90) return 0;
  for (const [detector, before, pattern] of LETTERED) {
    const start = at - before;
    if (start < floor || isAlnum(text, start - 1) || !startsApart(text, start)) continue;
    pattern.lastIndex = start;
    const length = pattern.exec(text)?.[0].length ?? 0;
    if (length === 0) continue;
    const taken =
      detector === passport
        ? judgeNamed(detector, text, start, start + length, take)
        : judge(detector, text, start, start + length, 'usual', take);
    if (taken) return start + length;
  }
  return 0;
}

/** Whether the text there has the detector's shape; if so it is taken, as named if a word before says what it is. */
function judge(detector: Detector, text: string, start: number, end: number, form: Form, take: Take): boolean {
  const value = text.slice(start, end);
  const verdict = detector.test(form === 'bare' || ALL_ALNUM.test(value) ? value : value.replace(/[^A-Za-z0-9]/g, ''));
  if (verdict === OTHER || (detector === pan && value !== value.toUpperCase())) return false;
  const kind = detector.kind as SensitiveKind;
  take({ kind, start, end, valid: verdict === VALID, form: formOf(detector, text, start, form) });
  return true;
}

const ALL_ALNUM = /^[A-Za-z0-9]*$/;

function formOf(detector: Detector, text: string, start: number, form: Form): Form {
  if (CONTEXTS.get(detector)?.(text, start)) return 'named';
  return detector.chance >= 0.1 && isOtherNumber(text, start) ? 'other' : form;
}

/** The same for what only a word before can tell. */
function judgeNamed(detector: Detector, text: string, start: number, end: number, take: Take): boolean {
  if (!CONTEXTS.get(detector)!(text, start)) return false;
  return judge(detector, text, start, end, 'named', take);
}

function isAlnum(text: string, at: number): boolean {
  return isAlnumCode(text.charCodeAt(at));
}

/** By comparison: what lies beyond a text has no code, and to look that up in a table is slow. */
function isAlnumCode(code: number): boolean {
  const letter = code | 0x20;
  return (code >= 48 && code <= 57) || (letter >= 97 && letter <= 122);
}

function runEnd(text: string, from: number): number {
  let end = from;
  while (end < text.length && isAlnumCode(text.charCodeAt(end))) end++;
  return end;
}

function isDigits(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    if (code < 48 || code > 57) return false;
  }
  return true;
}

/** Whether a gap between groups, and then a letter or digit, stands at `at`. */
function isGap(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return (code === SPACE || code === HYPHEN || code === NO_BREAK_SPACE) && isAlnum(text, at + 1);
}

/** Whether a character binds digits behind it to something longer: one of `#%&+-/_` and the backslash. */
function isJoint(code: number): boolean {
  if (code <= PERCENT + 1) return code === 35 || code === PERCENT || code === PERCENT + 1;
  return code === 43 || code === HYPHEN || code === 47 || code === LOW_LINE || code === 92;
}

/** Whether nothing before `at` belongs to the same number, code or path. */
function startsApart(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  return !isJoint(before) && !((before === POINT || before === COLON) && isDigit(text, at - 2));
}

/** Whether nothing from `at` on belongs to the same number, code or path. */
function endsApart(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code === LOW_LINE || code === PERCENT || code === AT) return false;
  if (code === POINT || code === COLON) return !isDigit(text, at + 1);
  if (code === COMMA) return runEnd(text, at + 1) !== at + 3 || !isDigit(text, at + 1);
  return !(isJoint(code) && isAlnum(text, at + 1));
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}
