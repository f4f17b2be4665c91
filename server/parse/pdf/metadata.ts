import type { Budget } from '../budget.ts';
import { uniqueNames } from '../column-names.ts';
import type { ReadEvent, ReadLimits } from '../format.ts';
import { METADATA_KEYS } from './caps.ts';
import type { PdfDocument } from './document.ts';
import type { Pdfium } from './pdfium.ts';
import { largeCell } from './row-events.ts';

/** What a document says of itself: texts by the names of their columns. */
export type Metadata = ReadonlyMap<string, string>;

/** The keys of the document information dictionary (ISO 32000-1, 14.3.3) that have a meaning, and the columns they become. */
const COLUMNS = new Map([
  ['Title', 'title'],
  ['Author', 'author'],
  ['Subject', 'subject'],
  ['Keywords', 'keywords'],
  ['Creator', 'creator'],
  ['Producer', 'producer'],
  ['CreationDate', 'created'],
  ['ModDate', 'modified'],
]);
const DATES = new Set(['created', 'modified']);
/** `D:20261121093000+05'30'`; all behind the year can be absent (ISO 32000-1, 7.9.4). */
const DATE =
  /^(?:D:)?(\d{4})(?:(0[1-9]|1[0-2])(?:(0[1-9]|[12]\d|3[01])(?:([01]\d|2[0-3])(?:([0-5]\d)([0-5]\d)?)?)?)?)?(?:(Z)|([+-])(\d\d)'?(?:(\d\d)'?)?)?(?:00'00'?)?$/;

/** What the document says of itself that is not empty: title, author … first, then keys of its own, 200 at most. */
export function readMetadata({ pdfium, handle }: PdfDocument): Metadata {
  const found = new Map<string, string>();
  for (const key of [...COLUMNS.keys(), ...keysOf(pdfium, handle)]) {
    const column = COLUMNS.get(key) ?? key;
    if (found.has(column)) continue;
    const value = pdfium.text((address, bytes) =>
      pdfium.lend(key, (name) => pdfium.call.FPDF_GetMetaText(handle, name, address, bytes)),
    );
    if (value.trim() !== '') found.set(column, value);
  }
  return found;
}

function keysOf({ call, scratch, bytes }: Pdfium, handle: number): string[] {
  const count = Math.min(call.EPDF_GetMetaKeyCount(handle, 1), METADATA_KEYS);
  return Array.from({ length: Math.max(0, count) }, (_, index) => {
    // A longer key is no word; the place for it has 64 bytes.
    const length = call.EPDF_GetMetaKeyName(handle, index, 1, scratch, 64);
    return length > 1 && length <= 64
      ? Buffer.from(bytes().subarray(scratch, scratch + length - 1)).toString()
      : 'Title';
  });
}

/** The dataset `metadata`: one row, a column for each key; dates are ISO 8601, with the file's own text as the raw one. */
export function* metadataEvents(metadata: Metadata, { cellLength }: ReadLimits, budget: Budget): Generator<ReadEvent> {
  budget.addRows(1);
  budget.addCells(metadata.size);
  const columns = uniqueNames([...metadata.keys()]);
  yield { type: 'table', name: 'metadata', columns, dialect: { kind: 'metadata', header: false } };
  const texts = [...metadata.values()];
  const fits = (text: string) => text.length <= cellLength;
  const values = [...metadata].map(([name, text]) => (DATES.has(name) ? toIso(text) : text));
  const raws = texts.map((text, column) => (text === values[column] ? undefined : [text]));
  yield { type: 'batch', batch: { length: 1, columns: values.map((text) => [fits(text) ? text : null]), raws } };
  for (const [column, text] of texts.entries()) {
    if (!fits(text)) yield { type: 'reject', reject: largeCell(1, column, text, cellLength) };
  }
}

/** As ISO 8601 with as much as is known; what is no date stays as it is. */
function toIso(text: string): string {
  const found = DATE.exec(text.trim());
  if (!found) return text;
  const [, year, month, day, hour, minute, second = '00', zulu, sign, zoneHours, zoneMinutes = '00'] = found;
  const date = [year, month, day].filter((part) => part !== undefined).join('-');
  if (!day || !hour) return date;
  const zone = sign ? `${sign}${zoneHours}:${zoneMinutes}` : (zulu ?? '');
  return `${date}T${hour}:${minute ?? '00'}:${second}${zone}`;
}
