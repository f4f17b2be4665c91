import type { Reject } from '../../core/batch.ts';
import { Problem, type ProblemCode } from '../../core/problem.ts';
import type { Source } from '../../core/source.ts';
import { contentOf, packingOf, readHead } from '../content.ts';
import { detectType, mismatch, unpackedName } from '../detect.ts';
import type { ReadEvent, ReadLimits, ReadOptions } from '../format.ts';
import { formatFor } from '../formats.ts';
import type { Reading } from '../read-file.ts';
import { kindOfPackage } from '../xlsx/package.ts';
import { type Archive, openArchive } from '../zip/archive.ts';
import type { ZipEntry } from '../zip/directory.ts';
import { unpack } from './unpack.ts';

/** Files in an archive that may be sent at once. */
const MAX_FILES = 1000;
/** What macOS and file managers add for themselves. */
const NOT_SENT = /(?:^|\/)(?:__MACOSX\/|\.DS_Store$|Thumbs\.db$|desktop\.ini$)/i;
const MAX_NAME = 200;

/** Problems that are not of the file in which they appear. */
const NOT_ITS_OWN: readonly string[] = ['data_corrupt', 'storage_failed', 'internal', 'unpacked_too_large'];

/**
 * Reads the files of a ZIP archive in the order of its directory, each as if it had been sent alone: its tables are
 * called by its path in the archive (`2024/people.csv`), with the table's own name behind where it has one
 * (`book.xlsx/Sheet1`). A file in it may itself be packed with gzip or zstd; an archive in it is not opened.
 *
 * A file that cannot be read becomes a reject of a last table, `(not read)`, with its number in the archive, the code
 * and the reason, and its path as the raw text. One that fails after a table of it has begun fails the whole. The
 * limits hold for all files together. Paths are data: nothing is ever written under them.
 * @throws Problem `content_mismatch` for a workbook or document that bears the name of an archive; `archive_corrupt`,
 * `archive_encrypted` when no file can be read for that reason; `not_a_table` when there is none.
 */
export async function* readArchive(
  source: Source,
  name: string,
  options: ReadOptions,
  reading: Reading,
): AsyncGenerator<ReadEvent> {
  const archive = await open(source, options.limits);
  const entries = [...archive.entries()].filter((entry) => !NOT_SENT.test(entry.name));
  if (entries.length > MAX_FILES) {
    const detail = `The archive holds ${entries.length} files; ${MAX_FILES} can be read. Split it.`;
    throw new Problem('unpacked_too_large', detail);
  }
  const used = createUse(options.limits);
  const unread: { reject: Reject; problem: Problem }[] = [];
  let tables = 0;
  for (const [index, entry] of entries.entries()) {
    const before = tables;
    try {
      for await (const event of readEntry(archive, entry, { ...options, limits: used.left() }, reading, used)) {
        if (event.type === 'table') tables++;
        if (event.type !== 'progress') yield used.count(event);
      }
    } catch (error) {
      const problem = inEntry(entry, error);
      if (tables > before || NOT_ITS_OWN.includes(problem.code)) throw problem;
      const reject = { row: index + 1, code: problem.code, detail: problem.detail, raw: entry.name.slice(0, 1000) };
      unread.push({ reject, problem });
    }
    yield { type: 'progress', done: (index + 1) / entries.length };
  }
  if (tables === 0) throw unread[0]?.problem ?? new Problem('not_a_table', 'The archive holds no file.');
  if (unread.length === 0) return;
  yield { type: 'table', name: '(not read)', columns: ['file'], dialect: { archive: name } };
  for (const { reject } of unread) yield { type: 'reject', reject };
}

