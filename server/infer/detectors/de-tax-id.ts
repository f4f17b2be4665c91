import { areDigits, DIGIT, WHOLE } from './characters.ts';
import { isMod11With10 } from './checksums.ts';
import { type Detector, OTHER, SHAPED, VALID, type Verdict } from './detector.ts';

/**
 * German tax ids (Steuerliche Identifikationsnummer, § 139b AO): eleven digits, the first not 0; of the first ten exactly one
 * digit stands twice or three times, though not three times in a row; the last is a check digit by ISO 7064 MOD 11,10
 * (Bundeszentralamt für Steuern, "Aufbau der Identifikationsnummer").
 */
export const deTaxId: Detector = {
  kind: 'de_tax_id',
  header: 'helps',
  first: DIGIT,
  last: DIGIT,
  length: [11, 11],
  marks: WHOLE,
  test,
  // 4 % of random digits repeat as they must, a tenth of those have the check digit.
  chance: 0.004,
  names: [
    ...['steuer id', 'steuerid*', 'steueridentifikationsnummer', 'steuer identifikationsnummer', 'idnr', 'steuer idnr'],
    ...['steuerliche identifikationsnummer', 'german tax id', 'tax id de', 'steuer identnummer', 'जर्मन कर आईडी'],
  ],
  hints: ['tax id', 'tax number', 'tin', 'steuernummer', 'steuer nr', 'identifikationsnummer', 'कर आईडी'],
};

function test(digits: string): Verdict {
  if (digits.length !== 11 || digits[0] === '0' || !areDigits(digits, 0, 11)) return OTHER;
  return repeatsOne(digits) && isMod11With10(digits) ? VALID : SHAPED;
}

function repeatsOne(digits: string): boolean {
  let once = 0;
  let more = 0;
  let repeated = 0;
  for (let i = 0; i < 10; i++) {
    const bit = 1 << (digits.charCodeAt(i) - 48);
    if (once & bit) {
      more |= bit;
      repeated++;
    }
    once |= bit;
  }
  const single = (more & (more - 1)) === 0;
  return single && (repeated === 1 || repeated === 2) && !/(\d)\1\1/.test(digits.slice(0, 10));
}
