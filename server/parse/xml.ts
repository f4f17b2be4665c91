import { Problem } from '../core/problem.ts';
import type { Source } from '../core/source.ts';
import { createBudget } from './budget.ts';
import type { Format, ReadEvent, ReadOptions } from './format.ts';
import { encodingOfDocument, feedDocument, type XmlDocument } from './xml/document.ts';
import { planTables } from './xml/plan.ts';
import { createRows } from './xml/rows.ts';
import { createNode, createSurvey } from './xml/tree.ts';

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
  const encoding = await encodingOfDocument(source, options.encoding);
  const document: XmlDocument = { source, encoding, name, limits, fail: invalid };
  const root = createNode('', null);
  for await (const done of feedDocument(document, createSurvey(root))) yield { type: 'progress', done: done / 2 };
  const tables = planTables(root, name, options.rows, limits.columns);
  if (tables.length === 0) throw new Problem('not_a_table', 'The document holds no text and no attributes.');
  const budget = createBudget(limits);
  for (const [index, table] of tables.entries()) {
    const dialect = { encoding: encoding.label, rows: table.row ? table.name : '' };
    yield { type: 'table', name: table.name, columns: table.columns, dialect };
    const rows = createRows(table, root, limits.cellLength, budget);
    for await (const done of feedDocument(document, rows)) {
      yield* rows.take();
      yield { type: 'progress', done: 0.5 + (0.5 * (index + done)) / tables.length };
    }
    rows.finish();
    yield* rows.take();
  }
  yield { type: 'progress', done: 1 };
}

function invalid(what: string): Problem {
  return new Problem('xml_invalid', `The document ${what}. Write it again as well-formed XML and upload that copy.`);
}
