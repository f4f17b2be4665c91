import { PAGE_ANNOTATIONS, PAGE_CHARACTERS, PAGE_RULINGS } from './caps.ts';
import { type Run, readRuns } from './characters.ts';
import type { PdfDocument } from './document.ts';
import { type Drawing, isTooMuch, readDrawing } from './drawing.ts';
import { type Field, readField, showsValue } from './fields.ts';
import { uprightMatrix } from './geometry.ts';
import type { Pdfium } from './pdfium.ts';
import { joinRulings, type Rulings } from './rulings.ts';
import { readTaggedTables, type TaggedTable } from './structure.ts';
import type { Word } from './words.ts';

/** What stands on one page, turned so that most of its text is upright. */
export interface Page {
  readonly words: readonly Word[];
  /** Text at other angles, each angle in coordinates of its own. */
  readonly turned: readonly (readonly Word[])[];
  readonly rulings: Rulings;
  /** What the document says of its tables, by the marks of the words. */
  readonly tagged: readonly TaggedTable[];
  /** Quarters to the left by which it was turned for that. */
  readonly turn: number;
  readonly width: number;
  readonly height: number;
  /** Share of the page that pictures cover, 1 at most. */
  readonly pictures: number;
  /** Share of the upright characters that the document's fonts give no meaning. */
  readonly unknown: number;
  /** The fields of a form; the values of those for text and choices are among no words. */
  readonly fields: readonly Field[];
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
export function readPage(document: PdfDocument, index: number): Page | Unreadable {
  const { pdfium, handle, form } = document;
  const { call } = pdfium;
  let page = call.FPDF_LoadPage(handle, index);
  if (page === 0) return 'missing';
  const { fields, isShown } = takeAnnotations(pdfium, form, page);
  // What fields and notes show is no text of the page until it is painted onto it.
  if (isShown && call.FPDFPage_Flatten(page, 0) !== FLATTEN_FAILED) {
    call.FPDF_ClosePage(page);
    page = call.FPDF_LoadPage(handle, index);
    if (page === 0) return 'missing';
  }
  try {
    return readLoaded(document, page, fields);
  } finally {
    if (!pdfium.outOfMemory) call.FPDF_ClosePage(page);
  }
}

interface Annotations {
  readonly fields: readonly Field[];
  /** Whether there are fields or notes left that show something. */
  readonly isShown: boolean;
}

/**
 * The fields of the page. Those whose value was taken are no part of the page any more, so that it does not stand there
 * once more, plain; other fields and notes that do not say how they look get a look from their value.
 */
function takeAnnotations(pdfium: Pdfium, form: number, page: number): Annotations {
  const { call } = pdfium;
  const count = Math.min(call.FPDFPage_GetAnnotCount(page), PAGE_ANNOTATIONS);
  const fields: Field[] = [];
  const taken: number[] = [];
  let isShown = false;
  for (let index = 0; index < count; index++) {
    const annotation = call.FPDFPage_GetAnnot(page, index);
    if (annotation === 0) continue;
    const subtype = call.FPDFAnnot_GetSubtype(annotation);
    const field = subtype === WIDGET && form !== 0 ? readField(pdfium, form, annotation) : undefined;
    if (field) fields.push(field);
    if (field && showsValue(field)) taken.push(index);
    else if (subtype === WIDGET || subtype === FREE_TEXT) {
      isShown = true;
      giveLook(pdfium, annotation, subtype);
    }
    call.FPDFPage_CloseAnnot(annotation);
  }
  for (const index of taken.reverse()) call.FPDFPage_RemoveAnnot(page, index);
  return { fields, isShown };
}

function giveLook({ call }: Pdfium, annotation: number, subtype: number): void {
  if (call.FPDFAnnot_GetAP(annotation, 0, 0, 0) > NO_LOOK_BYTES) return;
  if (subtype === WIDGET) call.EPDFAnnot_GenerateFormFieldAP(annotation);
  else call.EPDFAnnot_GenerateAppearance(annotation);
}

function readLoaded({ pdfium, handle }: PdfDocument, page: number, fields: readonly Field[]): Page | Unreadable {
  const { call } = pdfium;
  const tagged = call.FPDFCatalog_IsTagged(handle) ? readTaggedTables(pdfium, page) : [];
  const textPage = call.FPDFText_LoadPage(page);
  if (textPage === 0) return 'missing';
  const count = call.FPDFText_CountChars(textPage);
  const runs = count > PAGE_CHARACTERS ? [] : readRuns(pdfium, textPage, Math.max(0, count), tagged.length > 0);
  call.FPDFText_ClosePage(textPage);
  if (count > PAGE_CHARACTERS) return 'too_much';
  const [main, ...others] = runs.sort((a, b) => weight(b) - weight(a));
  const turn = Math.max(0, main?.turn ?? 0);
  const drawing = readDrawing(pdfium, page, uprightMatrix(turn));
  if (isTooMuch(drawing)) return 'too_much';
  const size = [call.FPDF_GetPageWidthF(page), call.FPDF_GetPageHeightF(page)];
  const [width = 0, height = 0] = turn % 2 ? size.reverse() : size;
  return {
    words: main ? main.words : [],
    turned: others.map(({ words }) => words),
    rulings: rulingsOf(drawing),
    unknown: main ? main.unknown / main.characters : 0,
    ...{ turn, fields, tagged, width, height, pictures: Math.min(1, drawing.pictures / (width * height || 1)) },
  };
}

/** Text at odd angles is never what the page is turned by. */
function weight({ turn, characters }: Run): number {
  return turn < 0 ? 0 : characters;
}

function rulingsOf(drawing: Drawing): Rulings {
  const horizontal = joinRulings(drawing.horizontal);
  const vertical = joinRulings(drawing.vertical);
  return horizontal.length + vertical.length > PAGE_RULINGS ? NO_RULINGS : { horizontal, vertical };
}
