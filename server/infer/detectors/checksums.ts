import { base36 } from './characters.ts';
import { verhoeffRemainder } from './verhoeff.ts';

/** Luhn (ISO/IEC 7812-1 annex B) over ASCII digits, the check digit last: every second one from the right counts twice. */
export function isLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = digits.length - 1, twice = 0; i >= 0; i--, twice ^= 1) {
    const digit = (digits.charCodeAt(i) - 48) << twice;
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0;
}

/**
 * What remains of letters (two digits each, A = 10) and digits modulo 97, from character `start` on and then those before
 * (ISO 7064 MOD 97-10, where 1 is right); -1 when a character is neither.
 */
export function remainder97(text: string, start = 0): number {
  let rest = 0;
  for (let i = 0; i < text.length; i++) {
    const value = base36(text.charCodeAt((i + start) % text.length));
    if (value < 0) return -1;
    rest = (rest * (value < 10 ? 10 : 100) + value) % 97;
  }
  return rest;
}

/** ISO 7064 MOD 11,10 over ASCII digits, the check digit last. */
export function isMod11With10(digits: string): boolean {
  const last = digits.length - 1;
  let product = 10;
  for (let i = 0; i < last; i++) {
    const sum = (digits.charCodeAt(i) - 48 + product) % 10 || 10;
    product = (sum * 2) % 11;
  }
  return (11 - product) % 10 === digits.charCodeAt(last) - 48;
}

/** Weights 2, 3, 4 … from the digit before the check digit, modulo 11; `X` is the check digit ten (as in ISBN-10). */
function isMod11(text: string): boolean {
  let sum = 0;
  for (let i = 0; i < text.length; i++) {
    const ten = i === text.length - 1 && (text[i] === 'X' || text[i] === 'x');
    sum += (ten ? 10 : text.charCodeAt(i) - 48) * (text.length - i);
  }
  return sum % 11 === 0;
}

/** Weights 1 and 3 from the right, modulo 10, as in GTIN and EAN (GS1 General Specifications 7.9). */
function isMod10With3(digits: string): boolean {
  let sum = 0;
  for (let i = digits.length - 1, weight = 1; i >= 0; i--, weight ^= 2) sum += (digits.charCodeAt(i) - 48) * weight;
  return sum % 10 === 0;
}

const onDigits = (test: (digits: string) => boolean) => (text: string) => /^\d+$/.test(text) && test(text);

/** Checksums over a whole value without its separators, by the name a taught kind gives; and the share right by chance. */
export const CHECKSUMS: Readonly<
  Record<string, { readonly test: (text: string) => boolean; readonly chance: number }>
> = {
  luhn: { test: onDigits(isLuhn), chance: 0.1 },
  verhoeff: { test: (text) => verhoeffRemainder(text) === 0, chance: 0.1 },
  mod97: { test: (text) => remainder97(text) === 1, chance: 0.0104 },
  mod11: { test: (text) => /^\d+[\dXx]$/.test(text) && isMod11(text), chance: 0.091 },
  mod11_10: { test: onDigits(isMod11With10), chance: 0.1 },
  mod10_3: { test: onDigits(isMod10With3), chance: 0.1 },
};
