import { Problem } from '../core/problem.ts';
import type { FileType } from './format.ts';

/** The kinds of file that this version can read. */
export const READABLE: readonly FileType[] = ['csv', 'txt', 'xlsx', 'xls', 'ods', 'json', 'pdf'];

/** What else a name can end in, and the kind that it says. */
const OTHER_ENDINGS: ReadonlyMap<string, FileType> = new Map([
  ['ndjson', 'json'],
  ['jsonl', 'json'],
]);

/** Kinds that are allowed where another one is: the operator names the family. */
const ALLOWED_WITH: ReadonlyMap<FileType, FileType> = new Map([
  ['txt', 'csv'],
  ['ods', 'xls'],
]);

/**
 * The kind of a file by its name's ending. `supported` are the kinds that the operator allows; `csv` includes `txt`,
 * `xls` includes `ods`.
 * Whether the content is of that kind is found out by its reader.
 * @throws Problem `unsupported_format` naming what is taken.
 */
export function fileTypeOf(filename: string, supported: readonly string[]): FileType {
  const allowed = READABLE.filter((type) =>
    [type, ALLOWED_WITH.get(type)].some((name) => name && supported.includes(name)),
  );
  const ending = /\.([^.]+)$/.exec(filename)?.[1]?.toLowerCase();
  const said = OTHER_ENDINGS.get(ending ?? '') ?? ending;
  const found = allowed.find((type) => type === said);
  if (found) return found;
  const given = ending ? `files ending in .${ending.slice(0, 20)}` : 'files without an ending in their name';
  const others = [...OTHER_ENDINGS].flatMap(([other, type]) => (allowed.includes(type) ? [other] : []));
  const taken = [...allowed, ...others].map((one) => `.${one}`).join(' ');
  throw new Problem('unsupported_format', `Cannot take ${given}. Send one of: ${taken}.`);
}
