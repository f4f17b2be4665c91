import { randomBytes, randomInt } from 'node:crypto';
import { verhoeffDigit } from '../../bench/lib/verhoeff.ts';

/**
 * Planted values. All numbers begin with the same eight random digits and all texts of a kind with the same random
 * letters, so that a search for a few needles finds any of them.
 */
export interface Canaries {
  /** The `n`-th invented Aadhaar number with its right check digit; every third is written with spaces. */
  number(n: number): string;
  /** The `n`-th text, for a column that only its sender knows to be sensitive. */
  text(n: number): string;
  /** The `n`-th text for a column that is not sealed: whoever may read the rows sees it, but no disk and no log does. */
  open(n: number): string;
  /** The forms in which numbers and texts are found in bytes. */
  findSealed(bytes: Buffer): string[];
  /** The forms in which any planted value is found in bytes. */
  findAny(bytes: Buffer): string[];
}

interface Needle {
  readonly form: string;
  readonly bytes: Buffer;
}

/** New canaries, different in each run. */
export function plantCanaries(): Canaries {
  const digits = `${randomInt(2, 10)}${String(randomInt(1e7)).padStart(7, '0')}`;
  const [letters, openLetters] = [newLetters(), newLetters()];
  const sealed = [...numberForms(digits), letters].flatMap(encodings);
  const any = [...sealed, ...encodings(openLetters)];
  return {
    number(n) {
      const body = digits + String(n % 1000).padStart(3, '0');
      const whole = body + verhoeffDigit(body);
      return n % 3 === 0 ? whole.replace(/(\d{4})(?=\d)/g, '$1 ') : whole;
    },
    text: (n) => `${letters} ${n % 1000}`,
    open: (n) => `${openLetters} ${n % 1000}`,
    findSealed: (bytes) => formsIn(bytes, sealed),
    findAny: (bytes) => formsIn(bytes, any),
  };
}

const newLetters = (): string => `Zq${randomBytes(6).toString('hex')}`;

const formsIn = (bytes: Buffer, needles: readonly Needle[]): string[] =>
  needles.filter((needle) => bytes.includes(needle.bytes)).map(({ form }) => form);

/** The first eight digits, bare and as a number is grouped. */
const numberForms = (digits: string): string[] => [
  digits,
  `${digits.slice(0, 4)} ${digits.slice(4)}`,
  `${digits.slice(0, 4)}-${digits.slice(4)}`,
];

function encodings(text: string): Needle[] {
  const utf16 = Buffer.from(text, 'utf16le');
  const forms: [string, Buffer][] = [
    ['UTF-8', Buffer.from(text)],
    ['UTF-16LE', utf16],
    ['UTF-16BE', Buffer.from(utf16).swap16()],
  ];
  return forms.flatMap(([form, bytes]) => {
    const hex = bytes.toString('hex');
    return [
      { form, bytes },
      { form: `${form} in hex`, bytes: Buffer.from(hex) },
      { form: `${form} in hex, capitals`, bytes: Buffer.from(hex.toUpperCase()) },
      ...base64Forms(bytes).map((part) => ({ form: `${form} in base64`, bytes: part })),
    ];
  });
}

/** What stands in base64 for certain when the bytes begin at each of the three places within a group of four letters. */
function base64Forms(bytes: Buffer): Buffer[] {
  return [0, 1, 2].map((before) => {
    const letters = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const complete = Math.floor(((before + bytes.length) * 8) / 6);
    return Buffer.from(letters.slice(Math.ceil((before * 8) / 6), complete));
  });
}
