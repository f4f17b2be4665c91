import type { ZipPart } from './zip-writer.ts';
import { writeZip } from './zip-writer.ts';

/** One sheet of a book; what is left out is as Excel would write it. */
export interface SheetParts {
  /** Default `Sheet1`, `Sheet2` … */
  readonly name?: string;
  /** What stands inside `sheetData`. */
  readonly rows?: string;
  /** The whole part, in place of `rows`. */
  readonly xml?: string | Uint8Array;
  readonly state?: 'hidden' | 'veryHidden';
  /** The relationship's type; default `worksheet`. */
  readonly type?: string;
  /** The part's path inside `xl/`; default `worksheets/sheet1.xml` … */
  readonly path?: string;
}

/** The parts of a book. */
export interface BookParts {
  readonly sheets: readonly SheetParts[];
  /** What stands inside `sst`, or the whole part when it starts with `<?xml` or is bytes. */
  readonly sharedStrings?: string | Uint8Array;
  /** What stands inside `styleSheet`; default `date styles` below. */
  readonly styles?: string;
  readonly date1904?: boolean;
  readonly method?: ZipPart['method'];
}

export const MAIN_NAMESPACE = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const SPREADSHEET = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

/** Cell styles: 0 General, 1 a date, 2 date and time, 3 time, 4 `[h]:mm`, 5 `0.00`, 6 a custom date with text. */
export const DATE_STYLES = `<numFmts count="2"><numFmt numFmtId="164" formatCode="[h]:mm"/><numFmt numFmtId="165" formatCode="&quot;Day&quot; dd\\-mmm\\-yyyy;@"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/><xf numFmtId="21"/><xf numFmtId="164"/><xf numFmtId="2"/><xf numFmtId="165"/></cellXfs>`;

/** A worksheet part around the contents of its `sheetData`. */
export function sheetXml(rows: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="${MAIN_NAMESPACE}"><sheetData>${rows}</sheetData></worksheet>`;
}

/** An XLSX file. */
export function writeXlsx(book: BookParts): Buffer {
  return writeZip(xlsxParts(book));
}

/** An XLSX file of one sheet with the given contents of `sheetData`. */
export function writeSheet(rows: string, book: Omit<BookParts, 'sheets'> = {}): Buffer {
  return writeXlsx({ ...book, sheets: [{ rows }] });
}

/** The parts of an XLSX file, for tests that change them before they call `writeZip`. */
export function xlsxParts(book: BookParts): ZipPart[] {
  const { method = 'deflated' } = book;
  const sheets = book.sheets.map((sheet, index) => ({
    name: sheet.name ?? `Sheet${index + 1}`,
    path: sheet.path ?? `worksheets/sheet${index + 1}.xml`,
    type: sheet.type ?? 'worksheet',
    state: sheet.state,
    data: sheet.xml ?? sheetXml(sheet.rows ?? ''),
  }));
  const parts: [string, string | Uint8Array][] = [
    ['[Content_Types].xml', contentTypes(sheets)],
    ['_rels/.rels', relationships([['rId1', 'officeDocument', 'xl/workbook.xml']])],
    ['xl/workbook.xml', workbookXml(sheets, book.date1904 === true)],
    ['xl/_rels/workbook.xml.rels', relationships(workbookLinks(sheets, book))],
    ...sheets.map(({ path, data }): [string, string | Uint8Array] => [`xl/${path}`, data]),
    // After the sheets on purpose: readers must not rely on the order of parts.
    ['xl/styles.xml', `<styleSheet xmlns="${MAIN_NAMESPACE}">${book.styles ?? DATE_STYLES}</styleSheet>`],
  ];
  if (book.sharedStrings !== undefined) parts.push(['xl/sharedStrings.xml', sharedStringsXml(book.sharedStrings)]);
  return parts.map(([name, data]) => ({ name, data, method }));
}

function sharedStringsXml(items: string | Uint8Array): string | Uint8Array {
  if (typeof items !== 'string' || items.startsWith('<?xml')) return items;
  return `<sst xmlns="${MAIN_NAMESPACE}">${items}</sst>`;
}

function workbookXml(sheets: readonly { name: string; state: string | undefined }[], date1904: boolean): string {
  const listed = sheets.map(
    ({ name, state }, index) =>
      `<sheet name="${escapeXml(name)}" sheetId="${index + 1}"${state ? ` state="${state}"` : ''} r:id="rId${index + 1}"/>`,
  );
  return `<workbook xmlns="${MAIN_NAMESPACE}" xmlns:r="${OFFICE}"><workbookPr${date1904 ? ' date1904="1"' : ''}/><sheets>${listed.join('')}</sheets></workbook>`;
}

type Link = [id: string, type: string, target: string];

function workbookLinks(sheets: readonly { type: string; path: string }[], book: BookParts): Link[] {
  const links = sheets.map(({ type, path }, index): Link => [`rId${index + 1}`, type, path]);
  links.push(['rIdStyles', 'styles', '/xl/styles.xml']);
  if (book.sharedStrings !== undefined) links.push(['rIdStrings', 'sharedStrings', '../xl/sharedStrings.xml']);
  return links;
}

function relationships(links: readonly Link[]): string {
  const items = links.map(
    ([id, type, target]) => `<Relationship Id="${id}" Type="${OFFICE}/${type}" Target="${target}"/>`,
  );
  return `<Relationships xmlns="${PACKAGE}/relationships">${items.join('')}</Relationships>`;
}

function contentTypes(sheets: readonly { type: string; path: string }[]): string {
  const parts = [
    ['workbook.xml', 'sheet.main'],
    ['styles.xml', 'styles'],
    ['sharedStrings.xml', 'sharedStrings'],
    ...sheets.map(({ type, path }) => [path, type]),
  ];
  const overrides = parts.map(
    ([path, type]) => `<Override PartName="/xl/${path}" ContentType="${SPREADSHEET}.${type}+xml"/>`,
  );
  return `<Types xmlns="${PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>${overrides.join('')}</Types>`;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