/** Opens an archive of files. */
async function open(source: Source, { unpackedBytes }: ReadLimits): Promise<Archive> {
  const archive = await openArchive(source, unpackedBytes).catch((error: unknown) => {
    throw asArchive(error);
  });
  // Whatever is wrong with parts that a document would have, it is an archive then.
  const { main, other } = await kindOfPackage(archive).catch((error: unknown) => {
    if (error instanceof Problem && error.code !== 'data_corrupt') return { main: undefined, other: undefined };
    throw error;
  });
  if (main === undefined && other === undefined) return archive;
  const type = other === undefined ? 'xlsx' : other.includes('(.ods)') ? 'ods' : null;
  throw mismatch('called .zip', { type, name: other ?? 'an Excel workbook (.xlsx)' });
}

async function* readEntry(
  archive: Archive,
  entry: ZipEntry,
  options: ReadOptions,
  { allowed, hold }: Reading,
  used: Use,
): AsyncGenerator<ReadEvent> {
  using held = await hold(used.unpacked(contentOfEntry(archive, entry, options.limits)));
  const filename = unpackedName(entry.name.split('/').at(-1)!);
  const head = await readHead(held);
  if (packingOf(head) || (contentOf(head).type === 'zip' && !/\.(xls[xmb]|xlt[xm]|ods)$/i.test(filename)))
    throw nested();
  const type = detectType({ filename, mediaType: '', head }, allowed);
  if (type === 'zip') throw nested();
  const path = shownName(entry.name);
  const format = await formatFor(type);
  for await (const event of format.read(held, filename, options)) {
    if (event.type !== 'table') yield event;
    else yield { ...event, name: event.name === filename ? path : `${path}/${event.name}` };
  }
}

/** The bytes of a file in the archive, unpacked once more if it is packed itself, as its name says. */
function contentOfEntry(archive: Archive, entry: ZipEntry, limits: ReadLimits): AsyncIterable<Uint8Array> {
  const packing = /\.gz$/i.test(entry.name) ? 'gzip' : /\.zst$/i.test(entry.name) ? 'zstd' : undefined;
  const content = inWordsOfArchives(archive.read(entry));
  return packing ? unpack(content, packing, limits.unpackedBytes) : content;
}

type Use = ReturnType<typeof createUse>;

/** What the files read so far have used of the limits. */
function createUse(limits: ReadLimits) {
  let rows = 0;
  let cells = 0;
  let unpacked = 0;
  return {
    left: (): ReadLimits => ({
      ...limits,
      rows: limits.rows - rows,
      cells: limits.cells - cells,
      unpackedBytes: Math.max(0, limits.unpackedBytes - unpacked),
    }),
    count(event: ReadEvent): ReadEvent {
      if (event.type !== 'batch') return event;
      rows += event.batch.length;
      for (const column of event.batch.columns) for (const cell of column) if (cell !== null) cells++;
      return event;
    },
    async *unpacked(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const chunk of content) {
        unpacked += chunk.length;
        yield chunk;
      }
    },
  };
}

/** What went wrong with a file of the archive, naming it. */
function inEntry(entry: ZipEntry, error: unknown): Problem {
  if (!(error instanceof Problem)) throw error;
  return new Problem(error.code, `In ${JSON.stringify(shownName(entry.name))}: ${error.detail}`, {
    cause: error.cause,
  });
}

async function* inWordsOfArchives(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* content;
  } catch (error) {
    throw asArchive(error);
  }
}

/** The reader of archives has the words of workbooks, whose parts it reads. */
function asArchive(error: unknown): unknown {
  if (!(error instanceof Problem)) return error;
  const code = ARCHIVE_CODES.get(error.code);
  return code ? new Problem(code, error.detail) : error;
}

const ARCHIVE_CODES: ReadonlyMap<string, ProblemCode> = new Map([
  ['workbook_corrupt', 'archive_corrupt'],
  ['workbook_encrypted', 'archive_encrypted'],
]);

function nested(): Problem {
  return new Problem(
    'unsupported_format',
    'It is an archive inside of the archive. Unpack it and upload what it holds.',
  );
}

function shownName(name: string): string {
  return name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '').slice(0, MAX_NAME) || 'unnamed';
}
