import { FORM_DEPTH, PAGE_OBJECTS, PAGE_SEGMENTS } from './caps.ts';
import { type Matrix, multiply } from './geometry.ts';
import type { Pdfium } from './pdfium.ts';
import type { Ruling } from './rulings.ts';

/** What is drawn on a page besides text, in the coordinates of a given matrix. */
export interface Drawing {
  readonly horizontal: Ruling[];
  readonly vertical: Ruling[];
  /** Area of the pictures, in square points; those on each other count twice. */
  pictures: number;
  objects: number;
  segments: number;
}

/** fpdf_edit.h */
const PATH = 2;
const IMAGE = 3;
const FORM = 5;
const LINE_TO = 0;
const MOVE_TO = 2;
/** A filled rectangle that is no thicker, in points, is a line. */
const THICKEST = 2.5;
/** How far a line may lean, in points. */
const LEAN = 1;
const FAR = 1e5;

/** Whether the page has more than is looked at. */
export function isTooMuch({ objects, segments }: Drawing): boolean {
  return objects > PAGE_OBJECTS || segments > PAGE_SEGMENTS;
}

/** Walks over the objects of a page and of the forms in it, up to the caps, after which `isTooMuch`. */
export function readDrawing(pdfium: Pdfium, page: number, upright: Matrix): Drawing {
  const drawing: Drawing = { horizontal: [], vertical: [], pictures: 0, objects: 0, segments: 0 };
  const { FPDFPage_CountObjects: count, FPDFPage_GetObject: get } = pdfium.call;
  walk({ pdfium, drawing, call: callsOf(pdfium) }, page, count(page), get, upright, FORM_DEPTH);
  return drawing;
}

interface Walker {
  readonly pdfium: Pdfium;
  readonly drawing: Drawing;
  readonly call: ReturnType<typeof callsOf>;
}

/** The functions that are called for each object: to look one up among all of the library's takes as long as the call. */
function callsOf({ call }: Pdfium) {
  return {
    typeOf: call.FPDFPageObj_GetType,
    matrixOf: call.FPDFPageObj_GetMatrix,
    countSegments: call.FPDFPath_CountSegments,
    drawModeOf: call.FPDFPath_GetDrawMode,
    segmentAt: call.FPDFPath_GetPathSegment,
    segmentTypeOf: call.FPDFPathSegment_GetType,
    pointOf: call.FPDFPathSegment_GetPoint,
    isClosed: call.FPDFPathSegment_GetClose,
  };
}

function walk(
  walker: Walker,
  owner: number,
  count: number,
  get: (owner: number, index: number) => number,
  outer: Matrix,
  depth: number,
): void {
  const { pdfium, drawing, call } = walker;
  for (let index = 0; index < count && !isTooMuch(drawing); index++) {
    drawing.objects++;
    const object = get(owner, index);
    const type = call.typeOf(object);
    if (type !== PATH && type !== IMAGE && type !== FORM) continue;
    const matrix = multiply(matrixOf(walker, object), outer);
    if (type === PATH) readPath(walker, object, matrix);
    else if (type === IMAGE) drawing.pictures += Math.abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]) || 0;
    else if (depth > 0) {
      const { FPDFFormObj_CountObjects: countIn, FPDFFormObj_GetObject: getIn } = pdfium.call;
      walk(walker, object, countIn(object), getIn, matrix, depth - 1);
    }
  }
}

function matrixOf({ pdfium, call }: Walker, object: number): Matrix {
  if (!call.matrixOf(object, pdfium.scratch)) return [1, 0, 0, 1, 0, 0];
  const floats = pdfium.floats();
  const at = pdfium.scratch >> 2;
  return [floats[at]!, floats[at + 1]!, floats[at + 2]!, floats[at + 3]!, floats[at + 4]!, floats[at + 5]!];
}

function readPath({ pdfium, drawing, call }: Walker, path: number, [a, b, c, d, e, f]: Matrix): void {
  const { scratch } = pdfium;
  const count = call.countSegments(path);
  if (count < 2 || !call.drawModeOf(path, scratch, scratch + 4)) return;
  const memory = pdfium.bytes();
  const [filled, stroked] = [memory[scratch] !== 0, memory[scratch + 4] !== 0];
  if (!filled && !stroked) return;
  /** An x and a y for each point. */
  let points: number[] = [];
  let straight = true;
  for (let index = 0; index < count && ++drawing.segments <= PAGE_SEGMENTS; index++) {
    const segment = call.segmentAt(path, index);
    const type = call.segmentTypeOf(segment);
    if (type === MOVE_TO) {
      if (straight) addFigure(points, stroked, drawing);
      points = [];
      straight = true;
    } else if (type !== LINE_TO) straight = false;
    call.pointOf(segment, scratch, scratch + 4);
    const floats = pdfium.floats();
    const [x, y] = [floats[scratch >> 2]!, floats[(scratch >> 2) + 1]!];
    points.push(a * x + c * y + e, b * x + d * y + f);
    if (call.isClosed(segment)) points.push(points[0]!, points[1]!);
  }
  if (straight) addFigure(points, stroked, drawing);
}

function addFigure(points: readonly number[], stroked: boolean, drawing: Drawing): void {
  if (points.length < 4) return;
  let [left, right, top, bottom] = [points[0]!, points[0]!, points[1]!, points[1]!];
  for (let at = 2; at < points.length; at += 2) {
    left = Math.min(left, points[at]!);
    right = Math.max(right, points[at]!);
    top = Math.min(top, points[at + 1]!);
    bottom = Math.max(bottom, points[at + 1]!);
  }
  if (!(Math.max(-left, -top, right, bottom) < FAR)) return;
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  if (bottom - top <= THICKEST && right - left >= bottom - top) addLine(left, y, right, y, drawing);
  else if (right - left <= THICKEST) addLine(x, top, x, bottom, drawing);
  else if (stroked) {
    for (let at = 2; at < points.length; at += 2) {
      addLine(points[at - 2]!, points[at - 1]!, points[at]!, points[at + 1]!, drawing);
    }
  }
}

function addLine(x0: number, y0: number, x1: number, y1: number, drawing: Drawing): void {
  const [width, height] = [Math.abs(x1 - x0), Math.abs(y1 - y0)];
  if (height <= LEAN && width > height) {
    drawing.horizontal.push({ at: (y0 + y1) / 2, start: Math.min(x0, x1), end: Math.max(x0, x1) });
  } else if (width <= LEAN && height > width) {
    drawing.vertical.push({ at: (x0 + x1) / 2, start: Math.min(y0, y1), end: Math.max(y0, y1) });
  }
}
