import { Problem } from '../../core/problem.ts';
import type { Source } from '../../core/source.ts';
import { openCompound } from '../compound/compound.ts';
import { isLockedPackage, openLockedPackage } from '../locked-package/open.ts';
import { readRange } from '../zip/range.ts';

const HEAD_BYTES = 4096;
const ZIP = Buffer.from('PK\x03\x04', 'latin1');
const OLE = Buffer.from('d0cf11e0a1b11ae1', 'hex');

/**
 * The ZIP archive that a file whose name ends in `ending` is, or that it holds under a password.
 * @throws Problem `content_mismatch` saying what the file seems to be instead; as `openLockedPackage`.
 */
export async function openPackage(source: Source, password: string | undefined, ending: string): Promise<Source> {
  const head = await readRange(source, 0, Math.min(source.size, HEAD_BYTES));
  if (startsWith(head, ZIP)) return source;
  if (!startsWith(head, OLE)) throw mismatch(seemsToBe(head), ending);
  const file = await openCompound(source);
  if (!isLockedPackage(file)) throw mismatch('a legacy Office file (.xls, .doc, .msg …)', ending);
  return openLockedPackage(file, password);
}

/** `content_mismatch` for a file called `ending` whose content seems to be `what`. */
export function mismatch(what: string, ending: string): Problem {
  const detail = `The file is called ${ending}, but its content seems to be ${what}.`;
  return new Problem('content_mismatch', `${detail} Upload it under its own name, or save it as .xlsx.`);
}

/** What a file that is neither a ZIP archive nor an OLE file seems to be by its first bytes: `an HTML page`. */
export function seemsToBe(head: Buffer): string {
  if (head.length === 0) return 'empty';
  const text = head
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart()
    .toLowerCase();
  if (text.startsWith('%pdf-')) return 'a PDF document';
  if (text.startsWith('{\\rtf')) return 'a Rich Text document (.rtf)';
  if (/<(!doctype html|html|head|body|table)\b/.test(text)) return 'an HTML page';
  if (text.startsWith('<')) return 'an XML document';
  if (/^[[{]/.test(text)) return 'JSON';
  if (head.includes(0)) return 'a binary file of an unknown kind';
  return /[,;\t|]/.test(text) ? 'delimited text (CSV)' : 'plain text';
}

function startsWith(bytes: Buffer, prefix: Buffer): boolean {
  return bytes.subarray(0, prefix.length).equals(prefix);
}
