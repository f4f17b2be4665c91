import { crc32 } from 'node:zlib';
import type { ColumnMetaData, Encoding, PageHeader } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { byteStreamSplit } from 'hyparquet/src/encoding.js';
import { readPlain } from 'hyparquet/src/plain.js';
import { decompress } from './decompress.ts';
import { readDelta, readDelta32, readDeltaLengths, readDeltaTexts } from './delta.ts';
import { readHybrid } from './hybrid.ts';
import { corrupt, countOf, fromLibrary, tooLarge } from './problems.ts';
import type { Field } from './schema.ts';
import { endOfStruct } from './thrift.ts';
import { textOf } from './values.ts';
import type { Window } from './window.ts';

/** A page of one leaf. */
export interface Page {
  /** Values and absent ones. */
  readonly count: number;
  /** Levels of each; `null` where all are the same: of a leaf that never repeats, or is never absent. */
  readonly repetitions: Uint32Array | null;
  readonly definitions: Uint32Array | null;
  /** The texts of those that are there. */
  readonly texts: readonly string[];
}

/** Bytes that a page may have, packed and unpacked: held in memory, and some times as much when read. */
const MAX_PAGE_BYTES = 128 << 20;
/** Values in a page: its levels and texts are held at once. */
const MAX_PAGE_VALUES = 8 << 20;
const HEADER_BYTES = 16 << 10;
/** Headers hold the least and the greatest value, which may be long texts. */
const MAX_HEADER_BYTES = 16 << 20;

/**
 * The pages of a column chunk that start at the window's place, up to its last value.
 * @throws Problem `parquet_corrupt`, `unpacked_too_large`, `unsupported_format`.
 */
export async function* readPages(
  window: Window,
  chunk: ColumnMetaData,
  leaf: Field,
  unpacks: (bytes: number) => void,
): AsyncGenerator<Page> {
  const total = countOf(chunk.num_values, 'the number of values of a column');
  let dictionary: readonly string[] | undefined;
  for (let seen = 0; seen < total; ) {
    const header = await readHeader(window);
    const size = header.uncompressed_page_size;
    unpacks(size);
    const packed = await window.take(header.compressed_page_size);
    if (typeof header.crc === 'number' && crc32(packed) !== header.crc >>> 0)
      throw corrupt('a page does not match its checksum');
    if (header.type === 'DICTIONARY_PAGE') {
      dictionary = readDictionary(decompress(packed, chunk.codec, size), header, leaf);
      continue;
    }
    if (header.type === 'INDEX_PAGE') continue;
    const data = levelsOf(header, packed, chunk, leaf);
    const values = { ...data, leaf, dictionary };
    if (data.count > total - seen) throw corrupt('a column has more values than it says');
    seen += data.count;
    yield { count: data.count, repetitions: data.repetitions, definitions: data.definitions, texts: readTexts(values) };
  }
}

async function readHeader(window: Window): Promise<PageHeader> {
  let bytes = await window.peek(HEADER_BYTES);
  let end = endOfStruct(bytes, 0);
  if (end < 0) {
    bytes = await window.peek(MAX_HEADER_BYTES);
    end = endOfStruct(bytes, 0);
  }
  if (end < 0) throw corrupt('a page has no whole header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, end);
  const header = fromLibrary('a page header', () => parquetHeader({ view, offset: 0 }));
  window.at += end;
  const packed = countOf(header.compressed_page_size, 'the size of a page');
  const size = countOf(header.uncompressed_page_size, 'the size of a page');
  if (Math.max(packed, size) > MAX_PAGE_BYTES) {
    throw tooLarge(`a page has ${Math.max(packed, size)} bytes; ${MAX_PAGE_BYTES} can be read`);
  }
  return { ...header, compressed_page_size: packed, uncompressed_page_size: size };
}

function readDictionary(bytes: Uint8Array, header: PageHeader, leaf: Field): string[] {
  const count = checkedCount(header.dictionary_page_header?.num_values);
  return plainValues(bytes, count, leaf).map(textOf(leaf.element));
}

/** What a page holds besides its levels. */
interface PageData {
  readonly count: number;
  readonly repetitions: Uint32Array | null;
  readonly definitions: Uint32Array | null;
  readonly present: number;
  readonly encoding: Encoding;
  readonly bytes: Uint8Array;
}

function levelsOf(header: PageHeader, packed: Uint8Array, { codec }: ColumnMetaData, leaf: Field): PageData {
  const { data_page_header: first, data_page_header_v2: second, uncompressed_page_size: size } = header;
  if (second) return levelsOfSecond(second, packed, codec, size, leaf);
  if (!first) throw corrupt('a page has no header of its kind');
  const bytes = decompress(packed, codec, size);
  const count = checkedCount(first.num_values);
  let at = 0;
  const levels = (max: number): Uint32Array | null => {
    if (max === 0) return null;
    if (first.definition_level_encoding === 'BIT_PACKED' || at + 4 > bytes.length)
      throw corrupt('a page has no levels');
    const length = new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0, true);
    at += 4 + length;
    if (at > bytes.length) throw corrupt('a page ends too early');
    return readHybrid(bytes.subarray(at - length, at), widthOf(max), count);
  };
  const repetitions = levels(leaf.maxRepetition);
  const definitions = levels(leaf.maxDefinition);
  return pageData(count, repetitions, definitions, leaf, first.encoding, bytes.subarray(at));
}

