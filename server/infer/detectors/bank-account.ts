import { areDigits, DIGIT, WHOLE } from './characters.ts';
import { type Detector, OTHER, VALID, type Verdict } from './detector.ts';

/**
 * Bank account numbers: 9 to 18 digits in India (Reserve Bank of India, report on account number portability, 2012), 8 in the
 * United Kingdom, up to 10 in Germany. Nothing but the header tells them from other numbers.
 */
export const bankAccount: Detector = {
  kind: 'bank_account',
  header: 'needed',
  first: DIGIT,
  last: DIGIT,
  length: [8, 18],
  marks: WHOLE,
  test,
  chance: 1,
  names: [
    ...[
      'bank account*',
      'bank acct*',
      'bank acc',
      'bank ac',
      'beneficiary account',
      'account number bank',
      'savings account no',
    ],
    ...['kontonummer*', 'konto nr', 'bankkonto*', 'bankverbindung', 'बैंक खाता*', 'बैंक अकाउंट*', 'खाता संख्या', 'खाता नंबर'],
    ...['khata sankhya', 'khata number', 'bank khata', 'numero de cuenta', 'numéro de compte'],
  ],
  hints: [
    'account no',
    'account number',
    'account num',
    'acct no',
    'acct number',
    'acc no',
    'ac no',
    'ac number',
    'a c no',
    'konto',
  ],
};

function test(digits: string): Verdict {
  return digits.length >= 8 && digits.length <= 18 && areDigits(digits, 0, digits.length) ? VALID : OTHER;
}
