import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { verhoeffDigit } from './verhoeff.ts';

/** The header of every generated file of people. */
export const peopleColumns = [
  'id',
  'name',
  'email',
  'aadhaar_number',
  'phone',
  'joined',
  'amount',
  'address',
  'city',
  'active',
  'note',
  'code',
] as const;

/** How large a file of people is to be, and which letters its names have. One of `rows` and `bytes` is needed. */
export interface PeopleOptions {
  /** Rows below the header. */
  readonly rows?: number;
  /** Stop after the row that reaches this many characters. */
  readonly bytes?: number;
  /** The same seed gives the same file, on every machine. Default 1. */
  readonly seed?: number;
  /** `ascii` (default), or `any`: one name in 40 is in Devanagari or has accents. */
  readonly letters?: 'ascii' | 'any';
}

/**
 * Invented people as CSV text, header first, in pieces of some 64 KiB: 12 columns, LF, addresses quoted because they
 * hold commas, one note in 50 with a quoted quote and line break, one in two empty. The Aadhaar numbers have a valid
 * check digit and belong to nobody on purpose.
 */
export function* peopleCsv(options: PeopleOptions): Generator<string> {
  const random = mulberry32(options.seed ?? 1);
  let piece = `${peopleColumns.join(',')}\n`;
  let written = 0;
  for (let id = 1; id <= (options.rows ?? Number.POSITIVE_INFINITY); id++) {
    if (written + piece.length >= (options.bytes ?? Number.POSITIVE_INFINITY)) break;
    piece += person(id, options.letters === 'any', random);
    if (piece.length < 65_536) continue;
    written += piece.length;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

/** Writes `peopleCsv(options)` as UTF-8 to `path`; memory does not grow with the file. */
export async function writePeople(path: string, options: PeopleOptions): Promise<void> {
  if (options.rows === undefined && options.bytes === undefined) throw new TypeError('writePeople needs rows or bytes');
  await pipeline(Readable.from(peopleCsv(options)), createWriteStream(path));
}

const FIRST_NAMES =
  'Asha Ravi Meera Arjun Kavya Vikram Priya Rahul Anita Suresh Divya Kiran Neha Imran Fatima John'.split(' ');
const OTHER_NAMES = ['Zoë', 'José', 'आशा', 'रवि'];
const LAST_NAMES = 'Iyer Sharma Khan Patel Reddy Nair Das Singh Fernandes Bose Gupta Rao Joshi Menon'.split(' ');
const CITIES = 'Mumbai Chennai Pune Kolkata Delhi Kochi Jaipur Bengaluru Hyderabad Bhopal'.split(' ');
const STREETS = ['MG Road', 'Park Street', 'Nehru Marg', 'Station Road', 'Temple Lane', 'Lake View'];
const NOTES = ['called back', 'prefers e-mail', 'moved in spring', 'vip'];

type Random = (below: number) => number;

function person(id: number, anyLetters: boolean, random: Random): string {
  const names = anyLetters && random(40) === 0 ? OTHER_NAMES : FIRST_NAMES;
  const first = names[random(names.length)]!;
  const last = LAST_NAMES[random(LAST_NAMES.length)]!;
  const city = CITIES[random(CITIES.length)]!;
  const phone = `+91 ${70_000 + random(29_999)} ${digits(random, 5)}`;
  const joined = `${2005 + random(20)}-${two(1 + random(12))}-${two(1 + random(28))}`;
  const amount = `${random(90_000)}.${two(random(100))}`;
  const address = `"${1 + random(400)}, ${STREETS[random(STREETS.length)]}, ${city} ${400_000 + random(99_999)}"`;
  const email = `${first}.${last}${id}@example.org`.toLowerCase();
  const active = random(3) === 0 ? 'false' : 'true';
  return `${id},${first} ${last},${email},${aadhaar(random)},${phone},${joined},${amount},${address},${city},${active},${note(random)},${digits(random, 5)}\n`;
}

function aadhaar(random: Random): string {
  const body = `${2 + random(8)}${digits(random, 10)}`;
  return body + verhoeffDigit(body);
}

function note(random: Random): string {
  const kind = random(50);
  if (kind === 0) return `"said ""later"",\nthen ${NOTES[random(NOTES.length)]}"`;
  return kind < 25 ? '' : NOTES[random(NOTES.length)]!;
}

function digits(random: Random, count: number): string {
  return (
    String(random(10 ** Math.min(count, 5))).padStart(Math.min(count, 5), '0') +
    (count > 5 ? digits(random, count - 5) : '')
  );
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}

/** Mulberry32, a small seeded generator with a period of 2^32: the same numbers on every machine. */
function mulberry32(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}
