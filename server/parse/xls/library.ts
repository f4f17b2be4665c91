import { createRequire } from 'node:module';
import type { CellObject, ParsingOptions, WorkBook } from '@e965/xlsx';
import { corrupt } from '../xlsx/corrupt.ts';

/** A cell as the library gives it: `t` its kind, `v` its value, `z` its number format's code. */
export type LibraryCell = Pick<CellObject, 't' | 'v' | 'z'>;

/** The cells of a sheet by row and column; rows and cells that hold nothing are holes. */
export type LibrarySheet = (LibraryCell[] | undefined)[];

/** The sheets of a book in the order in which they stand in it. */
export interface LibraryBook {
  readonly names: readonly string[];
  /** The cells of a sheet; `undefined` when the library made none of it. */
  sheet(name: string): LibrarySheet | undefined;
}

/** Values alone, as they are stored; an error is thrown and not passed over. */
const OPTIONS: ParsingOptions = {
  type: 'buffer',
  dense: true,
  cellNF: true,
  cellDates: false,
  cellText: false,
  cellHTML: false,
  cellFormula: false,
  WTF: true,
};

/**
 * Hands bytes that were looked through before to the library, which works on them in one go and keeps all in memory.
 * `codePages` is wanted for texts that are not in Unicode.
 * @throws Problem `workbook_corrupt` for whatever the library throws: its own message could quote a cell.
 */
export async function readWithLibrary(bytes: Buffer, codePages: boolean): Promise<LibraryBook> {
  const { read } = await load(codePages);
  const book = attempt(() => read(bytes, { ...OPTIONS }));
  return {
    names: book.SheetNames,
    sheet: (name) => book.Sheets?.[name]?.['!data'] as LibrarySheet | undefined,
  };
}

function attempt(read: () => WorkBook): WorkBook {
  try {
    return read();
  } catch {
    throw corrupt('a record cannot be understood');
  }
}

/**
 * The library is large and seldom needed, so it is only loaded for the first workbook. Its CommonJS build brings the
 * tables of code pages and, once they are set, reads texts in Unicode otherwise and slower: it is a module of its own
 * beside the one for Unicode, so that no file depends on those before it.
 */
async function load(codePages: boolean): Promise<typeof import('@e965/xlsx')> {
  if (!codePages) return import('@e965/xlsx');
  return createRequire(import.meta.url)('@e965/xlsx') as typeof import('@e965/xlsx');
}
