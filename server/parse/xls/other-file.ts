import { Problem } from '../../core/problem.ts';
import type { Source } from '../../core/source.ts';
import { contentOf, isZip } from '../content.ts';
import { mismatch } from '../xlsx/open-package.ts';
import { kindOfPackage } from '../xlsx/package.ts';
import { openArchive } from '../zip/archive.ts';

/** Enough to look at the few small parts that say what a package is. */
const LOOK_BYTES = 16 << 20;

/**
 * The problem of a file whose content is not what its name's `ending` (`.xls`) says, naming what it seems to be by its
 * first bytes `head` and, if it is a ZIP archive, by what it says of itself.
 */
export async function otherFile(source: Source, head: Buffer, ending: string): Promise<Problem> {
  return mismatch(isZip(head) ? await packageName(source) : contentOf(head).name, ending);
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
