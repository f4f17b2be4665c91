import { Problem } from '../core/problem.ts';
import { type Content, contentOf, type Packing, packingOf, unpackHead } from './content.ts';
import type { FileType } from './format.ts';

/** The kinds of file that this version can read. */
export const READABLE: readonly FileType[] = [
  ...(['csv', 'txt', 'xlsx', 'xlsb', 'xls', 'ods', 'json', 'pdf', 'parquet', 'xml', 'zip'] as const),
];

/** What is known of a file before it is read. */
export interface Evidence {
  readonly filename: string;
  /** The media type that the sender gave, or the empty text. */
  readonly mediaType: string;
  /** The file's first bytes: `HEAD_BYTES`, or all if it has fewer. */
  readonly head: Buffer;
  /** The kind that the sender says, whatever the name ends in; with `auto` the content decides before the name. */
  readonly as?: string | undefined;
}

/** What `as` can be. */
export const AS_KINDS: readonly string[] = ['auto', ...READABLE];

/** What else a name can end in, and the kind that it says. */
const OTHER_ENDINGS: ReadonlyMap<string, FileType> = new Map([
  ['tsv', 'csv'],
  ['tab', 'csv'],
  ['ndjson', 'json'],
  ['jsonl', 'json'],
  ['xlsm', 'xlsx'],
  ['xltx', 'xlsx'],
  ['xltm', 'xlsx'],
]);

/** Media types that say a kind. `text/plain` and `application/octet-stream` say nothing. */
const MEDIA_TYPES: ReadonlyMap<string, FileType> = new Map([
  ['text/csv', 'csv'],
  ['text/tab-separated-values', 'csv'],
  ['application/json', 'json'],
  ['application/x-ndjson', 'json'],
  ['application/jsonl', 'json'],
  ['application/pdf', 'pdf'],
  ['application/xml', 'xml'],
  ['text/xml', 'xml'],
  ['application/vnd.apache.parquet', 'parquet'],
  ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'xlsx'],
  ['application/vnd.ms-excel.sheet.binary.macroenabled.12', 'xlsb'],
  ['application/vnd.ms-excel', 'xls'],
  ['application/vnd.oasis.opendocument.spreadsheet', 'ods'],
  ['application/zip', 'zip'],
]);

/** Kinds that are allowed where another one is: the operator names the family. */
const ALLOWED_WITH: ReadonlyMap<FileType, FileType> = new Map([
  ['txt', 'csv'],
  ['ods', 'xls'],
  ['xlsb', 'xlsx'],
]);

const PACKED_ENDING = /\.(gz|zst)$/i;
const PACKED_BY: Readonly<Record<string, Packing>> = { gz: 'gzip', zst: 'zstd' };

/**
 * The kind of a file. What its first bytes cannot be mistaken for comes first: it decides where the name ends in
 * nothing or in something unknown, and it must not contradict what the name says. Then the name decides, then the media
 * type. Of a file packed with gzip or zstd (`.csv.gz`) it is the kind of what is in it. A ZIP archive may always be
 * sent, because what is in it is asked for one by one.
 *
 * `supported` are the kinds that the operator allows; `csv` includes `txt`, `xlsx` includes
 * `xlsb`, `xls` includes `ods`.
 * @throws Problem `unsupported_format` naming what is taken; `content_mismatch` naming what the file is said and seems
 * to be.
 */
export function detectType(evidence: Evidence, supported: readonly string[]): FileType {
  const { filename, as } = evidence;
  const { content, packing } = look(evidence.head);
  const allowed = allowedTypes(supported);
  const ending = endingOf(filename);
  const named = typeNamed(ending);
  const type = decide(evidence, content, named);
  if (!type || !allowed.includes(type)) throw unsupported(type ?? ending, allowed);
  if (packing && (content.form === 'packed' || type === 'zip')) throw packedTwice();
  if (!as) refuseOtherPacking(filename, packing);
  if (contradicts(type, content, as !== undefined))
    throw mismatch(as && as !== 'auto' ? `said to be ${type}` : `called .${ending}`, content);
  return type;
}

/** The name without the ending that says how it is packed: `people.csv` for `people.csv.gz`. */
export function unpackedName(filename: string): string {
  return filename.replace(PACKED_ENDING, '');
}

/**
 * The kinds that the operator names, as names of files write them too. One that is misspelt would be missed only when
 * somebody sends such a file. @throws Problem `config_invalid`.
 */
export function typesNamed(names: readonly string[]): FileType[] {
  return names.map((name) => {
    const type = typeNamed(name.toLowerCase().replace(/^\./, ''));
    if (type) return type;
    const there = READABLE.filter((one) => one !== 'zip').join(', ');
    throw new Problem('config_invalid', `SUPPORTED_FORMATS names ${name}, which cannot be read. There are: ${there}.`);
  });
}

