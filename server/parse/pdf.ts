import { setImmediate } from 'node:timers/promises';
import { Problem } from '../core/problem.ts';
import type { Source } from '../core/source.ts';
import { type Budget, createBudget } from './budget.ts';
import type { Format, ReadEvent, ReadOptions } from './format.ts';
import { corrupt } from './pdf/document.ts';
import { createFormTables, type FormTables } from './pdf/form-tables.ts';
import { type MergedTable, startTable } from './pdf/merged-table.ts';
import { metadataEvents, readMetadata } from './pdf/metadata.ts';
import { createRecogniser, type Recogniser, type Unrecognised } from './pdf/ocr/recogniser.ts';
import { whyUnrecognised } from './pdf/ocr/why-unrecognised.ts';
import { createOcrTable, type OcrTable } from './pdf/ocr-table.ts';
import { outlineEvents, readOutline } from './pdf/outline.ts';
import type { Page, Unreadable } from './pdf/page.ts';
import { openPages } from './pdf/page-reader.ts';
import { findTables } from './pdf/page-tables.ts';
import { createPositionsTable, type PositionsTable } from './pdf/positions-table.ts';
import { createTextTable, type TextTable } from './pdf/text-table.ts';

/** A page is a scan when pictures cover so much of it and it has no more characters than a stamp. */
const SCAN_PICTURES = 0.5;
const SCAN_CHARACTERS = 40;
/** Share of the characters of which nobody knows what they are. */
const GARBLED = 0.2;
/** Words that were recognised with less confidence on average, from 0 to 100, have many faults. */
const UNCLEAR = 70;

/**
 * Reads PDF documents (ISO 32000): every table found is a dataset, those tagged, those drawn with lines and those set with
 * spaces alone, from the first page to the last; a table that goes on over pages is one. Behind them come, where they hold
 * something: `text`, the lines that are in no table, with page and line, in reading order; `form`, one row with a column
 * for each field, and `fields`, what each is; `positions`, where each row of each table stands; `ocr`, the scanned pages
 * whose words were recognised, where that is installed; `metadata`; `outline`. No word of the document is in none of them.
 *
 * A table is called `page 3 table 1` or `pages 3-7 table 2`. Its dialect says `kind` (`tagged`, `ruled`, `spaced`),
 * `header`, `firstPage`, `lastPage` and `rowsPerPage` (`3:18 4-6:20`: which page each row is from, in the rows' order),
 * and that of `text` too says `ocrPages` and `ocrConfidence` where words were recognised. A page that cannot be read is a reject of `text` whose row is the page: `page_is_scanned`, `page_is_garbled`,
 * `page_too_complex`, `page_unreadable`, and `page_is_unclear` for one whose words were hardly recognised;
 * `document_unreadable` says so of metadata or outline, in row 1.
 *
 * Problems: `content_mismatch`, `pdf_encrypted`, `password_wrong`, `pdf_corrupt`, `pdf_scanned`, `not_a_table` for a
 * document without text, `file_too_large`, `unpacked_too_large`, `too_many_pages`, `too_many_columns`,
 * `too_many_rows`, `too_many_cells`.
 */
export const pdfFormat: Format = { read };

/** What stays the same while one document is read. */
interface Reading {
  readonly options: ReadOptions;
  readonly budget: Budget;
  readonly text: TextTable;
  readonly form: FormTables;
  readonly positions: PositionsTable;
  readonly ocr: OcrTable;
  readonly recogniser: Recogniser;
  /** The table that ended the last page: the next page may go on with it. */
  open: MergedTable | undefined;
  words: number;
  /** Why the first scanned page that was not recognised was not. */
  unrecognised: Unrecognised | undefined;
  /** The first of the pages just before that are not there. */
  missingFrom: number;
}

async function* read(source: Source, _name: string, options: ReadOptions): AsyncGenerator<ReadEvent> {
  const pages = await openPages(source, options.password);
  const reading = startReading(options, createRecogniser(pages, options.ocr));
  for (let number = 1; number <= pages.pages; number++) {
    const page = await pages.read(number - 1);
    if (page !== 'missing') endMissing(reading, number);
    else reading.missingFrom ||= number;
    if (typeof page === 'string') rejectPage(reading, page, number);
    else yield* readTables(reading, isScan(page) ? await recognise(reading, page, number) : page, number);
    yield { type: 'progress', done: number / pages.pages };
    // Whoever waits for this process gets a turn.
    await setImmediate();
  }
  if (reading.words === 0 && reading.form.isEmpty) throw nothingIn(reading, pages.pages);
  endMissing(reading, pages.pages + 1);
  yield* endTable(reading);
  const metadata = await pages.ask(readMetadata);
  const outline = await pages.ask(readOutline);
  if (!metadata || !outline) rejectAbout(reading);
  if (!reading.text.isEmpty) yield* reading.text.events(reading.ocr.dialect());
  for (const part of [reading.form, reading.positions, reading.ocr]) if (!part.isEmpty) yield* part.events();
  if (metadata?.size) yield* metadataEvents(metadata, options.limits, reading.budget);
  if (outline?.rows.length) yield* outlineEvents(outline, options.limits, reading.budget);
}

