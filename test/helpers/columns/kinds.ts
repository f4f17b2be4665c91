import { verhoeffDigit } from '../../../bench/lib/verhoeff.ts';
import type { SensitiveKind } from '../../../server/infer/profile.ts';
import { gstin, iban, luhn, mod11With10, pensionInsurance } from './checks.ts';
import { fill, type Random, UPPER } from './random.ts';

/** How made-up values of one kind look, and what their columns may be called. */
export interface KindOfColumn {
  readonly kind: SensitiveKind;
  /** A valid value, as its issuer writes it without separators. */
  readonly value: (random: Random) => string;
  /** Other ways in which the same value is written. */
  readonly formats: readonly ((value: string) => string)[];
  /** Names that say what it is. */
  readonly helpful: readonly string[];
  /** Whether a column with any other name is to be found too. */
  readonly alone: boolean;
}

const as = (value: string) => value;
const lower = (value: string) => value.toLowerCase();
const groups =
  (separator: string, ...sizes: number[]) =>
  (value: string) => {
    const ends = sizes.map((_, i) => sizes.slice(0, i + 1).reduce((sum, size) => sum + size, 0));
    const parts = [0, ...ends].map((start, i) => value.slice(start, ends[i] ?? value.length));
    return parts.filter((part) => part !== '').join(separator);
  };
const FIRST = 'Asha Ravi Meera Arjun Kavya Vikram Priya Anna Jörg Zoë François Mary-Ann आशा रवि'.split(' ');
const LAST = 'Iyer Sharma Khan Patel Reddy O’Neil Müller Schmidt Smith Das Bose शर्मा'.split(' ');
const verhoeff = (body: string) => body + verhoeffDigit(body);
const panBody = '{A3}{P|P|P|P|P|P|C|H|F|A|T|B|L|J|G}{A1}{0001-9999}{A1}';
const pan = (random: Random) => fill(panBody, random, 0);

function taxId(random: Random): string {
  for (;;) {
    const body = `${1 + random.below(9)}${random.digits(9)}`;
    const counts = [...new Set(body)].map((digit) => body.split(digit).length - 1).filter((count) => count > 1);
    if (counts.length === 1 && counts[0]! <= 3 && !/(\d)\1\1/.test(body)) return mod11With10(body);
  }
}

function nino(random: Random): string {
  for (;;) {
    const text = fill('{A2}{d6}{A|B|C|D}', random, 0);
    if (!/^([DFIQUV]|.[DFIQUVO]|BG|GB|KN|NK|NT|TN|ZZ)/.test(text)) return text;
  }
}

const name = (random: Random) => `${random.pick(FIRST)} ${random.pick(LAST)}`;
const kind = (
  [which, alone]: [SensitiveKind, boolean],
  helpful: string,
  value: (random: Random) => string,
  ...formats: ((value: string) => string)[]
): KindOfColumn => ({ kind: which, alone, helpful: helpful.split('; '), value, formats: [as, ...formats] });
const by = (template: string) => (random: Random) => fill(template, random, 0);