function levelsOfSecond(
  header: NonNullable<PageHeader['data_page_header_v2']>,
  packed: Uint8Array,
  codec: ColumnMetaData['codec'],
  size: number,
  leaf: Field,
): PageData {
  const count = checkedCount(header.num_values);
  const first = countOf(header.repetition_levels_byte_length, 'the size of levels');
  const levels = first + countOf(header.definition_levels_byte_length, 'the size of levels');
  if (levels > packed.length || levels > size) throw corrupt('a page ends too early');
  const read = (from: number, to: number, max: number) =>
    max === 0 ? null : readHybrid(packed.subarray(from, to), widthOf(max), count);
  const repetitions = read(0, first, leaf.maxRepetition);
  const definitions = read(first, levels, leaf.maxDefinition);
  const rest = packed.subarray(levels);
  const isPacked = header.is_compressed !== false && size > levels;
  const bytes = decompress(rest, isPacked ? codec : 'UNCOMPRESSED', isPacked ? size - levels : rest.length);
  return pageData(count, repetitions, definitions, leaf, header.encoding, bytes);
}

function pageData(
  count: number,
  repetitions: Uint32Array | null,
  definitions: Uint32Array | null,
  leaf: Field,
  encoding: Encoding,
  bytes: Uint8Array,
): PageData {
  let present = definitions ? 0 : count;
  for (const level of definitions ?? []) {
    if (level > leaf.maxDefinition) throw corrupt('a page has an impossible level');
    if (level === leaf.maxDefinition) present++;
  }
  return { count, repetitions, definitions, present, encoding, bytes };
}

function readTexts(page: PageData & { leaf: Field; dictionary: readonly string[] | undefined }): readonly string[] {
  const { encoding, dictionary, bytes, present, leaf } = page;
  if (present === 0) return [];
  if (encoding !== 'PLAIN_DICTIONARY' && encoding !== 'RLE_DICTIONARY') {
    return Array.from(valuesOf(encoding, bytes, present, leaf), textOf(leaf.element));
  }
  if (!dictionary || bytes.length === 0) throw corrupt('a page refers to a dictionary that is missing');
  return Array.from(readHybrid(bytes.subarray(1), bytes[0]!, present), (index) => {
    const text = dictionary[index];
    if (text === undefined) throw corrupt('a page refers to a value that its dictionary does not have');
    return text;
  });
}

function valuesOf(encoding: Encoding, bytes: Uint8Array, count: number, leaf: Field): ArrayLike<unknown> {
  const { type, type_length: length = 0 } = leaf.element;
  if (!(TYPES_OF[encoding]?.includes(type!) ?? true))
    throw corrupt('a page is encoded in a way that does not go with its type');
  switch (encoding) {
    case 'PLAIN':
      return plainValues(bytes, count, leaf);
    case 'RLE':
      // Their length stands before them.
      return Array.from(readHybrid(bytes.subarray(4), 1, count), Boolean);
    case 'DELTA_BINARY_PACKED':
      return type === 'INT32' ? readDelta32(bytes, 0, count).numbers : readDelta(bytes, 0, count).numbers;
    case 'DELTA_LENGTH_BYTE_ARRAY':
      return readDeltaLengths(bytes, 0, count);
    case 'DELTA_BYTE_ARRAY':
      return readDeltaTexts(bytes, 0, count, MAX_PAGE_BYTES);
    case 'BYTE_STREAM_SPLIT': {
      if (count * (FIXED_BYTES[type!] ?? length) > bytes.length)
        throw corrupt('a page holds fewer values than it says');
      return fromLibrary('a page', () => byteStreamSplit(readerOf(bytes), count, type!, length));
    }
    default:
      return fromLibrary('a page', () => {
        throw new Error(`unsupported encoding ${encoding}`);
      });
  }
}

/** The types that an encoding is for, where it is not for all. */
const TYPES_OF: Partial<Record<Encoding, readonly string[]>> = {
  RLE: ['BOOLEAN'],
  DELTA_BINARY_PACKED: ['INT32', 'INT64'],
  DELTA_LENGTH_BYTE_ARRAY: ['BYTE_ARRAY'],
  DELTA_BYTE_ARRAY: ['BYTE_ARRAY', 'FIXED_LEN_BYTE_ARRAY'],
};

const FIXED_BYTES: Readonly<Record<string, number>> = { INT32: 4, INT64: 8, INT96: 12, FLOAT: 4, DOUBLE: 8 };

function plainValues(bytes: Uint8Array, count: number, leaf: Field): unknown[] {
  const { type, type_length: length = 0 } = leaf.element;
  // A text has its length before it; a truth value is a bit.
  const least = type === 'BOOLEAN' ? 1 / 8 : type === 'BYTE_ARRAY' ? 4 : (FIXED_BYTES[type!] ?? length);
  if (count * least > bytes.length) throw corrupt('a page holds fewer values than it says');
  return Array.from(fromLibrary('a page', () => readPlain(readerOf(bytes), type!, count, length)));
}

function readerOf(bytes: Uint8Array) {
  // The library makes views on the whole buffer, so nothing else may be in it.
  const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : Uint8Array.from(bytes);
  return { view: new DataView(own.buffer), offset: 0 };
}

function checkedCount(said: unknown): number {
  const count = countOf(said, 'the number of values of a page');
  if (count > MAX_PAGE_VALUES) throw tooLarge(`a page has ${count} values; ${MAX_PAGE_VALUES} can be read`);
  return count;
}

const widthOf = (max: number): number => 32 - Math.clz32(max);
