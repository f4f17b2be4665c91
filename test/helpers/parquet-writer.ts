/** A column of text (BYTE_ARRAY, UTF8): of one value a row, or of a list of values that repeats without a group. */
export interface ParquetColumn {
  readonly name: string;
  /** A value for each row, or, in a column that repeats, a list of them. */
  readonly rows: readonly (string | readonly string[])[];
}

/** How a file is cut up. */
export interface ParquetOptions {
  /** Values in a page, whatever row they are of. Default: all. */
  readonly pageValues?: number;
  readonly rowGroups?: number;
  /** What headers of pages, and row groups, say in place of the truth. */
  readonly claims?: {
    readonly packed?: number;
    readonly unpacked?: number;
    readonly values?: number;
    readonly rows?: number;
  };
}

type Value = number | bigint | string | readonly Value[] | { readonly [field: number]: Value | undefined };
/** A list whose elements are 32-bit numbers, and a 64-bit number, which the protocol tells apart. */
const I32 = 5;
const I64 = 6;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;

/**
 * A Parquet file with plain, uncompressed pages of version 1, made by hand so that tests can write what no library would
 * (parquet.thrift; Thrift's compact protocol).
 */
export function writeParquet(columns: readonly ParquetColumn[], options: ParquetOptions = {}): Buffer {
  const { rowGroups = 1 } = options;
  const total = columns[0]!.rows.length;
  const pieces: Buffer[] = [Buffer.from('PAR1')];
  let at = 4;
  const groups = Array.from({ length: rowGroups }, (_, group) => {
    const [from, to] = [group, group + 1].map((part) => Math.floor((part * total) / rowGroups)) as [number, number];
    const chunks = columns.map(({ name, rows }) => {
      const pages = pagesOf(rows.slice(from, to), options);
      const offset = at;
      for (const page of pages.bytes) at += page.length;
      pieces.push(...pages.bytes);
      const size = BigInt(at - offset);
      const meta = { 1: 6, 2: [0], 3: [name], 4: 0, 5: BigInt(pages.values), 6: size, 7: size, 9: BigInt(offset) };
      return { 2: BigInt(offset), 3: meta };
    });
    return { 1: chunks, 2: BigInt(at), 3: BigInt(options.claims?.rows ?? to - from) };
  });
  const fields = columns.map(({ name, rows }) => ({ 1: 6, 3: typeof rows[0] === 'string' ? 0 : 2, 4: name, 6: 0 }));
  const schema = [{ 4: 'schema', 5: columns.length }, ...fields];
  const footer = struct({ 1: 1, 2: schema, 3: BigInt(total), 4: groups });
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([...pieces, footer, length, Buffer.from('PAR1')]);
}

function pagesOf(rows: ParquetColumn['rows'], { pageValues, claims = {} }: ParquetOptions) {
  const entries = rows.flatMap((row) => {
    if (typeof row === 'string') return [{ repetition: 0, value: row }];
    const list = row.length > 0 ? row : [undefined];
    return list.map((value, i) => ({ repetition: i === 0 ? 0 : 1, value }));
  });
  const repeats = typeof rows[0] !== 'string';
  const bytes: Buffer[] = [];
  const step = pageValues ?? Math.max(1, entries.length);
  for (let i = 0; i < entries.length; i += step) {
    const page = entries.slice(i, i + step);
    const values = page.flatMap(({ value }) => (value === undefined ? [] : [lengthAndText(value)]));
    const levels = repeats
      ? [bits(page.map(({ repetition }) => repetition)), bits(page.map(({ value }) => (value === undefined ? 0 : 1)))]
      : [];
    const body = Buffer.concat([...levels, ...values]);
    const header = { 1: claims.values ?? page.length, 2: 0, 3: 3, 4: 3 };
    bytes.push(struct({ 1: 0, 2: claims.unpacked ?? body.length, 3: claims.packed ?? body.length, 5: header }), body);
  }
  return { bytes, values: entries.length };
}

function lengthAndText(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Levels of one bit in the hybrid encoding, bit-packed, with their length before them. */
function bits(levels: readonly number[]): Buffer {
  const groups = Math.ceil(levels.length / 8);
  const packed = Buffer.alloc(groups);
  for (const [i, level] of levels.entries()) packed[i >> 3]! |= level << (i & 7);
  const body = Buffer.concat([varint(BigInt(groups * 2 + 1)), packed]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length);
  return Buffer.concat([length, body]);
}

function struct(fields: { readonly [field: number]: Value | undefined }): Buffer {
  const parts: Buffer[] = [];
  let before = 0;
  for (const [field, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    parts.push(Buffer.from([((Number(field) - before) << 4) | kindOf(value)]), encode(value));
    before = Number(field);
  }
  return Buffer.concat([...parts, Buffer.from([0])]);
}

function kindOf(value: Value): number {
  if (typeof value === 'number') return I32;
  if (typeof value === 'bigint') return I64;
  if (typeof value === 'string') return BINARY;
  return Array.isArray(value) ? LIST : STRUCT;
}

function encode(value: Value): Buffer {
  if (typeof value === 'number' || typeof value === 'bigint') return varint(BigInt.asUintN(64, BigInt(value) << 1n));
  if (typeof value === 'string') return Buffer.concat([varint(BigInt(Buffer.byteLength(value))), Buffer.from(value)]);
  if (!Array.isArray(value)) return struct(value as { readonly [field: number]: Value });
  const head = [Buffer.from([0xf0 | kindOf(value[0] ?? 0)]), varint(BigInt(value.length))];
  return Buffer.concat([...head, ...value.map(encode)]);
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 0x80n) return Buffer.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 0x7fn) | 0x80);
  }
}
