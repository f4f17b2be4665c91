import { ANY_MARK, DIGIT, SIGN } from './characters.ts';
import { type Detector, OTHER, SHAPED, VALID, type Verdict } from './detector.ts';

const PLUS = 43;
const POINT = 46;
const SEPARATORS = Uint8Array.from({ length: 128 }, (_, code) => Number(' -./()'.includes(String.fromCharCode(code))));
const NAMES = [
  ...[
    'phone*',
    'telephone*',
    'mobile no',
    'mobile number',
    'mobile num',
    'mobile phone',
    'cell phone',
    'cellphone*',
    'contact no',
  ],
  ...[
    'contact number',
    'contact num',
    'whatsapp*',
    'telefon*',
    'telefonnummer',
    'handynummer',
    'mobilnummer',
    'rufnummer',
  ],
  ...['fax*', 'msisdn', 'फोन*', 'फ़ोन*', 'मोबाइल*', 'दूरभाष*', 'मोबाईल*', 'फोन नंबर', 'doorbhash', 'sampark number'],
];
const HINTS = ['mobile', 'cell', 'tel', 'tel no', 'handy', 'contact', 'mob', 'mob no', 'ph', 'ph no', 'संपर्क'];

/** Phone numbers with `+` and the country's code: 8 to 15 digits (ITU-T E.164), grouped in any way. */
export const internationalPhone: Detector = {
  kind: 'phone',
  header: 'helps',
  first: SIGN,
  last: DIGIT,
  length: [8, 24],
  marks: ANY_MARK,
  test: testInternational,
  chance: 0.3,
  names: NAMES,
  hints: HINTS,
};

/** Phone numbers in any national form: 7 to 15 digits. Nothing but the header tells them from other numbers. */
export const nationalPhone: Detector = {
  kind: 'phone',
  header: 'needed',
  first: DIGIT | SIGN,
  last: DIGIT,
  length: [7, 24],
  marks: ANY_MARK,
  test: (value) => (isGrouped(value, 7) ? VALID : OTHER),
  chance: 1,
  names: NAMES,
  hints: HINTS,
};

function testInternational(value: string): Verdict {
  if (value[0] !== '+') return OTHER;
  return value[1] !== '0' && isGrouped(value, 8) ? VALID : SHAPED;
}

/**
 * Whether `value` is `least` to 15 digits, a plus before, spaces, hyphens, dots, slashes and brackets between them. With
 * one or two digits after a dot at the end it is rather an amount.
 */
function isGrouped(value: string, least: number): boolean {
  let digits = 0;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code >= 48 && code <= 57) digits++;
    else if (SEPARATORS[code] !== 1 && !(i === 0 && code === PLUS)) return false;
  }
  const amount = value.charCodeAt(value.length - 2) === POINT || value.charCodeAt(value.length - 3) === POINT;
  return digits >= least && digits <= 15 && !amount;
}
