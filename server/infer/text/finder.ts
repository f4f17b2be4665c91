import { findAddresses } from './addresses.ts';
import { isAlnum, isDigit, isDigits, runEnd } from './boundaries.ts';
import { fromDigits } from './digit-groups.ts';
import { withoutEscapes } from './escapes.ts';
import type { Found, Take } from './judge.ts';
import { fromCapitals, fromLetters } from './letter-runs.ts';

const LONGEST_RUN = 34;
/** `a@b.co`; numbers are longer. */
const SHORTEST = 6;
const SHORTEST_NUMBER = 8;
const NONE: readonly Found[] = [];

/**
 * Finds the identifiers that stand in a text, in order and apart from each other: one pass over its characters, which stops
 * at digits and at `@` alone. They stand apart from other letters and digits, are written in one run or in the groups that
 * are usual for their kind, and have their checksum or a shape that little else has; numbers without either count behind a
 * word that says what they are. Escapes of JSON part what they stand between.
 */
export function findIdentifiers(written: string, take: Take): void {
  if (written.length < SHORTEST) return;
  const text = written.includes('\\') ? withoutEscapes(written) : written;
  const addresses = text.includes('@') ? findAddresses(text) : NONE;
  let from = 0;
  for (const address of addresses) {
    findBetween(text, from, address.start, take);
    take(address);
    from = address.end;
  }
  if (from === 0) findNumbers(text, take);
  else findBetween(text, from, text.length, take);
}

function findBetween(text: string, from: number, to: number, take: Take): void {
  const found = ({ start, end, ...more }: Found) => take({ ...more, start: start + from, end: end + from });
  findNumbers(text.slice(from, to), found);
}

/** All of them have two digits side by side, so every second character is looked at. */
function findNumbers(text: string, take: Take): void {
  if (text.length < SHORTEST_NUMBER) return;
  let floor = 0;
  for (let i = 1; i < text.length; i += 2) {
    const code = text.charCodeAt(i);
    if (code < 48 || code > 57) continue;
    const isSecond = i > floor && isDigit(text, i - 1);
    if (!isSecond && !isDigit(text, i + 1)) continue;
    floor = fromDigit(text, isSecond ? i - 1 : i, floor, take);
    i = floor - 1;
  }
}

/** Judges what stands around the digit at `at`, but not before `floor`; returns where to go on. */
function fromDigit(text: string, at: number, floor: number, take: Take): number {
  let start = at;
  while (start > floor && at - start <= LONGEST_RUN && isAlnum(text, start - 1)) start--;
  const end = runEnd(text, at);
  if (end - start > LONGEST_RUN || at - start > LONGEST_RUN) return end;
  if (start === at && isDigits(text, start, end))
    return fromCapitals(text, start, floor, take) || fromDigits(text, start, end, take);
  return fromLetters(text, start, end, take);
}
