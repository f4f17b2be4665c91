/**
 * Check digits, written the plain way and apart from the detectors, so that a mistake of theirs shows.
 */

/** Luhn, ISO/IEC 7812-1 annex B. */
export function luhn(body: string): string {
  const sum = [...body].reverse().reduce((total, digit, i) => {
    const value = Number(digit) * (i % 2 === 0 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return body + ((10 - (sum % 10)) % 10);
}

/** GTIN (EAN, UPC, ISBN-13): weights 3 and 1 from the right. */
export function gtin(body: string): string {
  const sum = [...body].reverse().reduce((total, digit, i) => total + Number(digit) * (i % 2 === 0 ? 3 : 1), 0);
  return body + ((10 - (sum % 10)) % 10);
}

/** ISBN-10: weights 10 to 2, modulo 11. */
export function isbn10(body: string): string {
  const sum = [...body].reduce((total, digit, i) => total + Number(digit) * (10 - i), 0);
  const check = (11 - (sum % 11)) % 11;
  return body + (check === 10 ? 'X' : check);
}

/** An IBAN: ISO 7064 MOD 97-10 over the whole, with big integers. */
export function iban(country: string, account: string): string {
  const number = [...`${account}${country}00`].map((character) => Number.parseInt(character, 36)).join('');
  return country + String(98n - (BigInt(number) % 97n)).padStart(2, '0') + account;
}

/** The check character of a GSTIN, modulo 36. */
export function gstin(body: string): string {
  const sum = [...body].reduce((total, character, i) => {
    const product = Number.parseInt(character, 36) * (i % 2 === 0 ? 1 : 2);
    return total + Math.trunc(product / 36) + (product % 36);
  }, 0);
  return body + ((36 - (sum % 36)) % 36).toString(36).toUpperCase();
}

/** ISO 7064 MOD 11,10, by its recursion. */
export function mod11With10(body: string): string {
  let product = 10;
  for (const digit of body) {
    let sum = (Number(digit) + product) % 10;
    if (sum === 0) sum = 10;
    product = (2 * sum) % 11;
  }
  return body + ((11 - product) % 10);
}

/** A German pension insurance number of eight digits, a capital and two digits: VKVV § 4. */
export function pensionInsurance(area: string, letter: string, serial: string): string {
  const digits = area + String(letter.charCodeAt(0) - 64).padStart(2, '0') + serial;
  const weights = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1];
  const sum = [...digits].reduce((total, digit, i) => {
    const product = Number(digit) * weights[i]!;
    return total + [...String(product)].reduce((a, b) => a + Number(b), 0);
  }, 0);
  return area + letter + serial + (sum % 10);
}