/** The kinds that may be sent where the operator allows `supported`. */
export function allowedTypes(supported: readonly string[]): FileType[] {
  return READABLE.filter(
    (type) => type === 'zip' || [type, ALLOWED_WITH.get(type)].some((name) => name && supported.includes(name)),
  );
}

/** `content_mismatch` for a file `said` to be one thing (`called .xlsx`) whose content seems to be another. */
export function mismatch(said: string, { type, name, remedy }: Pick<Content, 'type' | 'name' | 'remedy'>): Problem {
  const other =
    type === null ? 'Upload a file of a kind that can be read' : `Upload it under its own name, or with as=${type}`;
  return new Problem(
    'content_mismatch',
    `The file is ${said}, but its content seems to be ${name}. ${remedy ?? other}.`,
  );
}

/** Whether a file of that content cannot be of that kind; its reader looks closer. */
function contradicts(type: FileType, { type: seems, certain, form }: Content, insisted: boolean): boolean {
  switch (type) {
    case 'txt':
      return certain && form !== 'text';
    case 'csv':
      return certain && !(insisted && form === 'text');
    case 'parquet':
      return seems !== type;
    // A workbook under a password is a compound file, whatever its name ends in.
    case 'xlsx':
    case 'xlsb':
      return form !== 'zip' && !(seems === 'xls' && form === 'binary');
    // A workbook in XML is XML too, to who says so.
    case 'xml':
      return certain && seems !== type && !(insisted && seems === 'xls' && form === 'text');
    // Only the workbook in XML is a text.
    case 'xls':
      return form === 'text' ? seems !== type : certain && seems !== type;
    case 'ods':
    case 'zip':
      return form !== 'zip';
    default:
      return certain && seems !== type;
  }
}

function look(head: Buffer): { content: Content; packing: Packing | undefined } {
  const packing = packingOf(head);
  if (!packing) return { content: contentOf(head), packing };
  const inner = unpackHead(head, packing);
  // What does not come out here is left to the reader.
  return { content: inner.length > 0 ? contentOf(inner) : UNKNOWN, packing };
}

const UNKNOWN: Content = { type: null, certain: false, form: 'binary', name: 'unknown' };

function decide({ as, mediaType }: Evidence, content: Content, named: FileType | undefined): FileType | undefined {
  const media = MEDIA_TYPES.get(mediaType.split(';')[0]!.trim().toLowerCase());
  const sure = content.certain ? (content.type ?? undefined) : undefined;
  if (as === 'auto') return sure ?? named ?? media ?? content.type ?? undefined;
  if (as) return typeNamed(as);
  // Of the many kinds of XML the name tells nothing, and this one is a workbook.
  if (named === 'xml' && sure === 'xls' && content.form === 'text') return sure;
  return named ?? sure ?? media;
}

function endingOf(filename: string): string {
  return /\.([^.]+)$/.exec(unpackedName(filename))?.[1]?.toLowerCase() ?? '';
}

function typeNamed(name: string): FileType | undefined {
  return OTHER_ENDINGS.get(name) ?? READABLE.find((type) => type === name);
}

function unsupported(said: string, allowed: readonly FileType[]): Problem {
  const given = said ? `files ending in .${said.slice(0, 20)}` : 'files without an ending in their name';
  const others = [...OTHER_ENDINGS].flatMap(([other, type]) => (allowed.includes(type) ? [other] : []));
  const taken = [...allowed, ...others].map((one) => `.${one}`).join(' ');
  const known = READABLE.some((type) => type === said);
  const remedy = known ? ` SUPPORTED_FORMATS says what this installation takes; it can allow ${said} too.` : '';
  return new Problem(
    'unsupported_format',
    `Cannot take ${given}. Send one of: ${taken} (also as .gz or .zst).${remedy}`,
  );
}

function refuseOtherPacking(filename: string, packing: Packing | undefined): void {
  const ending = PACKED_ENDING.exec(filename)?.[1]?.toLowerCase();
  const said = ending && PACKED_BY[ending];
  if (said === packing) return;
  const called = filename.includes('.') ? `called .${filename.split('.').at(-1)!.slice(0, 20)}` : 'called nothing else';
  const seems = packing ? `packed with ${packing}` : `not packed with ${said}`;
  const remedy = 'Give it the ending of what it is, or send as=auto.';
  throw new Problem('content_mismatch', `The file is ${called}, but its content is ${seems}. ${remedy}`);
}

function packedTwice(): Problem {
  const detail = 'The file is an archive inside of another. Unpack the outer one and upload what it holds.';
  return new Problem('unsupported_format', detail);
}
