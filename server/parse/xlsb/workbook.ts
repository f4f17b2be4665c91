import { corrupt } from '../xlsx/corrupt.ts';
import { readRelationships } from '../xlsx/relationships.ts';
import { type DateStyles, kindsOf, MAX_STYLES } from '../xlsx/styles.ts';
import { type ListedSheet, MAX_NAME, resolveSheets, type Workbook } from '../xlsx/workbook.ts';
import type { Archive } from '../zip/archive.ts';
import type { ZipEntry } from '../zip/directory.ts';
import { readRecords } from './records.ts';

const WORKBOOK_PROPERTIES = 153;
const BUNDLED_SHEET = 156;
const FORMAT = 44;
const STYLE = 47;
const CELL_STYLES = 617;
const CELL_STYLES_END = 618;

/**
 * Reads the workbook part called `name` ([MS-XLSB] 2.1.7.61).
 * @throws Problem `workbook_corrupt`; as `resolveSheets` and `readRecords`.
 */
export async function readBinaryWorkbook(archive: Archive, name: string): Promise<Workbook> {
  const entry = archive.find(name);
  if (!entry) throw corrupt('the workbook part itself is missing');
  const listed: ListedSheet[] = [];
  let is1904 = false;
  await readRecords(archive, entry, {
    wanted: new Set([WORKBOOK_PROPERTIES, BUNDLED_SHEET]),
    take(record) {
      if (record.type === WORKBOOK_PROPERTIES) is1904 = (record.byte(0) & 1) !== 0;
      else {
        const name = record.text(record.textEnd(8)).toWellFormed().slice(0, MAX_NAME);
        listed.push({ id: record.text(8), name, hidden: record.long(0) !== 0 });
      }
    },
  });
  const links = await readRelationships(archive, name);
  const partOf = (type: string) => archive.find(links.find((link) => link.type === type)?.target ?? '');
  return {
    sheets: resolveSheets(archive, listed, links),
    dateSystem: is1904 ? '1904' : '1900',
    sharedStrings: partOf('sharedStrings'),
    styles: partOf('styles'),
  };
}

/** Which styles of the workbook are dates ([MS-XLSB] 2.1.7.50). @throws Problem as `readRecords`. */
export async function readBinaryDateStyles(archive: Archive, entry: ZipEntry): Promise<DateStyles> {
  const codes = new Map<number, string>();
  const formats: number[] = [];
  let inCellStyles = false;
  await readRecords(archive, entry, {
    wanted: new Set([FORMAT, STYLE, CELL_STYLES, CELL_STYLES_END]),
    take(record) {
      const { type } = record;
      if (type === FORMAT && codes.size < MAX_STYLES) codes.set(record.word(0), record.text(2));
      else if (type === STYLE && inCellStyles && formats.length < MAX_STYLES) formats.push(record.word(2));
      else if (type !== STYLE && type !== FORMAT) inCellStyles = type === CELL_STYLES;
    },
  });
  return kindsOf(formats, codes);
}
