import { areDigits, areLetters, DIGIT, LETTER, WHOLE } from './characters.ts';
import { type Detector, OTHER, SHAPED, VALID, type Verdict } from './detector.ts';

/**
 * Passport numbers. Indian ones are a letter other than Q, X and Z and seven digits, the first not 0 (Ministry of External
 * Affairs, passport application form); they have no check digit, so that only a header tells them from other codes.
 * Below it, eight or nine letters and digits of which five are digits pass for those of other countries (ICAO Doc 9303
 * part 4 gives the field nine characters).
 */
export const passport: Detector = {
  kind: 'passport',
  header: 'needed',
  first: LETTER | DIGIT,
  last: LETTER | DIGIT,
  length: [8, 9],
  marks: WHOLE,
  test,
  chance: 0.8,
  names: [
    ...['passport*', 'reisepass*', 'passnummer', 'pass nr', 'pasaporte*', 'passeport*', 'पासपोर्ट*', 'paasport*'],
    ...['travel document number', 'reisedokument'],
  ],
  hints: ['pp no', 'pp number', 'travel document'],
};

function test(text: string): Verdict {
  if (text.length === 8 && /^[A-PR-WY]$/i.test(text[0]!) && text[1] !== '0' && areDigits(text, 1, 8)) return VALID;
  return (text.length === 8 || text.length === 9) && isCode(text) ? SHAPED : OTHER;
}

function isCode(text: string): boolean {
  let digits = 0;
  for (let i = 0; i < text.length; i++) {
    if (areDigits(text, i, i + 1)) digits++;
    else if (!areLetters(text, i, i + 1)) return false;
  }
  return digits >= 5;
}
