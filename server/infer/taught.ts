import { Problem } from '../core/problem.ts';
import { ANY, ANY_MARK } from './detectors/characters.ts';
import { CHECKSUMS } from './detectors/checksums.ts';
import { type Detector, OTHER, SHAPED, VALID } from './detectors/detector.ts';
import { type Pattern, readPattern } from './pattern.ts';
import { POLICY, type Policy, TREATMENTS } from './policy.ts';
import { SENSITIVE_KINDS, TEXT_WITH_IDENTIFIERS } from './profile.ts';

/** A kind of identifier that somebody taught Intakt, as plain data. `docs/detection.md` describes each field. */
export interface TaughtKind {
  /** Its name in profiles and policies: 2–40 small letters, digits and `_`, and no name of a kind that is built in. */
  readonly id: string;
  /** What people call it, 1–100 characters. */
  readonly title: string;
  /** 1–10 patterns (`readPattern`), one of which the whole value matches. */
  readonly patterns: readonly string[];
  /** A name of `CHECKSUMS`, over the letters and digits of the value; `null` for none. */
  readonly checksum: string | null;
  /** Up to 50 words or phrases of columns' names that speak of it, as `matchHeader` reads them. */
  readonly header: readonly string[];
  /** Whether only a column below one of these words can be of this kind. */
  readonly headerNeeded: boolean;
  /** The share of a column's values that must be of this kind, over 0 to 1. */
  readonly share: number;
}

const BUILT_IN: readonly string[] = [...SENSITIVE_KINDS, TEXT_WITH_IDENTIFIERS, 'generic'];
const FIELDS = ['id', 'title', 'patterns', 'checksum', 'header', 'headerNeeded', 'share'];
const ID = /^[a-z][a-z0-9_]{1,39}$/;
const DEFAULT_SHARE = 0.6;
const LONGEST_PATTERN = 300;
const MOST = { kinds: 100, patterns: 10, header: 50 };

/** The detector of a taught kind; its share takes the place of the usual one. */
export function taughtDetector({ id, patterns, checksum, header, headerNeeded, share }: TaughtKind): Detector {
  const read = patterns.map(readPattern);
  const check = checksum === null ? null : CHECKSUMS[checksum]!;
  return {
    kind: id,
    header: headerNeeded ? 'needed' : 'helps',
    ...{ first: ANY, last: ANY, marks: ANY_MARK },
    length: [Math.min(...read.map(({ length }) => length[0])), Math.max(...read.map(({ length }) => length[1]))],
    test(value) {
      if (!matchesAny(read, value)) return OTHER;
      return check === null || check.test(value.replace(/[^A-Za-z0-9]/g, '')) ? VALID : SHAPED;
    },
    chance: check?.chance ?? 0,
    names: header,
    hints: [],
    share,
  };
}

function matchesAny(patterns: readonly Pattern[], value: string): boolean {
  for (const pattern of patterns) if (pattern.matches(value)) return true;
  return false;
}

/**
 * A taught kind out of JSON; `checksum`, `header`, `headerNeeded` and `share` may be left out.
 * @throws Problem `invalid_request` that names the field and what it must be.
 */
export function parseTaughtKind(json: unknown): TaughtKind {
  const fields = asObject(json, 'A taught kind');
  for (const name of Object.keys(fields))
    if (!FIELDS.includes(name)) throw wrong(`A taught kind has no field "${name}".`);
  const { id, title, patterns, checksum = null, header = [], headerNeeded = false, share = DEFAULT_SHARE } = fields;
  if (typeof id !== 'string' || !ID.test(id))
    throw wrong('id must be 2 to 40 small letters, digits and _, a letter first.');
  if (BUILT_IN.includes(id)) throw wrong(`id "${id}" is the name of a kind that is built in. Choose another.`);
  if (!isText(title, 100)) throw wrong('title must be a text of 1 to 100 characters.');
  if (!isList(patterns, MOST.patterns, LONGEST_PATTERN) || patterns.length === 0)
    throw wrong(`patterns must be 1 to ${MOST.patterns} texts of at most ${LONGEST_PATTERN} characters.`);
  for (const [i, pattern] of patterns.entries()) checkPattern(pattern, i);
  if (checksum !== null && !(typeof checksum === 'string' && Object.hasOwn(CHECKSUMS, checksum)))
    throw wrong(`checksum must be null or one of ${Object.keys(CHECKSUMS).join(', ')}.`);
  if (!isList(header, MOST.header, 100))
    throw wrong(`header must be at most ${MOST.header} texts of 1 to 100 characters.`);
  if (typeof headerNeeded !== 'boolean') throw wrong('headerNeeded must be true or false.');
  if (headerNeeded && header.length === 0) throw wrong('headerNeeded is true, so header must hold a word.');
  if (typeof share !== 'number' || !(share > 0 && share <= 1))
    throw wrong('share must be a number over 0 and up to 1.');
  return { id, title, patterns, checksum, header, headerNeeded, share };
}

/**
 * Taught kinds out of a JSON array: at most 100, each with an id of its own.
 * @throws Problem `invalid_request` that says which one is wrong and why.
 */
export function parseTaughtKinds(json: unknown): TaughtKind[] {
  if (!Array.isArray(json) || json.length > MOST.kinds)
    throw wrong(`Taught kinds must be an array of at most ${MOST.kinds}.`);
  const kinds = json.map(parseTaughtKind);
  const twice = kinds.find(({ id }, i) => kinds.findIndex((other) => other.id === id) !== i);
  if (twice) throw wrong(`Two taught kinds have the id "${twice.id}".`);
  return kinds;
}

/**
 * A policy out of JSON: an object from kinds, built in or among `taught`, to treatments.
 * @throws Problem `invalid_request` that names the kind that is wrong.
 */
export function parsePolicy(json: unknown, taught: readonly TaughtKind[] = []): Policy {
  const fields = asObject(json, 'A policy');
  const known = [...Object.keys(POLICY), ...taught.map(({ id }) => id)];
  for (const [kind, treatment] of Object.entries(fields)) {
    if (!known.includes(kind))
      throw wrong(`The policy names "${kind.slice(0, 60)}", which is no kind. Kinds: ${known.join(', ')}.`);
    if (!(TREATMENTS as readonly unknown[]).includes(treatment))
      throw wrong(`The policy for ${kind} must be one of ${TREATMENTS.join(', ')}.`);
  }
  return { ...(fields as Policy) };
}

function checkPattern(pattern: string, i: number): void {
  try {
    readPattern(pattern);
  } catch (error) {
    throw wrong(`patterns[${i}] cannot be read: ${(error as Error).message}.`);
  }
}

function asObject(json: unknown, what: string): Record<string, unknown> {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  throw wrong(`${what} must be a JSON object.`);
}

const isText = (value: unknown, longest: number): value is string =>
  typeof value === 'string' && value.trim() !== '' && value.length <= longest;

const isList = (value: unknown, most: number, longest: number): value is string[] =>
  Array.isArray(value) && value.length <= most && value.every((text) => isText(text, longest));

const wrong = (detail: string): Problem => new Problem('invalid_request', detail);
