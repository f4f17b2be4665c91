import { type Box, transformBox } from './geometry.ts';
import type { Pdfium } from './pdfium.ts';

/** One field of a form, where it stands on a page. */
export interface Field {
  /** Its full name, such as `person.city`. */
  readonly name: string;
  readonly type: FieldType;
  /** What a reader is told that it is for. */
  readonly label: string;
  /** As the file says it: a checkbox's is the name of its state; several choices are a JSON array; '' for none. */
  readonly value: string;
  /** In points of the page as PDF counts them: `top` and `bottom` grow upwards, so that `top` is the larger. */
  readonly box: Box;
}

/** What kind of field (ISO 32000-1, 12.7.4). Buttons that only do something are none. */
export type FieldType = 'checkbox' | 'radio' | 'choice' | 'list' | 'text' | 'signature';

/** fpdf_formfill.h, FPDF_FORMFIELD_… */
const TYPES = new Map<number, FieldType>([
  [2, 'checkbox'],
  [3, 'radio'],
  [4, 'choice'],
  [5, 'list'],
  [6, 'text'],
  [7, 'signature'],
]);
/** Options of one list that are looked at. */
const OPTIONS = 10_000;

/** Whether what is seen of the field is its value, as text. */
export function showsValue({ type, value }: Field): boolean {
  return value !== '' && (type === 'text' || type === 'choice' || type === 'list');
}

/** The field that the annotation is, when it is one with a name. `form` is the document's, see `openDocument`. */
export function readField(pdfium: Pdfium, form: number, annotation: number): Field | undefined {
  const { call } = pdfium;
  const type = TYPES.get(call.FPDFAnnot_GetFormFieldType(form, annotation));
  const name = pdfium.text((address, bytes) => call.FPDFAnnot_GetFormFieldName(form, annotation, address, bytes));
  if (!type || name === '') return undefined;
  const label = pdfium.text((address, bytes) =>
    call.FPDFAnnot_GetFormFieldAlternateName(form, annotation, address, bytes),
  );
  return { name, type, label, value: readValue(pdfium, form, annotation, type), box: boxOf(pdfium, annotation) };
}

function readValue(pdfium: Pdfium, form: number, annotation: number, type: FieldType): string {
  if (type === 'signature') return '';
  const { call } = pdfium;
  const chosen = type === 'list' ? chosenOptions(pdfium, form, annotation) : [];
  if (chosen.length > 1) return JSON.stringify(chosen);
  return pdfium.text((address, bytes) => call.FPDFAnnot_GetFormFieldValue(form, annotation, address, bytes));
}

function chosenOptions(pdfium: Pdfium, form: number, annotation: number): string[] {
  const { call } = pdfium;
  const chosen: string[] = [];
  const count = Math.min(OPTIONS, call.FPDFAnnot_GetOptionCount(form, annotation));
  for (let index = 0; index < count; index++) {
    if (!call.FPDFAnnot_IsOptionSelected(form, annotation, index)) continue;
    const label = (address: number, bytes: number) =>
      call.FPDFAnnot_GetOptionLabel(form, annotation, index, address, bytes);
    chosen.push(pdfium.text(label));
  }
  return chosen;
}

const AS_IT_IS = [1, 0, 0, 1, 0, 0] as const;

function boxOf({ call, scratch, float }: Pdfium, annotation: number): Box {
  if (!call.FPDFAnnot_GetRect(annotation, scratch)) return { left: 0, right: 0, top: 0, bottom: 0 };
  const at = (index: number) => float(scratch + index * 4);
  const { left, right, top, bottom } = transformBox(AS_IT_IS, at(0), at(1), at(2), at(3));
  return { left, right, top: bottom, bottom: top };
}
