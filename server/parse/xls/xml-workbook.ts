import type { Source } from '../../core/source.ts';
import { contentOf, readHead } from '../content.ts';
import type { ReadEvent, ReadOptions } from '../format.ts';
import { corrupt } from '../xlsx/corrupt.ts';
import { readStreamedSheets } from '../xlsx/streamed-sheets.ts';
import { encodingOfDocument, feedDocument, type XmlDocument } from '../xml/document.ts';
import { createXmlSheetsHandler, type HiddenSheets } from './xml-sheets.ts';

/** Whether a file that may be a workbook is one in XML. */
export async function isXmlWorkbook(source: Source): Promise<boolean> {
  const { type, form } = contentOf(await readHead(source));
  return type === 'xls' && form === 'text';
}

/**
 * Reads a workbook in XML (SpreadsheetML 2003), which many programs call `.xls`: every sheet with a cell that holds
 * something is a table, as `createXmlSheetsHandler` and `xmlValue` say. The document is streamed twice.
 * @throws Problem `workbook_corrupt`, `encoding_invalid`, `cell_too_large`; as `readStreamedSheets`.
 */
export async function* readXmlWorkbook(source: Source, name: string, options: ReadOptions): AsyncGenerator<ReadEvent> {
  const encoding = await encodingOfDocument(source, options.encoding);
  const fail = (what: string) => corrupt(`the document ${what}`);
  const document: XmlDocument = { source, encoding, name, limits: options.limits, fail };
  const sheets: HiddenSheets = { hidden: new Set() };
  yield* readStreamedSheets(
    (listener) => feedDocument(document, createXmlSheetsHandler(listener, options.limits.cellLength, sheets)),
    options,
  );
}
