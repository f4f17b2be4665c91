import { Problem } from '../../core/problem.ts';
import type { Source } from '../../core/source.ts';
import { passwordNeeded, passwordWrong } from '../password.ts';
import { FILE_BYTES, PAGES } from './caps.ts';
import { createPdfium, type Pdfium } from './pdfium.ts';

/** An open document in an instance of its own, which goes when nobody holds it. */
export interface PdfDocument {
  readonly pdfium: Pdfium;
  readonly handle: number;
  readonly pages: number;
  /** What its form's fields are asked by; 0 when it has no form. */
  readonly form: number;
  /** The same document in the same instance, without what the library keeps of pages that were read. This one is closed. */
  readonly reopen: () => PdfDocument;
}

const HEAD_BYTES = 1024;
/** What `FPDF_GetLastError` says (fpdfview.h). */
const PASSWORD = 4;
const SECURITY = 5;
/** fpdf_formfill.h */
const NO_FORM = 0;

/**
 * Opens a document, by its user's or its owner's `password` where it is encrypted. Its bytes go straight into the
 * library's memory.
 * @throws Problem `file_too_large`, `content_mismatch`, `pdf_encrypted`, `password_wrong`, `pdf_corrupt`, `too_many_pages`.
 */
export async function openDocument(source: Source, password = ''): Promise<PdfDocument> {
  if (source.size > FILE_BYTES) {
    const detail = `The PDF has ${source.size} bytes; ${FILE_BYTES} can be read. Split it.`;
    throw new Problem('file_too_large', detail);
  }
  const pdfium = await createPdfium();
  try {
    const address = await copyIn(source, pdfium);
    return openAt(pdfium, address, source.size, password);
  } catch (error) {
    throw error instanceof Problem ? error : broken(pdfium.outOfMemory);
  }
}

function openAt(pdfium: Pdfium, address: number, size: number, password: string): PdfDocument {
  const { call } = pdfium;
  const handle = load(pdfium, address, size, password);
  if (handle === 0) throw refusal(call.FPDF_GetLastError(), password);
  const form = openForm(pdfium, handle);
  const reopen = () => {
    if (form !== 0) call.PDFiumExt_ExitFormFillEnvironment(form);
    call.FPDF_CloseDocument(handle);
    return openAt(pdfium, address, size, password);
  };
  return { pdfium, handle, pages: countPages(pdfium, handle), form, reopen };
}

/** Tries the password as it is, then as passwords for AES-256 are prepared (SASLprep, RFC 4013). */
function load(pdfium: Pdfium, address: number, size: number, password: string): number {
  const handle = pdfium.load(address, size, password);
  const prepared = password
    .replace(/\p{Zs}/gu, ' ')
    .replace(/\p{DI}/gu, '')
    .normalize('NFKC');
  return handle === 0 && prepared !== password ? pdfium.load(address, size, prepared) : handle;
}

async function copyIn(source: Source, pdfium: Pdfium): Promise<number> {
  const address = pdfium.call.malloc(Math.max(1, source.size)) >>> 0;
  if (address === 0) throw broken(pdfium.outOfMemory);
  const bytes = pdfium.bytes();
  let at = address;
  for await (const chunk of source.stream()) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  const head = Buffer.from(bytes.subarray(address, address + Math.min(source.size, HEAD_BYTES)));
  if (!head.includes('%PDF-')) throw notPdf();
  return address;
}

/** A tree of pages can claim any number: beyond the cap it is believed when the page behind the cap exists. */
function countPages({ call }: Pdfium, handle: number): number {
  const claimed = call.FPDF_GetPageCount(handle);
  if (claimed <= PAGES) return Math.max(0, claimed);
  const page = call.FPDF_LoadPage(handle, PAGES);
  if (page === 0) return PAGES;
  throw new Problem('too_many_pages', `The PDF has ${claimed} pages; ${PAGES} can be read. Split it.`);
}

function openForm({ call }: Pdfium, handle: number): number {
  if (call.FPDF_GetFormType(handle) === NO_FORM) return 0;
  return call.PDFiumExt_InitFormFillEnvironment(handle, call.PDFiumExt_OpenFormFillInfo());
}

function notPdf(): Problem {
  const detail = 'The file is called .pdf, but its content is no PDF document. Upload it under its own name.';
  return new Problem('content_mismatch', detail);
}

function refusal(error: number, password: string): Problem {
  if (error === PASSWORD) return password ? passwordWrong('PDF') : passwordNeeded('pdf_encrypted', 'PDF');
  if (error === SECURITY) {
    const detail = 'The PDF is locked in a way that cannot be read. Save it without protection and upload that copy.';
    return new Problem('pdf_encrypted', detail);
  }
  return corrupt();
}

/** The problem of a document that the library cannot make sense of. */
export function corrupt(): Problem {
  return new Problem('pdf_corrupt', 'The PDF is damaged. Save or print it to PDF again and upload that copy.');
}

/** The problem of a document that broke the library. */
export function broken(outOfMemory: boolean): Problem {
  if (!outOfMemory) return corrupt();
  const detail = 'The PDF unpacks to more than a parser may hold. Save it in smaller parts, or without large pictures.';
  return new Problem('unpacked_too_large', detail);
}
