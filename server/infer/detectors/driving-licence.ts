import { areDigits, areLetters, DIGIT, LETTER, WHOLE } from './characters.ts';
import { type Detector, OTHER, SHAPED, VALID, type Verdict } from './detector.ts';

const STATES =
  'AN AP AR AS BR CG CH DD DL DN GA GJ HP HR JH JK KA KL LA LD MH ML MN MP MZ NL OD OR PB PY RJ SK TN TR TS UA UK UP WB';
const KNOWN = new Set(STATES.split(' '));

/**
 * Indian driving licences: a state, two digits of its office, the year of issue and seven digits, in all `SS99YYYY9999999`
 * with spaces or hyphens (Ministry of Road Transport and Highways, Sarathi). Those of other countries are recognised by
 * the header alone.
 */
export const drivingLicence: Detector = {
  kind: 'driving_licence',
  header: 'helps',
  first: LETTER,
  last: DIGIT,
  length: [15, 15],
  marks: WHOLE,
  test,
  // A state in one of 18 pairs of letters, a year in one of 100 runs of four digits.
  chance: 0.001,
  names: [
    ...[
      'driving licence*',
      'driving license*',
      'drivers licence*',
      'drivers license*',
      'driver licence*',
      'driver license*',
    ],
    ...['dl no', 'dl number', 'führerschein*', 'fuehrerschein*', 'fahrerlaubnis*', 'permis de conduire'],
    ...['ड्राइविंग लाइसेंस*', 'चालक अनुज्ञप्ति*', 'driving laisens'],
  ],
  hints: ['dl', 'licence no', 'license no', 'licence number', 'license number', 'लाइसेंस'],
};

function test(text: string): Verdict {
  if (text.length !== 15 || !areLetters(text, 0, 2) || !areDigits(text, 2, 15)) return OTHER;
  const year = Number(text.slice(4, 8));
  return KNOWN.has(text.slice(0, 2).toUpperCase()) && year >= 1950 && year <= 2050 ? VALID : SHAPED;
}
