import type { Archive } from '../zip/archive.ts';
import { partKey } from '../zip/directory.ts';
import { mismatch } from './open-package.ts';
import { onOpen, readPart } from './part.ts';
import { readRelationships } from './relationships.ts';
import { attributeOf, nameHash } from './xml-token.ts';

const OVERRIDE = nameHash('Override');
const DEFAULT = nameHash('Default');
const PART_NAME = nameHash('PartName');
const EXTENSION = nameHash('Extension');
const CONTENT_TYPE = nameHash('ContentType');
const USUAL_NAME = 'xl/workbook.xml';
const MIMETYPE_BYTES = 200;

const BINARY = 'a binary workbook (.xlsb)';

/** What other ZIP-based formats call their main part, by a piece of its media type. */
const OTHERS: readonly (readonly [RegExp, string])[] = [
  [/sheet\.binary/i, BINARY],
  [/wordprocessingml|ms-word/i, 'a Word document (.docx)'],
  [/presentationml|ms-powerpoint/i, 'a presentation (.pptx)'],
  [/opendocument\.spreadsheet/i, 'an OpenDocument spreadsheet (.ods)'],
  [/opendocument/i, 'an OpenDocument file'],
];

/** What a ZIP archive is. */
export interface PackageKind {
  /** The name of its main part, when it has one. */
  readonly main: string | undefined;
  /** `a binary workbook (.xlsb)`, or `undefined` when its main part says nothing else than that it is an XLSX one. */
  readonly other: string | undefined;
}

/** What a ZIP archive says it is. @throws Problem as `readPart`. */
export async function kindOfPackage(archive: Archive): Promise<PackageKind> {
  const links = await readRelationships(archive, '');
  const linked = links.find((link) => link.type === 'officeDocument')?.target;
  const main = linked ?? (archive.find(USUAL_NAME) ? USUAL_NAME : undefined);
  const type = main === undefined ? await mimetype(archive) : await contentType(archive, main);
  return { main, other: OTHERS.find(([pattern]) => pattern.test(type))?.[1] };
}

/**
 * The name of the workbook part of a package whose name ends in `ending`.
 * @throws Problem `content_mismatch` for packages of another kind; as `readPart`.
 */
export async function findWorkbook(archive: Archive, ending: '.xlsx' | '.xlsb'): Promise<string> {
  const { main, other } = await kindOfPackage(archive);
  const isBinary = other === BINARY;
  if (main !== undefined && isBinary === (ending === '.xlsb') && (isBinary || !other)) return main;
  throw mismatch(other ?? (main === undefined ? 'a ZIP archive' : 'an Excel workbook (.xlsx)'), ending);
}

async function contentType(archive: Archive, name: string): Promise<string> {
  const entry = archive.find('[Content_Types].xml');
  if (!entry) return '';
  const extension = name.slice(name.lastIndexOf('.') + 1);
  let own: string | undefined;
  let usual = '';
  const handler = onOpen((element, token) => {
    const is = (attribute: number, wanted: string) => partKey(attributeOf(token, attribute) ?? '') === partKey(wanted);
    if (element === OVERRIDE && is(PART_NAME, name)) own = attributeOf(token, CONTENT_TYPE);
    if (element === DEFAULT && is(EXTENSION, extension)) usual = attributeOf(token, CONTENT_TYPE) ?? '';
  });
  await readPart(archive, entry, handler);
  return own ?? usual;
}

/** What an OpenDocument file says of itself in its first part (OpenDocument 1.3 part 2, 3.3). */
async function mimetype(archive: Archive): Promise<string> {
  const entry = archive.find('mimetype');
  if (!entry || entry.size > MIMETYPE_BYTES) return '';
  let text = '';
  for await (const chunk of archive.read(entry)) text += Buffer.from(chunk).toString('latin1');
  return text;
}
