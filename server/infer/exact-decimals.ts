/**
 * Decimals of more digits than a double keeps are stored as text that sorts as the numbers do: what sign, where the first
 * digit stands (its power of ten plus 500), the digits. Those of a negative number count backwards and end in `~`, so that
 * `-0.12` comes after `-0.123`.
 */
const FORM = /^(-?)(\d*)(?:\.(\d+))?$/;
const LONGEST = 64;
const MIDDLE = 500;

/** Whether `text` is a decimal without an exponent and without leading zeros, of up to 64 characters. */
export function isExactDecimal(text: string): boolean {
  if (text.length > LONGEST || !FORM.test(text)) return false;
  return /^-?(0|[1-9]\d*|)(\.\d+)?$/.test(text) && /\d/.test(text);
}

/** The sortable text of a decimal that `isExactDecimal` accepts. */
export function decimalKey(text: string): string {
  const [, sign, whole = '', fraction = ''] = FORM.exec(text)!;
  const all = whole + fraction;
  const digits = all.replace(/^0+/, '').replace(/0+$/, '');
  if (digits === '') return '1';
  const power = whole.length - (all.length - all.replace(/^0+/, '').length);
  if (sign === '') return `2${String(MIDDLE + power)}${digits}`;
  return `0${String(MIDDLE - 1 - power)}${complement(digits)}~`;
}

/** The decimal that a key stands for, as it is usually written: without a zero at the end of its fraction. */
export function keyedDecimal(key: string): string {
  if (key === '1') return '0';
  const negative = key.startsWith('0');
  const power = negative ? MIDDLE - 1 - Number(key.slice(1, 4)) : Number(key.slice(1, 4)) - MIDDLE;
  const digits = negative ? complement(key.slice(4, -1)) : key.slice(4);
  const whole = power <= 0 ? '0' : digits.slice(0, power).padEnd(power, '0');
  const fraction = power <= 0 ? '0'.repeat(-power) + digits : digits.slice(power);
  return `${negative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

function complement(digits: string): string {
  return digits.replace(/\d/g, (digit) => String(9 - Number(digit)));
}
