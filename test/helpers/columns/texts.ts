import type { SensitiveKind } from '../../../server/infer/profile.ts';
import { gtin, isbn10, luhn } from './checks.ts';
import { KINDS } from './kinds.ts';
import { fill, type Random } from './random.ts';

/** How identifiers of one kind are written in remarks: what is said before them, and the forms that are to be found. */
export interface KindInTexts {
  readonly kind: SensitiveKind;
  /** Whether it is to be found without a word before it that says what it is. */
  readonly alone: boolean;
  readonly value: (random: Random) => string;
  readonly formats: readonly ((value: string) => string)[];
  readonly words: readonly string[];
}

/** Whether a format writes the value without anything between its parts. */
const isWhole = (format: (value: string) => string) => format('ABCDEFGH12345678') === 'ABCDEFGH12345678';

const wordsOf: Partial<Record<SensitiveKind, readonly [words: string, alone: boolean]>> = {
  aadhaar: ['Aadhaar; aadhar no.; UIDAI number is; आधार', true],
  aadhaar_vid: ['VID; virtual id', false],
  pan: ['PAN; pan card', true],
  gstin: ['GSTIN; gst no', true],
  passport: ['Passport no; passport number', false],
  voter_id: ['voter id; EPIC No', false],
  driving_licence: ['driving licence; DL', true],
  upi_id: ['UPI; pay to', true],
  bank_account: ['account number; a/c no; acct no', false],
  payment_card: ['card; credit card no', true],
  iban: ['IBAN; transfer to', true],
  us_ssn: ['SSN; social security number', true],
  uk_nino: ['NINO; national insurance number', false],
  de_tax_id: ['Steuer-ID; tax id', true],
  de_pension_insurance: ['Rentenversicherungsnummer; SV-Nummer', true],
};

/** The kinds that are looked for inside texts. */
export const TEXT_KINDS: readonly KindInTexts[] = KINDS.flatMap(({ kind, value, formats }) => {
  const [words, alone] = wordsOf[kind] ?? [];
  if (words === undefined) return [];
  const usual = formats.filter((format) => {
    const sample = format('abcdefgh12345678');
    // Small letters and floats are forms of columns rather than of remarks; of SSNs the dashes are needed.
    return !sample.endsWith('.0') && sample !== sample.toUpperCase() && (kind !== 'us_ssn' || !isWhole(format));
  });
  return [
    {
      kind,
      alone: alone!,
      value,
      formats: usual.filter((format) => format('ABCDEFGH12345678') !== 'abcdefgh12345678'),
      words: words.split('; '),
    },
  ];
});

/** Whether a form of twelve digits in one run is told by a word before it alone: it is a matter of chance without. */
export const needsWord = ({ kind, alone }: KindInTexts, format: (value: string) => string): boolean =>
  !alone || (kind === 'aadhaar' && isWhole(format));

const WORDS =
  'called back customer asked about the delivery and was told that it is late again please send a copy of the invoice to office before Friday moved in spring wants refund spoke with manager'.split(
    ' ',
  );
const SENTENCES =
  'Der Kunde rief an und bat um Rückruf; ग्राहक ने फोन किया; Left a message; See above; ok; n/a; pending (2 of 3)'.split(
    '; ',
  );

/** A remark without any identifier. */
export function prose(random: Random): string {
  if (random.below(8) === 0) return random.pick(SENTENCES);
  const words = Array.from({ length: 3 + random.below(15) }, () => random.pick(WORDS)).join(' ');
  return random.below(3) === 0 ? `${words} ${random.below(1000)}.` : `${words}.`;
}

/** A remark that holds `value`, after `word` if there is one; never the value alone. */
export function remark(random: Random, value: string, word: string): string {
  const start = word === '' || random.below(2) ? `${prose(random)} ` : '';
  const joint = word === '' ? '' : `${word}${random.pick([' ', ': ', ' - ', '='])}`;
  return `${start}${joint}${value}${random.pick(['', '.', ', thanks', ' (checked)', '; call him', '\nsecond line'])}`;
}

const by = (template: string) => (random: Random) => fill(template, random, 0);
const date = '{2015-2025}-{01-12}-{01-28}';
const time = '{00-23}:{00-59}:{00-59}';

