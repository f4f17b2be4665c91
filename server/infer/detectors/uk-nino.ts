import { areDigits, areLetters, LETTER, WHOLE } from './characters.ts';
import { type Detector, OTHER, SHAPED, VALID, type Verdict } from './detector.ts';

const PREFIX = /^(?!BG|GB|KN|NK|NT|TN|ZZ)[ABCEGHJ-PRSTW-Z][ABCEGHJ-NPRSTW-Z]$/i;

/**
 * National insurance numbers of the United Kingdom: two letters of an allowed prefix, six digits, a letter A–D (HM Revenue
 * and Customs, National Insurance Manual NIM39110). Without a check digit, a column is told from random codes by all its
 * values being allowed.
 */
export const ukNino: Detector = {
  kind: 'uk_nino',
  header: 'helps',
  first: LETTER,
  last: LETTER,
  length: [9, 9],
  marks: WHOLE,
  test,
  // 20 first letters, 19 second, 4 last of 26 each.
  chance: 0.086,
  names: [
    'nino',
    'national insurance',
    'national insurance no',
    'national insurance number',
    'ni number',
    'ni no',
    'ninumber',
  ],
  hints: ['ni', 'insurance number', 'insurance no'],
};

function test(text: string): Verdict {
  if (text.length !== 9 || !areDigits(text, 2, 8) || !areLetters(text, 0, 2)) return OTHER;
  return PREFIX.test(text.slice(0, 2)) && /[A-D]/i.test(text[8]!) ? VALID : SHAPED;
}
