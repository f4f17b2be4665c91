import { dePensionInsurance } from '../detectors/de-pension-insurance.ts';
import { type Detector, VALID } from '../detectors/detector.ts';
import { drivingLicence } from '../detectors/driving-licence.ts';
import { gstin } from '../detectors/gstin.ts';
import { iban, ibanLength } from '../detectors/iban.ts';
import { pan } from '../detectors/pan.ts';
import { passport } from '../detectors/passport.ts';
import { ukNino } from '../detectors/uk-nino.ts';
import { voterId } from '../detectors/voter-id.ts';
import { endsApart, isAlnum, isDigits, isFieldSign, isGap, runEnd, startsApart } from './boundaries.ts';
import { judge, judgeNamed, type Take } from './judge.ts';

/** Judges the run of letters and digits from `start` to before `end`, with the groups behind it; returns where to go on. */
export function fromLetters(text: string, start: number, end: number, take: Take): number {
  if (!startsApart(text, start)) return fromField(text, start, end, take);
  if (end - start === 4) return fromStart(text, start, end, take);
  if (!endsApart(text, end)) return fromField(text, start, end, take);
  const length = end - start;
  if (length === 10) judge(pan, text, start, end, 'usual', take) || judgeNamed(voterId, text, start, end, take);
  else if (length === 15)
    judge(gstin, text, start, end, 'usual', take) || judge(drivingLicence, text, start, end, 'usual', take);
  else if (length === 12) judge(dePensionInsurance, text, start, end, 'usual', take);
  else if (length === 9) judgeNamed(ukNino, text, start, end, take);
  else if (length === 8) judgeNamed(passport, text, start, end, take);
  if (length >= 15) judge(iban, text, start, end, 'usual', take) || fromField(text, start, end, take);
  return end;
}

/** The sign that begins a field in what banks write of payments, and the digits that number it: `?31`. */
const QUESTION_MARK = 63;
const NUMBERED = 2;

/**
 * Judges a run that begins or ends a field in what banks write of payments: `IBAN+DE89…`, `/IBAN/DE89…/BIC/`, `?31DE89…?32`.
 * Such signs bind digits elsewhere, so only what is valid counts.
 */
function fromField(text: string, start: number, end: number, take: Take): number {
  const isBound = !startsApart(text, start) && !isFieldSign(text, start - 1);
  if (end - start < 15 || isBound || !(endsApart(text, end) || isFieldSign(text, end))) return end;
  const isNumbered = text.charCodeAt(start - 1) === QUESTION_MARK && isDigits(text, start, start + NUMBERED);
  for (const from of isNumbered ? [start, start + NUMBERED] : [start]) {
    for (const detector of [iban, gstin]) {
      if (detector.test(text.slice(from, end)) !== VALID) continue;
      judge(detector, text, from, end, 'usual', take);
      return end;
    }
  }
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

/** What is written with capitals, a gap and digits: how many characters stand before the digits, and all of it. */
const LETTERED: readonly (readonly [detector: Detector, before: number, pattern: RegExp])[] = [
  [pan, 6, /[A-Z]{5}[ -]\d{4}[ -][A-Z](?![A-Za-z0-9])/y],
  [ukNino, 3, /[A-Z]{2}[ -]\d\d[ -]?\d\d[ -]?\d\d[ -]?[A-D](?![A-Za-z0-9])/y],
  [drivingLicence, 3, /[A-Z]{2}[ -]\d\d[ -]?(?:19|20)\d\d[ -]?\d{7}(?![A-Za-z0-9])/y],
  [passport, 2, /[A-Z][ -]\d{7}(?![A-Za-z0-9])/y],
];

/** Judges capitals before the digits at `at`, from `floor` on, with them; returns where to go on, 0 if they are nothing. */
export function fromCapitals(text: string, at: number, floor: number, take: Take): number {
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
