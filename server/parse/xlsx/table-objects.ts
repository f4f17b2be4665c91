import type { Archive } from '../zip/archive.ts';
import { unescapeText } from './escapes.ts';
import { readPart } from './part.ts';
import { type Range, rangeOf } from './references.ts';
import { readRelationships } from './relationships.ts';
import type { Sheet } from './workbook.ts';
import { attributeOf, nameHash } from './xml-token.ts';

/** A table that the author of a sheet marked as one ("Format as Table"; ECMA-376 part 1, 18.5). */
export interface TableObject {
  readonly name: string;
  /** Its cells, header and totals included. */
  readonly range: Range;
  /** What it calls its columns, from left to right. */
  readonly columns: readonly string[];
  readonly headerRows: number;
  readonly totalsRows: number;
}

const TABLE = nameHash('table');
const COLUMN = nameHash('tableColumn');
const NAME = nameHash('name');
const DISPLAY_NAME = nameHash('displayName');
const REF = nameHash('ref');
const HEADER_ROWS = nameHash('headerRowCount');
const TOTALS_ROWS = nameHash('totalsRowCount');
const MAX_NAME = 200;
/** Each is read in a pass of its own over the sheet. A sheet of more is taken as if it had none. */
const MOST_TABLES = 100;

/**
 * The tables of a sheet, from top to bottom and left to right. One that says something impossible (a range that is none,
 * or of another width than its columns, or that reaches into another table) is no table.
 * @throws Problem as `readPart`.
 */
export async function readTableObjects(archive: Archive, sheet: Sheet): Promise<TableObject[]> {
  const links = (await readRelationships(archive, sheet.entry.name)).filter(({ type }) => type === 'table');
  if (links.length > MOST_TABLES) return [];
  const found: TableObject[] = [];
  for (const { target } of links) {
    const object = await readTableObject(archive, target);
    if (object && !found.some(({ range }) => overlap(range, object.range))) found.push(object);
  }
  return found.sort((a, b) => a.range.top - b.range.top || a.range.first - b.range.first);
}

async function readTableObject(archive: Archive, part: string): Promise<TableObject | undefined> {
  const entry = archive.find(part);
  if (!entry) return undefined;
  const columns: string[] = [];
  let table: Omit<TableObject, 'columns' | 'range'> & { range: Range | undefined } = NONE;
  await readPart(archive, entry, {
    open(element, token) {
      const text = (name: number) => attributeOf(token, name);
      if (element === COLUMN) columns.push(unescapeText(text(NAME) ?? ''));
      // An extension of Excel's says more of the table in an element of the same name.
      if (element !== TABLE || table !== NONE) return;
      table = {
        name: unescapeText(text(DISPLAY_NAME) ?? text(NAME) ?? '').slice(0, MAX_NAME),
        range: rangeOf(text(REF) ?? ''),
        headerRows: Number(text(HEADER_ROWS) ?? 1),
        totalsRows: Number(text(TOTALS_ROWS) ?? 0),
      };
    },
    text() {},
    close() {},
  });
  const { range, ...rest } = table;
  const isSound = range && table.name !== '' && columns.length === range.last - range.first + 1;
  const rows = range ? range.bottom - range.top + 1 - table.headerRows - table.totalsRows : 0;
  return isSound && rows >= 0 ? { ...rest, range, columns } : undefined;
}

const NONE = { name: '', range: undefined, headerRows: 1, totalsRows: 0 };

function overlap(a: Range, b: Range): boolean {
  return a.first <= b.last && b.first <= a.last && a.top <= b.bottom && b.top <= a.bottom;
}
