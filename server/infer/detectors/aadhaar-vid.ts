import { DIGIT, WHOLE } from './characters.ts';
import { type Detector, OTHER, SHAPED, VALID, type Verdict } from './detector.ts';
import { verhoeffRemainder } from './verhoeff.ts';

/**
 * Aadhaar virtual ids: 16 digits, the first 2–9, the last a Verhoeff check digit (UIDAI circular 1 of 2018, "Virtual ID").
 */
export const aadhaarVid: Detector = {
  kind: 'aadhaar_vid',
  header: 'helps',
  first: DIGIT,
  last: DIGIT,
  length: [16, 16],
  marks: WHOLE,
  test,
  chance: 0.1,
  names: ['aadhaar vid', 'aadhar vid', 'uidai vid', 'aadhaar virtual id', 'aadhar virtual id', 'आधार वीआईडी'],
  hints: ['vid', 'vid no', 'vid number', 'virtual id', 'वीआईडी', 'वर्चुअल आईडी'],
};

function test(digits: string): Verdict {
  if (digits < '2') return OTHER;
  const remainder = verhoeffRemainder(digits);
  return remainder < 0 ? OTHER : remainder === 0 ? VALID : SHAPED;
}
