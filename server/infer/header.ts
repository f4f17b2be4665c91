/** How plainly a column's name speaks of a kind: `name` of it alone, `hint` of it or of something else, or not at all. */
export type HeaderMatch = 'name' | 'hint' | null;

/** A column's name, read for `matchHeader`. */
export interface Header {
  /** Every run of up to five words, joined; and, after a `=`, all of them. */
  readonly runs: ReadonlySet<string>;
  /** Whether it rather speaks of something about a thing, such as its date or its status. */
  readonly about: boolean;
}

const LONGEST_RUN = 5;
const MOST_WORDS = 32;
/** Words of columns that tell something about an identifier: `aadhaar_verified`, `passport_expiry`, `card_type`. */
const ABOUT = new Set(
  [
    'date dt datum status state type typ verified verification validated valid validity expiry expires expired expiration',
    'exp issue issued issuer issuing country place authority flag count month year image photo scan file filename url link',
    'hash last4 lastfour consent available provided linked seeded name ablauf ablaufdatum gültig ausgestellt land',
    'तिथि स्थिति सत्यापित प्रकार',
  ].flatMap((line) => line.split(' ')),
);

/**
 * The words of a column's name in lower case: Unicode NFKC, split at every change of case and at what is neither letter,
 * mark nor digit. `AadhaarNo. (12)` gives `aadhaar`, `no`, `12`; `PANNumber` gives `pan`, `number`.
 */
export function headerWords(name: string): string[] {
  const spaced = name
    .normalize('NFKC')
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2');
  return spaced.toLowerCase().match(/[\p{L}\p{M}]+|\p{N}+/gu) ?? [];
}

/** Reads a column's name; of an endless one only the first words. */
export function readHeader(name: string): Header {
  const words = headerWords(name).slice(0, MOST_WORDS);
  const runs = new Set([`=${words.join('')}`]);
  for (let from = 0; from < words.length; from++) {
    let run = '';
    for (const word of words.slice(from, from + LONGEST_RUN)) {
      run += word;
      runs.add(run);
    }
  }
  return { runs, about: [...runs].some((run) => ABOUT.has(run)) };
}

/**
 * What a header says of a kind with these `names` and `hints`. A phrase matches wherever its words follow each other, also
 * written as one: `date of birth` is in `Patient DateOfBirth`. With `*` at its end it may go on (`aadhaar*` is in
 * `aadhaarno`), with `=` before it, it must be the whole header. A name that tells something about the thing is a hint.
 */
export function matchHeader(header: Header, names: readonly string[], hints: readonly string[]): HeaderMatch {
  if (names.some((phrase) => holds(header, phrase))) return header.about ? 'hint' : 'name';
  return hints.some((phrase) => holds(header, phrase)) ? 'hint' : null;
}

function holds({ runs }: Header, phrase: string): boolean {
  const joined = phrase.normalize('NFKC').replaceAll(' ', '');
  if (!joined.endsWith('*')) return runs.has(joined);
  const start = joined.slice(0, -1);
  for (const run of runs) if (run.startsWith(start)) return true;
  return false;
}

/**
 * Whether a value could be somebody's number written wrongly: of its letters and digits at least two in five are digits,
 * of any script. `1234-5678-9012` and `ABCDE1234` are, `XXXX-XXXX-1234` and an address with a house number are not.
 */
export function isDigitLike(value: string): boolean {
  const digits = value.match(/\p{Nd}/gu)?.length ?? 0;
  return digits > 0 && digits * 5 >= (value.match(/[\p{L}\p{M}\p{N}]/gu)?.length ?? 0) * 2;
}
