import { ANY_MARK, DIGIT, LETTER, OTHER_CHARACTER } from './characters.ts';
import { type Detector, OTHER, VALID, type Verdict } from './detector.ts';

/** Postal addresses, below a header that says so: several words, at least one letter, no `@` and no web address. */
export const postalAddress: Detector = {
  kind: 'postal_address',
  header: 'needed',
  first: DIGIT | LETTER | OTHER_CHARACTER,
  last: DIGIT | LETTER | OTHER_CHARACTER,
  length: [5, 254],
  marks: ANY_MARK,
  test,
  chance: 1,
  names: [
    ...[
      'address*',
      'addr',
      'addr1',
      'addr2',
      'street*',
      'residence',
      'home address',
      'postal address',
      'mailing address',
    ],
    ...['anschrift*', 'adresse*', 'wohnort', 'straße*', 'strasse*', 'wohnadresse', 'lieferadresse', 'rechnungsadresse'],
    ...[
      'पता',
      'घर का पता',
      'स्थायी पता',
      'वर्तमान पता',
      '=pata',
      'ghar ka pata',
      'sthayi pata',
      'direccion',
      'dirección',
    ],
  ],
  hints: [],
};

function test(value: string): Verdict {
  return /[ ,\n]/.test(value) && /\p{L}/u.test(value) && !/@|:\/\//.test(value) ? VALID : OTHER;
}
