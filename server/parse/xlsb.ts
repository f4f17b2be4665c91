import type { Source } from '../core/source.ts';
import type { Format, ReadEvent, ReadOptions } from './format.ts';
import { feedRecords } from './xlsb/records.ts';
import { createBinarySheetHandler, createBinaryStringsHandler } from './xlsb/sheet.ts';
import { readBinaryDateStyles, readBinaryWorkbook } from './xlsb/workbook.ts';
import { openPackage } from './xlsx/open-package.ts';
import { findWorkbook } from './xlsx/package.ts';
import { type Book, readBook } from './xlsx/read-book.ts';
import type { CellContext } from './xlsx/sheet.ts';
import { createTextArena, MAX_SHARED_BYTES } from './xlsx/text-arena.ts';
import { openArchive } from './zip/archive.ts';

/** Two bytes for each unit of a text, and what a record holds besides: a formula, the looks of parts of the text. */
const BYTES_PER_UNIT = 2;
const OTHER_BYTES = 1 << 20;

/**
 * Reads binary Excel workbooks (.xlsb; [MS-XLSB]): the same archive as .xlsx with other parts. Sheets, cells, header and
 * dialect are those of the XLSX reader, and so is the memory it takes. Tables that were marked on a sheet are not told
 * apart from it.
 */
export const xlsbFormat: Format = { read };

async function* read(source: Source, _name: string, options: ReadOptions): AsyncGenerator<ReadEvent> {
  const { cellLength, unpackedBytes } = options.limits;
  const archive = await openArchive(await openPackage(source, options.password, '.xlsb'), unpackedBytes);
  const workbook = await readBinaryWorkbook(archive, await findWorkbook(archive, '.xlsb'));
  const sharedStrings = createTextArena(MAX_SHARED_BYTES);
  const dateStyles = workbook.styles ? await readBinaryDateStyles(archive, workbook.styles) : [];
  const context: CellContext = { sharedStrings, dateStyles, dateSystem: workbook.dateSystem, cellLength };
  const maxBytes = BYTES_PER_UNIT * cellLength + OTHER_BYTES;
  const book: Book = {
    archive,
    ...workbook,
    readStrings: (entry) =>
      feedRecords(archive, entry, maxBytes, createBinaryStringsHandler(sharedStrings, cellLength)),
    tablesOf: async () => [],
    feed: ({ name, entry }, rows) =>
      feedRecords(archive, entry, maxBytes, createBinarySheetHandler(name, context, rows)),
  };
  yield* readBook(book, options);
}
