import { Problem } from '../core/problem.ts';
import type { Source } from '../core/source.ts';
import { isZip } from './content.ts';
import type { Format, ReadEvent, ReadOptions } from './format.ts';
import { createContentHandler } from './ods/content.ts';
import { otherFile } from './xls/other-file.ts';
import { corrupt } from './xlsx/corrupt.ts';
import { kindOfPackage } from './xlsx/package.ts';
import { feedPart, onOpen, readPart } from './xlsx/part.ts';
import { readStreamedSheets, type SheetListener } from './xlsx/streamed-sheets.ts';
import { nameHash } from './xlsx/xml-token.ts';
import { type Archive, openArchive } from './zip/archive.ts';
import type { ZipEntry } from './zip/directory.ts';
import { readRange } from './zip/range.ts';

const ENCRYPTION = nameHash('encryption-data');
/** References take up to seven bytes of the part for one character of a cell. */
const BYTES_PER_CHARACTER = 7;
const MIN_TOKEN_BYTES = 64 << 10;
/** What an archive gives of a part at a time. */
const CHUNK_BYTES = 64 << 10;

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
  yield* readStreamedSheets((listener) => feed(archive, content, options, listener), options);
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

async function* feed(
  archive: Archive,
  content: ZipEntry,
  { limits }: ReadOptions,
  listener: SheetListener,
): AsyncGenerator<number> {
  const tokenBytes = Math.max(MIN_TOKEN_BYTES, limits.cellLength * BYTES_PER_CHARACTER);
  let chunks = 0;
  for await (const _ of feedPart(archive, content, tokenBytes, createContentHandler(listener, limits.cellLength))) {
    yield Math.min(1, (++chunks * CHUNK_BYTES) / content.size);
  }
}
