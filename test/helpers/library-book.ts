import { type BookType, utils, type WorkBook, type WorkSheet, write } from '@e965/xlsx';

/** A value, or a cell in the library's words (`{ t: 'n', v: 44927, z: 'yyyy-mm-dd' }`). */
export type BookCell =
  | string
  | number
  | boolean
  | null
  | { t: 'n' | 's' | 'b' | 'e'; v: string | number | boolean; z?: string };

/** A sheet of a book that the library writes. */
export interface BookSheet {
  readonly name: string;
  readonly rows: readonly (readonly BookCell[])[];
  readonly hidden?: boolean;
  /** A range (`A1:B2`) to be merged. */
  readonly merged?: string;
}

/** A workbook written by SheetJS: one that did not pass through our own writers. */
export function libraryBook(
  type: BookType | 'biff3' | 'biff4',
  sheets: readonly BookSheet[],
  date1904 = false,
): Buffer {
  const book: WorkBook = utils.book_new();
  for (const { name, rows, merged } of sheets) {
    const sheet = utils.aoa_to_sheet(rows as unknown[][]) as WorkSheet;
    if (merged) sheet['!merges'] = [utils.decode_range(merged)];
    utils.book_append_sheet(book, sheet, name);
  }
  book.Workbook = {
    WBProps: { date1904 },
    Sheets: sheets.map(({ name, hidden }) => ({ name, Hidden: hidden ? 1 : 0 })),
  };
  return write(book, { bookType: type as BookType, type: 'buffer', compression: true }) as Buffer;
}
