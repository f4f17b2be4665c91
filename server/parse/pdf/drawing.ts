import { FORM_DEPTH, PAGE_OBJECTS, PAGE_SEGMENTS } from './caps.ts';
import { around, type Matrix, multiply } from './geometry.ts';
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
  walk(pdfium, page, count(page), get, upright, FORM_DEPTH, drawing);
  return drawing;
}

function walk(
  pdfium: Pdfium,
  owner: number,
  count: number,
  get: (owner: number, index: number) => number,
  outer: Matrix,
  depth: number,
  drawing: Drawing,
): void {
  for (let index = 0; index < count && !isTooMuch(drawing); index++) {
    drawing.objects++;
    const object = get(owner, index);
    const type = pdfium.call.FPDFPageObj_GetType(object);
    if (type !== PATH && type !== IMAGE && type !== FORM) continue;
    const matrix = multiply(matrixOf(pdfium, object), outer);
    if (type === PATH) readPath(pdfium, object, matrix, drawing);
    else if (type === IMAGE) drawing.pictures += Math.abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]) || 0;
    else if (depth > 0) {
      const { FPDFFormObj_CountObjects: countIn, FPDFFormObj_GetObject: getIn } = pdfium.call;
      walk(pdfium, object, countIn(object), getIn, matrix, depth - 1, drawing);
    }
  }
}

function matrixOf({ call, scratch, float }: Pdfium, object: number): Matrix {
  if (!call.FPDFPageObj_GetMatrix(object, scratch)) return [1, 0, 0, 1, 0, 0];
  const at = (index: number) => float(scratch + index * 4);
  return [at(0), at(1), at(2), at(3), at(4), at(5)];
}

type Point = readonly [x: number, y: number];

function readPath(pdfium: Pdfium, path: number, matrix: Matrix, drawing: Drawing): void {
  const { call, scratch } = pdfium;
  const count = call.FPDFPath_CountSegments(path);
  if (count < 2 || !call.FPDFPath_GetDrawMode(path, scratch, scratch + 4)) return;
  const memory = pdfium.bytes();
  const [filled, stroked] = [memory[scratch] !== 0, memory[scratch + 4] !== 0];
  if (!filled && !stroked) return;
  let points: Point[] = [];
  let straight = true;
  const end = () => {
    if (straight) addFigure(points, stroked, drawing);
    points = [];
    straight = true;
  };
  for (let index = 0; index < count && ++drawing.segments <= PAGE_SEGMENTS; index++) {
    const segment = call.FPDFPath_GetPathSegment(path, index);
    const type = call.FPDFPathSegment_GetType(segment);
    if (type === MOVE_TO) end();
    else if (type !== LINE_TO) straight = false;
    points.push(pointOf(pdfium, segment, matrix));
    if (call.FPDFPathSegment_GetClose(segment) && points[0]) points.push(points[0]);
  }
  end();
}

function pointOf({ call, scratch, float }: Pdfium, segment: number, [a, b, c, d, e, f]: Matrix): Point {
  call.FPDFPathSegment_GetPoint(segment, scratch, scratch + 4);
  const [x, y] = [float(scratch), float(scratch + 4)];
  return [a * x + c * y + e, b * x + d * y + f];
}

function addFigure(points: readonly Point[], stroked: boolean, drawing: Drawing): void {
  if (points.length < 2) return;
  const { left, right, top, bottom } = around(points.map(([x, y]) => ({ left: x, right: x, top: y, bottom: y })));
  if (!(Math.max(-left, -top, right, bottom) < FAR)) return;
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  if (bottom - top <= THICKEST && right - left >= bottom - top) addLine([left, y], [right, y], drawing);
  else if (right - left <= THICKEST) addLine([x, top], [x, bottom], drawing);
  else if (stroked) {
    for (let index = 1; index < points.length; index++) addLine(points[index - 1]!, points[index]!, drawing);
  }
}

function addLine([x0, y0]: Point, [x1, y1]: Point, drawing: Drawing): void {
  const [width, height] = [Math.abs(x1 - x0), Math.abs(y1 - y0)];
  if (height <= LEAN && width > height) {
    drawing.horizontal.push({ at: (y0 + y1) / 2, start: Math.min(x0, x1), end: Math.max(x0, x1) });
  } else if (width <= LEAN && height > width) {
    drawing.vertical.push({ at: (x0 + x1) / 2, start: Math.min(y0, y1), end: Math.max(y0, y1) });
  }
}
