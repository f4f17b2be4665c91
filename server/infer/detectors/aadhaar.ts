import { DIGIT, WHOLE } from './characters.ts';
import { type Detector, OTHER, SHAPED, VALID, type Verdict } from './detector.ts';
import { verhoeffRemainder } from './verhoeff.ts';

/**
 * Aadhaar numbers: 12 digits, the first 2–9, the last a Verhoeff check digit (UIDAI, "A UID Numbering Scheme", 2010).
 * Numbers that UIDAI would not hand out (all alike, read the same backwards) are not told apart: nothing it publishes
 * rules them out for good, and sealing too much is the safe side.
 */
export const aadhaar: Detector = {
  kind: 'aadhaar',
  header: 'helps',
  first: DIGIT,
  last: DIGIT,
  length: [12, 12],
  marks: WHOLE,
  test,
  // 1 in 10 has the check digit; none that begins with 0 or 1 is of the shape.
  chance: 0.1,
  names: [
    ...['aadhaar*', 'aadhar*', 'adhaar*', 'adhar*', 'aadhr*', 'uidai*', 'आधार*', 'আধার*', 'আধাৰ*', 'ఆధార్*', 'ஆதார்*'],
    ...['આધાર*', 'ಆಧಾರ್*', 'ആധാർ*', 'ଆଧାର*', 'ਆਧਾਰ*', 'آدھار*'],
  ],
  hints: ['uid', 'uid no', 'uid number'],
};

function test(digits: string): Verdict {
  if (digits < '2') return OTHER;
  const remainder = verhoeffRemainder(digits);
  return remainder < 0 ? OTHER : remainder === 0 ? VALID : SHAPED;
}
