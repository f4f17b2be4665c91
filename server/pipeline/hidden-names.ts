import type { Reject } from '../core/batch.ts';
import type { NameFinder } from '../infer/names.ts';
import { uniqueNames } from '../parse/column-names.ts';
import type { TableStart } from '../parse/format.ts';
import { maskSpans } from '../seal/mask-spans.ts';

/**
 * The table with identifiers in its own name, its sheet's and its columns' masked: names are shown to everybody. A reject
 * for each such column keeps what it was called. A table that is called as its file is keeps that name, which is known.
 */
export function hideNames(
  table: TableStart,
  fileName: string,
  find: NameFinder,
): { readonly start: TableStart; readonly rejects: readonly Reject[] } {
  const hidden = (name: string) => maskSpans(name, find(name));
  const columns = table.columns.map(hidden);
  const rejects = table.columns.flatMap((name, column) => (name === columns[column] ? [] : [nameReject(name, column)]));
  const name = table.name.startsWith(fileName) ? table.name : hidden(table.name);
  const { sheet } = table.dialect;
  const dialect = typeof sheet === 'string' ? { ...table.dialect, sheet: hidden(sheet) } : table.dialect;
  return {
    start: { ...table, name, dialect, columns: rejects.length > 0 ? uniqueNames(columns) : table.columns },
    rejects,
  };
}

function nameReject(name: string, column: number): Reject {
  const detail = `The name of column ${column + 1} holds an identifier and is masked. Upload with header=absent if it is a value.`;
  return { row: 1, column, code: 'identifier_in_name', detail, raw: name };
}
