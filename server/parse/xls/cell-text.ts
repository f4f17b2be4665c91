import { errorText, numberText, wellFormed } from '../xlsx/cell-values.ts';
import { corrupt } from '../xlsx/corrupt.ts';
import type { DateKind, DateSystem } from '../xlsx/dates.ts';
import { kindOfCode } from '../xlsx/number-formats.ts';
import type { LibraryCell } from './library.ts';

/** A cell in the words of the XLSX reader. */
export interface CellText {
  readonly text: string;
  /** The number as it would be written where `text` differs: a date's serial number, `1e+21`. */
  readonly raw: string | null;
  /** It is a text to the spreadsheet. */
  readonly isText: boolean;
}

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
    const kind = typeof format === 'string' ? kindOf(format) : undefined;
    return { ...numberText(value, kind, dateSystem), isText: false };
  }

  return ({ t, v, z }) => {
    if (t === 'n' && typeof v === 'number') return number(v, z);
    if (t === 's' && typeof v === 'string') return { text: wellFormed(v), raw: null, isText: true };
    if (t === 'b' && typeof v === 'boolean') return { text: v ? 'TRUE' : 'FALSE', raw: null, isText: false };
    if (t === 'e' && typeof v === 'number') return { text: errorText(v), raw: null, isText: false };
    throw corrupt('a cell has no value that can be understood');
  };
}
