/** Sets of character classes, as bits: which characters a value of some kind begins and ends with. */
export const DIGIT = 1;
/** ASCII letters. */
export const LETTER = 2;
/** `+` and `(`, with which phone numbers begin. */
export const SIGN = 4;
/** All other visible characters, such as letters beyond ASCII. */
export const OTHER_CHARACTER = 8;
/** Every visible character. */
export const ANY = DIGIT | LETTER | SIGN | OTHER_CHARACTER;

/** The class of white space; that of a visible character is the place of its bit, 0–3. */
export const SPACE_CLASS = 4;
const OTHER_CLASS = 3;
const CLASSES = new Uint8Array(65_536).fill(OTHER_CLASS);
for (let code = 0; code < CLASSES.length; code++) {
  if (String.fromCharCode(code).trim() === '') CLASSES[code] = SPACE_CLASS;
}
for (const [index, characters] of [
  '0123456789',
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
  '+(',
].entries()) {
  for (const character of characters) CLASSES[character.charCodeAt(0)] = index;
}

/** The class of a UTF-16 unit, 0–4. */
export function characterClass(code: number): number {
  return CLASSES[code]!;
}

/** Sets of marks, as bits: what stands before the last run of ASCII letters and digits. Here: nothing, all is one run. */
export const WHOLE = 1;
/** A space or a hyphen, as between groups of digits. */
export const GROUPS = 2;
/** `.` */
export const DOT = 4;
/** `@` */
export const AT = 8;
/** `:` */
export const COLON = 16;
/** Anything else, or no run at the end, or one of more than `LONGEST_RUN`. */
export const OTHER_MARK = 32;
/** All of them. */
export const ANY_MARK = 63;

const LONGEST_RUN = 34;
/** The mark, as the place of its bit, that an ASCII character is; 6 for letters and digits, which are none. */
const MARKS = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  return /[A-Za-z0-9]/.test(character)
    ? 6
    : [/\n/, /[ -]/, /\./, /@/, /:/, /./s].findIndex((p) => p.test(character)) || 5;
});

/** The mark of a text, as the place of its bit, 0–5. */
export function markOf(text: string): number {
  for (let i = text.length - 1; i >= 0; i--) {
    const code = text.charCodeAt(i);
    const mark = code < 128 ? MARKS[code]! : 5;
    if (mark !== 6) return mark;
    if (text.length - i > LONGEST_RUN) return 5;
  }
  return 0;
}

/** Whether the character at `at` is an ASCII digit. */
export function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

/** Whether `text` has only ASCII digits from `from` to before `to`. */
export function areDigits(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    if (!(code >= 48 && code <= 57)) return false;
  }
  return true;
}

/** Whether `text` has only ASCII letters, of either case, from `from` to before `to`. */
export function areLetters(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i) | 0x20;
    if (!(code >= 97 && code <= 122)) return false;
  }
  return true;
}

/** The value of an ASCII digit (0–9) or letter of either case (10–35), as ISO 7064 counts them; -1 for others. */
export function base36(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 0x20;
  return letter >= 97 && letter <= 122 ? letter - 87 : -1;
}
