import { Problem } from '../core/problem.ts';
import type { Source } from '../core/source.ts';
import { uniqueNames } from './column-names.ts';
import { checkColumns, fillFirstLine, skipBlankLines, takeHeader, takeSeparatorLine } from './csv-head.ts';
import { createScanner } from './csv-scanner.ts';
import { readRows } from './csv-tokenizer.ts';
import { openWindow } from './csv-window.ts';
import { type Dialect, detectDialect } from './dialect.ts';
import { detectEncoding, type Encoding } from './encoding.ts';
import type { Format, ReadEvent, ReadOptions } from './format.ts';
import { hasHeader } from './header.ts';
import { createProgress } from './progress.ts';
import { openUtf8, type Utf8Stream } from './utf8-stream.ts';

/**
 * Delimited text: RFC 4180 and what else is found in the wild. Encoding, delimiter and header are detected unless the
 * options say them; Excel's first line `sep=;` is obeyed. Cells are the text as it stands, nothing trimmed; an unquoted
 * empty cell is `null`, a quoted one `''`. Blank lines are no rows but count in row numbers; the file's row numbers
 * count a row with line breaks in quotes once.
 *
 * With `ragged: 'pad'` short rows are filled up with `null`, and cells behind the last column are left out if all of
 * them are empty and unquoted; any other row of another length than the header is rejected.
 *
 * Problems: `not_a_table` for a file without a row, `encoding_invalid`, `invalid_request` for a delimiter that cannot
 * be one, `cell_too_large` and `quote_unterminated` when the header is at fault (a later row is rejected instead),
 * `too_many_columns`, `too_many_rows`, `too_many_cells`.
 */
export const csvFormat: Format = { types: ['csv', 'txt'], read: readCsv };

async function* readCsv(source: Source, name: string, options: ReadOptions): AsyncGenerator<ReadEvent, void> {
  checkDelimiter(options.delimiter);
  const encoding = await detectEncoding(source, options.encoding);
  const stream = openUtf8(source, encoding);
  try {
    yield* readTable(source, stream, encoding, name, options);
    yield { type: 'progress', done: 1 };
  } finally {
    await stream.close();
  }
}

async function* readTable(
  source: Source,
  stream: Utf8Stream,
  encoding: Encoding,
  name: string,
  options: ReadOptions,
): AsyncGenerator<ReadEvent, void> {
  const { limits, ragged = 'reject' } = options;
  const scanner = createScanner(limits.columns, limits.cellLength);
  const window = openWindow(scanner, stream);
  await window.fill();
  const separator = takeSeparatorLine(window);
  const blankLines = await skipBlankLines(window);
  await fillFirstLine(window);
  const dialect = detectDialect(scanner, window, limits.columns, options.delimiter ?? separator ?? undefined);
  const header = headerIsPresent(dialect, name, options);
  checkColumns(dialect.columns, limits.columns);
  scanner.use(dialect.delimiter, limits.columns);
  const names = header ? await takeHeader(scanner, window, limits) : Array<null>(dialect.columns).fill(null);
  const columns = names.length;
  const described = { delimiter: dialect.delimiter ?? '', encoding: encoding.label, header };
  yield { type: 'table', name, columns: uniqueNames(names), dialect: described };
  scanner.use(dialect.delimiter, columns);
  const rowsBefore = (separator === null ? 0 : 1) + blankLines + (header ? 1 : 0);
  const progress = createProgress(source.size, stream.consumed);
  yield* readRows(scanner, window, { columns, header, ragged, limits, encoding: encoding.label, rowsBefore, progress });
}

function headerIsPresent(dialect: Dialect, name: string, options: ReadOptions): boolean {
  if (options.header !== undefined) return options.header === 'present';
  return hasHeader(dialect.sample, /\.txt$/i.test(name));
}

/** @throws Problem `invalid_request`. */
function checkDelimiter(delimiter: string | undefined): void {
  if (delimiter === undefined) return;
  if ([...delimiter].length === 1 && delimiter.isWellFormed() && !/["\r\n]/.test(delimiter)) return;
  throw new Problem('invalid_request', 'The delimiter must be one character, and neither a quote nor a line break.');
}
