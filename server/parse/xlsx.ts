import type { Source } from '../core/source.ts';
import type { Format, ReadEvent, ReadOptions } from './format.ts';
import { openPackage } from './xlsx/open-package.ts';
import { findWorkbook } from './xlsx/package.ts';
import { feedPart } from './xlsx/part.ts';
import { type Book, readBook } from './xlsx/read-book.ts';
import { createScannerPool } from './xlsx/scanner.ts';
import { createSharedStringsHandler } from './xlsx/shared-strings.ts';
import { type CellContext, createSheetHandler } from './xlsx/sheet.ts';
import { readDateStyles } from './xlsx/styles.ts';
import { readTableObjects } from './xlsx/table-objects.ts';
import { createTextArena, MAX_SHARED_BYTES } from './xlsx/text-arena.ts';
import { readWorkbook } from './xlsx/workbook.ts';
import { openArchive } from './zip/archive.ts';

/** References and escapes take up to seven bytes of a part for one character of a cell. */
const BYTES_PER_CHARACTER = 7;
const MIN_TOKEN_BYTES = 64 << 10;

/**
 * Reads Excel workbooks (.xlsx, .xlsm; ECMA-376, transitional and strict) in one pass over each sheet: every sheet
 * with a cell that holds something is a table, hidden ones too, in the workbook's order. Where its author marked tables
 * on a sheet, each of them is one, and then what stands outside of them; each takes a pass of its own.
 *
 * Cells come as `createSheetHandler` says, tables as `createTable`; merged cells hold their value at the top left.
 * The dialect says `header`, `hidden`, `dateSystem` (`1900` or `1904`), `firstColumn` (`A`), and of a marked table
 * its `sheet`; of headers and lines above them, if there is more than one, `headerRows` and `preamble`. A sheet of more than
 * one batch that does not declare the columns it has is read twice, the first time only for them.
 * Besides a batch or two, memory holds the shared texts, 512 MiB at most.
 */
export const xlsxFormat: Format = { read };

async function* read(source: Source, _name: string, options: ReadOptions): AsyncGenerator<ReadEvent> {
  const { cellLength, unpackedBytes } = options.limits;
  const archive = await openArchive(await openPackage(source, options.password, '.xlsx'), unpackedBytes);
  const workbook = await readWorkbook(archive, await findWorkbook(archive, '.xlsx'));
  const sharedStrings = createTextArena(MAX_SHARED_BYTES);
  const dateStyles = workbook.styles ? await readDateStyles(archive, workbook.styles) : [];
  const context: CellContext = { sharedStrings, dateStyles, dateSystem: workbook.dateSystem, cellLength };
  const scanners = createScannerPool();
  const tokenBytes = Math.max(MIN_TOKEN_BYTES, cellLength * BYTES_PER_CHARACTER);
  const book: Book = {
    archive,
    ...workbook,
    readStrings: (entry) =>
      scanners.lend((scanner) =>
        feedPart(archive, entry, tokenBytes, createSharedStringsHandler(sharedStrings, cellLength, scanner)),
      ),
    tablesOf: (sheet) => readTableObjects(archive, sheet),
    feed: ({ name, entry }, rows) =>
      scanners.lend((scanner) =>
        feedPart(archive, entry, tokenBytes, createSheetHandler(name, context, rows, scanner)),
      ),
  };
  yield* readBook(book, options);
}
