import { TextDecoder } from 'node:util';
import { Problem } from '../../core/problem.ts';

/** A declaration is expected within this many bytes; longer ones are taken for UTF-8. */
const DECLARATION_BYTES = 256;
const DECLARED = /^<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']/;

/**
 * An XML part as UTF-8, whatever its byte order mark or declaration says it is in (XML 1.0, appendix F). UTF-8 itself
 * passes untouched and unchecked.
 * @throws Problem `encoding_invalid` for an unknown encoding, or bytes that are not of the declared one.
 */
export async function* toUtf8(chunks: AsyncIterable<Uint8Array>, part: string): AsyncGenerator<Uint8Array> {
  let head: Buffer | undefined = Buffer.alloc(0);
  let decoder: TextDecoder | undefined;
  for await (const chunk of chunks) {
    let bytes = chunk;
    if (head) {
      head = bytes = Buffer.concat([head, chunk]);
      if (head.length < DECLARATION_BYTES && !head.includes('?>')) continue;
      decoder = decoderOf(head, part);
      head = undefined;
    }
    yield decoder ? decode(decoder, bytes, part) : bytes;
  }
  if (head) {
    decoder = decoderOf(head, part);
    yield decoder ? decode(decoder, head, part) : head;
  }
  if (decoder) yield decode(decoder, undefined, part);
}

function decoderOf(head: Buffer, part: string): TextDecoder | undefined {
  const label = encodingOf(head);
  if (label === 'utf-8') return undefined;
  try {
    return new TextDecoder(label, { fatal: true });
  } catch {
    throw new Problem('encoding_invalid', `The part "${part}" is in an unknown encoding. Save the workbook again.`);
  }
}

function encodingOf(head: Buffer): string {
  const [first, second] = head;
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)) return 'utf-16le';
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)) return 'utf-16be';
  const label = DECLARED.exec(head.toString('latin1', 0, DECLARATION_BYTES))?.[1]?.toLowerCase() ?? 'utf-8';
  // A declaration that can be read byte by byte is not in UTF-16, whatever it says; ASCII is UTF-8.
  return /^(utf-?(8|16)|(us-)?ascii)/.test(label) ? 'utf-8' : label;
}

function decode(decoder: TextDecoder, bytes: Uint8Array | undefined, part: string): Buffer {
  try {
    return Buffer.from(bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode());
  } catch {
    throw new Problem('encoding_invalid', `The part "${part}" breaks its own encoding. Save the workbook again.`);
  }
}
