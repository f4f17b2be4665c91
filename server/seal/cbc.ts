import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';

/** 32-bit words in an AES block. */
const WORDS = 4;

/** Messages of whole AES blocks that lie one after another: `blocks[i]` is how many message `i` has. */
export interface Messages {
  readonly words: Uint32Array<ArrayBuffer>;
  readonly blocks: readonly number[];
  /** One block a message, in their order. */
  readonly ivs: Uint32Array<ArrayBuffer>;
}

/**
 * AES-128-CBC (NIST SP 800-38A) of many short messages in place, without padding. A cipher object costs more than a
 * block does: CBC is ECB over each block combined with the ciphertext before it, so one call encrypts the first blocks
 * of all messages, the next one the second blocks, and one call decrypts everything.
 */
export function createCbc(key: KeyObject): { encrypt(messages: Messages): void; decrypt(messages: Messages): void } {
  const encryptor = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  const decryptor = createDecipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  return {
    encrypt(messages) {
      const longest = Math.max(0, ...messages.blocks);
      const starts = startsOf(messages.blocks);
      for (let position = 0; position < longest; position++) {
        const members = [...starts.keys()].filter((i) => messages.blocks[i]! > position);
        const places = members.map((i) => starts[i]! + position * WORDS);
        const input = chained(messages, members, places, position);
        scatter(toWords(encryptor.update(input)), places, messages.words);
        input.fill(0);
      }
    },
    decrypt(messages) {
      const raw = toWords(decryptor.update(messages.words));
      unchain(raw, messages);
      messages.words.set(raw);
      raw.fill(0);
    },
  };
}

/** Where each message starts, in words. */
function startsOf(blocks: readonly number[]): number[] {
  let next = 0;
  return blocks.map((count) => {
    const start = next;
    next += count * WORDS;
    return start;
  });
}

/** The blocks at `places`, each combined with the block before it or its IV. */
function chained({ words, ivs }: Messages, members: number[], places: number[], position: number): Uint32Array {
  const input = new Uint32Array(places.length * WORDS);
  for (let j = 0; j < places.length; j++) {
    const at = places[j]!;
    const before = position === 0 ? members[j]! * WORDS : at - WORDS;
    const previous = position === 0 ? ivs : words;
    for (let w = 0; w < WORDS; w++) input[j * WORDS + w] = words[at + w]! ^ previous[before + w]!;
  }
  return input;
}

function scatter(output: Uint32Array, places: number[], words: Uint32Array): void {
  for (let j = 0; j < places.length; j++) {
    for (let w = 0; w < WORDS; w++) words[places[j]! + w] = output[j * WORDS + w]!;
  }
}

function unchain(raw: Uint32Array, { words, blocks, ivs }: Messages): void {
  let at = 0;
  for (let i = 0; i < blocks.length; i++) {
    for (let w = 0; w < WORDS; w++) raw[at + w]! ^= ivs[i * WORDS + w]!;
    const end = at + blocks[i]! * WORDS;
    for (at += WORDS; at < end; at++) raw[at]! ^= words[at - WORDS]!;
  }
}

function toWords(bytes: Buffer): Uint32Array {
  // Node may cut a small result out of a shared pool at any offset.
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : Uint8Array.from(bytes);
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
}
