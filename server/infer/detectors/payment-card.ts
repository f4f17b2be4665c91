import { areDigits, DIGIT, WHOLE } from './characters.ts';
import { isLuhn } from './checksums.ts';
import { type Detector, OTHER, SHAPED, VALID, type Verdict } from './detector.ts';

type Range = readonly [first: number, last: number, shortest: number, longest: number];
/** The first four digits that the networks use, with the lengths of their numbers. */
const RANGES: readonly Range[] = [
  [2200, 2204, 16, 19], // Mir
  [2221, 2720, 16, 16], // Mastercard
  [3000, 3059, 14, 19], // Diners Club
  [3095, 3095, 14, 19],
  [3400, 3499, 15, 15], // American Express
  [3528, 3589, 16, 19], // JCB, RuPay
  [3600, 3699, 14, 19], // Diners Club
  [3700, 3799, 15, 15], // American Express
  [3800, 3999, 14, 19], // Diners Club
  [4000, 4999, 16, 16], // Visa; numbers of 13 digits are no longer issued
  [4000, 4999, 19, 19],
  [5018, 5099, 16, 19], // Maestro, RuPay
  [5100, 5599, 16, 16], // Mastercard
  [5612, 5899, 16, 19], // Maestro
  [6000, 6999, 16, 19], // Discover, RuPay, UnionPay, Maestro
  [8100, 8299, 16, 19], // UnionPay, RuPay
];

/**
 * Numbers of payment cards: 14 to 19 digits in a network's range, with a Luhn check digit (ISO/IEC 7812-1; ranges as the
 * networks publish them).
 */
export const paymentCard: Detector = {
  kind: 'payment_card',
  header: 'helps',
  first: DIGIT,
  last: DIGIT,
  length: [14, 19],
  marks: WHOLE,
  test,
  chance: 0.1,
  names: [
    ...[
      'credit card',
      'credit card no',
      'credit card number',
      'creditcard*',
      'debit card',
      'debit card no',
      'debit card number',
    ],
    ...[
      'debitcard*',
      'payment card',
      'payment card number',
      'cc number',
      'cc num',
      'cc no',
      'kreditkarte*',
      'kreditkartennummer',
    ],
    ...['क्रेडिट कार्ड*', 'डेबिट कार्ड*', 'karten nr', 'tarjeta de credito', 'carte bancaire'],
  ],
  hints: [
    'card',
    'card no',
    'card number',
    'card num',
    'cardnumber',
    'cardno',
    'cc',
    'pan',
    'kartennummer',
    'कार्ड',
    'कार्ड नंबर',
  ],
};

function test(digits: string): Verdict {
  if (digits.length < 14 || digits.length > 19 || !areDigits(digits, 0, digits.length)) return OTHER;
  return isIssued(digits) ? (isLuhn(digits) ? VALID : SHAPED) : OTHER;
}

function isIssued(digits: string): boolean {
  const start = Number(digits.slice(0, 4));
  for (const [first, last, shortest, longest] of RANGES) {
    if (start >= first && start <= last && digits.length >= shortest && digits.length <= longest) return true;
  }
  return false;
}
