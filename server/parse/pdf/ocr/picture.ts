import { PICTURE_PIXELS, PICTURE_SIDE } from '../caps.ts';
import type { PdfDocument } from '../document.ts';
import { transformBox, uprightMatrix } from '../geometry.ts';
import type { Pdfium } from '../pdfium.ts';

/** A page as it is seen, in shades of grey. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** A byte for each pixel, row by row from the top; 0 is black. */
  readonly pixels: Uint8Array;
  /** Pixels to the point. */
  readonly scale: number;
  /** The quarters to the left by which the page's text runs if it is upright in the picture. */
  readonly turn: number;
  /** Where the upper left corner of the picture is on the page, when that is turned by `turn`. */
  readonly left: number;
  readonly top: number;
}

/** Pixels to the inch: with fewer, digits that stand close are taken for one number more often. */
const RESOLUTION = 300;
const POINTS_PER_INCH = 72;
/** fpdfview.h */
const GREY = 1;
const WHITE = -1;

/**
 * Paints the page with this index as it is shown, turned by so many quarters to the right and then by `slope` (how far
 * its lines fall to the right), to undo that.
 * @throws what the library throws when the page breaks it; Error for a page that cannot be painted.
 */
export function paintPage(document: PdfDocument, index: number, quarters = 0, slope = 0): Picture {
  const { pdfium, handle } = document;
  const { call } = pdfium;
  const page = call.FPDF_LoadPage(handle, index);
  if (page === 0) throw unpaintable();
  try {
    return paintLoaded(pdfium, page, quarters, slope);
  } finally {
    if (!pdfium.outOfMemory) call.FPDF_ClosePage(page);
  }
}

function paintLoaded(pdfium: Pdfium, page: number, quarters: number, slope: number): Picture {
  const { call } = pdfium;
  const shown = [call.FPDF_GetPageWidthF(page), call.FPDF_GetPageHeightF(page)] as const;
  const [across, down] = quarters % 2 ? [shown[1], shown[0]] : shown;
  const scale = scaleOf(across, down);
  const [width, height] = [Math.floor(across * scale), Math.floor(down * scale)];
  const bitmap = call.FPDFBitmap_CreateEx(width, height, GREY, 0, 0);
  if (bitmap === 0) throw unpaintable();
  call.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, WHITE);
  writeFloats(pdfium, [...turned(shown, quarters, slope, scale), 0, 0, width, height]);
  call.FPDF_RenderPageBitmapWithMatrix(bitmap, page, pdfium.scratch, pdfium.scratch + MATRIX_BYTES, 0);
  const pixels = copyPixels(pdfium, bitmap, width, height);
  call.FPDFBitmap_Destroy(bitmap);
  whiten(pixels);
  return { width, height, pixels, scale, ...cornerOf(pdfium, page, quarters) };
}

const unpaintable = () => new Error('The page could not be painted');

/** As many pixels to the point as the resolution says, fewer on a page that would have more pixels than the cap. */
function scaleOf(across: number, down: number): number {
  const full = RESOLUTION / POINTS_PER_INCH;
  return Math.min(full, Math.sqrt(PICTURE_PIXELS / (across * down)), PICTURE_SIDE / Math.max(across, down));
}

const MATRIX_BYTES = 24;

/** The matrix from points of the page as shown, y downwards, to pixels. */
function turned([across, down]: readonly [number, number], quarters: number, slope: number, scale: number): number[] {
  const [a, b, c, d, e, f] = [
    [1, 0, 0, 1, 0, 0],
    [0, 1, -1, 0, down, 0],
    [-1, 0, 0, -1, across, down],
    [0, -1, 1, 0, 0, across],
  ][quarters]!;
  const [x, y] = quarters % 2 ? [down / 2, across / 2] : [across / 2, down / 2];
  const [sin, cos] = [-Math.sin(slope), Math.cos(slope)];
  // Turned about the middle of the picture.
  const turn = (right: number, below: number) => [cos * right - sin * below, sin * right + cos * below];
  const [left, top] = turn(e! - x, f! - y);
  return [...turn(a!, b!), ...turn(c!, d!), left! + x, top! + y].map((number) => number * scale);
}

function writeFloats(pdfium: Pdfium, numbers: readonly number[]): void {
  new Float32Array(pdfium.bytes().buffer, pdfium.scratch, numbers.length).set(numbers);
}

function copyPixels({ call, bytes }: Pdfium, bitmap: number, width: number, height: number): Uint8Array {
  const stride = call.FPDFBitmap_GetStride(bitmap);
  const start = call.FPDFBitmap_GetBuffer(bitmap) >>> 0;
  const memory = bytes();
  const pixels = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    const at = start + row * stride;
    pixels.set(memory.subarray(at, at + width), row * width);
  }
  return pixels;
}

/** Share of the paper's brightness from which on all is paper. */
const PAPER = 0.85;
/** Paper that is darker is none. */
const DARKEST_PAPER = 128;

/** Makes paper white: on a page with few letters its grain would be taken for them. Paper is what there is most of. */
function whiten(pixels: Uint8Array): void {
  const counts = new Uint32Array(256);
  for (const pixel of pixels) counts[pixel]!++;
  const paper = counts.indexOf(Math.max(...counts));
  if (paper < DARKEST_PAPER) return;
  const lighter = Uint8Array.from(counts, (_, shade) => Math.min(255, (shade * 255) / (paper * PAPER)));
  for (let at = 0; at < pixels.length; at++) pixels[at] = lighter[pixels[at]!]!;
}

function cornerOf({ call, scratch, float }: Pdfium, page: number, quarters: number) {
  const turn = (call.FPDFPage_GetRotation(page) + quarters) % 4;
  // left, top, right, bottom
  const box = call.FPDF_GetPageBoundingBox(page, scratch)
    ? [0, 4, 8, 12].map((at) => float(scratch + at))
    : [0, 0, 0, 0];
  const { left, top } = transformBox(uprightMatrix(turn), box[0]!, box[3]!, box[2]!, box[1]!);
  return { turn, left, top };
}
