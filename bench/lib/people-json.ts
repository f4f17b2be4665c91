import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import papaparse from 'papaparse';
import { type PeopleOptions, peopleColumns, peopleCsv } from './people.ts';

/** How the objects of a JSON file of people are put together. */
export type JsonLayout = 'array' | 'indented' | 'lines';

/**
 * Writes the people of `peopleCsv(options)` as JSON in UTF-8 to `path`: objects of 12 members, `id` and `amount` as
 * numbers, `active` as a boolean, an empty note as null. `bytes` of the options counts the CSV that they are made from.
 */
export async function writePeopleJson(path: string, layout: JsonLayout, options: PeopleOptions): Promise<void> {
  await pipeline(Readable.from(peopleJson(layout, options)), createWriteStream(path));
}

function* peopleJson(layout: JsonLayout, options: PeopleOptions): Generator<string> {
  const between = layout === 'lines' ? '\n' : layout === 'array' ? ',' : ',\n';
  let isFirst = true;
  if (layout !== 'lines') yield '[';
  for (const piece of peopleCsv(options)) {
    const rows = papaparse.parse<string[]>(piece.trimEnd()).data.filter(([id]) => id !== 'id');
    const texts = rows.map((row) => JSON.stringify(personOf(row), null, layout === 'indented' ? 2 : 0));
    yield (isFirst ? '' : between) + texts.join(between);
    isFirst = false;
  }
  yield layout === 'lines' ? '\n' : ']\n';
}

function personOf(cells: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(peopleColumns.map((column, index) => [column, jsonValue(column, cells[index]!)]));
}

function jsonValue(column: string, cell: string): unknown {
  if (column === 'id' || column === 'amount') return Number(cell);
  if (column === 'active') return cell === 'true';
  return cell === '' ? null : cell;
}
