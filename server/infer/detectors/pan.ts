import { areDigits, areLetters, LETTER, WHOLE } from './characters.ts';
import { type Detector, OTHER, SHAPED, VALID, type Verdict } from './detector.ts';

/** Whom a PAN belongs to: association, body, company, firm, government, HUF, artificial person, local, person, trust. */
const ENTITIES = 'ABCFGHJLPT';

/**
 * Permanent account numbers of the Indian Income Tax Department: `AAAPA9999A`, the fourth letter naming the kind of
 * holder, the digits counting from 0001 (Income Tax Department, "Know your PAN"). The last letter is a check letter
 * whose rule is not public.
 */
export const pan: Detector = {
  kind: 'pan',
  header: 'helps',
  first: LETTER,
  last: LETTER,
  length: [10, 10],
  marks: WHOLE,
  test,
  chance: ENTITIES.length / 26,
  names: [
    ...['pan no', 'pan number', 'pan num', 'pan card', 'pan card no', 'pan card number', 'permanent account number'],
    ...['पैन नंबर', 'पैन संख्या', 'पैन कार्ड', 'स्थायी खाता संख्या', 'pan sankhya'],
  ],
  hints: ['pan', 'pan id', 'पैन', 'taxpayer id', 'tax id'],
};

function test(text: string): Verdict {
  return text.length === 10 ? testPan(text, 0) : OTHER;
}

/** The verdict on the ten characters of `text` from `at` as a PAN; a GSTIN holds one. */
export function testPan(text: string, at: number): Verdict {
  if (!areDigits(text, at + 5, at + 9) || !areLetters(text, at, at + 5) || !areLetters(text, at + 9, at + 10))
    return OTHER;
  const known = ENTITIES.includes(text[at + 3]!.toUpperCase());
  return known && text.slice(at + 5, at + 9) !== '0000' ? VALID : SHAPED;
}
