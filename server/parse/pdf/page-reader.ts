import { setImmediate } from 'node:timers/promises';
import type { Source } from '../../core/source.ts';
import { BROKEN_PAGES, BYTES_PER_PAGE, FRESH_STARTS, PAGES_AT_ONCE } from './caps.ts';
import { collectGarbage } from './collect-garbage.ts';
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
  /** What `question` makes of the open document, or nothing when that breaks the library. @throws Problem as `read`. */
  ask<T>(question: (document: PdfDocument) => T): Promise<T | undefined>;
}

/**
 * Opens a document. What the library keeps of pages that were read is given back by opening the document anew: every few
 * hundred pages, as what it looks up among gets slow, and in another instance when it runs out of memory.
 * @throws Problem as `openDocument`.
 */
export async function openPages(source: Source, password?: string): Promise<PageReader> {
  let document: PdfDocument | undefined = await openDocument(source, password);
  let askedSinceOpened = 0;
  let failures = 0;
  let starts = 0;
  const { pages } = document;
  const pagesAtOnce = Math.max(PAGES_AT_ONCE, source.size / BYTES_PER_PAGE);

  const read = async (index: number) => {
    const page = await ask((open) => readPage(askedSinceOpened < pagesAtOnce ? open : reopened(open), index));
    return page ?? 'broken';
  };

  function reopened(open: PdfDocument): PdfDocument {
    document = open.reopen();
    // The instance is as it was used: where a page breaks it, another one is tried.
    askedSinceOpened = 1;
    return document;
  }

  async function ask<T>(question: (document: PdfDocument) => T): Promise<T | undefined> {
    for (;;) {
      document ??= await openAnew();
      const answer = attempt(document, question);
      if (answer !== undefined) return answer;
      // What was asked before may have used up the memory.
      const tryAgain = askedSinceOpened > 0;
      const outOfMemory = document.pdfium.outOfMemory;
      // What an aborted instance holds is in no order any more.
      document = undefined;
      if (++starts > FRESH_STARTS || (!tryAgain && ++failures > BROKEN_PAGES)) throw broken(outOfMemory);
      if (!tryAgain) return undefined;
    }
  }

  function attempt<T>(open: PdfDocument, question: (document: PdfDocument) => T): T | undefined {
    try {
      const answer = question(open);
      askedSinceOpened++;
      return answer;
    } catch {
      return undefined;
    }
  }

  async function openAnew(): Promise<PdfDocument> {
    askedSinceOpened = 0;
    // In a turn of its own: this one still has the old instance on its stack.
    await setImmediate();
    collectGarbage();
    return openDocument(source, password);
  }

  return { pages, read, ask };
}
