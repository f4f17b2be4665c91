import { constants, gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { Source } from '../core/source.ts';
import type { FileType } from './format.ts';
import { readRange } from './zip/range.ts';

/** How a whole file can be packed. */
export type Packing = 'gzip' | 'zstd';

/** What bytes seem to be. */
export interface Content {
  /** The kind of file, where it is one that can be read. */
  readonly type: FileType | null;
  /** Whether nothing else begins like this. Text of no certain kind can be delimited text of any form. */
  readonly certain: boolean;
  readonly form: 'text' | 'zip' | 'packed' | 'binary' | 'empty';
  /** What to call it: `a PDF document`. */
  readonly name: string;
  /** What makes it readable, where no reader takes it as it is. */
  readonly remedy?: string;
}

/** Bytes at the start of a file from which `contentOf` tells what it seems to be. */
export const HEAD_BYTES = 4096;

/** The first bytes of a source, for `contentOf`. */
export function readHead(source: Source): Promise<Buffer> {
  return readRange(source, 0, Math.min(source.size, HEAD_BYTES));
}

/** What a file seems to be by its first `HEAD_BYTES` bytes, or all of them if it has fewer. */
export function contentOf(head: Buffer): Content {
  if (head.length === 0) return { type: null, certain: false, form: 'empty', name: 'empty' };
  const packing = packingOf(head);
  if (packing) return { type: null, certain: true, form: 'packed', name: `a file packed with ${packing}` };
  if (isZip(head)) return zipContent(head);
  const known = SIGNATURES.find(({ at, bytes, binary }) => hasAt(head, at, bytes) && (!binary || head.includes(0)));
  if (known) return { type: known.type, certain: true, form: 'binary', name: known.name };
  return textContent(toText(head));
}

/** How the file that begins with `head` is packed. */
export function packingOf(head: Buffer): Packing | undefined {
  if (hasAt(head, 0, GZIP)) return 'gzip';
  return hasAt(head, 0, ZSTD) ? 'zstd' : undefined;
}

/** The first bytes of what a file packed so holds, as far as they come out of its first bytes `head`. */
export function unpackHead(head: Buffer, packing: Packing): Buffer {
  // Of a file that is cut off behind its head, and no more than a head is worth.
  try {
    if (packing === 'gzip') return gunzipSync(head, { ...ONE_MEGABYTE, finishFlush: constants.Z_SYNC_FLUSH });
    return zstdDecompressSync(head, { ...ONE_MEGABYTE, finishFlush: constants.ZSTD_e_flush });
  } catch {
    return Buffer.alloc(0);
  }
}

/** Whether the first bytes are a compound file's (OLE2). */
export function isCompound(head: Buffer): boolean {
  return hasAt(head, 0, OLE);
}

/** Whether the first bytes are a ZIP archive's, an empty one included. */
export function isZip(head: Buffer): boolean {
  return hasAt(head, 0, ZIP) || hasAt(head, 0, EMPTY_ZIP);
}

const ONE_MEGABYTE = { maxOutputLength: 1 << 20 };
const GZIP = Buffer.from('1f8b08', 'hex');
const ZSTD = Buffer.from('28b52ffd', 'hex');
const ZIP = Buffer.from('PK\x03\x04', 'latin1');
const EMPTY_ZIP = Buffer.from('PK\x05\x06', 'latin1');
const OLE = Buffer.from('d0cf11e0a1b11ae1', 'hex');

interface Signature {
  readonly bytes: Buffer;
  readonly at: number;
  readonly type: FileType | null;
  readonly name: string;
  /** The bytes could also begin a text, so a NUL must be among those that follow. */
  readonly binary: boolean;
}

const signature = (bytes: Buffer | string, name: string, more: Partial<Signature> = {}): Signature => ({
  bytes: typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes,
  ...{ at: 0, type: null, binary: false, name, ...more },
});

const SIGNATURES: readonly Signature[] = [
  signature(OLE, 'a legacy Office file (.xls, .doc, .msg …)', { type: 'xls' }),
  signature('%PDF-', 'a PDF document', { type: 'pdf' }),
  signature('PAR1', 'a Parquet file', { type: 'parquet', binary: true }),
  signature('PARE', 'an encrypted Parquet file', { type: 'parquet', binary: true }),
  signature('\x89PNG\r\n\x1a\n', 'a picture (PNG)'),
  signature('\xff\xd8\xff', 'a picture (JPEG)', { binary: true }),
  signature('GIF8', 'a picture (GIF)', { binary: true }),
  signature('II*\0', 'a picture (TIFF)'),
  signature('MM\0*', 'a picture (TIFF)'),
  signature('BZh', 'a file packed with bzip2', { binary: true }),
  signature('\xfd7zXZ\0', 'a file packed with xz'),
  signature('7z\xbc\xaf\x27\x1c', 'a 7z archive'),
  signature('Rar!\x1a\x07', 'a RAR archive'),
  signature('ustar', 'a tar archive', { at: 257, binary: true }),
  signature('SQLite format 3\0', 'an SQLite database'),
  signature('ARROW1\0\0', 'an Arrow file'),
  signature('Obj\x01', 'an Avro file'),
  signature('ORC', 'an ORC file', { binary: true }),
  signature('\x7fELF', 'a program'),
  signature('MZ', 'a program', { binary: true }),
];

/** A ZIP archive says by the names of its first parts what it is; its directory says it for sure. */
function zipContent(head: Buffer): Content {
  const text = head.toString('latin1');
  const known = ZIP_PARTS.find(([pattern]) => pattern.test(text));
  if (known) return { type: known[1], certain: true, form: 'zip', name: known[2] };
  return { type: 'zip', certain: true, form: 'zip', name: 'a ZIP archive' };
}

const ZIP_PARTS: readonly (readonly [RegExp, FileType | null, string])[] = [
  [/mimetypeapplication\/vnd\.oasis\.opendocument\.spreadsheet/, 'ods', 'an OpenDocument spreadsheet (.ods)'],
  [/\bxl\/\w/, 'xlsx', 'an Excel workbook (.xlsx)'],
  [/\bword\/\w/, null, 'a Word document (.docx)'],
  [/\bppt\/\w/, null, 'a presentation (.pptx)'],
];

function textContent(text: string): Content {
  const known = TEXTS.find(([pattern]) => pattern.test(text));
  if (known) return { type: known[1], certain: known[2], form: 'text', name: known[3], ...(known[3] === HTML && SAVE) };
  if (text.includes('\0'))
    return { type: null, certain: false, form: 'binary', name: 'a binary file of an unknown kind' };
  if (/[,;\t|]/.test(text)) return { type: 'csv', certain: false, form: 'text', name: 'delimited text (CSV)' };
  return { type: 'txt', certain: false, form: 'text', name: 'plain text' };
}

/** Declarations and comments, which may stand before the first element. */
const PROLOG = String.raw`^(?:<\?[^>]*>\s*|<!--(?:(?!-->)[^])*-->\s*)*`;
const HTML = 'an HTML page';
/** Many programs call a table for a browser `.xls`. */
const SAVE = { remedy: 'Open it in a spreadsheet program, save it as .xlsx and upload that' };
const WORKBOOK = String.raw`<(?:[\w.-]+:)?Workbook\s[^>]*["']urn:schemas-microsoft-com:office:spreadsheet["']`;

const TEXTS: readonly (readonly [RegExp, FileType | null, certain: boolean, name: string])[] = [
  [/^\{\\rtf/, null, true, 'a Rich Text document (.rtf)'],
  [/^(?:<\?[^>]*>\s*)*<\?mso-application\s[^>]*Excel\.Sheet/, 'xls', true, 'a workbook in XML (.xls of 2003)'],
  [new RegExp(PROLOG + WORKBOOK), 'xls', true, 'a workbook in XML (.xls of 2003)'],
  [new RegExp(`${PROLOG}<(?:!doctype html|html)\\b`, 'i'), null, true, HTML],
  [/^<(?:head|body|table|meta|style|div|center|font)\b/i, null, false, HTML],
  [/^<\?xml\b/, 'xml', true, 'an XML document'],
  [/^<(?:[\p{L}_!]|\?\w)/u, 'xml', false, 'an XML document'],
  [/^[[\s]*\{\s*"(?:[^"\\]|\\.){0,200}"\s*:/, 'json', true, 'JSON'],
  [/^[[{]/, 'json', false, 'JSON'],
];

/** The text of the bytes without its mark and the blank space before it; bytes that are no text become others. */
function toText(head: Buffer): string {
  const label = hasAt(head, 0, UTF16BE) ? 'utf-16be' : looksLikeUtf16(head) ? 'utf-16le' : 'utf-8';
  return new TextDecoder(label).decode(head).trimStart();
}

/** The least byte of a text's first characters. */
const SPACE = 0x09;
const UTF16BE = Buffer.from('feff', 'hex');
const UTF16LE = Buffer.from('fffe', 'hex');

function looksLikeUtf16(head: Buffer): boolean {
  return hasAt(head, 0, UTF16LE) || (head[0]! >= SPACE && head[1] === 0 && head[2]! >= SPACE && head[3] === 0);
}

function hasAt(bytes: Buffer, at: number, part: Buffer): boolean {
  return bytes.subarray(at, at + part.length).equals(part);
}
