import { deflateSync } from 'node:zlib';

/** One page: its content stream as PDF operators, and what its dictionary says besides. */
export interface PdfPage {
  readonly content: string;
  /** Width and height in points; A4 unless given. */
  readonly size?: readonly [width: number, height: number];
  /** Entries of the page's dictionary, such as `/Rotate 90`. */
  readonly entries?: string;
  /** Entries of its resources besides the font `/F1` (Helvetica), such as `/XObject << /Im 9 0 R >>`. */
  readonly resources?: string;
}

/** What differs from a plain document. */
export interface PdfOptions {
  /** What `/Count` claims instead of the number of pages. */
  readonly count?: number;
  /** Entries of the catalog and of the trailer. */
  readonly catalog?: string;
  readonly trailer?: string;
  /** Objects from number 4 on, before the pages' own; each the whole body, as bytes of Latin-1. */
  readonly objects?: readonly string[];
  /** Instead of Helvetica with WinAnsiEncoding. */
  readonly font?: string;
}

const FONT = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>';

/** A PDF of these pages, written by hand: uncompressed, with a cross-reference table (ISO 32000-1, 7.5). */
export function writePdf(pages: readonly PdfPage[], options: PdfOptions = {}): Buffer {
  const { objects = [], font = FONT, count = pages.length, catalog = '', trailer = '' } = options;
  const first = 4 + objects.length;
  const kids = pages.map((_, index) => `${first + index * 2} 0 R`).join(' ');
  const bodies = [
    `<< /Type /Catalog /Pages 2 0 R ${catalog} >>`,
    `<< /Type /Pages /Kids [${kids}] /Count ${count} >>`,
    font,
    ...objects,
    ...pages.flatMap((page, index) => [pageBody(page, first + index * 2 + 1), streamBody('', page.content)]),
  ];
  return assemble(bodies, trailer);
}

function pageBody({ size = [595, 842], entries = '', resources = '' }: PdfPage, content: number): string {
  const used = `/Resources << /Font << /F1 3 0 R >> ${resources} >>`;
  return `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${size.join(' ')}] ${used} /Contents ${content} 0 R ${entries} >>`;
}

/** The body of a stream object; `entries` go into its dictionary. */
export function streamBody(entries: string, bytes: string): string {
  return `<< ${entries} /Length ${bytes.length} >>\nstream\n${bytes}\nendstream`;
}

/** A stream of these bytes, deflated so many times over. */
export function deflatedBody(entries: string, bytes: Uint8Array, times = 1): string {
  let packed: Uint8Array = bytes;
  for (let index = 0; index < times; index++) packed = deflateSync(packed, { level: 9 });
  const filters = Array<string>(times).fill('/FlateDecode').join(' ');
  return streamBody(`${entries} /Filter [${filters}]`, Buffer.from(packed).toString('latin1'));
}

function assemble(bodies: readonly string[], trailer: string): Buffer {
  let text = '%PDF-1.7\n';
  const offsets = bodies.map((body, index) => {
    const offset = text.length;
    text += `${index + 1} 0 obj\n${body}\nendobj\n`;
    return offset;
  });
  const entries = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const size = bodies.length + 1;
  const table = `xref\n0 ${size}\n0000000000 65535 f \n${entries}`;
  const end = `trailer\n<< /Size ${size} /Root 1 0 R ${trailer} >>\nstartxref\n${text.length}\n%%EOF\n`;
  return Buffer.from(text + table + end, 'latin1');
}

/** Text at a place, in points from the lower left; `matrix` is the text's own, without the place. */
export function text(x: number, y: number, written: string, size = 10, matrix = '1 0 0 1'): string {
  const escaped = written.replace(/[\\()]/g, '\\$&');
  return `BT /F1 ${size} Tf ${matrix} ${x} ${y} Tm (${escaped}) Tj ET\n`;
}

/** A drawn line. */
export function line(x0: number, y0: number, x1: number, y1: number): string {
  return `0.5 w ${x0} ${y0} m ${x1} ${y1} l S\n`;
}

/** How a table is set: where its upper left corner is, how wide each column and how high each row. */
export interface TableLayout {
  readonly x: number;
  readonly y: number;
  readonly widths: readonly number[];
  readonly rowHeight?: number;
}

/** The cells as text, without any line. */
export function spacedTable(rows: readonly (readonly string[])[], layout: TableLayout): string {
  const { x, y, widths, rowHeight = 18 } = layout;
  const lefts = widths.map((_, column) => x + widths.slice(0, column).reduce((sum, width) => sum + width, 0));
  return rows
    .flatMap((cells, row) =>
      cells.map((cell, column) => (cell ? text(lefts[column]! + 4, y - (row + 1) * rowHeight + 5, cell) : '')),
    )
    .join('');
}

/** The cells as text in a grid of drawn lines. */
export function ruledTable(rows: readonly (readonly string[])[], layout: TableLayout): string {
  const { x, y, widths, rowHeight = 18 } = layout;
  const right = x + widths.reduce((sum, width) => sum + width, 0);
  const bottom = y - rows.length * rowHeight;
  const across = Array.from({ length: rows.length + 1 }, (_, row) =>
    line(x, y - row * rowHeight, right, y - row * rowHeight),
  );
  const lefts = [0, ...widths].map((_, column) => x + widths.slice(0, column).reduce((sum, width) => sum + width, 0));
  const down = lefts.map((left) => line(left, y, left, bottom));
  return [...across, ...down].join('') + spacedTable(rows, layout);
}

/** A cell of `writeTaggedPdf`: what is written, where, in points from the lower left, and entries of its tag. */
export type TaggedCell = readonly [written: string, x: number, y: number, entries?: string];

/** A PDF of one page with one table, which only its tags make one (ISO 32000-1, 14.7). */
export function writeTaggedPdf(rows: readonly (readonly TaggedCell[])[]): Buffer {
  const first = 6;
  const flat = rows.flat();
  const content = flat.map(([shown, x, y], mark) => `/TD << /MCID ${mark} >> BDC ${text(x, y, shown)} EMC\n`).join('');
  let cell = first + 1 + rows.length;
  const rowIds = rows.map((_, index) => `${first + 1 + index} 0 R`);
  const page = first + 1 + rows.length + flat.length;
  const rowObjects = rows.map((row) => {
    const kids = row.map(() => `${cell++} 0 R`).join(' ');
    return `<< /Type /StructElem /S /TR /P ${first} 0 R /K [${kids}] >>`;
  });
  const cellObjects = rows.flatMap((row, index) =>
    row.map(([, , , entries = '']) => [rowIds[index], entries] as const),
  );
  const parents = flat.map((_, mark) => `${first + 1 + rows.length + mark} 0 R`).join(' ');
  const objects = [
    '<< /Type /StructTreeRoot /K [6 0 R] /ParentTree 5 0 R >>',
    `<< /Nums [0 [${parents}]] >>`,
    `<< /Type /StructElem /S /Table /P 4 0 R /K [${rowIds.join(' ')}] >>`,
    ...rowObjects,
    ...cellObjects.map(
      ([row, entries], mark) => `<< /Type /StructElem /S /TD /P ${row} /Pg ${page} 0 R /K ${mark} ${entries} >>`,
    ),
  ];
  const catalog = '/MarkInfo << /Marked true >> /StructTreeRoot 4 0 R';
  return writePdf([{ content, entries: '/StructParents 0' }], { objects, catalog });
}