/** Every kind that is recognised, with helpful names in English, Hindi, its transliteration and German. */
export const KINDS: readonly KindOfColumn[] = [
  kind(
    ['aadhaar', true],
    'aadhar_number; Aadhaar No.; आधार संख्या; uidai; AADHAARNO',
    (r) => verhoeff(`${2 + r.below(8)}${r.digits(10)}`),
    groups(' ', 4, 4),
    groups('-', 4, 4),
    (v) => `${v}.0`,
  ),
  kind(
    ['aadhaar_vid', true],
    'vid; aadhaar_vid; Virtual ID; वर्चुअल आईडी',
    (r) => verhoeff(`${2 + r.below(8)}${r.digits(14)}`),
    groups(' ', 4, 4, 4),
  ),
  kind(['pan', true], 'pan; PAN No; pan_card_number; पैन नंबर; PANNumber', pan, lower, groups(' ', 5, 4)),
  kind(
    ['gstin', true],
    'gstin; GST No.; जीएसटी नंबर; gstin_of_supplier',
    (r) => gstin(`${fill('{01-37}', r, 0)}${pan(r)}${1 + r.below(9)}Z`),
    lower,
  ),
  kind(
    ['passport', false],
    'passport_no; Passport Number; पासपोर्ट नंबर; Reisepassnummer',
    by('{A|B|J|K|L|M|N|P|R|S|T|U|V|W}{1-9}{d6}'),
    groups(' ', 1),
    lower,
  ),
  kind(['voter_id', false], 'voter_id; EPIC No; मतदाता पहचान पत्र; voterIdNumber', by('{A3}{d7}'), lower),
  kind(
    ['driving_licence', true],
    'driving_licence; DL No.; Führerscheinnummer; ड्राइविंग लाइसेंस',
    by('{MH|DL|KA|TN|UP|GJ|WB|KL|RJ}{01-60}{1990-2024}{d7}'),
    groups(' ', 4),
    groups('-', 2, 2, 4),
  ),
  kind(
    ['upi_id', true],
    'upi_id; VPA; UPI; यूपीआई आईडी',
    by('{a4}{.|_|}{a5}{1-99}@{okaxis|oksbi|okicici|okhdfcbank|ybl|paytm|upi|apl|ibl}'),
    (v) => v.toUpperCase(),
  ),
  kind(['ifsc', true], 'ifsc; IFSC Code; आईएफएससी कोड', by('{HDFC|SBIN|ICIC|UTIB|KKBK|PUNB|BARB|CNRB}0{d6}'), lower),
  kind(
    ['bank_account', false],
    'bank_account_no; Account Number; Kontonummer; खाता संख्या; a/c no',
    by('{1-9}{d10}'),
    groups(' ', 4, 4),
  ),
  kind(
    ['payment_card', true],
    'card_number; Credit Card; Kreditkartennummer; क्रेडिट कार्ड',
    (r) => luhn(fill('{4|51|55|2225|60|65}', r, 0).padEnd(15, r.digits(15))),
    groups(' ', 4, 4, 4),
    groups('-', 4, 4, 4),
  ),
  kind(['payment_card', true], 'amex; cc_number; debit card no', (r) => luhn(`37${r.digits(12)}`), groups(' ', 4, 6)),
  kind(
    ['iban', true],
    'iban; IBAN-Nr.; Bankverbindung',
    (r) => iban('DE', r.digits(18)),
    groups(' ', 4, 4, 4, 4, 4),
    lower,
  ),
  kind(
    ['iban', true],
    'iban; customer_iban',
    (r) => (r.below(2) ? iban('GB', r.from(UPPER, 4) + r.digits(14)) : iban('NO', r.digits(11))),
    groups(' ', 4, 4, 4, 4, 4),
  ),
  kind(
    ['us_ssn', false],
    'ssn; Social Security Number; SSN_last_known',
    by('{001-665}{01-99}{0001-9999}'),
    groups('-', 3, 2),
  ),
  kind(['uk_nino', true], 'nino; NI Number; National Insurance No', nino, groups(' ', 2, 2, 2, 2), lower),
  kind(['de_tax_id', true], 'steuer_id; IdNr.; Steueridentifikationsnummer; Tax ID', taxId, groups(' ', 2, 3, 3)),
  kind(
    ['de_pension_insurance', true],
    'rvnr; SV-Nummer; Rentenversicherungsnummer; Sozialversicherungsnummer',
    (r) => pensionInsurance(fill('{02-89}{01-28}{01-12}{d2}', r, 0), r.from(UPPER, 1), r.digits(2)),
    groups(' ', 2, 6, 1),
  ),
  kind(
    ['email', true],
    'email; E-Mail; ईमेल; mail address',
    by('{a5}.{a6}{1-99}@{example.org|example.com|mail.example.co.in|firma.example}'),
    (v) => v.toUpperCase(),
  ),
  kind(
    ['phone', true],
    'phone; Telefon; मोबाइल नंबर; contact_no',
    by('+{91|49|1|44}{6-9}{d9}'),
    groups(' ', 3, 5),
    groups('-', 3, 3, 4),
  ),
  kind(
    ['phone', false],
    'mobile; phone_number; Telefonnummer; फोन; mob no',
    by('{6-9}{d9}'),
    groups(' ', 5),
    groups('-', 3, 3),
    (v) => `0${v.slice(0, 3)}/${v.slice(3)}`,
    (v) => `(${v.slice(0, 3)}) ${v.slice(3, 6)}-${v.slice(6)}`,
  ),
  kind(
    ['person_name', false],
    'name; full_name; Nachname; नाम; customerName; pita ka naam',
    name,
    (v) => v.toUpperCase(),
    (v) => v.split(' ').reverse().join(', '),
  ),
  kind(
    ['postal_address', false],
    'address; Anschrift; पता; street_address; Wohnadresse',
    (r) =>
      `${1 + r.below(400)}, ${r.pick(['MG Road', 'Hauptstraße', 'Park Street', 'Nehru Marg'])}, ${r.pick(['Pune', 'Köln', 'Leeds'])} ${r.digits(6)}`,
    (v) => v.replace(', ', '\n'),
  ),
  kind(
    ['birth_date', false],
    'dob; Date of Birth; Geburtsdatum; जन्म तिथि; born',
    by('{1940-2010}-{01-12}-{01-28}'),
    (v) => v.split('-').reverse().join('/'),
    (v) => `${Number(v.slice(8))} Mar ${v.slice(0, 4)}`,
  ),
  kind(['ip_address', true], 'ip; client_ip; IP-Adresse; remote_addr', by('{1-223}.{0-255}.{0-255}.{1-254}')),
  kind(['ip_address', true], 'ipv6; ip_address', by('2001:db8:{h4}:{h4}::{h4}')),
];
