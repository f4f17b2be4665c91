import { isIP } from 'node:net';
import { VALID } from './detectors/detector.ts';
import { email } from './detectors/email.ts';
import { internationalPhone } from './detectors/phone.ts';
import { DIFFERS, FITS } from './numbers.ts';

/** Seen: an address of version 6, or of version 4 with a part of at least 100, as nearly all have and no version number. */
export const CERTAIN_IP = 1 << 10;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const USUAL_EMAIL = /^[\w.+-]{1,64}@(?:[A-Za-z0-9][A-Za-z0-9-]*\.)+[A-Za-z]{2,24}$/;
const LONGEST_URL = 4096;
const LONGEST_EMAIL = 254;

/** Verdict on a UUID (RFC 9562) with its hyphens; its own text has small letters. */
export function testUuid(text: string): number {
  if (text.length !== 36 || text.charCodeAt(8) !== 45 || !UUID.test(text)) return 0;
  return text === text.toLowerCase() ? FITS : FITS | DIFFERS;
}

/** Verdict on an e-mail address, as the detector `email` takes it. */
export function testEmail(text: string): number {
  if (text.length < 6 || text.length > LONGEST_EMAIL) return 0;
  // The usual ones are told a third faster.
  return USUAL_EMAIL.test(text) || email.test(text) === VALID ? FITS : 0;
}

/** Verdict on an address of the web or of a file server, with its scheme (RFC 3986): no space, a host. */
export function testUrl(text: string): number {
  if (text.length > LONGEST_URL || !/^(https?|ftps?|s3):\/\/[^\s/?#]+\S*$/i.test(text)) return 0;
  return URL.canParse(text) ? FITS : 0;
}

/** Verdict on a phone number with `+` and the country's code, as the detector `phone` takes it. */
export function testPhone(text: string): number {
  if (text.charCodeAt(0) !== 43 || text.length > internationalPhone.length[1]) return 0;
  return internationalPhone.test(text) === VALID ? FITS : 0;
}

/** Verdict on an IP address of either version (RFC 791, 4291). Its own text is that of `keyedAddress`. */
export function testAddress(text: string): number {
  const version = text.length < 2 || text.length > 45 ? 0 : isIP(text);
  if (version === 4) return /\d{3}/.test(text) ? FITS | CERTAIN_IP : FITS;
  const key = version === 6 ? addressKey(text) : undefined;
  return key === undefined ? 0 : FITS | CERTAIN_IP | (keyedAddress(key) === text ? 0 : DIFFERS);
}

/** Verdict on an object or array as JSON (RFC 8259). Its text is its value. */
export function testJson(text: string): number {
  const [first, last] = [text.charCodeAt(0), text.charCodeAt(text.length - 1)];
  if (!(first === 123 && last === 125) && !(first === 91 && last === 93)) return 0;
  try {
    JSON.parse(text);
    return FITS;
  } catch {
    return 0;
  }
}

/** Text that sorts as addresses do: the version, then the address in hexadecimal; `undefined` for what is none. */
export function addressKey(text: string): string | undefined {
  const version = text.length < 2 || text.length > 45 ? 0 : isIP(text);
  if (version === 4)
    return `4${text
      .split('.')
      .map((part) => hex(Number(part), 2))
      .join('')}`;
  return version === 6 && !text.includes('%')
    ? `6${groupsOf(text)
        .map((group) => hex(group, 4))
        .join('')}`
    : undefined;
}

/** The address of a key, as RFC 5952 writes it. */
export function keyedAddress(key: string): string {
  if (key.startsWith('4')) return [1, 3, 5, 7].map((at) => Number.parseInt(key.slice(at, at + 2), 16)).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => Number.parseInt(key.slice(1 + i * 4, 5 + i * 4), 16).toString(16));
  const { from, length } = longestZeros(groups);
  if (length < 2) return groups.join(':');
  return `${groups.slice(0, from).join(':')}::${groups.slice(from + length).join(':')}`;
}

/** The eight groups of an address of version 6 that `isIP` accepts. */
function groupsOf(text: string): number[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const [a = 0, b = 0, c = 0, d = 0] = dotted?.slice(2).map(Number) ?? [];
  const plain = dotted ? `${dotted[1]}${hex(a * 256 + b, 4)}:${hex(c * 256 + d, 4)}` : text;
  const [left = '', right] = plain.split('::');
  const parse = (side: string) => (side === '' ? [] : side.split(':').map((group) => Number.parseInt(group, 16)));
  const [start, end] = [parse(left), parse(right ?? '')];
  return [...start, ...new Array<number>(8 - start.length - end.length).fill(0), ...end];
}

function longestZeros(groups: readonly string[]): { from: number; length: number } {
  let best = { from: 0, length: 0 };
  for (let from = 0; from < 8; from++) {
    let length = 0;
    while (groups[from + length] === '0') length++;
    if (length > best.length) best = { from, length };
  }
  return best;
}

const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0');
