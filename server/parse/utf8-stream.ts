import { isAscii } from 'node:buffer';
import type { Source } from '../core/source.ts';
import type { Encoding } from './encoding.ts';

/** The text of a source as UTF-8, taken piece by piece. */
export interface Utf8Stream {
  /**
   * Copies the next bytes to `target`, from `at` up to `end`, and gives how many: fewer than there is room for only at
   * the end of the file.
   */
  read(target: Uint8Array, at: number, end: number): Promise<number>;
  /** Bytes of the source that were taken so far, its byte order mark included. */
  consumed(): number;
  /** Lets go of the source before its end. */
  close(): Promise<void>;
}

/** Stands in the stream for what has no meaning in the file's encoding. It is valid nowhere in UTF-8. */
const INVALID = Buffer.from([0xff]);

/**
 * The text of `source` as UTF-8, without its byte order mark. UTF-8 is passed on unchecked. In any other encoding, what
 * is invalid (a lone surrogate, half a character) becomes the byte 0xFF, so that it shows as invalid here too.
 */
export function openUtf8(source: Source, encoding: Encoding): Utf8Stream {
  let consumed = encoding.markBytes;
  let piece: Uint8Array = new Uint8Array();
  const pieces = transcode(counted(), encoding.label)[Symbol.asyncIterator]();

  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source.stream(encoding.markBytes)) {
      consumed += chunk.length;
      yield chunk;
    }
  }
  return {
    async read(target, at, end) {
      let to = at;
      while (to < end) {
        if (piece.length === 0) {
          const next = await pieces.next();
          if (next.done) break;
          piece = next.value;
        }
        const part = piece.subarray(0, end - to);
        target.set(part, to);
        to += part.length;
        piece = piece.subarray(part.length);
      }
      return to - at;
    },
    consumed: () => consumed - piece.length * (encoding.label === 'utf-8' ? 1 : 0),
    async close() {
      await pieces.return?.();
    },
  };
}

function transcode(chunks: AsyncIterable<Uint8Array>, label: string): AsyncIterable<Uint8Array> {
  if (label === 'utf-8') return chunks;
  if (label === 'utf-16le' || label === 'utf-16be') return fromUtf16(chunks, label === 'utf-16be');
  return fromLegacy(chunks, label);
}

async function* fromUtf16(chunks: AsyncIterable<Uint8Array>, bigEndian: boolean): AsyncGenerator<Uint8Array> {
  let carry = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = Buffer.concat([carry, chunk]);
    const even = bytes.subarray(0, bytes.length & ~1);
    if (bigEndian) even.swap16();
    const highAtEnd = even.length > 0 && (even[even.length - 1]! & 0xfc) === 0xd8;
    const whole = even.subarray(0, even.length - (highAtEnd ? 2 : 0));
    yield encode(whole.toString('utf16le'), /\p{Surrogate}/u);
    carry = Buffer.from(bytes.subarray(whole.length));
    if (bigEndian && highAtEnd) carry.subarray(0, 2).swap16();
  }
  if (carry.length > 0) yield INVALID;
}

async function* fromLegacy(chunks: AsyncIterable<Uint8Array>, label: string): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(label);
  for await (const chunk of chunks) {
    if (label === 'windows-1252' && isAscii(chunk)) yield chunk;
    else yield encode(decoder.decode(chunk, { stream: true }), /\ufffd/);
  }
  yield encode(decoder.decode(), /\ufffd/);
}

function encode(text: string, invalid: RegExp): Buffer {
  if (!invalid.test(text)) return Buffer.from(text);
  return Buffer.concat(
    text.split(invalid).flatMap((part, index) => (index === 0 ? [Buffer.from(part)] : [INVALID, Buffer.from(part)])),
  );
}
