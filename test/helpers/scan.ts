import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { init } from '@embedpdf/pdfium';
import { deflatedBody, type PdfPage, writePdf } from './pdf-writer.ts';

/** How well the pages were scanned. */
export interface Scanning {
  /** Dots to the inch, 300 at most. */
  readonly dpi?: number;
  /** How far lines fall to the right, as a share of their length. */
  readonly slope?: number;
  /** Quarters to the right by which the pages lie turned. */
  readonly quarters?: number;
  /** Shades, of 256, by which pixels differ from what they should be; they are also blurred, and the paper is not white. */
  readonly noise?: number;
  /** Entries of the pages' dictionaries, such as `/Rotate 90`. */
  readonly entries?: string;
}

/** Pages, each of which is a picture, and the objects that they are written with, from number 4 on. */
export interface Scan {
  readonly pages: readonly PdfPage[];
  readonly objects: readonly string[];
}

/** The pages as a scanner would make them of their prints: a PDF with a picture on each page, and no text. */
export async function scannedPdf(pages: readonly PdfPage[], scanning: Scanning = {}): Promise<Buffer> {
  const scan = await scanned(pages, scanning);
  return writePdf(scan.pages, { objects: scan.objects });
}

/** The same to be written into a document with other pages. */
export async function scanned(pages: readonly PdfPage[], scanning: Scanning = {}): Promise<Scan> {
  const { dpi = 300, noise = 0, entries = '' } = scanning;
  const printed = await paint(writePdf(pages), pages.length, scanning);
  const sheets = printed.map((sheet) => shrink(sheet, dpi)).map((sheet) => (noise > 0 ? dirty(sheet, noise) : sheet));
  const objects = sheets.map(({ width, height, pixels }) => {
    const kind = '/Type /XObject /Subtype /Image /BitsPerComponent 8 /ColorSpace /DeviceGray';
    return deflatedBody(`${kind} /Width ${width} /Height ${height}`, pixels);
  });
  const shown = sheets.map(({ width, height }, index) => {
    const size = [(width * 72) / dpi, (height * 72) / dpi] as const;
    const content = `q ${size[0]} 0 0 ${size[1]} 0 0 cm /Im Do Q\n`;
    return { size, content, entries, resources: `/XObject << /Im ${4 + index} 0 R >>` };
  });
  return { pages: shown, objects };
}

/** What lies under the scanner, in shades of grey, at 300 dots to the inch. */
interface Sheet {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

const FULL_DPI = 300;
const GREY = 1;
const WHITE = 0xffffffff;

/** Paints the pages by the library's own wrappers, not by what is tested. */
async function paint(pdf: Buffer, count: number, { slope = 0, quarters = 0 }: Scanning): Promise<Sheet[]> {
  const wasm = readFileSync(fileURLToPath(import.meta.resolve('@embedpdf/pdfium/pdfium.wasm')));
  const lib = await init({ wasmBinary: Uint8Array.from(wasm).buffer });
  const { malloc, HEAPU8 } = memoryOf(lib.pdfium);
  lib.FPDF_InitLibrary();
  const address = malloc(pdf.length);
  HEAPU8().set(pdf, address);
  const document = lib.FPDF_LoadMemDocument(address, pdf.length, '');
  const place = malloc(40);
  return Array.from({ length: count }, (_, index) => {
    const page = lib.FPDF_LoadPage(document, index);
    const shown = [lib.FPDF_GetPageWidthF(page), lib.FPDF_GetPageHeightF(page)] as const;
    const [across, down] = quarters % 2 ? [shown[1], shown[0]] : shown;
    const [width, height] = [across, down].map((side) => Math.floor((side * FULL_DPI) / 72)) as [number, number];
    const bitmap = lib.FPDFBitmap_CreateEx(width, height, GREY, 0, 0);
    lib.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, WHITE);
    const numbers = [...matrixOf(shown, quarters, slope), 0, 0, width, height];
    new Float32Array(HEAPU8().buffer, place, numbers.length).set(numbers);
    lib.FPDF_RenderPageBitmapWithMatrix(bitmap, page, place, place + 24, 0);
    const [stride, start] = [lib.FPDFBitmap_GetStride(bitmap), lib.FPDFBitmap_GetBuffer(bitmap)];
    const rows = Array.from({ length: height }, (_, row) =>
      HEAPU8().slice(start + row * stride, start + row * stride + width),
    );
    return { width, height, pixels: Uint8Array.from(Buffer.concat(rows)) };
  });
}

function memoryOf(module: object): { malloc: (bytes: number) => number; HEAPU8: () => Uint8Array<ArrayBuffer> } {
  const { wasmExports } = module as {
    wasmExports: { malloc(bytes: number): number; memory: { readonly buffer: ArrayBuffer } };
  };
  return { malloc: wasmExports.malloc, HEAPU8: () => new Uint8Array(wasmExports.memory.buffer) };
}

/** First turned by quarters to the right, then so that lines fall by `slope`; points, y downwards, to pixels. */
function matrixOf([across, down]: readonly [number, number], quarters: number, slope: number): number[] {
  const [a, b, c, d, e, f] = [
    [1, 0, 0, 1, 0, 0],
    [0, 1, -1, 0, down, 0],
    [-1, 0, 0, -1, across, down],
    [0, -1, 1, 0, 0, across],
  ][quarters]! as [number, number, number, number, number, number];
  const fall = (x: number, y: number) => [x - slope * y, y + slope * x];
  return [fall(a, b), fall(c, d), fall(e, f)].flat().map((number) => (number * FULL_DPI) / 72);
}

/** Each pixel is the average of those that it stands for. */
function shrink(sheet: Sheet, dpi: number): Sheet {
  const by = FULL_DPI / dpi;
  if (by <= 1) return sheet;
  const [width, height] = [Math.floor(sheet.width / by), Math.floor(sheet.height / by)];
  const pixels = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      pixels[row * width + column] = average(sheet, column * by, row * by, by);
    }
  }
  return { width, height, pixels };
}

function average({ width, pixels }: Sheet, left: number, top: number, by: number): number {
  let [sum, count] = [0, 0];
  for (let row = Math.floor(top); row < top + by; row++) {
    for (let column = Math.floor(left); column < left + by; column++) {
      sum += pixels[row * width + column] ?? 255;
      count++;
    }
  }
  return sum / count;
}

/** The same dirt each time. */
function dirty(sheet: Sheet, noise: number): Sheet {
  const { width, pixels } = sheet;
  const random = randomNumbers();
  const spoiled = pixels.map((pixel, at) => {
    const blurred = (pixel * 2 + (pixels[at - 1] ?? 255) + (pixels[at - width] ?? 255)) / 4;
    return Math.min(255, Math.max(0, blurred * 0.85 + 20 + (random() - 0.5) * noise));
  });
  return { ...sheet, pixels: spoiled };
}

function randomNumbers(): () => number {
  let state = 7;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return state / 0x7fff_ffff;
  };
}
