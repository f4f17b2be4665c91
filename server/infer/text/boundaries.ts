const SPACE = 32;
const PERCENT = 37;
const COMMA = 44;
const HYPHEN = 45;
const POINT = 46;
const COLON = 58;
const AT = 64;
const LOW_LINE = 95;
const NO_BREAK_SPACE = 160;

/** Whether an ASCII letter or digit stands at `at`. */
export function isAlnum(text: string, at: number): boolean {
  return isAlnumCode(text.charCodeAt(at));
}

/** By comparison: what lies beyond a text has no code, and to look that up in a table is slow. */
function isAlnumCode(code: number): boolean {
  const letter = code | 0x20;
  return (code >= 48 && code <= 57) || (letter >= 97 && letter <= 122);
}

/** Where the run of ASCII letters and digits from `from` on ends. */
export function runEnd(text: string, from: number): number {
  let end = from;
  while (end < text.length && isAlnumCode(text.charCodeAt(end))) end++;
  return end;
}

/** Whether there are only digits from `from` to before `to`. */
export function isDigits(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    if (code < 48 || code > 57) return false;
  }
  return true;
}

/** Whether a gap between groups, and then a letter or digit, stands at `at`. */
export function isGap(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return (code === SPACE || code === HYPHEN || code === NO_BREAK_SPACE) && isAlnum(text, at + 1);
}

/** Whether a character binds digits behind it to something longer: one of `#%+-/_` and the backslash. */
function isJoint(code: number): boolean {
  return (
    code === 35 || code === PERCENT || code === 43 || code === HYPHEN || code === 47 || code === LOW_LINE || code === 92
  );
}

/** Whether a sign at `at` parts fields in what banks write of payments, and binds digits elsewhere: `+` or `/`. */
export function isFieldSign(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 43 || code === 47;
}

/** Whether nothing before `at` belongs to the same number, code or path. */
export function startsApart(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  return !isJoint(before) && !((before === POINT || before === COLON) && isDigit(text, at - 2));
}

/** Whether nothing from `at` on belongs to the same number, code or path. */
export function endsApart(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code === LOW_LINE || code === PERCENT || code === AT) return false;
  if (code === POINT || code === COLON) return !isDigit(text, at + 1);
  if (code === COMMA) return runEnd(text, at + 1) !== at + 3 || !isDigit(text, at + 1);
  return !(isJoint(code) && isAlnum(text, at + 1));
}

/** Whether an ASCII digit stands at `at`. */
export function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}
