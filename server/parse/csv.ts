import { Problem } from '../core/problem.ts';
import type { Source } from '../core/source.ts';
import { createBudget } from './budget.ts';
import { uniqueNames } from './column-names.ts';
import { fillFirstLine, skipBlankLines, takeLines, takeSeparatorLine } from './csv-head.ts';
import { checkColumns } from './csv-header.ts';
import { createScanner, type Syntax } from './csv-scanner.ts';
import { createTableFinder, openTable, type TableReading } from './csv-table.ts';
import { readRows } from './csv-tokenizer.ts';
import { widestRow } from './csv-widest.ts';
import { openWindow } from './csv-window.ts';
import { detectSyntax } from './dialect.ts';
import { detectEncoding, type Encoding } from './encoding.ts';
import type { Format, ReadEvent, ReadOptions } from './format.ts';
import { createProgress } from './progress.ts';
import { isText, readText, TEXT_COLUMNS } from './text.ts';
import { openUtf8, type Utf8Stream } from './utf8-stream.ts';

/**
 * Delimited text: RFC 4180 and what else is found in the wild. Encoding, delimiter, quotes, lines above the table and
 * header are detected unless the options say them; Excel's first line `sep=;` is obeyed. Cells are the text as it stands,
 * nothing trimmed; an unquoted empty cell is `null`, a quoted one `''`. Blank lines are no rows but count in row numbers;
 * the file's row numbers count a row with line breaks in quotes once. Blocks of rows between blank lines are one table as
 * long as they are as wide, else several.
 *
 * The name `.tsv` or `.tab` says that the delimiter is a tab, if it can be one. A `.txt` file that holds no table is read
 * as `line` and `text`, a row for each line that is not blank.
 *
 * Lines above a table are rejects of it. A row of another length than the header is rejected, unless its quotes are wrong
 * and reading them as text gives a row that fits. With `ragged: 'pad'` short rows are filled up with `null`, and cells
 * behind the last column are left out if all of them are empty and unquoted; with `extra` there are as many columns as
 * the longest row has cells, for which the file is read once more.
 *
 * Problems: `not_a_table` for a file without a row, `encoding_invalid`, `invalid_request` for options that cannot be,
 * `cell_too_large` and `quote_unterminated` when the header is at fault (a later row is rejected instead),
 * `too_many_columns`, `too_many_rows`, `too_many_cells`.
 */
export const csvFormat: Format = { read: readCsv };

/** Tables in one file; what follows the last one belongs to it. */
const MOST_TABLES = 1000;

async function* readCsv(source: Source, name: string, options: ReadOptions): AsyncGenerator<ReadEvent, void> {
  checkSyntax(options);
  const encoding = await detectEncoding(source, options.encoding);
  const stream = openUtf8(source, encoding);
  try {
    yield* readTables(source, stream, encoding, name, options);
    yield { type: 'progress', done: 1 };
  } finally {
    await stream.close();
  }
}

