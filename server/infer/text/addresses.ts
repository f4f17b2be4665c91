import { VALID } from '../detectors/detector.ts';
import { email } from '../detectors/email.ts';
import { upiId } from '../detectors/upi-id.ts';
import type { Found } from './judge.ts';

const LONGEST_NAME = 64;
const LONGEST_DOMAIN = 128;
const NAME = /[A-Za-z0-9._%+-]/;
const NAMES = Uint8Array.from({ length: 128 }, (_, code) => Number(NAME.test(String.fromCharCode(code))));
const DOMAINS = Uint8Array.from({ length: 128 }, (_, code) => Number(/[A-Za-z0-9.-]/.test(String.fromCharCode(code))));
const POINT = 46;
const HYPHEN = 45;

/** The e-mail addresses and UPI ids that stand in a text, in order. */
export function findAddresses(text: string): Found[] {
  const found: Found[] = [];
  let floor = 0;
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', Math.max(at + 1, floor))) {
    const address = addressAround(text, at, floor);
    if (address === null) continue;
    found.push(address);
    floor = address.end;
  }
  return found;
}

/** The address around the `@` at `at`, but not before `floor`; narrations of banks go on behind a hyphen. */
function addressAround(text: string, at: number, floor: number): Found | null {
  let start = at;
  while (start > floor && at - start < LONGEST_NAME && NAMES[text.charCodeAt(start - 1)] === 1) start--;
  let end = at + 1;
  while (end < text.length && end - at <= LONGEST_DOMAIN && DOMAINS[text.charCodeAt(end)] === 1) end++;
  while (end > at && (text.charCodeAt(end - 1) === POINT || text.charCodeAt(end - 1) === HYPHEN)) end--;
  if (start === at) return null;
  const hyphen = text.slice(at, end).indexOf('-');
  return judgeAddress(text, start, at, end) ?? (hyphen < 0 ? null : judgeAddress(text, start, at, at + hyphen));
}

function judgeAddress(text: string, start: number, at: number, end: number): Found | null {
  const address = text.slice(start, end);
  const kind = address.includes('.', at - start) ? 'email' : 'upi_id';
  const valid = (kind === 'email' ? email : upiId).test(address) === VALID;
  return valid ? { kind, start, end, valid, form: 'usual' } : null;
}
