import { corrupt } from '../xlsx/corrupt.ts';
import { type DateKind, type DateSystem, dateText } from '../xlsx/dates.ts';
import { kindOfCode } from '../xlsx/number-formats.ts';
import { plainNumber } from '../xlsx/numbers.ts';
import type { LibraryCell } from './library.ts';

/** A cell in the words of the XLSX reader. */
export interface CellText {
  readonly text: string;
  /** The number as it would be written where `text` differs: a date's serial number, `1e+21`. */
  readonly raw: string | null;
  /** It is a text to the spreadsheet. */
  readonly isText: boolean;
}

/** The errors of a spreadsheet by their numbers ([MS-XLS] 2.5.10). */
const ERRORS: ReadonlyMap<unknown, string> = new Map([
  [0x00, '#NULL!'],
  [0x07, '#DIV/0!'],
  [0x0f, '#VALUE!'],
  [0x17, '#REF!'],
  [0x1d, '#NAME?'],
  [0x24, '#NUM!'],
  [0x2a, '#N/A'],
  [0x2b, '#GETTING_DATA'],
]);

/**
 * A function that gives the text of the library's cells, the same as the XLSX reader gives for the same cell.
 * @throws Problem `workbook_corrupt` for a cell without a value.
 */
export function createCellText(dateSystem: DateSystem): (cell: LibraryCell) => CellText {
  const kinds = new Map<string, DateKind | undefined>();

  function kindOf(code: string): DateKind | undefined {
    if (!kinds.has(code)) kinds.set(code, kindOfCode(code));
    return kinds.get(code);
  }

  function number(value: number, format: unknown): CellText {
    const written = String(value);
    const kind = typeof format === 'string' ? kindOf(format) : undefined;
    const text = (kind && dateText(value, kind, dateSystem)) ?? plainNumber(written);
    return { text, raw: text === written ? null : written, isText: false };
  }

  return ({ t, v, z }) => {
    if (t === 'n' && typeof v === 'number') return number(v, z);
    if (t === 's' && typeof v === 'string') return { text: wellFormed(v), raw: null, isText: true };
    if (t === 'b' && typeof v === 'boolean') return { text: v ? 'TRUE' : 'FALSE', raw: null, isText: false };
    if (t === 'e' && typeof v === 'number') return { text: ERRORS.get(v) ?? `#ERROR ${v}`, raw: null, isText: false };
    throw corrupt('a cell has no value that can be understood');
  };
}

/** Half of a character cannot be stored as UTF-8; it is written as XLSX writes it. */
function wellFormed(text: string): string {
  if (text.isWellFormed()) return text;
  return text.replace(/\p{Surrogate}/gu, (half) => `_x${half.charCodeAt(0).toString(16).toUpperCase()}_`);
}
