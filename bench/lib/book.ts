import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createDeflateRaw } from 'node:zlib';

/** How large a generated workbook is to be, and how it is written. */
export interface BookOptions {
  readonly rows: number;
  /** 1 to 12: id, name, city, amount, joined (a date), team, active, code, e-mail, score, status, seen (date and time). */
  readonly columns: number;
  /** `shared` (default): texts in the shared strings part, as Excel writes; `inline`: in the cells. */
  readonly strings?: 'shared' | 'inline';
  /** Whether the sheet declares its range, as Excel does and streaming writers do not. Default true. */
  readonly dimension?: boolean;
}

const NAMES = ['id', 'name', 'city', 'amount', 'joined', 'team', 'active', 'code', 'email', 'score', 'status', 'seen'];
const CITIES = ['Pune', 'Mumbai', 'Chennai', 'Köln', 'Delhi', 'Nürnberg', 'Jaipur', 'Surat'];
const STATUS = ['open', 'paid', 'late', 'void'];
const PIECE = 64 << 10;

/**
 * Writes a workbook of one sheet with made-up rows to `path`, the same for the same options; memory grows only with
 * the shared texts (one in six of the cells is a text of its own).
 */
export async function writeBook(path: string, options: BookOptions): Promise<void> {
  const shared = options.strings === 'inline' ? undefined : new Map<string, number>();
  const parts: [string, Iterable<string>][] = [
    ['[Content_Types].xml', [CONTENT_TYPES]],
    ['_rels/.rels', [ROOT_RELS]],
    ['xl/workbook.xml', [WORKBOOK]],
    ['xl/_rels/workbook.xml.rels', [WORKBOOK_RELS]],
    ['xl/styles.xml', [STYLES]],
    ['xl/worksheets/sheet1.xml', sheet(options, shared)],
    ['xl/sharedStrings.xml', sharedStrings(shared ?? new Map())],
  ];
  await pipeline(Readable.from(zip(parts), { objectMode: false }), createWriteStream(path));
}

function* sheet(options: BookOptions, shared: Map<string, number> | undefined): Generator<string> {
  const last = 'ABCDEFGHIJKL'[options.columns - 1];
  let piece = `${XML}<worksheet xmlns="${MAIN}">`;
  if (options.dimension !== false) piece += `<dimension ref="A1:${last}${options.rows + 1}"/>`;
  piece += '<sheetData>';
  for (let row = 1; row <= options.rows + 1; row++) {
    const cells = row === 1 ? NAMES.map((name) => text(name, shared)) : person(row - 1, shared);
    piece += `<row r="${row}" spans="1:${options.columns}">`;
    for (let column = 0; column < options.columns; column++)
      piece += `<c r="${'ABCDEFGHIJKL'[column]}${row}"${cells[column]}</c>`;
    piece += '</row>';
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  yield `${piece}</sheetData></worksheet>`;
}

function person(id: number, shared: Map<string, number> | undefined): string[] {
  const mixed = Math.imul(id, 2_654_435_761) >>> 0;
  return [
    number(id),
    text(`Person ${mixed % 1_000_003} of ${id}`, shared),
    text(CITIES[mixed % CITIES.length]!, shared),
    number((mixed % 10_000_000) / 100),
    number(40_000 + (mixed % 5000), 1),
    text(`team ${mixed % 40}`, shared),
    ` t="b"><v>${mixed % 2}</v>`,
    number(mixed % 1_000_000),
    text(`p${id}@example.org`, shared),
    number((mixed % 997) / 997),
    text(STATUS[mixed % STATUS.length]!, shared),
    number(45_000 + (mixed % 86_400) / 86_400, 2),
  ];
}

function number(value: number, style?: number): string {
  return `${style ? ` s="${style}"` : ''}><v>${value}</v>`;
}

function text(value: string, shared: Map<string, number> | undefined): string {
  if (!shared) return ` t="inlineStr"><is><t>${value}</t></is>`;
  const index = shared.get(value) ?? shared.size;
  shared.set(value, index);
  return ` t="s"><v>${index}</v>`;
}

function* sharedStrings(shared: ReadonlyMap<string, number>): Generator<string> {
  let piece = `${XML}<sst xmlns="${MAIN}" uniqueCount="${shared.size}">`;
  for (const value of shared.keys()) {
    piece += `<si><t>${value}</t></si>`;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  yield `${piece}</sst>`;
}

/** The archive's bytes, sizes after the parts as streaming writers do (APPNOTE 4.3.9). Below 4 GiB. */
async function* zip(parts: readonly [string, Iterable<string>][]): AsyncGenerator<Buffer> {
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, pieces] of parts) {
    const start = offset;
    const sizes = { crc: 0, packed: 0, size: 0 };
    const header = fields(
      [0x04034b50, 4],
      [20, 2],
      [8, 2],
      [8, 2],
      [0, 4],
      [0, 4],
      [0, 4],
      [0, 4],
      [name.length, 2],
      [0, 2],
    );
    yield Buffer.concat([header, Buffer.from(name)]);
    for await (const chunk of deflated(pieces, sizes)) yield chunk;
    yield fields([0x08074b50, 4], [sizes.crc, 4], [sizes.packed, 4], [sizes.size, 4]);
    offset += 30 + name.length + sizes.packed + 16;
    const listed = fields(
      [0x02014b50, 4],
      [20, 2],
      [20, 2],
      [8, 2],
      [8, 2],
      [0, 4],
      [sizes.crc, 4],
      [sizes.packed, 4],
      [sizes.size, 4],
    );
    const rest = fields([name.length, 2], [0, 2], [0, 2], [0, 2], [0, 2], [0, 4], [start, 4]);
    directory.push(Buffer.concat([listed, rest, Buffer.from(name)]));
  }
  const listing = Buffer.concat(directory);
  const counts = fields(
    [0x06054b50, 4],
    [0, 4],
    [parts.length, 2],
    [parts.length, 2],
    [listing.length, 4],
    [offset, 4],
    [0, 2],
  );
  yield Buffer.concat([listing, counts]);
}

async function* deflated(pieces: Iterable<string>, sizes: { crc: number; packed: number; size: number }) {
  function* counted(): Generator<Buffer> {
    for (const piece of pieces) {
      const bytes = Buffer.from(piece);
      sizes.crc = crc32(bytes, sizes.crc);
      sizes.size += bytes.length;
      yield bytes;
    }
  }
  for await (const chunk of Readable.from(counted(), { objectMode: false }).pipe(createDeflateRaw())) {
    sizes.packed += chunk.length;
    yield chunk as Buffer;
  }
}

function fields(...values: readonly (readonly [value: number, bytes: 2 | 4])[]): Buffer {
  const bytes = Buffer.alloc(values.reduce((sum, [, size]) => sum + size, 0));
  let at = 0;
  for (const [value, size] of values) at = bytes.writeUIntLE(value, at, size);
  return bytes;
}

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
const CONTENT_TYPES = `${XML}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${TYPE}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${TYPE}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${TYPE}.styles+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="${TYPE}.sharedStrings+xml"/></Types>`;
const ROOT_RELS = `${XML}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`;
const WORKBOOK = `${XML}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets><sheet name="People" sheetId="1" r:id="rId1"/></sheets></workbook>`;
const WORKBOOK_RELS = `${XML}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${OFFICE}/styles" Target="styles.xml"/><Relationship Id="rId3" Type="${OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>`;
const STYLES = `${XML}<styleSheet xmlns="${MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts><fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf xfId="0"/><xf numFmtId="14" xfId="0" applyNumberFormat="1"/><xf numFmtId="22" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>`;
