/** A rectangle in points; x grows to the right, y downwards. */
export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** An affine matrix as PDF writes it: `x' = a·x + c·y + e`, `y' = b·x + d·y + f` (ISO 32000-1, 8.3.4). */
export type Matrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** First `inner`, then `outer`. */
export function multiply(inner: Matrix, outer: Matrix): Matrix {
  const [a, b, c, d, e, f] = inner;
  const [A, B, C, D, E, F] = outer;
  return [a * A + b * C, a * B + b * D, c * A + d * C, c * B + d * D, e * A + f * C + E, e * B + f * D + F];
}

/** The matrix that makes text upright which runs at `turn` quarters to the left, with y downwards. */
export function uprightMatrix(turn: number): Matrix {
  switch (turn) {
    case 1:
      return [0, 1, 1, 0, 0, 0];
    case 2:
      return [-1, 0, 0, 1, 0, 0];
    case 3:
      return [0, -1, -1, 0, 0, 0];
    default:
      return [1, 0, 0, -1, 0, 0];
  }
}

/** The box around a box whose corners are moved by a matrix. */
export function transformBox(matrix: Matrix, x0: number, y0: number, x1: number, y1: number): Box {
  const [a, b, c, d, e, f] = matrix;
  return {
    left: Math.min(a * x0 + c * y0, a * x1 + c * y0, a * x0 + c * y1, a * x1 + c * y1) + e,
    right: Math.max(a * x0 + c * y0, a * x1 + c * y0, a * x0 + c * y1, a * x1 + c * y1) + e,
    top: Math.min(b * x0 + d * y0, b * x1 + d * y0, b * x0 + d * y1, b * x1 + d * y1) + f,
    bottom: Math.max(b * x0 + d * y0, b * x1 + d * y0, b * x0 + d * y1, b * x1 + d * y1) + f,
  };
}

/** Whether the middle of `inner` lies in `outer`. */
export function holds(outer: Box, inner: Box): boolean {
  const x = (inner.left + inner.right) / 2;
  const y = (inner.top + inner.bottom) / 2;
  return x >= outer.left && x <= outer.right && y >= outer.top && y <= outer.bottom;
}

/** The smallest box around all of `boxes`, of which there is at least one. */
export function around(boxes: readonly Box[]): Box {
  let { left, right, top, bottom } = boxes[0]!;
  for (let at = 1; at < boxes.length; at++) {
    const box = boxes[at]!;
    left = Math.min(left, box.left);
    right = Math.max(right, box.right);
    top = Math.min(top, box.top);
    bottom = Math.max(bottom, box.bottom);
  }
  return { left, right, top, bottom };
}

/** The index of the space between two borders that a position is in. */
export function indexAt(borders: readonly number[], position: number): number {
  let [low, high] = [0, borders.length - 2];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (borders[middle]! <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}
