import { Problem } from '../../core/problem.ts';
import type { Source } from '../../core/source.ts';
import { passwordNeeded } from '../password.ts';
import { readRange } from '../zip/range.ts';

const HEAD_BYTES = 4096;
const ZIP = Buffer.from('PK\x03\x04', 'latin1');
const OLE = Buffer.from('d0cf11e0a1b11ae1', 'hex');
/** The stream that holds a workbook locked by a password ([MS-OFFCRYPTO] 2.3.4.4), as its name stands in an OLE file. */
const ENCRYPTED_PACKAGE = Buffer.from('EncryptedPackage', 'utf16le');

/**
 * Looks at a file's first bytes and gives the problem that says what it seems to be instead of an XLSX file;
 * `undefined` when it is a ZIP archive, as XLSX files are: `workbook_encrypted` for a workbook under a password,
 * `content_mismatch` for all others.
 */
export async function refuseOtherFile(source: Source): Promise<Problem | undefined> {
  const head = await readRange(source, 0, Math.min(source.size, HEAD_BYTES));
  if (startsWith(head, ZIP)) return undefined;
  if (!startsWith(head, OLE)) return mismatch(seemsToBe(head));
  if (!(await contains(source, ENCRYPTED_PACKAGE))) return mismatch('a legacy Office file (.xls, .doc, .msg …)');
  return passwordNeeded('workbook_encrypted', 'workbook');
}

function mismatch(what: string): Problem {
  const detail = `The file is called .xlsx, but its content seems to be ${what}.`;
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

async function contains(source: Source, needle: Buffer): Promise<boolean> {
  let rest = Buffer.alloc(0);
  for await (const chunk of source.stream()) {
    const bytes = Buffer.concat([rest, chunk]);
    if (bytes.includes(needle)) return true;
    rest = bytes.subarray(Math.max(0, bytes.length - needle.length + 1));
  }
  return false;
}
