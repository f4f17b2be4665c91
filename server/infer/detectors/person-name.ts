import { ANY_MARK, LETTER, OTHER_CHARACTER } from './characters.ts';
import { type Detector, OTHER, VALID, type Verdict } from './detector.ts';

const NAME = /^[\p{L}\p{M}][\p{L}\p{M}.,'’ -]*$/u;
/** The same of ASCII, told twice as fast. */
const ALLOWED = Uint8Array.from({ length: 128 }, (_, code) => Number(/[A-Za-z.,' -]/.test(String.fromCharCode(code))));

/** Names of people, below a header that says so: letters, with spaces, hyphens, apostrophes, dots and commas. */
export const personName: Detector = {
  kind: 'person_name',
  header: 'needed',
  first: LETTER | OTHER_CHARACTER,
  last: LETTER | OTHER_CHARACTER,
  length: [2, 80],
  marks: ANY_MARK,
  test,
  chance: 1,
  names: [
    ...[
      '=name',
      '=names',
      'full name',
      'first name',
      'last name',
      'middle name',
      'family name',
      'given name',
      'fname',
      'lname',
    ],
    ...[
      'surname',
      'forename',
      'maiden name',
      'customer name',
      'client name',
      'patient name',
      'employee name',
      'student name',
    ],
    ...[
      'member name',
      'applicant name',
      'beneficiary name',
      'nominee name',
      'contact name',
      'contact person',
      'person name',
    ],
    ...['father name', 'fathers name', 'mother name', 'mothers name', 'husband name', 'spouse name', 'guardian name'],
    ...[
      'account holder',
      'holder name',
      'cardholder*',
      'name on card',
      'user full name',
      'displayname',
      'display name',
    ],
    ...['vorname*', 'nachname*', 'familienname', 'kundenname', 'vollständiger name', 'geburtsname', 'ansprechpartner'],
    ...['=नाम', 'पूरा नाम', 'प्रथम नाम', 'उपनाम', 'ग्राहक का नाम', 'पिता का नाम', 'माता का नाम', 'कर्मचारी का नाम'],
    ...[
      '=naam',
      'poora naam',
      'pura naam',
      'upnaam',
      'pita ka naam',
      'nombre completo',
      'apellido*',
      'prénom',
      'prenom',
    ],
  ],
  hints: [],
};

function test(value: string): Verdict {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code > 127) return NAME.test(value) ? VALID : OTHER;
    if (ALLOWED[code] === 0) return OTHER;
  }
  return VALID;
}
