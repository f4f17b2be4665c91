import type { Reject } from '../core/batch.ts';
import type { NameFinder } from '../infer/names.ts';
import { uniqueNames } from '../parse/column-names.ts';
import type { ReadEvent, TableStart } from '../parse/format.ts';
import { maskSpans } from '../seal/mask-spans.ts';

/**
 * The events with identifiers masked where they are shown to everybody: in the names of tables, sheets and columns, and in
 * the details of rejects, which may name sheets and paths. A reject for each such table and column keeps what it was called,
 * and makes the original something to reveal. A table that is called as its file is keeps that name, which is known.
 */
export async function* withHiddenNames(
  events: AsyncIterable<ReadEvent>,
  fileName: string,
  find: NameFinder,
): AsyncGenerator<ReadEvent> {
  for await (const event of events) {
    if (event.type === 'table') yield* hideNames(event, fileName, find);
    else if (event.type !== 'reject') yield event;
    else yield rejectEvent({ ...event.reject, detail: withoutIdentifiers(event.reject.detail, find) });
  }
}

/** What of a dialect is a name in the file: of a sheet, and of the elements that are rows. */
const SHOWN = ['sheet', 'rows'] as const;

function* hideNames(table: TableStart, fileName: string, find: NameFinder): Generator<ReadEvent> {
  const hidden = (name: string) => withoutIdentifiers(name, find);
  const columns = table.columns.map(hidden);
  const changed = table.columns.flatMap((name, column) => (name === columns[column] ? [] : [column]));
  const name = isCalledAs(fileName, table.name) ? table.name : hidden(table.name);
  const shown = SHOWN.flatMap((key) => {
    const said = table.dialect[key];
    return typeof said === 'string' ? [[key, said] as const] : [];
  });
  yield {
    ...{ ...table, name, columns: changed.length > 0 ? uniqueNames(columns) : table.columns },
    dialect: { ...table.dialect, ...Object.fromEntries(shown.map(([key, said]) => [key, hidden(said)])) },
  };
  const told = name === table.name ? shown.find(([, said]) => hidden(said) !== said)?.[1] : table.name;
  if (told !== undefined) yield rejectEvent(tableReject(told));
  for (const column of changed) yield rejectEvent(nameReject(table.columns[column]!, column));
}

/** Whether a table is called as its file is, or as a further table of it. */
function isCalledAs(fileName: string, name: string): boolean {
  return name === fileName || (name.startsWith(fileName) && /^ table \d+$/.test(name.slice(fileName.length)));
}

function rejectEvent(reject: Reject): ReadEvent {
  return { type: 'reject', reject };
}

/** The text with identifiers in it masked: of problems and rejects, which name sheets and paths. */
export function withoutIdentifiers(text: string, find: NameFinder): string {
  return maskSpans(text, find(text));
}

function tableReject(name: string): Reject {
  const detail = 'The name of the table holds an identifier and is masked. Name the sheet or path after what it holds.';
  return { row: 1, code: 'identifier_in_name', detail, raw: name };
}

function nameReject(name: string, column: number): Reject {
  const detail = `The name of column ${column + 1} holds an identifier and is masked. Upload with header=absent if it is a value.`;
  return { row: 1, column, code: 'identifier_in_name', detail, raw: name };
}
