import type { Archive } from '../zip/archive.ts';
import type { ZipEntry } from '../zip/directory.ts';
import { corrupt } from './corrupt.ts';
import type { DateSystem } from './dates.ts';
import { unescapeText } from './escapes.ts';
import { onOpen, readPart } from './part.ts';
import { type Relationship, readRelationships } from './relationships.ts';
import { attributeOf, nameHash, prefixedAttributeOf, type XmlToken } from './xml-token.ts';

/** One sheet of rows and cells. */
export interface Sheet {
  readonly name: string;
  /** Hidden or "very hidden". */
  readonly hidden: boolean;
  readonly entry: ZipEntry;
}

/** What the workbook part says about the others. */
export interface Workbook {
  /** Worksheets in the workbook's order; chart, dialog and macro sheets are left out. */
  readonly sheets: readonly Sheet[];
  readonly dateSystem: DateSystem;
  readonly sharedStrings: ZipEntry | undefined;
  readonly styles: ZipEntry | undefined;
}

const SHEET = nameHash('sheet');
const WORKBOOK_PR = nameHash('workbookPr');
const DATE_1904 = nameHash('date1904');
const NAME = nameHash('name');
const STATE = nameHash('state');
/** UTF-16 units of a sheet's name, which becomes a table's. Excel's own are at most 31. */
export const MAX_NAME = 200;

/** A sheet as the workbook lists it: `id` is that of its relationship. */
export interface ListedSheet {
  readonly name: string;
  readonly hidden: boolean;
  readonly id: string;
}

/**
 * Reads the workbook part called `name`.
 * @throws Problem `workbook_corrupt` when a listed sheet is missing or two sheets are the same part; as `readPart`.
 */
export async function readWorkbook(archive: Archive, name: string): Promise<Workbook> {
  const entry = archive.find(name);
  if (!entry) throw corrupt('the workbook part itself is missing');
  const listed: ListedSheet[] = [];
  let dateSystem: DateSystem = '1900';
  const handler = onOpen((element, token) => {
    if (element === SHEET) listed.push(listedSheet(token));
    if (element === WORKBOOK_PR && /^(1|true|on)$/.test(attributeOf(token, DATE_1904) ?? '')) dateSystem = '1904';
  });
  await readPart(archive, entry, handler);
  const links = await readRelationships(archive, name);
  const partOf = (type: string) => archive.find(links.find((link) => link.type === type)?.target ?? '');
  return {
    sheets: resolveSheets(archive, listed, links),
    dateSystem,
    sharedStrings: partOf('sharedStrings'),
    styles: partOf('styles'),
  };
}

function listedSheet(token: XmlToken): ListedSheet {
  // `r:id`, whatever prefix the workbook gives to the relationships' namespace.
  const id = prefixedAttributeOf(token, 'id') ?? '';
  const name = unescapeText(attributeOf(token, NAME) ?? '').slice(0, MAX_NAME);
  return { name, hidden: /hidden$/i.test(attributeOf(token, STATE) ?? ''), id };
}

/**
 * The parts of the worksheets among the listed sheets.
 * @throws Problem `workbook_corrupt` when one is missing, or two are the same part.
 */
export function resolveSheets(
  archive: Archive,
  listed: readonly ListedSheet[],
  links: readonly Relationship[],
): Sheet[] {
  const byId = new Map(links.map((link) => [link.id, link]));
  const used = new Set<ZipEntry>();
  return listed.flatMap(({ name, hidden, id }) => {
    // A module of macros may be listed without a part of its own.
    if (id === '') return [];
    const link = byId.get(id);
    if (link && link.type !== 'worksheet') return [];
    const entry = link && archive.find(link.target);
    if (!entry) throw corrupt(`the sheet ${JSON.stringify(name)} is listed, but not there`);
    if (used.has(entry)) throw corrupt(`the sheet ${JSON.stringify(name)} is listed twice`);
    used.add(entry);
    return [{ name, hidden, entry }];
  });
}
