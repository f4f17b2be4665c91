import { Problem } from '../core/problem.ts';
import { csvFormat } from './csv.ts';
import type { FileType, Format } from './format.ts';
import { jsonFormat } from './json.ts';
import { odsFormat } from './ods.ts';
import { parquetFormat } from './parquet.ts';
import { pdfFormat } from './pdf.ts';
import { xlsFormat } from './xls.ts';
import { xlsbFormat } from './xlsb.ts';
import { xlsxFormat } from './xlsx.ts';
import { xmlFormat } from './xml.ts';

const FORMATS: readonly Format[] = [
  csvFormat,
  xlsxFormat,
  xlsbFormat,
  xlsFormat,
  odsFormat,
  jsonFormat,
  pdfFormat,
  parquetFormat,
  xmlFormat,
];

/** The reader of a kind of file. @throws Problem `unsupported_format`. */
export function formatFor(fileType: FileType): Format {
  const format = FORMATS.find(({ types }) => types.includes(fileType));
  if (!format) throw new Problem('unsupported_format', `This version cannot read .${fileType} files.`);
  return format;
}
