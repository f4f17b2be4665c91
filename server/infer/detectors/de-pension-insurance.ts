import { areDigits, areLetters, DIGIT, WHOLE } from './characters.ts';
import { type Detector, OTHER, SHAPED, VALID, type Verdict } from './detector.ts';

const WEIGHTS = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1];

/**
 * German pension insurance numbers (Versicherungsnummer, § 147 SGB VI, VKVV § 2): area, birth date as ddmmyy (the day may be
 * raised by 50), the first letter of the birth name, two digits, a check digit.
 */
export const dePensionInsurance: Detector = {
  kind: 'de_pension_insurance',
  header: 'helps',
  first: DIGIT,
  last: DIGIT,
  length: [12, 12],
  marks: WHOLE,
  test,
  chance: 0.1,
  names: [
    ...[
      'rentenversicherungsnummer',
      'rentenversicherung nr',
      'rv nummer',
      'rvnr',
      'rv nr',
      'sozialversicherungsnummer*',
    ],
    ...[
      'sv nummer',
      'svnr',
      'sv nr',
      'versicherungsnummer rentenversicherung',
      'vsnr',
      'german pension insurance number',
    ],
    ...['pension insurance number', 'social insurance number', 'पेंशन बीमा संख्या'],
  ],
  hints: ['versicherungsnummer', 'vers nr', 'insurance number', 'insurance no', 'social security number', 'बीमा संख्या'],
};

function test(text: string): Verdict {
  if (text.length !== 12 || !areLetters(text, 8, 9) || !areDigits(text, 0, 8) || !areDigits(text, 9, 12)) return OTHER;
  return isBirth(text) ? (hasCheck(text) ? VALID : SHAPED) : OTHER;
}

function isBirth(text: string): boolean {
  const [day, month] = [Number(text.slice(2, 4)) % 50, Number(text.slice(4, 6))];
  return day >= 1 && day <= 31 && month >= 1 && month <= 12;
}

/** The letter counts as its place in the alphabet, written with two digits; of each product the digits are added. */
function hasCheck(text: string): boolean {
  const letter = (text.charCodeAt(8) & 0x1f).toString().padStart(2, '0');
  const digits = text.slice(0, 8) + letter + text.slice(9, 11);
  let sum = 0;
  for (let i = 0; i < 12; i++) {
    const product = (digits.charCodeAt(i) - 48) * WEIGHTS[i]!;
    sum += Math.floor(product / 10) + (product % 10);
  }
  return sum % 10 === text.charCodeAt(11) - 48;
}
