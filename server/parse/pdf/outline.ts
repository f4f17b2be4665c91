import type { Cell } from '../../core/batch.ts';
import type { Budget } from '../budget.ts';
import type { ReadEvent, ReadLimits } from '../format.ts';
import { OUTLINE_DEPTH, OUTLINE_ENTRIES } from './caps.ts';
import type { PdfDocument } from './document.ts';
import { rowEvents } from './row-events.ts';

/** The entries of a document's outline in the order in which they are shown, and whether there are more than are read. */
export interface Outline {
  /** Level from 1, title, and the page it leads to from 1. */
  readonly rows: readonly (readonly Cell[])[];
  readonly isCut: boolean;
}

const COLUMNS = ['level', 'title', 'page'];

/** The dataset `outline`. @throws Problem `too_many_rows`, `too_many_cells`. */
export function* outlineEvents({ rows, isCut }: Outline, limits: ReadLimits, budget: Budget): Generator<ReadEvent> {
  yield { type: 'table', name: 'outline', columns: COLUMNS, dialect: { kind: 'outline', header: false } };
  yield* rowEvents(rows, 1, limits, budget);
  if (!isCut) return;
  const detail = `The outline has more than ${OUTLINE_ENTRIES} entries or ${OUTLINE_DEPTH} levels; the others are left out.`;
  yield { type: 'reject', reject: { row: rows.length + 1, code: 'outline_too_large', detail, raw: '' } };
}

/** Reads the outline (ISO 32000-1, 12.3.3), which may run in circles: every entry once, 20,000 at most, 64 levels deep. */
export function readOutline({ pdfium, handle }: PdfDocument): Outline {
  const { call } = pdfium;
  const rows: Cell[][] = [];
  const seen = new Set<number>();
  /** Where the next entry of each level is. */
  const next = [call.FPDFBookmark_GetFirstChild(handle, 0)];
  let isCut = false;
  while (next.length > 0) {
    const entry = next.at(-1)!;
    if (entry === 0 || seen.has(entry)) {
      next.pop();
      continue;
    }
    if (rows.length === OUTLINE_ENTRIES) return { rows, isCut: true };
    seen.add(entry);
    const title = pdfium.text((address, bytes) => call.FPDFBookmark_GetTitle(entry, address, bytes));
    const page = pageOf(entry);
    rows.push([String(next.length), title || null, page < 0 ? null : String(page + 1)]);
    next[next.length - 1] = call.FPDFBookmark_GetNextSibling(handle, entry);
    const child = call.FPDFBookmark_GetFirstChild(handle, entry);
    if (child !== 0 && next.length === OUTLINE_DEPTH) isCut = true;
    else next.push(child);
  }
  return { rows, isCut };

  function pageOf(entry: number): number {
    const own = call.FPDFBookmark_GetDest(handle, entry);
    const action = own === 0 ? call.FPDFBookmark_GetAction(entry) : 0;
    const target = action === 0 ? own : call.FPDFAction_GetDest(handle, action);
    return target === 0 ? -1 : call.FPDFDest_GetDestPageIndex(handle, target);
  }
}