/** Texts with numbers and codes that are none of the kinds, by name. */
export const OTHER_TEXTS: Readonly<Record<string, (random: Random) => string>> = {
  prose,
  'prose with amounts': (r) => `${prose(r)} EUR ${r.below(9999)}.${r.digits(2)} paid on ${fill(date, r, 0)}`,
  'log lines': by(
    `${date}T${time}.{d3}Z INFO [worker-{1-9}] request {h16} took {1-9999} ms, status {200-504}, bytes {1000-99999999}`,
  ),
  'access log': by(
    `{1-223}.{0-255}.{0-255}.{1-254} - - [{01-28}/Mar/{2015-2025}:${time} +0000] "GET /v1/{d6}/items?id={d12} HTTP/1.1" 200 {100-99999}`,
  ),
  'epoch log': by('ts=17{d11} level=info msg="cache miss" key=user:{d8}:{h8}'),
  'order numbers of 12 digits': by('Order {d12} shipped'),
  'order numbers after #': by('order #{d12}, invoice #{d14}'),
  'order numbers of 16 digits': by('payment reference 4{d15} booked'),
  'orders in groups': by('tracking {d4} {d4} {d4} at depot'),
  'reference in groups of four': by('ref 4{d3}-{d4}-{d4}-{d4} received'),
  'voucher codes': by('used voucher {X4}-{X4}-{X4}-{X4}'),
  'licence keys': by('key {X5}-{X5}-{X5}-{X5}-{X5}'),
  isbn: (r) => `see ISBN ${gtin(`978${r.digits(9)}`)} or ${isbn10(r.digits(9))}`,
  'isbn with hyphens': (r) => `ISBN 978-3-${r.digits(2)}-${r.digits(6)}-${r.below(10)}`,
  ean: (r) => `article ${gtin(`40${r.digits(10)}`)} sold out`,
  upc: (r) => `upc ${gtin(`7${r.digits(10)}`)} in box ${r.digits(4)}`,
  imei: (r) => `phone IMEI ${luhn(`35${r.digits(12)}`)} lost`,
  iccid: (r) => `sim ${luhn(`8991${r.digits(14)}`)} active`,
  'parcel tracking': by('parcel 1Z{X16} and {d12} by FedEx'),
  usps: by('usps 94{d2} {d4} {d4} {d4} {d4} {d2}'),
  timestamps: by(`seen ${date} ${time}, again {2015-2025}{01-12}{01-28}{00-23}{00-59}{00-59}`),
  hashes: by('commit {h40} of {h64}'),
  uuids: by('session {h8}-{h4}-4{h3}-a{h3}-{h12} closed'),
  'phone numbers': by('call +91 {6-9}{d4} {d5} or {6-9}{d9}'),
  'phones with country, no plus': by('whatsapp 91{6-9}{d9}'),
  'us phones': by('call ({d3}) {d3}-{d4} or {d3}-{d3}-{d4}'),
  'german phones': by('Tel. 0{2-9}{d2} / {d4} {d4}, Fax 0{2-9}{d2}-{d7}'),
  coordinates: by('at {8-35}.{d6}, {68-97}.{d6} near {8-35}.{d14}'),
  'long decimals': by('score 0.{d16} of 1.{d15}'),
  'part numbers': by('part {d3}-{d2}-{d3} and {A2}{d5}{A1}'),
  'product codes': by('model {A4}{d4}{A1} rev {A1}{d2}'),
  vins: by('car {X17} sold'),
  flights: by('flight LH{d4} pnr {X6} seat {1-40}{A|B|C|D}'),
  postcodes: by('send to {d3} {d3} Pune, {d5} Köln, SW{1-9}A {1-9}{A2}'),
  addresses: by('{1-400}, MG Road, Pune 4110{01-60}'),
  urls: by('see https://example.org/orders/{d12}?ref={d16}&t=17{d8}'),
  paths: by('/var/data/{2015-2025}/{01-12}/{d12}.csv, /tmp/{h16}-{d12}'),
  handles: by('thanks @{a6}_{d3}, see {a5}@{a5}-{d3} and cc @{a8}'),
  versions: by('upgrade from {1-9}.{0-20}.{0-9} to {1-9}.{0-20}.{d4}.{d4}'),
  'json orders': (r) =>
    JSON.stringify({ id: Number(`1${r.digits(11)}`), items: [{ sku: `A${r.digits(8)}`, qty: r.below(9) }] }),
  'json with hashes': (r) =>
    JSON.stringify({ h: r.from('0123456789abcdef', 40), at: 1_700_000_000_000 + r.below(1e9) }),
  'mixed ids': by('case {d10} claim CLM{d9} policy {d10}'),
  'codes in groups of four': by('booked {2-9}{d3}-{d4}-{d4}-{d4}-{d4}-{d4}'),
  'decimal amounts': by('{1-9}{d11},{d2} EUR and {1-9}{d15}.{d2}'),
};
