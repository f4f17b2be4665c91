import { Problem } from '../core/problem.ts';
import type { FileType, Format } from './format.ts';

/** The reader of each kind. All of them together take a third of a second to load, so each is when it is first needed. */
const FORMATS: Readonly<Record<FileType, (() => Promise<Format>) | null>> = {
  csv: async () => (await import('./csv.ts')).csvFormat,
  txt: async () => (await import('./csv.ts')).csvFormat,
  xlsx: async () => (await import('./xlsx.ts')).xlsxFormat,
  xlsb: async () => (await import('./xlsb.ts')).xlsbFormat,
  xls: async () => (await import('./xls.ts')).xlsFormat,
  ods: async () => (await import('./ods.ts')).odsFormat,
  json: async () => (await import('./json.ts')).jsonFormat,
  pdf: async () => (await import('./pdf.ts')).pdfFormat,
  parquet: async () => (await import('./parquet.ts')).parquetFormat,
  xml: async () => (await import('./xml.ts')).xmlFormat,
  // Its files are read each by the reader of its own kind (`readArchive`).
  zip: null,
};

/** The kinds that most files are of. */
const COMMON: readonly FileType[] = ['csv', 'xlsx'];

/** The reader of a kind of file. @throws Problem `unsupported_format`. */
export async function formatFor(fileType: FileType): Promise<Format> {
  const load = FORMATS[fileType];
  if (!load) throw new Problem('unsupported_format', `This version cannot read .${fileType} files.`);
  return await load();
}

/** Loads the readers of most files before one comes, so that it need not wait for them. */
export async function loadCommonFormats(): Promise<void> {
  for (const fileType of COMMON) await formatFor(fileType);
}
