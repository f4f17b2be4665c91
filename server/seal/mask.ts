/** Characters shown of a value at most, and the share of its letters and digits that they may be. */
const SHOWN = 4;
const SHARE = 4;

type Mask = (value: string) => string;
/** The kinds whose values have a usual mask. */
const MASKS: Readonly<Record<string, Mask>> = {
  aadhaar: maskAadhaar,
  aadhaar_vid: maskVid,
  payment_card: maskCard,
  iban: maskIban,
  pan: maskPan,
  email: maskAddress,
  upi_id: maskAddress,
};

/**
 * What may be shown of a sealed value to someone who may not reveal it. The rule: at most four letters and digits, and at
 * most a quarter of them, so that a short value shows nothing (`XXXX`); the length of the mask never tells the value's.
 *
 * - `aadhaar`, twelve digits: `XXXX-XXXX-1234`, the form UIDAI asks for. It shows a third.
 * - `aadhaar_vid`, sixteen digits: `XXXX-XXXX-XXXX-1234`.
 * - `payment_card`, 14 to 19 digits: `XXXX XXXX XXXX 1234`. Of 14 and 15 digits more than a quarter: PCI DSS 4.0,
 *   requirement 3.4.1, allows the last four of every card.
 * - `iban`: `DEXX XXXX 1234`. The country is shown besides; it says which bank's rules hold, not whose account it is.
 * - `pan`: `XXXXXXX34X`, two of ten. (Forms that show all four digits are common, but show too much.)
 * - `email`, `upi_id`: `aXXXX@example.com`. The rule holds for what stands before the sign; domain and handle name the
 *   provider, but for those with five digits side by side.
 * - Everything else, and what is not of its kind's form: `XXXX-` and the last letters and digits within the rule.
 *
 * Only letters and digits count and are shown: spaces or signs cannot be used to make a short number look long.
 */
export function mask(value: string, kind: string): string {
  return maskOf(kind)(value);
}

/** `mask` of each value, in order. */
export function maskAll(values: readonly string[], kind: string): string[] {
  return values.map(maskOf(kind));
}

function maskOf(kind: string): Mask {
  return Object.hasOwn(MASKS, kind) ? MASKS[kind]! : maskText;
}

function maskAadhaar(value: string): string {
  // The two usual forms first; past some length no separators explain it, and looking would cost what it is long.
  if (/^\d{4}[ -]?\d{4}[ -]?\d{4}$/.test(value)) return `XXXX-XXXX-${value.slice(-4)}`;
  const digits = lettersAndDigits(value);
  return /^\d{12}$/.test(digits) ? `XXXX-XXXX-${digits.slice(8)}` : maskText(value);
}

function maskVid(value: string): string {
  const digits = lettersAndDigits(value);
  return /^\d{16}$/.test(digits) ? `XXXX-XXXX-XXXX-${digits.slice(12)}` : maskText(value);
}

function maskCard(value: string): string {
  const digits = lettersAndDigits(value);
  return /^\d{14,19}$/.test(digits) ? `XXXX XXXX XXXX ${digits.slice(-4)}` : maskText(value);
}

function maskIban(value: string): string {
  const text = lettersAndDigits(value).toUpperCase();
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(text)) return maskText(value);
  return `${text.slice(0, 2)}XX XXXX ${text.slice(-Math.min(SHOWN, Math.floor(text.length / SHARE)))}`;
}

function maskPan(value: string): string {
  const text = lettersAndDigits(value);
  return /^[A-Z]{5}\d{4}[A-Z]$/i.test(text) ? `XXXXXXX${text.slice(7, 9)}X` : maskText(value);
}

function maskAddress(value: string): string {
  const [, local, provider] = /^([\x21-\x7e]{1,64})@([A-Za-z0-9.-]{2,128})$/.exec(value) ?? [];
  // A handle or domain has a few digits at most; a number there is whose it should not show.
  if (local === undefined || provider === undefined || local.includes('@') || /\d{5}/.test(provider))
    return maskText(value);
  const long = /^[A-Za-z0-9]/.test(local) && lettersAndDigits(local).length >= SHARE;
  return `${long ? local[0] : ''}XXXX@${provider}`;
}

/** `''` for what is too long to be an identifier. */
function lettersAndDigits(value: string): string {
  if (value.length > 64) return '';
  return /^[A-Za-z0-9]*$/.test(value) ? value : value.replace(/[^\p{L}\p{N}]/gu, '');
}

function maskText(value: string): string {
  const end: string[] = [];
  let count = 0;
  for (let i = value.length - 1; i >= 0 && count < SHOWN * SHARE; i--) {
    const character = characterEndingAt(value, i);
    i -= character.length - 1;
    if (isLetterOrDigit(character) && ++count <= SHOWN) end.unshift(character);
  }
  const shown = Math.floor(count / SHARE);
  return shown === 0 ? 'XXXX' : `XXXX-${end.slice(-shown).join('')}`;
}

/** One UTF-16 unit, or the two of a character outside the basic plane. */
function characterEndingAt(value: string, end: number): string {
  const low = value.charCodeAt(end);
  const paired = low >= 0xdc00 && low <= 0xdfff && end > 0 && value.codePointAt(end - 1)! > 0xffff;
  return paired ? value.slice(end - 1, end + 1) : value[end]!;
}

function isLetterOrDigit(character: string): boolean {
  const code = character.charCodeAt(0);
  if (code > 0x7f) return /^[\p{L}\p{N}]/u.test(character);
  const letter = code | 0x20;
  return (code >= 48 && code <= 57) || (letter >= 97 && letter <= 122);
}
