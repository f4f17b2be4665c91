import { Problem } from '../core/problem.ts';
import type { Source } from '../core/source.ts';
import { createBudget } from './budget.ts';
import { readHead } from './content.ts';
import { detectEncoding, type Encoding } from './encoding.ts';
import type { Format, ReadEvent, ReadOptions } from './format.ts';
import { openUtf8 } from './utf8-stream.ts';
import { createXmlParser, type XmlHandler } from './xlsx/xml.ts';
import { planTables } from './xml/plan.ts';
import { createRows } from './xml/rows.ts';
import { createNode, createSurvey } from './xml/tree.ts';

const CHUNK_BYTES = 64 << 10;
/** References take up to seven bytes for one character. */
const BYTES_PER_CHARACTER = 7;

/**
 * XML documents (XML 1.0, without document types) as tables: the outermost elements that come again in one parent are
 * rows, each kind of them a table named by its path (`feed/entry`); what is in no row is one row of a last table.
 *
 * Attributes are columns (`@id`), elements in rows too (`address.city`, `price.@currency`); an element that comes again
 * in its parent is JSON, a list of texts or of objects. Names keep their prefix. An empty element is the empty text, one
 * that is not there, or says `xsi:nil`, is absent.
 *
 * The document is read once to learn what it has, and once for each table; memory holds its different elements, a row
 * and a batch. Problems: `xml_invalid`, `not_a_table`, `encoding_invalid`, `cell_too_large`, `too_many_columns`,
 * `too_many_rows`, `too_many_cells`.
 */
export const xmlFormat: Format = { read };

async function* read(source: Source, name: string, options: ReadOptions): AsyncGenerator<ReadEvent> {
  const { limits } = options;
  const encoding = await encodingOf(source, options.encoding);
  const document = {
    source,
    encoding,
    name,
    tokenBytes: Math.max(CHUNK_BYTES, limits.cellLength * BYTES_PER_CHARACTER),
  };
  const root = createNode('', null);
  for await (const done of feed(document, createSurvey(root))) yield { type: 'progress', done: done / 2 };
  const tables = planTables(root, name, options.rows, limits.columns);
  if (tables.length === 0) throw new Problem('not_a_table', 'The document holds no text and no attributes.');
  const budget = createBudget(limits);
  for (const [index, table] of tables.entries()) {
    const dialect = { encoding: encoding.label, rows: table.row ? table.name : '' };
    yield { type: 'table', name: table.name, columns: table.columns, dialect };
    const rows = createRows(table, root, limits.cellLength, budget);
    for await (const done of feed(document, rows)) {
      yield* rows.take();
      yield { type: 'progress', done: 0.5 + (0.5 * (index + done)) / tables.length };
    }
    rows.finish();
    yield* rows.take();
  }
  yield { type: 'progress', done: 1 };
}

interface Document {
  readonly source: Source;
  readonly encoding: Encoding;
  readonly name: string;
  readonly tokenBytes: number;
}

/** Tells `handler` the whole document; yields, after each piece, what share of it was read. */
async function* feed({ source, encoding, name, tokenBytes }: Document, handler: XmlHandler): AsyncGenerator<number> {
  const parser = createXmlParser(name, tokenBytes, handler, invalid);
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

function invalid(what: string): Problem {
  return new Problem('xml_invalid', `The document ${what}. Write it again as well-formed XML and upload that copy.`);
}

/** What the sender said, else a mark or zero bytes, else what the document declares, else what its bytes look like. */
async function encodingOf(source: Source, said: string | undefined): Promise<Encoding> {
  const head = await readHead(source);
  const isMarked = head[0] === 0xef || head[0]! >= 0xfe || head.subarray(0, 4).includes(0);
  const declared = /^<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(head.toString('latin1'))?.[1];
  return detectEncoding(source, said ?? (isMarked ? undefined : declared));
}