function startReading(options: ReadOptions, recogniser: Recogniser): Reading {
  const budget = createBudget(options.limits);
  return {
    ...{ options, budget, recogniser, open: undefined, words: 0, unrecognised: undefined, missingFrom: 0 },
    text: createTextTable(options.limits, budget),
    form: createFormTables(options.limits, budget),
    positions: createPositionsTable(options.limits),
    ocr: createOcrTable(options.limits, budget),
  };
}

function* readTables(reading: Reading, page: Page, number: number): Generator<ReadEvent> {
  const { tables, rest } = findTables(page, reading.options.isIdentifier);
  for (const [index, table] of tables.entries()) {
    if (index === 0 && reading.open?.takes(table, number, page.turn)) continue;
    yield* endTable(reading);
    reading.open = startTable(table, number, index + 1, page.turn);
  }
  reading.text.add(number, rest, ...page.turned);
  reading.form.add(number, page.fields);
  reading.words += page.words.length;
  if (page.unknown > GARBLED) rejectGarbled(reading, number);
}

function* endTable({ open, options, budget, positions, ocr }: Reading): Generator<ReadEvent> {
  if (open) yield* open.events(options, budget, positions, ocr);
}

function isScan({ words, pictures }: Page): boolean {
  const characters = words.reduce((sum, { text }) => sum + text.length, 0);
  return pictures >= SCAN_PICTURES && characters <= SCAN_CHARACTERS;
}

/** The scanned page with the words that are seen on it, or as it was, with a reject that says why. */
async function recognise(reading: Reading, page: Page, number: number): Promise<Page> {
  const seen = await reading.recogniser.recognise(page, number - 1);
  if ('reason' in seen) {
    reading.unrecognised ??= seen;
    reading.text.reject(number, 'page_is_scanned', `Page ${number} is a picture of text${whyUnrecognised(seen)}`);
    return page;
  }
  reading.ocr.add(number, seen.confidence, seen.words.length);
  if (seen.confidence < UNCLEAR) rejectUnclear(reading, number, seen.confidence);
  return seen;
}

function rejectUnclear({ text }: Reading, number: number, confidence: number): void {
  const detail = `The words of page ${number} were recognised with a confidence of ${confidence} of 100, so that many may be wrong. Compare them with the original, or scan it again at 300 dots to the inch.`;
  text.reject(number, 'page_is_unclear', detail);
}

function rejectGarbled({ text }: Reading, number: number): void {
  const detail = `The fonts of page ${number} do not say which letters they show. Run text recognition (OCR) on the document.`;
  text.reject(number, 'page_is_garbled', detail);
}

function rejectPage({ text }: Reading, reason: Unreadable | 'broken', number: number): void {
  if (reason === 'too_much') {
    const detail = `Page ${number} has more characters or drawings than are read. Split the page or simplify it.`;
    text.reject(number, 'page_too_complex', detail);
  } else if (reason === 'broken') {
    const detail = `Page ${number} is damaged or unpacks to too much. Print it to PDF again.`;
    text.reject(number, 'page_unreadable', detail);
  }
}

/** One reject for a run of pages that are not there, of which a document can claim any number. */
function endMissing(reading: Reading, next: number): void {
  const { missingFrom, text } = reading;
  if (missingFrom === 0) return;
  const pages = missingFrom === next - 1 ? `Page ${missingFrom}` : `Pages ${missingFrom} to ${next - 1}`;
  text.reject(missingFrom, 'page_unreadable', `${pages}: missing or damaged. Print the document to PDF again.`);
  reading.missingFrom = 0;
}

function rejectAbout({ text }: Reading): void {
  const detail = 'What the document says of itself, or its outline, is damaged. Print it to PDF again.';
  text.reject(1, 'document_unreadable', detail);
}

function nothingIn({ unrecognised, missingFrom, text }: Reading, pages: number): Problem {
  const unread = missingFrom > 0 || !text.isEmpty;
  if (!unrecognised) return pages === 0 || unread ? corrupt() : new Problem('not_a_table', 'The PDF holds no text.');
  return new Problem('pdf_scanned', `Each page is a picture of text${whyUnrecognised(unrecognised)}`);
}
