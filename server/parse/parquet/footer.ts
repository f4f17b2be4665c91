import { type FileMetaData, parquetMetadata } from 'hyparquet';
import { Problem } from '../../core/problem.ts';
import type { Source } from '../../core/source.ts';
import { readRange } from '../zip/range.ts';
import { corrupt, fromLibrary, tooLarge } from './problems.ts';
import { endOfStruct } from './thrift.ts';

/** What a file of tens of thousands of row groups and columns needs; held in memory at some ten times the size. */
const MAX_FOOTER_BYTES = 16 << 20;
const MAGIC_BYTES = 4;
const END_BYTES = 8;

/** Statistics are not used, and are not worth failing for. */
const IGNORE = () => undefined;
const NO_STATISTICS = {
  ...{ timestampFromMilliseconds: IGNORE, timestampFromMicroseconds: IGNORE, timestampFromNanoseconds: IGNORE },
  ...{ dateFromDays: IGNORE, stringFromBytes: IGNORE, jsonFromBytes: IGNORE, geometryFromBytes: IGNORE },
  ...{ geographyFromBytes: IGNORE, uuidFromBytes: IGNORE },
};

/** What a file says of itself at its end, and where its pages end. */
export interface Footer {
  readonly metadata: FileMetaData;
  readonly dataEnd: number;
}

/**
 * The description at the end of a Parquet file (parquet-format, File format).
 * @throws Problem `content_mismatch` for a file that is none; `parquet_encrypted`, `parquet_corrupt`,
 * `unpacked_too_large`.
 */
export async function readFooter(source: Source): Promise<Footer> {
  const { size } = source;
  const head = await readRange(source, 0, Math.min(size, MAGIC_BYTES));
  const magic = head.toString('latin1');
  if (magic === 'PARE') throw encrypted();
  if (magic !== 'PAR1') throw notParquet();
  if (size < MAGIC_BYTES + END_BYTES) throw corrupt('the end is missing');
  const end = await readRange(source, size - END_BYTES, size);
  if (end.toString('latin1', 4) === 'PARE') throw encrypted();
  if (end.toString('latin1', 4) !== 'PAR1') throw corrupt('the end is missing: it was probably cut off');
  const length = end.readUInt32LE(0);
  const start = size - END_BYTES - length;
  if (start < MAGIC_BYTES) throw corrupt('the description is longer than the file');
  if (length > MAX_FOOTER_BYTES) throw tooLarge(`the description has ${length} bytes; ${MAX_FOOTER_BYTES} can be read`);
  const bytes = await readRange(source, start, size);
  if (endOfStruct(bytes.subarray(0, length), 0) < 0) throw corrupt('the description ends too early');
  const options = { geoparquet: false, parsers: NO_STATISTICS };
  const metadata = fromLibrary('the description', () => parquetMetadata(bytes, options));
  refuseEncrypted(metadata);
  return { metadata, dataEnd: start };
}

function refuseEncrypted({ row_groups }: FileMetaData): void {
  for (const { columns } of row_groups) {
    for (const column of columns) if (column.crypto_metadata || column.encrypted_column_metadata) throw encrypted();
  }
}

function notParquet(): Problem {
  const detail = 'The file is called .parquet, but its content is no Parquet file. Upload it under its own name.';
  return new Problem('content_mismatch', detail);
}

function encrypted(): Problem {
  return new Problem(
    'parquet_encrypted',
    'The Parquet file is encrypted. Write it without encryption and upload that.',
  );
}
