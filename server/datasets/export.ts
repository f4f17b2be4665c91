import { csvCell, withoutFormula } from '../core/csv.ts';
import type { ColumnProfile } from '../infer/profile.ts';
import { isPlainText } from '../infer/values.ts';
import type { CellValue, Page } from './query.ts';

/** How rows become CSV. */
export interface CsvOptions {
  /**
   * What becomes of text that a spreadsheet would run as a formula (`=`, `+`, `-`, `@`, tab or CR first): a quote is put
   * before it (`escape`), or it stays as it is (`keep`). Numbers and dates are never changed.
   */
  readonly formulas: 'escape' | 'keep';
}

/**
 * CSV (RFC 4180: UTF-8, CRLF) of pages of rows, the header first, a page's lines at a time. An absent cell is empty, an
 * empty text is `""`, as our reader tells them apart.
 */
export async function* toCsv(
  pages: AsyncIterable<Page>,
  profiles: readonly ColumnProfile[],
  { formulas }: CsvOptions,
): AsyncGenerator<string, void> {
  const typeOf = new Map(profiles.map(({ name, type }) => [name, type]));
  let isText: boolean[] | undefined;
  for await (const { columns, rows } of pages) {
    let text = '';
    if (!isText) {
      isText = columns.map((name) => isPlainText(typeOf.get(name)!));
      text = `${columns.map((name) => csvCell(formulas === 'escape' ? withoutFormula(name) : name)).join(',')}\r\n`;
    }
    for (const { cells } of rows) text += `${lineOf(cells, isText, formulas)}\r\n`;
    yield text;
  }
}

function lineOf(cells: readonly CellValue[], isText: readonly boolean[], formulas: CsvOptions['formulas']): string {
  const line = cells.map((cell, c) => {
    if (cell === null) return '';
    return csvCell(formulas === 'escape' && isText[c] ? withoutFormula(String(cell)) : String(cell));
  });
  // A line of one absent cell would be no line at all.
  return line.length === 1 && line[0] === '' ? '""' : line.join(',');
}
