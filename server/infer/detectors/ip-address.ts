import { isIPv6 } from 'node:net';
import { COLON, DIGIT, DOT, LETTER, OTHER_CHARACTER } from './characters.ts';
import { type Detector, OTHER, SHAPED, VALID, type Verdict } from './detector.ts';

const COLON_SIGN = 58;
const POINT = 46;
const WORDS = {
  names: [
    'ip',
    'ip address',
    'ip addr',
    'ipv4*',
    'ipv6*',
    'client ip',
    'remote ip',
    'remote addr',
    'ip adresse',
    'आईपी*',
  ],
  hints: ['host', 'remote', 'source', 'address'],
};

/**
 * IP addresses of version 4 (RFC 791). Four small numbers with dots may also be a version of something, so that without
 * a part of at least 100 they are of the shape only: 98 % of random addresses have one.
 */
export const ipv4: Detector = {
  kind: 'ip_address',
  header: 'helps',
  first: DIGIT,
  last: DIGIT,
  length: [7, 15],
  marks: DOT,
  test: testV4,
  chance: 0.3,
  ...WORDS,
};

/** IP addresses of version 6 (RFC 4291); of the short ones such as `::1` none is a person's. */
export const ipv6: Detector = {
  kind: 'ip_address',
  header: 'helps',
  first: DIGIT | LETTER | OTHER_CHARACTER,
  last: DIGIT | LETTER | OTHER_CHARACTER,
  length: [6, 45],
  marks: COLON | DOT,
  test: (value) => (hasColon(value) && isIPv6(value) ? VALID : OTHER),
  chance: 0.3,
  ...WORDS,
};

/** The first colon of an address stands after at most four digits, and another one follows. */
function hasColon(value: string): boolean {
  for (let i = 0; i < 5; i++) if (value.charCodeAt(i) === COLON_SIGN) return value.indexOf(':', i + 1) > 0;
  return false;
}

function testV4(value: string): Verdict {
  let parts = 1;
  let part = 0;
  let start = 0;
  let large = false;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code === POINT) {
      if (i === start) return OTHER;
      parts++;
      part = 0;
      start = i + 1;
    } else {
      part = part * 10 + code - 48;
      if (!(code >= 48 && code <= 57) || part > 255 || i - start > 2) return OTHER;
      large ||= part >= 100;
    }
  }
  return parts === 4 && start < value.length ? (large ? VALID : SHAPED) : OTHER;
}
