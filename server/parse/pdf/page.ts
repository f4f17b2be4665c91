import { PAGE_ANNOTATIONS, PAGE_CHARACTERS, PAGE_RULINGS } from './caps.ts';
import { type Run, readCharacters } from './characters.ts';
import type { PdfDocument } from './document.ts';
import { type Drawing, isTooMuch, readDrawing } from './drawing.ts';
import { uprightMatrix } from './geometry.ts';
import type { Pdfium } from './pdfium.ts';
import { joinRulings, type Rulings } from './rulings.ts';
import { toWords, type Word } from './words.ts';

/** What stands on one page, turned so that most of its text is upright. */
export interface Page {
  readonly words: readonly Word[];
  /** Text at other angles, each angle in coordinates of its own. */
  readonly turned: readonly (readonly Word[])[];
  readonly rulings: Rulings;
  readonly width: number;
  readonly height: number;
  /** Share of the page that pictures cover, 1 at most. */
  readonly pictures: number;
  /** Share of the upright characters that the document's fonts give no meaning. */
  readonly unknown: number;
}

/** Why a page gave nothing: it is not there or damaged, or it has more than is read. */
export type Unreadable = 'missing' | 'too_much';

/** fpdf_annot.h: text that somebody put on the page, and fields of a form. */
const FREE_TEXT = 3;
const WIDGET = 20;
/** The bytes of an empty text in UTF-16 with its end: what the library gives for a look that is not there. */
const NO_LOOK_BYTES = 2;
const FLATTEN_FAILED = 0;
const NO_RULINGS: Rulings = { horizontal: [], vertical: [] };

/** Reads the page with this index, from 0. @throws what the library throws when the page breaks it. */
export function readPage({ pdfium, handle }: PdfDocument, index: number): Page | Unreadable {
  const { call } = pdfium;
  let page = call.FPDF_LoadPage(handle, index);
  if (page === 0) return 'missing';
  // What fields and notes show is no text of the page until it is painted onto it.
  if (prepareAnnotations(pdfium, page) && call.FPDFPage_Flatten(page, 0) !== FLATTEN_FAILED) {
    call.FPDF_ClosePage(page);
    page = call.FPDF_LoadPage(handle, index);
    if (page === 0) return 'missing';
  }
  try {
    return readLoaded(pdfium, page);
  } finally {
    if (!pdfium.outOfMemory) call.FPDF_ClosePage(page);
  }
}

/** Whether the page has fields or notes; those that do not say how they look get a look from their value. */
function prepareAnnotations({ call }: Pdfium, page: number): boolean {
  const count = Math.min(call.FPDFPage_GetAnnotCount(page), PAGE_ANNOTATIONS);
  let found = false;
  for (let index = 0; index < count; index++) {
    const annotation = call.FPDFPage_GetAnnot(page, index);
    if (annotation === 0) continue;
    const subtype = call.FPDFAnnot_GetSubtype(annotation);
    const isShown = subtype === WIDGET || subtype === FREE_TEXT;
    if (isShown && call.FPDFAnnot_GetAP(annotation, 0, 0, 0) <= NO_LOOK_BYTES) {
      if (subtype === WIDGET) call.EPDFAnnot_GenerateFormFieldAP(annotation);
      else call.EPDFAnnot_GenerateAppearance(annotation);
    }
    call.FPDFPage_CloseAnnot(annotation);
    found ||= isShown;
  }
  return found;
}

function readLoaded(pdfium: Pdfium, page: number): Page | Unreadable {
  const { call } = pdfium;
  const textPage = call.FPDFText_LoadPage(page);
  if (textPage === 0) return 'missing';
  const count = call.FPDFText_CountChars(textPage);
  const runs = count > PAGE_CHARACTERS ? [] : readCharacters(pdfium, textPage, Math.max(0, count));
  call.FPDFText_ClosePage(textPage);
  if (count > PAGE_CHARACTERS) return 'too_much';
  const [main, ...others] = runs.sort((a, b) => weight(b) - weight(a));
  const turn = Math.max(0, main?.turn ?? 0);
  const drawing = readDrawing(pdfium, page, uprightMatrix(turn));
  if (isTooMuch(drawing)) return 'too_much';
  const size = [call.FPDF_GetPageWidthF(page), call.FPDF_GetPageHeightF(page)];
  const [width = 0, height = 0] = turn % 2 ? size.reverse() : size;
  return {
    words: main ? toWords(main.characters) : [],
    turned: others.map(({ characters }) => toWords(characters)),
    rulings: rulingsOf(drawing),
    unknown: main ? main.unknown / main.characters.length : 0,
    ...{ width, height, pictures: Math.min(1, drawing.pictures / (width * height || 1)) },
  };
}

/** Text at odd angles is never what the page is turned by. */
function weight({ turn, characters }: Run): number {
  return turn < 0 ? 0 : characters.length;
}

function rulingsOf(drawing: Drawing): Rulings {
  const horizontal = joinRulings(drawing.horizontal);
  const vertical = joinRulings(drawing.vertical);
  return horizontal.length + vertical.length > PAGE_RULINGS ? NO_RULINGS : { horizontal, vertical };
}
