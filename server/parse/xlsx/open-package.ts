import { Problem } from '../../core/problem.ts';
import type { Source } from '../../core/source.ts';
import { openCompound } from '../compound/compound.ts';
import { contentOf, isCompound, isZip, readHead } from '../content.ts';
import { isLockedPackage, openLockedPackage } from '../locked-package/open.ts';

/**
 * The ZIP archive that a file whose name ends in `ending` is, or that it holds under a password.
 * @throws Problem `content_mismatch` saying what the file seems to be instead; as `openLockedPackage`.
 */
export async function openPackage(source: Source, password: string | undefined, ending: string): Promise<Source> {
  const head = await readHead(source);
  if (isZip(head)) return source;
  if (!isCompound(head)) throw mismatch(contentOf(head).name, ending);
  const file = await openCompound(source);
  if (!isLockedPackage(file)) throw mismatch(contentOf(head).name, ending);
  return openLockedPackage(file, password);
}

/** `content_mismatch` for a file called `ending` whose content seems to be `what`. */
export function mismatch(what: string, ending: string): Problem {
  const detail = `The file is called ${ending}, but its content seems to be ${what}.`;
  return new Problem('content_mismatch', `${detail} Upload it under its own name, or save it as .xlsx.`);
}
