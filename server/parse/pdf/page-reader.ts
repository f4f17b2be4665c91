import type { Source } from '../format.ts';
import { BROKEN_PAGES } from './caps.ts';
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

/** Opens a document. @throws Problem as `openDocument`. */
export async function openPages(source: Source): Promise<PageReader> {
  let document: PdfDocument | undefined = await openDocument(source);
  let failures = 0;
  const { pages } = document;
  return {
    pages,
    async read(index) {
      document ??= await openDocument(source);
      try {
        return readPage(document, index);
      } catch {
        // What an aborted instance holds is in no order any more.
        const { pdfium } = document;
        document = undefined;
        if (++failures > BROKEN_PAGES) throw broken(pdfium);
        return 'broken';
      }
    },
  };
}
