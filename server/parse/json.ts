import type { Source } from '../core/source.ts';
import { createBudget } from './budget.ts';
import { detectEncoding, type Encoding } from './encoding.ts';
import type { Format, ReadEvent, ReadOptions } from './format.ts';
import { walkObject } from './json/container.ts';
import { type Plan, planFile } from './json/plan.ts';
import { type Reading, readTable } from './json/table.ts';
import { type JsonText, openText, peek } from './json/text.ts';
import { createProgress } from './progress.ts';

/**
 * JSON (RFC 8259, to the letter) as tables: an array of objects, of arrays (the first may be a header, by the rule for
 * CSV) or of single values (the column `value`); the same as lines (NDJSON, JSON Lines), as a text sequence (RFC 7464)
 * or as values one behind the other; and an object, in which every array of objects is a table, named by its path, and
 * all other members are one row of a further table.
 *
 * Cells come as `readCell` says. Members of objects within rows are columns of their own (`address.city`), as `pathName`
 * names them. Absent members and nulls are `null`. Of equal keys the last counts, and the row is kept as a reject too.
 *
 * The file is read twice, the first time for its columns; memory holds the longest row and a batch or two.
 * Problems: `json_invalid`, `json_too_deep`, `not_a_table`, `encoding_invalid`, `too_many_columns`, `too_many_rows`,
 * `too_many_cells`, and `cell_too_large` when it cannot be a reject.
 */
export const jsonFormat: Format = { read: readJson };

async function* readJson(source: Source, name: string, options: ReadOptions): AsyncGenerator<ReadEvent, void> {
  const encoding = await detectEncoding(source, options.encoding);
  const progress = createTwoPasses(source.size);
  const plan = yield* planFile({ source, encoding, name, options, progress: progress.first });
  const budget = createBudget(options.limits);
  const reading = { options, encoding: encoding.label, layout: plan.layout, budget, progress: progress.second };
  if (plan.tables.length > 0) yield* readTables(source, encoding, plan, reading);
  yield* readRest(name, plan, reading);
  yield { type: 'progress', done: 1 };
}

async function* readTables(
  source: Source,
  encoding: Encoding,
  { layout, tables }: Plan,
  reading: Reading,
): AsyncGenerator<ReadEvent, void> {
  const text = openText(source, encoding, reading.options.limits);
  try {
    if (layout === 'object') yield* readObject(text, tables, reading);
    else {
      await peek(text);
      if (layout === 'array') text.window.start++;
      yield* readTable(text, layout, tables[0]!, reading);
    }
  } finally {
    await text.close();
  }
}

async function* readObject(text: JsonText, tables: Plan['tables'], reading: Reading): AsyncGenerator<ReadEvent, void> {
  let next = 0;
  await peek(text);
  for await (const step of walkObject(text)) {
    if (step.type === 'array') yield* readTable(text, 'array', tables[next++]!, reading);
    if (next === tables.length) return;
  }
}

function* readRest(name: string, { rest, layout }: Plan, { encoding, budget }: Reading): Generator<ReadEvent, void> {
  if (rest === null) return;
  yield { type: 'table', name, columns: rest.columns, dialect: { encoding, layout, rows: 'objects' } };
  budget.addRows(1);
  budget.addCells(rest.batch.columns.filter(([cell]) => cell !== null).length);
  yield { type: 'batch', batch: rest.batch };
  for (const reject of rest.rejects) yield { type: 'reject', reject };
}

/** Progress over a file that is read twice. */
function createTwoPasses(size: number) {
  let read = 0;
  const progress = createProgress(2 * size, () => read);
  const pass = (before: number) => (text: JsonText) => {
    read = before + text.consumed();
    return progress();
  };
  return { first: pass(0), second: pass(size) };
}
