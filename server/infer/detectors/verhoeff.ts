/** Multiplication in the dihedral group D5, row by row (J. Verhoeff, Error Detecting Decimal Codes, 1969). */
const MULTIPLY = Uint8Array.from(
  [
    '0123456789',
    '1234067895',
    '2340178956',
    '3401289567',
    '4012395678',
    '5987604321',
    '6598710432',
    '7659821043',
    '8765932104',
    '9876543210',
  ].join(''),
  Number,
);
const INVERSE = Uint8Array.from('0432156789', Number);
const STEP = Uint8Array.from('1576283094', Number);
/** The permutation of position p (from the right, modulo 8) applied to digit d stands at `p * 10 + d`. */
const PERMUTE = permutations();

function permutations(): Uint8Array {
  const table = new Uint8Array(80);
  for (let digit = 0; digit < 10; digit++) {
    let image = digit;
    for (let position = 0; position < 8; position++, image = STEP[image]!) table[position * 10 + digit] = image;
  }
  return table;
}

/** What remains of a run of ASCII digits, its check digit last: 0 if it is right, else 1–9; -1 for other characters. */
export function verhoeffRemainder(digits: string): number {
  return checksum(digits, 0);
}

/** The check digit that, appended to `digits`, leaves no remainder; `digits` holds ASCII digits only. */
export function verhoeffDigit(digits: string): string {
  return String(INVERSE[checksum(digits, 1)]);
}

/** The checksum, `shift` being the position of the last digit counted from the right; -1 for what is no digit. */
function checksum(digits: string, shift: number): number {
  let sum = 0;
  const last = digits.length - 1;
  for (let i = last; i >= 0; i--) {
    const digit = digits.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    sum = MULTIPLY[sum * 10 + PERMUTE[((last - i + shift) & 7) * 10 + digit]!]!;
  }
  return sum;
}