async function* readTables(
  source: Source,
  stream: Utf8Stream,
  encoding: Encoding,
  name: string,
  options: ReadOptions,
): AsyncGenerator<ReadEvent, void> {
  const { limits, ragged = 'reject', comment = null, skipLines } = options;
  const scanner = createScanner(limits.columns, limits.cellLength);
  const window = openWindow(scanner, stream);
  await window.fill();
  const separator = takeSeparatorLine(window);
  const skipped = await takeLines(window, skipLines ?? 0, separator === null ? 0 : 1);
  let row = (separator === null ? 0 : 1) + skipped.length + (await skipBlankLines(window));
  await fillFirstLine(window);
  const syntax = detectSyntax(scanner, window, limits.columns, {
    ...options,
    delimiter: options.delimiter ?? separator ?? undefined,
    likely: /\.(tsv|tab)$/i.test(name) ? '\t' : undefined,
  });
  const progress = createProgress(source.size, stream.consumed);
  if (mayBeText(name, options) && separator === null && isText(scanner, window, syntax, limits.columns)) {
    yield { type: 'table', name, columns: TEXT_COLUMNS, dialect: { ...encodingOf(encoding), layout: 'lines' } };
    yield* readText(scanner, window, { limits, encoding: encoding.label, linesBefore: row, progress });
    return;
  }
  const { header, headerRows, isIdentifier } = options;
  const isPlainText = /\.txt$/i.test(name);
  const told = { header, headerRows, preamble: skipLines === undefined, isPlainText, isIdentifier };
  const reading: TableReading = { scanner, window, syntax, limits, told, comment };
  const findTable = createTableFinder(reading);
  const isOneTable = ragged === 'extra';
  const budget = createBudget(limits);
  for (let number = 1; ; number++) {
    const table = await openTable(reading, row);
    const { cells, rowsBefore } = table;
    const widest = { encoding, syntax, cellLength: limits.cellLength, comment, rowsBefore };
    const columns = Math.max(table.columns, isOneTable ? await widestRow(source, widest) : 0);
    checkColumns(columns, limits.columns);
    const names = [...table.names, ...Array<null>(columns - table.columns).fill(null)];
    const preamble = [...(number === 1 ? skipped : []), ...table.preamble];
    yield {
      type: 'table',
      name: number === 1 ? name : `${name} table ${number}`,
      columns: uniqueNames(names),
      dialect: describe(syntax, encoding, table.headerRows, preamble.length, comment),
    };
    for (const reject of [...preamble, ...table.headerRejects]) yield { type: 'reject', reject };
    scanner.use(syntax, columns);
    const next = yield* readRows(scanner, window, {
      ...{ columns, cells, header: table.headerRows > 0, ragged, limits, syntax, comment },
      ...{ encoding: encoding.label, rowsBefore, budget, progress },
      startsTable: isOneTable || number === MOST_TABLES ? null : (from) => findTable(window, from, columns),
    });
    if (next === null) return;
    row = next;
  }
}

/** Whether a file can be a text without a table, by its name and by what the sender said. */
function mayBeText(name: string, { delimiter, quote, header, headerRows, skipLines }: ReadOptions): boolean {
  return /\.txt$/i.test(name) && [delimiter, quote, header, headerRows, skipLines].every((told) => told === undefined);
}

function encodingOf({ label, confidence }: Encoding): Record<string, string | number> {
  return { encoding: label, ...(confidence !== undefined && { encodingConfidence: confidence }) };
}

/** How a table was read, for its profile; what is as in most files is not told. */
function describe(
  { delimiter, quote, escaping, padded }: Syntax,
  encoding: Encoding,
  headerRows: number,
  preamble: number,
  comment: string | null,
): Record<string, string | number | boolean> {
  return {
    delimiter: `${delimiter ?? ''}${padded ? ' ' : ''}`,
    header: headerRows > 0,
    ...encodingOf(encoding),
    ...(quote !== '"' && { quote: quote ?? '' }),
    ...(escaping !== null && { escape: escaping }),
    ...(comment !== null && { comment }),
    ...(headerRows > 1 && { headerRows }),
    ...(preamble > 0 && { preamble }),
  };
}

/** @throws Problem `invalid_request`. */
function checkSyntax({ delimiter, ...others }: ReadOptions): void {
  if (delimiter !== undefined && !(/^[^"\r\n] ?$/u.test(delimiter) && delimiter.isWellFormed())) {
    const detail = 'The delimiter must be one character, and neither a quote nor a line break; a blank may follow.';
    throw new Problem('invalid_request', detail);
  }
  for (const name of ['quote', 'escape', 'comment'] as const) {
    const mark = others[name] ?? null;
    if (mark === null || (/^[!-~]$/.test(mark) && mark !== delimiter?.[0])) continue;
    throw new Problem('invalid_request', `${name} must be one ASCII character that is not the delimiter.`);
  }
}
