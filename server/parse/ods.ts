import { Problem } from '../core/problem.ts';
import type { Source } from '../core/source.ts';
import { createBudget } from './budget.ts';
import { isZip } from './content.ts';
import type { Format, ReadEvent, ReadOptions } from './format.ts';
import { createContentHandler, type TableListener } from './ods/content.ts';
import { otherFile } from './xls/other-file.ts';
import { corrupt } from './xlsx/corrupt.ts';
import { kindOfPackage } from './xlsx/package.ts';
import { feedPart, onOpen, readPart } from './xlsx/part.ts';
import type { Extent } from './xlsx/references.ts';
import { createExtentSink } from './xlsx/rows.ts';
import { createTable, type Table } from './xlsx/table.ts';
import { nameHash } from './xlsx/xml-token.ts';
import { type Archive, openArchive } from './zip/archive.ts';
import type { ZipEntry } from './zip/directory.ts';
import { readRange } from './zip/range.ts';

const ENCRYPTION = nameHash('encryption-data');
/** References take up to seven bytes of the part for one character of a cell. */
const BYTES_PER_CHARACTER = 7;
const MIN_TOKEN_BYTES = 64 << 10;
/** Chunks between two events of progress, 64 KiB each. */
const CHUNKS_A_STEP = 32;

/**
 * Reads OpenDocument spreadsheets (.ods; OpenDocument 1.0 to 1.4): every sheet with a cell that holds something is a
 * table, hidden ones too, in the document's order. Header, columns and dialect are those of the XLSX reader.
 *
 * Values are the typed ones of the file and not the text that is shown beside them: `createContentHandler` and
 * `odsValue` say how. Repeated rows and cells are written out. Merged cells hold their value at the top left, and
 * what they cover, which OpenDocument keeps, stands where it is. The part with the sheets is streamed twice, the
 * first time only for the columns; memory does not grow with it.
 */
export const odsFormat: Format = { read };

async function* read(source: Source, _name: string, options: ReadOptions): AsyncGenerator<ReadEvent> {
  const head = await readRange(source, 0, Math.min(source.size, 4096));
  if (!isZip(head)) throw await otherFile(source, head, '.ods');
  const archive = await openArchive(source, options.limits.unpackedBytes);
  const content = await findContent(archive, source, head);
  const extents = await measure(archive, content, options);
  if (extents.every((extent) => extent === undefined)) {
    throw new Problem('not_a_table', 'No sheet of the spreadsheet has a cell that holds anything.');
  }
  yield { type: 'progress', done: 0.5 };
  yield* readTables(archive, content, options, extents);
  yield { type: 'progress', done: 1 };
}

async function findContent(archive: Archive, source: Source, head: Buffer): Promise<ZipEntry> {
  const { main, other } = await kindOfPackage(archive);
  const content = archive.find('content.xml');
  if (main !== undefined || (other !== undefined && !other.includes('(.ods)')) || (other === undefined && !content)) {
    throw await otherFile(source, head, '.ods');
  }
  const manifest = archive.find('META-INF/manifest.xml');
  if (manifest) await readPart(archive, manifest, onOpen(refuseEncrypted));
  if (!content) throw corrupt('the part with the sheets is missing');
  return content;
}

function refuseEncrypted(element: number): void {
  if (element !== ENCRYPTION) return;
  throw new Problem(
    'workbook_encrypted',
    'The spreadsheet is locked by a password. Save it without one and upload that copy.',
  );
}

/** The columns that each sheet's cells take; `undefined` for sheets that hold nothing. */
async function measure(archive: Archive, content: ZipEntry, options: ReadOptions): Promise<(Extent | undefined)[]> {
  const sinks: ReturnType<typeof createExtentSink>[] = [];
  const listener: TableListener = {
    begin() {
      const sink = createExtentSink();
      sinks.push(sink);
      return sink;
    },
    end() {},
  };
  for await (const _ of feed(archive, content, options, listener));
  return sinks.map(({ extent }) => extent);
}

async function* readTables(
  archive: Archive,
  content: ZipEntry,
  options: ReadOptions,
  extents: readonly (Extent | undefined)[],
): AsyncGenerator<ReadEvent> {
  const budget = createBudget(options.limits);
  const events: ReadEvent[] = [];
  let table: Table | undefined;
  let tables = 0;
  const listener: TableListener = {
    begin(name, hidden) {
      const dialect = { hidden, dateSystem: '1900' };
      table = createTable({ name, dialect, options, budget });
      tables++;
      return table;
    },
    end() {
      drain();
      table!.end();
      events.push(...table!.take());
      table = undefined;
    },
  };

  function drain(): void {
    if (table?.waiting) table.start(extents[tables - 1]!);
    if (table) events.push(...table.take());
  }

  let chunks = 0;
  for await (const _ of feed(archive, content, options, listener)) {
    drain();
    yield* events.splice(0);
    if (++chunks % CHUNKS_A_STEP === 0) {
      const done = 0.5 + 0.5 * Math.min(1, (chunks * MIN_TOKEN_BYTES) / content.size);
      yield { type: 'progress', done };
    }
  }
}

function feed(archive: Archive, content: ZipEntry, { limits }: ReadOptions, listener: TableListener) {
  const tokenBytes = Math.max(MIN_TOKEN_BYTES, limits.cellLength * BYTES_PER_CHARACTER);
  return feedPart(archive, content, tokenBytes, createContentHandler(listener, limits.cellLength));
}
