import { Problem } from '../../core/problem.ts';
import type { Source } from '../../core/source.ts';
import { mismatch, seemsToBe } from '../xlsx/not-xlsx.ts';
import { kindOfPackage } from '../xlsx/package.ts';
import { openArchive } from '../zip/archive.ts';

const OLE = Buffer.from('d0cf11e0a1b11ae1', 'hex');
const ZIP = Buffer.from('PK\x03\x04', 'latin1');
/** Enough to look at the few small parts that say what a package is. */
const LOOK_BYTES = 16 << 20;

/**
 * The problem of a file whose content is not what its name's `ending` (`.xls`) says, naming what it seems to be by its
 * first bytes `head` and, if it is a ZIP archive, by what it says of itself.
 */
export async function otherFile(source: Source, head: Buffer, ending: string): Promise<Problem> {
  if (isCompound(head)) return mismatch('a legacy Office file (.xls, .doc, .msg …)', ending);
  return mismatch(isZip(head) ? await packageName(source) : seemsToBe(head), ending);
}

/** Whether the first bytes are a compound file's (OLE2). */
export function isCompound(head: Buffer): boolean {
  return head.subarray(0, OLE.length).equals(OLE);
}

/** Whether the first bytes are a ZIP archive's. */
export function isZip(head: Buffer): boolean {
  return head.subarray(0, ZIP.length).equals(ZIP);
}

async function packageName(source: Source): Promise<string> {
  try {
    const { main, other } = await kindOfPackage(await openArchive(source, LOOK_BYTES));
    return other ?? (main === undefined ? 'a ZIP archive' : 'an Excel workbook (.xlsx)');
  } catch (error) {
    // Whatever is wrong with the archive, the file is not what its name says.
    if (error instanceof Problem && error.code !== 'data_corrupt') return 'a ZIP archive';
    throw error;
  }
}
