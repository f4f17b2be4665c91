const NUMBER = /^(-?)(\d+)(?:\.(\d+))?[eE]([+-]?\d+)$/;

/**
 * A JSON number with an exponent in plain decimal notation, digit for digit: `1.5E3` is `1500`, `1e-7` is `0.0000001`.
 * No digit is rounded away, so this is not what a spreadsheet's number needs, which is a double to begin with. A number
 * beyond what a double holds (`1e400`, `1e-400`) comes back unchanged, which also bounds the length.
 */
export function plainDecimal(text: string): string {
  const match = NUMBER.exec(text);
  if (!match) return text;
  const [, sign, whole = '', fraction = '', exponent] = match;
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return `${sign}0`;
  const value = Number(text);
  if (!Number.isFinite(value) || value === 0) return text;
  return sign + placePoint(digits, digits.length - fraction.length + Number(exponent));
}

/** `digits` with the decimal point before number `point`, and without zeros that say nothing. */
function placePoint(digits: string, point: number): string {
  const whole = point <= 0 ? '0' : digits.slice(0, point).padEnd(point, '0');
  const fraction = (point < 0 ? '0'.repeat(-point) : '') + digits.slice(Math.max(0, point));
  const kept = fraction.replace(/0+$/, '');
  return kept === '' ? whole : `${whole}.${kept}`;
}
