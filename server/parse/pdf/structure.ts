import { STRUCTURE_DEPTH, STRUCTURE_ELEMENTS } from './caps.ts';
import type { Pdfium } from './pdfium.ts';

/** A cell that the document's author marked as one. */
export interface TaggedCell {
  /** The numbers of the marked content on the page that it holds (ISO 32000-1, 14.7.4). */
  readonly marks: readonly number[];
  /** Whether it is said to name what stands beside or below it (`TH`). */
  readonly isName: boolean;
  readonly rowSpan: number;
  readonly columnSpan: number;
}

/** The rows of a tagged table that stand on one page, with the cells that begin in each. */
export type TaggedTable = readonly (readonly TaggedCell[])[];

const EMPTY: TaggedCell = { marks: [], isName: true, rowSpan: 1, columnSpan: 1 };
const LONGEST_SPAN = 1000;

/**
 * The tables of a page's structure tree, `Table` with `TR` with `TH` and `TD` (ISO 32000-1, 14.8.4.3.4), outermost ones
 * alone. Those of another form are left out, and so is everything when the tree is too large.
 */
export function readTaggedTables(pdfium: Pdfium, page: number): TaggedTable[] {
  const { call } = pdfium;
  const tree = call.FPDF_StructTree_GetForPage(page);
  if (tree === 0) return [];
  const walker = { pdfium, left: STRUCTURE_ELEMENTS, tables: [] as TaggedTable[] };
  for (let index = 0; index < call.FPDF_StructTree_CountChildren(tree); index++) {
    walk(walker, call.FPDF_StructTree_GetChildAtIndex(tree, index), 0);
  }
  call.FPDF_StructTree_Close(tree);
  return walker.left > 0 ? walker.tables : [];
}

interface Walker {
  readonly pdfium: Pdfium;
  /** Elements that may still be looked at. */
  left: number;
  readonly tables: TaggedTable[];
}

function walk(walker: Walker, element: number, depth: number): void {
  if (element === 0 || depth > STRUCTURE_DEPTH || walker.left-- <= 0) return;
  if (typeOf(walker, element) === 'Table') {
    const rows: TaggedCell[][] = [];
    if (readRows(walker, element, depth, rows)) walker.tables.push(rows);
  } else for (const child of childrenOf(walker, element)) walk(walker, child, depth + 1);
}

/** Whether nothing but rows stands in there, captions apart. */
function readRows(walker: Walker, owner: number, depth: number, rows: TaggedCell[][]): boolean {
  return childrenOf(walker, owner).every((child) => {
    // What stands on another page is not told.
    if (child === 0) return true;
    const type = typeOf(walker, child);
    if (type === 'Caption') return true;
    if (type !== 'TR') return /^T(?:Head|Body|Foot)$/.test(type) && readRows(walker, child, depth + 1, rows);
    const cells = readCells(walker, child, depth + 1);
    if (cells) rows.push(cells);
    return cells !== undefined;
  });
}

function readCells(walker: Walker, row: number, depth: number): TaggedCell[] | undefined {
  const cells: TaggedCell[] = [];
  for (const [index, child] of childrenOf(walker, row).entries()) {
    if (child === 0 && markAt(walker, row, index) >= 0) return undefined;
    if (child !== 0 && !/^T[HD]$/.test(typeOf(walker, child))) return undefined;
    cells.push(child === 0 ? EMPTY : readCell(walker, child, depth));
  }
  return cells;
}

function readCell(walker: Walker, cell: number, depth: number): TaggedCell {
  const marks: number[] = [];
  collectMarks(walker, cell, depth, marks);
  const isName = typeOf(walker, cell) === 'TH';
  return { marks, isName, rowSpan: spanOf(walker, cell, 'RowSpan'), columnSpan: spanOf(walker, cell, 'ColSpan') };
}

function collectMarks(walker: Walker, element: number, depth: number, marks: number[]): void {
  if (depth > STRUCTURE_DEPTH || walker.left-- <= 0) return;
  for (const [index, child] of childrenOf(walker, element).entries()) {
    const mark = child === 0 ? markAt(walker, element, index) : -1;
    if (mark >= 0) marks.push(mark);
    if (child !== 0) collectMarks(walker, child, depth + 1, marks);
  }
}

function spanOf({ pdfium: { call, lend, scratch, float } }: Walker, cell: number, name: string): number {
  for (let index = 0; index < call.FPDF_StructElement_GetAttributeCount(cell); index++) {
    const attributes = call.FPDF_StructElement_GetAttributeAtIndex(cell, index);
    const value = lend(name, (given) => call.FPDF_StructElement_Attr_GetValue(attributes, given));
    if (value !== 0 && call.FPDF_StructElement_Attr_GetNumberValue(value, scratch)) {
      return Math.min(LONGEST_SPAN, Math.max(1, Math.trunc(float(scratch)) || 1));
    }
  }
  return 1;
}

function typeOf({ pdfium }: Walker, element: number): string {
  return pdfium.text((address, bytes) => pdfium.call.FPDF_StructElement_GetType(element, address, bytes));
}

/** The elements in there; 0 for what is none or stands on another page. */
function childrenOf({ pdfium: { call }, left }: Walker, element: number): number[] {
  const count = Math.min(left, Math.max(0, call.FPDF_StructElement_CountChildren(element)));
  return Array.from({ length: count }, (_, index) => call.FPDF_StructElement_GetChildAtIndex(element, index));
}

const markAt = ({ pdfium: { call } }: Walker, element: number, index: number) =>
  call.FPDF_StructElement_GetChildMarkedContentID(element, index);
