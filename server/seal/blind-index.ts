import { Problem } from '../core/problem.ts';
import { createHmacSha256 } from './hmac.ts';
import { type Lanes, loadLanes } from './lanes.ts';
import { normalise } from './normalise.ts';

/** Finds sealed values by equality without opening them: the same value always has the same short number. */
export interface BlindIndex {
  /** The value's number, from 0 to 2^bits - 1. */
  of(value: string): number;
  /** The numbers of the values, in order. */
  all(values: readonly string[]): Uint32Array;
}

const MIN_BITS = 8;
const MAX_BITS = 32;
/** Bytes that fit into one SHA-256 block with their padding. */
const SHORT = 55;

/**
 * A blind index: the first `bits` (8–32) of the HMAC-SHA-256 of each value, normalised by `normalise`, under a key of 32
 * bytes that is used for this one column and nothing else. Whoever holds the key can try out all Aadhaar numbers in
 * hours. Different values share numbers on purpose: open the rows that are found and compare. Takes a copy of `key`.
 * @throws Problem `key_invalid` when the key has not 32 bytes, `config_invalid` when `bits` is out of range.
 */
export function createBlindIndex(key: Uint8Array, bits: number): BlindIndex {
  const lanes = loadLanes();
  if (lanes === null) return createNodeBlindIndex(key, bits);
  const one = createNumbering(key, bits);
  const numbering: Numbering = { lanes, states: lanes.stateOf(key), shift: 32 - bits };
  return {
    of: (value) => one(normalise(value)),
    all(values) {
      const numbers = new Uint32Array(values.length);
      for (let start = 0; start < values.length; start += lanes.MAX_VALUES) {
        const part = values.slice(start, start + lanes.MAX_VALUES);
        numbers.set(numberNormal(numbering, part) ?? numberAny(numbering, part.map(normalise), one), start);
      }
      return numbers;
    },
  };
}

/** `createBlindIndex` in node:crypto alone: the fallback, and the oracle of the tests. */
export function createNodeBlindIndex(key: Uint8Array, bits: number): BlindIndex {
  const one = createNumbering(key, bits);
  const of = (value: string) => one(normalise(value));
  return { of, all: (values) => Uint32Array.from(values, of) };
}

/**
 * Bits for a column of so many rows: about eight values share each number. Fewer would find more rows in vain; more would
 * tell someone who has only the index which rows hold the same value.
 */
export function bitsFor(rows: number): number {
  return Math.min(MAX_BITS, Math.max(MIN_BITS, Math.ceil(Math.log2(Math.max(1, rows))) - 3));
}

/** The number of one normalised text. */
function createNumbering(key: Uint8Array, bits: number): (text: string) => number {
  checkArguments(key, bits);
  const hmac = createHmacSha256(key);
  return (text) => Buffer.from(hmac(Buffer.from(text)), 'latin1').readUInt32BE() >>> (32 - bits);
}

function checkArguments(key: Uint8Array, bits: number): void {
  if (key.length !== 32) throw new Problem('key_invalid', `An index key has 32 bytes; this one has ${key.length}.`);
  if (Number.isInteger(bits) && bits >= MIN_BITS && bits <= MAX_BITS) return;
  throw new Problem('config_invalid', `A blind index has 8 to 32 bits, not ${bits}. Take what bitsFor says.`);
}

/** What the module needs for the numbers of one index. */
interface Numbering {
  readonly lanes: Lanes;
  readonly states: Buffer;
  readonly shift: number;
}

/** The numbers of up to `MAX_VALUES` normalised texts. */
function numberAny(numbering: Numbering, texts: readonly string[], one: (text: string) => number): Uint32Array {
  return numberShort(numbering, texts, () => true) ?? Uint32Array.from(texts, one);
}

/** The numbers of texts that need no normalising, as those of most columns; `null` where one may. */
function numberNormal(numbering: Numbering, texts: readonly string[]): Uint32Array | null {
  return numberShort(numbering, texts, (size) => numbering.lanes.isNormal(size) === 1);
}

/**
 * The numbers of up to `MAX_VALUES` texts, or `null` when one of them is not ASCII or does not fit its lane, or when the
 * texts, once they lie in the module, are not `accepted`.
 */
function numberShort(
  { lanes, states, shift }: Numbering,
  texts: readonly string[],
  accepted: (size: number) => boolean,
): Uint32Array | null {
  const { memory, LENGTHS, NUMBERS, TEXT } = lanes;
  for (let i = 0; i < texts.length; i++) {
    if (texts[i]!.length > SHORT) return null;
    memory[LENGTHS + i] = texts[i]!.length;
  }
  const joined = texts.join('');
  try {
    if (memory.write(joined, TEXT, joined.length + 4) !== joined.length || !accepted(joined.length)) return null;
    memory.set(states, lanes.STATES);
    lanes.hmacTexts(texts.length);
    const numbers = new Uint32Array(memory.buffer, NUMBERS, texts.length).slice();
    for (let i = 0; i < numbers.length; i++) numbers[i] = numbers[i]! >>> shift;
    return numbers;
  } finally {
    lanes.wipe(texts.length, 0, joined.length + 4);
  }
}
