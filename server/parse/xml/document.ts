import type { Problem } from '../../core/problem.ts';
import type { Source } from '../../core/source.ts';
import { readHead } from '../content.ts';
import { detectEncoding, type Encoding } from '../encoding.ts';
import type { ReadLimits } from '../format.ts';
import { openUtf8 } from '../utf8-stream.ts';
import { createXmlParser, type XmlHandler } from '../xlsx/xml.ts';

const CHUNK_BYTES = 64 << 10;
/** References take up to seven bytes for one character. */
const BYTES_PER_CHARACTER = 7;

/** An XML document that is a file of its own. */
export interface XmlDocument {
  readonly source: Source;
  readonly encoding: Encoding;
  readonly name: string;
  readonly limits: ReadLimits;
  /** The problem of `what` ("has two root elements"). */
  readonly fail: (what: string) => Problem;
}

/** Tells `handler` the whole document; yields, after each piece, what share of it was read. */
export async function* feedDocument(document: XmlDocument, handler: XmlHandler): AsyncGenerator<number> {
  const { source, encoding, name, limits, fail } = document;
  const tokenBytes = Math.max(CHUNK_BYTES, limits.cellLength * BYTES_PER_CHARACTER);
  const parser = createXmlParser(name, tokenBytes, handler, fail);
  const stream = openUtf8(source, encoding);
  const bytes = Buffer.allocUnsafe(CHUNK_BYTES);
  try {
    for (;;) {
      const count = await stream.read(bytes, 0, bytes.length);
      if (count === 0) break;
      parser.write(bytes.subarray(0, count));
      yield stream.consumed() / source.size;
    }
    parser.end();
    yield 1;
  } finally {
    await stream.close();
  }
}

/** What the sender said, else a mark or zero bytes, else what the document declares, else what its bytes look like. */
export async function encodingOfDocument(source: Source, said: string | undefined): Promise<Encoding> {
  const head = await readHead(source);
  const isMarked = head[0] === 0xef || head[0]! >= 0xfe || head.subarray(0, 4).includes(0);
  const declared = /^<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(head.toString('latin1'))?.[1];
  return detectEncoding(source, said ?? (isMarked ? undefined : declared));
}
