import { ANY, DOT, LETTER } from './characters.ts';
import { type Detector, OTHER, SHAPED, VALID, type Verdict } from './detector.ts';

const AT_SIGN = 64;
const POINT = 46;
const HYPHEN = 45;
/** Of ASCII: 1 may stand before the at sign only, 2 on both sides. */
const PLACES = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  return /[A-Za-z0-9.-]/.test(character) ? 2 : /[!#$%&'*+/=?^_`{|}~]/.test(character) ? 1 : 0;
});

/** E-mail addresses of the usual form, without comments or quotes (RFC 5321, 5322; letters of any script, RFC 6531). */
export const email: Detector = {
  kind: 'email',
  header: 'helps',
  first: ANY,
  last: LETTER,
  length: [6, 128],
  marks: DOT,
  test,
  chance: 0.1,
  names: ['email*', 'e mail*', 'mail address', 'mailadresse', 'ईमेल*', 'ई मेल*', 'correo electronico', 'courriel'],
  hints: ['mail', 'contact', 'मेल'],
};

function test(value: string): Verdict {
  const top = startOfTop(value);
  if (top === 0) return OTHER;
  let at = -1;
  let edge = true;
  for (let i = 0; i < top; i++) {
    const code = value.charCodeAt(i);
    const place = code < 128 ? PLACES[code]! : 2;
    if (code === AT_SIGN ? at >= 0 || i === 0 : place === 0) return OTHER;
    if (at >= 0 && (place === 1 || (edge && (code === POINT || code === HYPHEN)))) return SHAPED;
    if (code === AT_SIGN) at = i;
    edge = code === AT_SIGN || code === POINT;
  }
  return at < 0 ? OTHER : at <= 64 ? VALID : SHAPED;
}

/** The index of the two to 24 letters that follow the last dot, or 0: most text is refused here, at its last word. */
function startOfTop(value: string): number {
  const end = value.length;
  for (let i = end - 1; i > 0 && end - i <= 25; i--) {
    const code = value.charCodeAt(i);
    const letter = code | 0x20;
    if (letter >= 97 && letter <= 122) continue;
    return code === POINT && end - i > 2 ? i + 1 : 0;
  }
  return 0;
}
