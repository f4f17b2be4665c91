/** The check digit that makes `body` (decimal digits) valid under Verhoeff's scheme (J. Verhoeff, 1969), as Aadhaar uses it. */
export function verhoeffDigit(body: string): string {
  let check = 0;
  for (let i = 0; i < body.length; i++) {
    const digit = Number(body[body.length - 1 - i]);
    check = multiply(check, permute(digit, i + 1));
  }
  return String([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].find((digit) => multiply(check, digit) === 0));
}

/** The product in the dihedral group D5, whose elements 0–4 are rotations and 5–9 reflections. */
function multiply(a: number, b: number): number {
  if (a < 5) return b < 5 ? (a + b) % 5 : ((a + b) % 5) + 5;
  return b < 5 ? ((a - b) % 5) + 5 : (a - b + 5) % 5;
}

const PERMUTATION = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

function permute(digit: number, times: number): number {
  let result = digit;
  for (let i = 0; i < times % 8; i++) result = PERMUTATION[result]!;
  return result;
}
