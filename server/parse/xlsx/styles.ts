import type { Archive } from '../zip/archive.ts';
import type { ZipEntry } from '../zip/directory.ts';
import type { DateKind } from './dates.ts';
import { kindOfBuiltIn, kindOfCode } from './number-formats.ts';
import { readPart } from './part.ts';
import type { XmlHandler } from './xml.ts';
import { attributeOf, nameHash, type XmlToken } from './xml-token.ts';

/** For each cell style (the `s` of a cell) what it says a number is; `undefined` for plain numbers. */
export type DateStyles = readonly (DateKind | undefined)[];

const NUM_FMT = nameHash('numFmt');
const CELL_XFS = nameHash('cellXfs');
const XF = nameHash('xf');
const FORMAT_ID = nameHash('numFmtId');
const FORMAT_CODE = nameHash('formatCode');
/** Excel allows 65,490 styles; no honest workbook has more. */
export const MAX_STYLES = 1 << 17;

/** Which styles of the workbook are dates. @throws Problem as `readPart`. */
export async function readDateStyles(archive: Archive, entry: ZipEntry): Promise<DateStyles> {
  const codes = new Map<number, string>();
  const formats: number[] = [];
  let inCellStyles = false;
  const handler: XmlHandler = {
    open(name, token) {
      if (name === NUM_FMT) keepCode(codes, token);
      if (name === CELL_XFS) inCellStyles = true;
      if (name === XF && inCellStyles && formats.length < MAX_STYLES) formats.push(formatId(token));
    },
    text() {},
    close(name) {
      if (name === CELL_XFS) inCellStyles = false;
    },
  };
  await readPart(archive, entry, handler);
  return kindsOf(formats, codes);
}

function keepCode(codes: Map<number, string>, token: XmlToken): void {
  // Only the number formats of cells count, and they come first; those of differential formats must not replace them.
  const id = formatId(token);
  if (!codes.has(id) && codes.size < MAX_STYLES) codes.set(id, attributeOf(token, FORMAT_CODE) ?? '');
}

function formatId(token: XmlToken): number {
  return Number(attributeOf(token, FORMAT_ID) ?? 0);
}

/** Which of the cell styles, given by the numbers of their formats, are dates; `codes` are the workbook's own formats. */
export function kindsOf(formats: readonly number[], codes: ReadonlyMap<number, string>): DateStyles {
  const kinds = new Map<number, DateKind | undefined>();
  for (const id of new Set(formats)) {
    const code = codes.get(id);
    kinds.set(id, code === undefined ? kindOfBuiltIn(id) : kindOfCode(code));
  }
  return formats.map((id) => kinds.get(id));
}
