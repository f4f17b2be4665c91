import { Problem } from '../../core/problem.ts';
import type { Source } from '../../core/source.ts';
import { type CompoundFile, openCompound } from '../compound/compound.ts';
import { sourceOfBytes } from '../compound/pieces.ts';
import { isCompound } from '../content.ts';
import { mismatch } from '../xlsx/open-package.ts';
import { readRange } from '../zip/range.ts';
import { otherFile } from './other-file.ts';

/** The largest legacy workbook that is taken, in bytes: it is in memory in whole, twice for a moment. */
export const MAX_XLS_BYTES = 32 << 20;

const HEAD_BYTES = 4096;

/** What other programs call the stream that their own compound files have. */
const OTHERS: readonly (readonly [RegExp, string])[] = [
  [/^EncryptedPackage$/i, 'an Excel workbook under a password (.xlsx)'],
  [/^WordDocument$/i, 'a Word document (.doc)'],
  [/^PowerPoint Document$/i, 'a presentation (.ppt)'],
  [/^__properties_version1\.0$/i, 'an Outlook message (.msg)'],
  [/^VisioDocument$/i, 'a Visio drawing (.vsd)'],
  [/^(Contents|CONTENTS)$/, 'a document of another program'],
];

/**
 * The workbook stream of an .xls file, in memory of its own: the stream `Workbook` (Excel 97 and later) or `Book`
 * (Excel 5 and 95) of a compound file, or the whole of a file that is nothing but such a stream (Excel 2 to 4).
 * @throws Problem `content_mismatch` naming what the file seems to be; `file_too_large`;
 * as `openCompound`.
 */
export async function readWorkbookStream(source: Source): Promise<Buffer> {
  const head = await readRange(source, 0, Math.min(source.size, HEAD_BYTES));
  if (!isCompound(head) && !isBareStream(head)) throw await otherFile(source, head, '.xls');
  if (source.size > MAX_XLS_BYTES) throw tooLarge(source.size);
  const bytes = await readRange(source, 0, source.size);
  return isCompound(head) ? await streamOf(await openCompound(sourceOfBytes(bytes))) : bytes;
}

async function streamOf(file: CompoundFile): Promise<Buffer> {
  const stream = (await file.stream('Workbook')) ?? (await file.stream('Book'));
  if (stream) return readRange(stream, 0, stream.size);
  const other = OTHERS.find(([pattern]) => file.names.some((name) => pattern.test(name)));
  throw mismatch(other?.[1] ?? 'an OLE file without a workbook', '.xls');
}

/** A stream begins with a record for its beginning: `09`, the version, and a length of 4 to 32 bytes. */
function isBareStream(head: Buffer): boolean {
  if (head.length < 8 || head[0] !== 0x09 || head[3] !== 0) return false;
  return [0, 2, 4, 8].includes(head[1]!) && head[2]! >= 4 && head[2]! <= 32;
}

function tooLarge(size: number): Problem {
  const detail = `The .xls file has ${size} bytes; ${MAX_XLS_BYTES} can be read in this format.`;
  return new Problem('file_too_large', `${detail} Convert it to .xlsx, which has no such limit.`);
}
