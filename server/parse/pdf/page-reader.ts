import type { Source } from '../format.ts';
import { BROKEN_PAGES, FRESH_STARTS } from './caps.ts';
import { broken, openDocument, type PdfDocument } from './document.ts';
import { type Page, readPage, type Unreadable } from './page.ts';

/** Reads the pages of a document one by one, in the order in which they are asked for. */
export interface PageReader {
  readonly pages: number;
  /**
   * The page with this index, from 0. A page that breaks the library costs only itself.
   * @throws Problem `pdf_corrupt` or `unpacked_too_large` when too many pages do.
   */
  read(index: number): Promise<Page | Unreadable | 'broken'>;
}

/**
 * Opens a document. What the library keeps of pages that were read is given back by opening the document anew, which is
 * done when it runs out of memory.
 * @throws Problem as `openDocument`.
 */
export async function openPages(source: Source): Promise<PageReader> {
  let document: PdfDocument | undefined = await openDocument(source);
  let readSinceOpened = 0;
  let failures = 0;
  let starts = 0;
  const { pages } = document;

  async function read(index: number): Promise<Page | Unreadable | 'broken'> {
    document ??= await openDocument(source);
    try {
      const page = readPage(document, index);
      readSinceOpened++;
      return page;
    } catch {
      // What an aborted instance holds is in no order any more.
      const { pdfium } = document;
      document = undefined;
      if (++starts > FRESH_STARTS) throw broken(pdfium);
      if (readSinceOpened > 0) {
        // The pages before may have used up the memory.
        readSinceOpened = 0;
        return await read(index);
      }
      if (++failures > BROKEN_PAGES) throw broken(pdfium);
      return 'broken';
    }
  }

  return { pages, read };
}
