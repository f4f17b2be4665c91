import { skipDigits } from '../numbers.ts';
import { type Detector, OTHER, SHAPED, VALID, type Verdict } from './detector.ts';
import { isVerhoeff } from './verhoeff.ts';

/**
 * Aadhaar numbers: 12 digits in a row or as 4-4-4 with spaces or hyphens, the first 2–9, the last a Verhoeff check
 * digit (UIDAI, "A UID Numbering Scheme", 2010). Numbers that UIDAI would not hand out (all alike, read the same
 * backwards) are not told apart: nothing it publishes rules them out for good, and sealing too much is the safe side.
 */
export const aadhaar: Detector = {
  kind: 'aadhaar',
  maskKind: 'aadhaar',
  length: [12, 14],
  test,
  // 1 in 10 has the check digit; none that begins with 0 or 1 is of the shape.
  chance: 0.1,
  names: [
    ...['aadhaar', 'aadhar', 'adhaar', 'adhar', 'aadhr', 'uidai', 'आधार', 'আধার', 'আধাৰ', 'ఆధార్', 'ஆதார்'],
    ...['આધાર', 'ಆಧಾರ್', 'ആധാർ', 'ଆଧାର', 'ਆਧਾਰ', 'آدھار'],
  ],
  hints: ['uid', 'uidno', 'uidnumber'],
};

function test(value: string): Verdict {
  const digits = value.length === 12 ? value : ungrouped(value);
  if (digits === undefined || digits < '2' || skipDigits(digits, 0) !== 12) return OTHER;
  return isVerhoeff(digits) ? VALID : SHAPED;
}

function ungrouped(value: string): string | undefined {
  const separator = value[4];
  if (value.length !== 14 || separator !== value[9] || (separator !== ' ' && separator !== '-')) return undefined;
  return value.slice(0, 4) + value.slice(5, 9) + value.slice(10);
}
