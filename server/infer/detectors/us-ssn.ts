import { areDigits, DIGIT, WHOLE } from './characters.ts';
import { type Detector, OTHER, SHAPED, VALID, type Verdict } from './detector.ts';

/**
 * Social security numbers of the United States: nine digits, `AAA-GG-SSSS`; the area is not 000, 666 or above 899, the
 * group not 00, the serial not 0000 (Social Security Administration, "SSN randomization", 2011). Without a check digit,
 * a header is needed.
 */
export const usSsn: Detector = {
  kind: 'us_ssn',
  header: 'needed',
  first: DIGIT,
  last: DIGIT,
  length: [9, 9],
  marks: WHOLE,
  test,
  chance: 0.9,
  names: [
    'ssn*',
    'social security number',
    'social security no',
    'social security num',
    'us social security',
    'socialsecurity*',
  ],
  hints: ['social security', 'social', 'ss no'],
};

function test(digits: string): Verdict {
  if (digits.length !== 9 || !areDigits(digits, 0, 9)) return OTHER;
  const area = digits.slice(0, 3);
  const used = area !== '000' && area !== '666' && area < '900';
  return used && digits.slice(3, 5) !== '00' && digits.slice(5) !== '0000' ? VALID : SHAPED;
}
