import { isUtf8 } from 'node:buffer';
import { Problem } from '../core/problem.ts';
import type { Source } from '../core/source.ts';
import { type Guess, guessEncoding } from './encoding-guess.ts';
import { countSequences, unfinishedBytes } from './utf8-sequences.ts';

/** How a text file is encoded. */
export interface Encoding {
  /** The WHATWG name: `utf-8`, `utf-16le`, `windows-1252` … */
  readonly label: string;
  /** Bytes of the byte order mark at the start, which is no part of the text. */
  readonly markBytes: number;
  /** How sure it is, 0–1, if it was guessed from the frequency of characters. */
  readonly confidence?: number;
}

/** Bytes at the start of a file that tell UTF-16 from other encodings. */
const HEAD_BYTES = 65_536;
/** What a legacy encoding is guessed from; a word that is longer is none. */
const WORD_BYTES = 65_536;
const LONGEST_WORD = 4096;

/**
 * The encoding of a file: what the sender said (`label`, a WHATWG label), else its byte order mark, else UTF-16 by its
 * pattern of zero bytes, else UTF-8 if all of the file is valid, which costs one pass over the source.
 *
 * A file with invalid bytes is still `utf-8` when it has more valid multi-byte characters than invalid bytes: it is
 * UTF-8 that was damaged, and its reader rejects the damaged rows. Otherwise it is what `guessEncoding` says.
 * @throws Problem `encoding_invalid` when the label is unknown, or the file is UTF-32.
 */
export async function detectEncoding(source: Source, label?: string): Promise<Encoding> {
  const head = await readHead(source);
  if (label !== undefined) return { label: knownLabel(label), markBytes: markOf(head, knownLabel(label)) };
  const marked = MARKED.find((name) => markOf(head, name) > 0);
  if (isUtf32(head)) throw new Problem('encoding_invalid', 'The file is UTF-32. Save it as UTF-8 and upload it again.');
  if (marked !== undefined) return { label: marked, markBytes: markOf(head, marked) };
  const utf16 = utf16Label(head, source.size);
  return { ...(utf16 === null ? await detectEightBit(source) : { label: utf16 }), markBytes: 0 };
}

const MARKED = ['utf-8', 'utf-16le', 'utf-16be'];
const MARKS: Readonly<Record<string, string>> = { 'utf-8': 'efbbbf', 'utf-16le': 'fffe', 'utf-16be': 'feff' };

function markOf(head: Buffer, label: string): number {
  const mark = MARKS[label];
  return mark !== undefined && head.toString('hex', 0, mark.length / 2) === mark ? mark.length / 2 : 0;
}

/** The marks of UTF-32 alone could also be UTF-16 that begins with a NUL, so every unit must be a code point too. */
function isUtf32(head: Buffer): boolean {
  const start = head.toString('hex', 0, 4);
  if (start !== 'fffe0000' && start !== '0000feff') return false;
  for (let at = 0; at + 4 <= head.length; at += 4) {
    const point = start === 'fffe0000' ? head.readUInt32LE(at) : head.readUInt32BE(at);
    if (point > 0x10ffff) return false;
  }
  return head.length % 4 === 0;
}

function knownLabel(label: string): string {
  try {
    return new TextDecoder(label).encoding;
  } catch (cause) {
    const detail = 'The encoding asked for is not known. Give a WHATWG label such as utf-8, windows-1252 or shift_jis.';
    throw new Problem('encoding_invalid', detail, { cause });
  }
}

/**
 * UTF-16 shows in the zero bytes beside ASCII: at least one unit in ten has one, and nearly all on the same side. UTF-8 with
 * a few NULs in it has them too; where a file could be that, four in five bytes of that side must be what they are in
 * UTF-16 of alphabets: below 0x20. In UTF-8 these are line breaks and tabs alone.
 */
function utf16Label(head: Buffer, size: number): string | null {
  if (size % 2 !== 0 || size === 0) return null;
  const [even, odd] = countBelow(head, 1);
  const enough = head.length / 20;
  const isLittle = odd >= enough && even <= odd / 20;
  if (!isLittle && !(even >= enough && odd <= even / 20)) return null;
  const [lowEven, lowOdd] = countBelow(head, 0x20);
  const isUtf8Too = isUtf8(head.subarray(0, head.length - unfinishedBytes(head)));
  if (isUtf8Too && (isLittle ? lowOdd : lowEven) <= 0.4 * head.length) return null;
  return isLittle ? 'utf-16le' : 'utf-16be';
}

/** How many bytes at even and at odd places are below `limit`. */
function countBelow(bytes: Buffer, limit: number): [even: number, odd: number] {
  const counts: [number, number] = [0, 0];
  for (let i = 0; i < bytes.length; i++) if (bytes[i]! < limit) counts[i & 1]!++;
  return counts;
}

async function detectEightBit(source: Source): Promise<{ label: string } | Guess> {
  if (await isAllUtf8(source)) return { label: 'utf-8' };
  const { valid, invalid, words } = await countAll(source);
  return valid > invalid ? { label: 'utf-8' } : guessEncoding(words);
}

async function isAllUtf8(source: Source): Promise<boolean> {
  let carry = Buffer.alloc(0);
  for await (const chunk of source.stream()) {
    const bytes = carry.length === 0 ? asBuffer(chunk) : Buffer.concat([carry, chunk]);
    const whole = bytes.length - unfinishedBytes(bytes);
    if (!isUtf8(bytes.subarray(0, whole))) return false;
    carry = Buffer.from(bytes.subarray(whole));
  }
  return carry.length === 0;
}

async function countAll(source: Source): Promise<{ valid: number; invalid: number; words: Buffer }> {
  const sum = { valid: 0, invalid: 0 };
  const words = collectWords();
  let carry = Buffer.alloc(0);
  for await (const chunk of source.stream()) {
    const bytes = Buffer.concat([carry, chunk]);
    const whole = bytes.length - unfinishedBytes(bytes);
    const { valid, invalid } = countSequences(bytes.subarray(0, whole));
    sum.valid += valid;
    sum.invalid += invalid;
    carry = bytes.subarray(whole);
    words.add(chunk);
  }
  sum.invalid += carry.length;
  return { ...sum, words: words.end() };
}

/** Words that hold bytes above 0x7F, from the start of a source, up to `WORD_BYTES` of them, with blanks between. */
function collectWords() {
  const words: string[] = [];
  let size = 0;
  let open = '';
  function take(text: string): void {
    for (const word of text.split(/[\0-\x2f]+/)) {
      if (size > WORD_BYTES || !/[\x80-\xff]/.test(word)) continue;
      words.push(word);
      size += word.length;
    }
  }
  return {
    add(chunk: Uint8Array): void {
      if (size > WORD_BYTES) return;
      const text = open + asBuffer(chunk).toString('latin1');
      // No encoding has a byte below 0x30 within a character.
      let end = text.length;
      while (end > 0 && text.charCodeAt(end - 1) >= 0x30) end--;
      take(text.slice(0, end));
      open = text.length - end > LONGEST_WORD ? '' : text.slice(end);
    },
    end(): Buffer {
      take(open);
      return Buffer.from(words.join(' '), 'latin1');
    },
  };
}

async function readHead(source: Source): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const chunk of source.stream(0, Math.min(HEAD_BYTES, source.size))) pieces.push(Buffer.from(chunk));
  return Buffer.concat(pieces);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
