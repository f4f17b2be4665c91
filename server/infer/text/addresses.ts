import { VALID } from '../detectors/detector.ts';
import { email } from '../detectors/email.ts';
import { upiId } from '../detectors/upi-id.ts';
import type { Found } from './finder.ts';

const LONGEST_NAME = 64;
const LONGEST_DOMAIN = 128;
const NAME = /[A-Za-z0-9._%+-]/;
const NAMES = Uint8Array.from({ length: 128 }, (_, code) => Number(NAME.test(String.fromCharCode(code))));
const DOMAINS = Uint8Array.from({ length: 128 }, (_, code) => Number(/[A-Za-z0-9.-]/.test(String.fromCharCode(code))));
const POINT = 46;
const HYPHEN = 45;

/** Takes the e-mail address or UPI id around the `@` at `at`, not before `floor`, if there is one; returns where to go on. */
export function findAddress(text: string, at: number, floor: number, take: (found: Found) => void): number {
  let start = at;
  while (start > floor && at - start < LONGEST_NAME && NAMES[text.charCodeAt(start - 1)] === 1) start--;
  let end = at + 1;
  while (end < text.length && end - at <= LONGEST_DOMAIN && DOMAINS[text.charCodeAt(end)] === 1) end++;
  while (end > at && (text.charCodeAt(end - 1) === POINT || text.charCodeAt(end - 1) === HYPHEN)) end--;
  if (start === at || end <= at + 2) return at + 1;
  const address = text.slice(start, end);
  const kind = address.includes('.', at - start) ? 'email' : 'upi_id';
  if ((kind === 'email' ? email : upiId).test(address) !== VALID) return at + 1;
  take({ kind, start, end, valid: true, form: 'usual' });
  return end;
}
