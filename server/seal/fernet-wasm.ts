import { createCipheriv, createDecipheriv, createSecretKey, randomFillSync } from 'node:crypto';
import { Problem } from '../core/problem.ts';
import { createNodeSealer, requireKey } from './fernet.ts';
import { BLOCK, FRONT, SHORT_VALUE, TAG } from './fernet-format.ts';
import { inGroups } from './groups.ts';
import { type KeySealer, openAll } from './keyring.ts';
import { type Lanes, loadLanes } from './lanes.ts';
import { textReader } from './text.ts';

/** One batch under way: `count` texts of `blocks` AES blocks each. */
interface Run {
  readonly lanes: Lanes;
  readonly count: number;
  readonly blocks: number;
  /** AES-128 over whole blocks of the module's memory, from one offset to another. */
  readonly aes: (from: number, to: number, bytes: number) => void;
}

/**
 * Fernet with the HMACs of four tokens at a time and base64 in WebAssembly SIMD, and AES in one call a batch. What does
 * not fit its slots (more than 127 bytes, or not ASCII) goes through `createNodeSealer`. The strings of one batch share
 * their memory: a string kept alone keeps up to 250 KB alive. Takes a copy of `key`.
 * @throws Problem `key_invalid` when the key has not 32 bytes; `internal` where `loadLanes` gives `null`.
 */
export function createWasmSealer(key: Uint8Array): KeySealer {
  requireKey(key);
  const lanes = loadLanes();
  if (lanes === null) throw new Problem('internal', 'This runtime has no WebAssembly SIMD. Use createNodeSealer.');
  const batch = createBatch(lanes, key);
  const node = createNodeSealer(key);
  const openEach = (tokens: readonly string[]) =>
    inGroups(tokens, tokenGroup, lanes.MAX_VALUES, (group, blocks) =>
      blocks === 0 ? node.openEach(group) : (batch.open(group, blocks) ?? node.openEach(group)),
    );
  const sealGroup = (group: readonly string[], blocks: number, now: number): string[] =>
    blocks === 0 ? node.seal(group, now) : (batch.seal(group, blocks, now) ?? sealMixed(group, now));
  const sealMixed = (group: readonly string[], now: number) =>
    inGroups(group, asciiGroup, lanes.MAX_VALUES, (part, blocks) => sealGroup(part, blocks, now));
  return {
    seal: (values, now) =>
      inGroups(values, valueGroup, lanes.MAX_VALUES, (group, blocks) => sealGroup(group, blocks, now)),
    open: (tokens) => openAll(openEach(tokens)),
    openEach,
  };
}

/** AES blocks of a value if it is ASCII, or 0 when it is too long for a slot. */
function valueGroup(value: string): number {
  return value.length > SHORT_VALUE ? 0 : (value.length >> 4) + 1;
}

function asciiGroup(value: string): number {
  return /^[\x00-\x7f]*$/.test(value) ? valueGroup(value) : 0;
}

/** AES blocks by length of token; any other length is a long token or none. */
const BLOCKS_BY_LENGTH = new Map(
  Array.from({ length: (SHORT_VALUE + 1) / BLOCK }, (_, i) => [tokenLength(i + 1), i + 1] as const),
);

function tokenLength(blocks: number): number {
  return 4 * Math.ceil((FRONT + blocks * BLOCK + TAG) / 3);
}

function tokenGroup(token: string): number {
  return BLOCKS_BY_LENGTH.get(token.length) ?? 0;
}

/** Both directions for one group: `null` when it holds a text that is not ASCII. */
function createBatch(lanes: Lanes, key: Uint8Array) {
  const states = lanes.stateOf(key.subarray(0, 16));
  const aesKey = createSecretKey(key.subarray(16));
  const encryptor = createCipheriv('aes-128-ecb', aesKey, null).setAutoPadding(false);
  const decryptor = createDecipheriv('aes-128-ecb', aesKey, null).setAutoPadding(false);
  const run = <T>(
    texts: readonly string[],
    blocks: number,
    aes: typeof encryptor | typeof decryptor,
    work: (run: Run) => T,
  ) => {
    const characters = texts.length * tokenLength(blocks);
    const joined = texts.join('');
    try {
      // Room for one more character, so that a text that is not ASCII cannot be cut to the length of one that is.
      if (lanes.memory.write(joined, lanes.TEXT, characters + 4) !== joined.length) return null;
      lanes.memory.set(states, lanes.STATES);
      return work({ lanes, count: texts.length, blocks, aes: inMemory(lanes.memory, aes) });
    } finally {
      lanes.wipe(texts.length, blocks, characters + 4);
    }
  };
  return {
    seal: (values: readonly string[], blocks: number, now: number) =>
      run(values, blocks, encryptor, (batch) => sealBatch(batch, values, now)),
    open: (tokens: readonly string[], blocks: number) => run(tokens, blocks, decryptor, openBatch),
  };
}

function inMemory(memory: Buffer, aes: { update(data: Buffer): Buffer }): Run['aes'] {
  return (from, to, bytes) => {
    const result = aes.update(memory.subarray(from, from + bytes));
    memory.set(result, to);
    result.fill(0);
  };
}

function sealBatch({ lanes, count, blocks, aes }: Run, values: readonly string[], now: number): string[] {
  const { memory, LENGTHS } = lanes;
  const size = count * BLOCK;
  for (let i = 0; i < count; i++) memory[LENGTHS + i] = values[i]!.length;
  randomFillSync(memory, lanes.IVS, size);
  lanes.layOut(count, blocks);
  for (let position = 0; position < blocks; position++) {
    if (position > 0) lanes.chain(count, position);
    aes(lanes.BLOCKS + position * size, lanes.CIPHER + position * size, size);
  }
  lanes.finishSeal(count, blocks, Math.floor(now / 2 ** 32), now % 2 ** 32);
  const length = tokenLength(blocks);
  const text = memory.toString('latin1', lanes.TEXT, lanes.TEXT + count * length);
  const tokens = new Array<string>(count);
  for (let i = 0; i < count; i++) tokens[i] = text.substring(i * length, (i + 1) * length);
  return tokens;
}

function openBatch({ lanes, count, blocks, aes }: Run): (string | null)[] {
  lanes.authenticate(count, blocks);
  aes(lanes.CIPHER, lanes.BLOCKS, count * blocks * BLOCK);
  const bytes = lanes.finishOpen(count, blocks);
  const read = textReader(lanes.memory.subarray(lanes.TEXT, lanes.TEXT + bytes));
  const values: (string | null)[] = [];
  for (let i = 0, at = 0; i < count; i++) {
    const end = at + lanes.memory[lanes.LENGTHS + i]!;
    values.push(lanes.memory[lanes.VALID + i] === 1 ? read(at, end) : null);
    at = end;
  }
  return values;
}
