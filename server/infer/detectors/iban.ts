import { areDigits, areLetters, DIGIT, LETTER, WHOLE } from './characters.ts';
import { remainder97 } from './checksums.ts';
import { type Detector, OTHER, SHAPED, VALID, type Verdict } from './detector.ts';

const REGISTRY =
  'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 ' +
  'FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 ' +
  'LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 ' +
  'RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30';
const LENGTHS = new Map(REGISTRY.split(' ').map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]));

/**
 * International bank account numbers: a country, two check digits, the country's own number of a fixed length; the whole
 * is 1 modulo 97 (ISO 13616, ISO 7064; lengths from SWIFT's IBAN registry).
 */
export const iban: Detector = {
  kind: 'iban',
  header: 'helps',
  first: LETTER,
  last: LETTER | DIGIT,
  length: [15, 33],
  marks: WHOLE,
  test,
  chance: 1 / 97,
  names: ['iban', 'iban no', 'iban number', 'iban nr', 'ibannummer', 'ibannr', 'international bank account number'],
  hints: ['bank account', 'account number', 'konto', 'kontonummer', 'bankverbindung'],
};

/** How long the IBANs of a country are; `undefined` where there are none. */
export function ibanLength(country: string): number | undefined {
  return LENGTHS.get(country.toUpperCase());
}

function test(text: string): Verdict {
  if (!areDigits(text, 2, 4) || !areLetters(text, 0, 2)) return OTHER;
  if (ibanLength(text.slice(0, 2)) !== text.length) return OTHER;
  const rest = remainder97(text, 4);
  return rest < 0 ? OTHER : rest === 1 ? VALID : SHAPED;
}
