import { aadhaar } from '../detectors/aadhaar.ts';
import { aadhaarVid } from '../detectors/aadhaar-vid.ts';
import { bankAccount } from '../detectors/bank-account.ts';
import { dePensionInsurance } from '../detectors/de-pension-insurance.ts';
import { deTaxId } from '../detectors/de-tax-id.ts';
import { type Detector, OTHER, VALID } from '../detectors/detector.ts';
import { drivingLicence } from '../detectors/driving-licence.ts';
import { gstin } from '../detectors/gstin.ts';
import { iban } from '../detectors/iban.ts';
import { pan } from '../detectors/pan.ts';
import { passport } from '../detectors/passport.ts';
import { paymentCard } from '../detectors/payment-card.ts';
import { ukNino } from '../detectors/uk-nino.ts';
import { usSsn } from '../detectors/us-ssn.ts';
import { voterId } from '../detectors/voter-id.ts';
import type { SensitiveKind } from '../profile.ts';
import { createContext, isOtherNumber } from './context.ts';

/**
 * How strongly the way an identifier stands there speaks for it: behind a word for another number (`order 2345…`), as digits
 * alone, in its usual groups beside other groups like them, in its usual groups or with its letters, behind a word for it.
 */
export type Form = 'other' | 'bare' | 'among' | 'usual' | 'named';

/** An identifier, or what has the shape of one, that stands in a text from `start` to before `end`. */
export interface Found {
  readonly kind: SensitiveKind;
  readonly start: number;
  readonly end: number;
  /** Whether its checksum and its parts are right. */
  readonly valid: boolean;
  readonly form: Form;
}

/** Is given what is found, in order; what is not valid and not named may overlap. */
export type Take = (found: Found) => void;

const CONTEXTS = new Map(
  [
    ...[aadhaar, aadhaarVid, bankAccount, passport, voterId, ukNino, usSsn, deTaxId, paymentCard],
    ...[pan, gstin, iban, drivingLicence, dePensionInsurance],
  ].map((detector) => [detector, createContext(detector)]),
);

/** Whether the text there has the detector's shape; if so it is taken, as named if a word before says what it is. */
export function judge(detector: Detector, text: string, start: number, end: number, form: Form, take: Take): boolean {
  const value = text.slice(start, end);
  const verdict = detector.test(form === 'bare' || ALL_ALNUM.test(value) ? value : value.replace(/[^A-Za-z0-9]/g, ''));
  if (verdict === OTHER || (detector === pan && value !== value.toUpperCase())) return false;
  const kind = detector.kind as SensitiveKind;
  take({ kind, start, end, valid: verdict === VALID, form: formOf(detector, text, start, form) });
  return true;
}

const ALL_ALNUM = /^[A-Za-z0-9]*$/;

/** The form, unless a word before `start` says what stands there. */
export function formOf(detector: Detector, text: string, start: number, form: Form): Form {
  if (CONTEXTS.get(detector)?.(text, start)) return 'named';
  return detector.chance >= 0.1 && isOtherNumber(text, start) ? 'other' : form;
}

/** The same for what only a word before can tell. */
export function judgeNamed(detector: Detector, text: string, start: number, end: number, take: Take): boolean {
  if (!CONTEXTS.get(detector)!(text, start)) return false;
  return judge(detector, text, start, end, 'named', take);
}
