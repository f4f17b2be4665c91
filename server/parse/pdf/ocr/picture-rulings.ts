import { PAGE_RULINGS } from '../caps.ts';
import { joinRulings, type Ruling, type Rulings } from '../rulings.ts';
import type { Picture } from './picture.ts';

/** In points: shorter runs of dark pixels are parts of letters, thicker ones areas. */
const SHORTEST = 24;
const THICKEST = 3.5;
/** Lines so near to the picture's border, in points, are the border of the paper. */
const MARGIN = 4;
/** A pixel is dark below this shade; paper is white. */
const DARK = 200;
/** Pixels by which a line may be broken. */
const BREAK = 2;
/** Places at which it is looked whether both sides of a line are bright. */
const PROBES = 9;
/** Runs of a picture that is no drawing any more. */
const MOST_RUNS = 20_000;

const NO_RULINGS: Rulings = { horizontal: [], vertical: [] };

/** The straight lines in a picture, in points from its upper left corner. */
export function findRulings(picture: Picture): Rulings {
  const horizontal = toRulings(picture, runsAcross(picture), true);
  const vertical = toRulings(picture, runsDown(picture), false);
  return horizontal.length + vertical.length > PAGE_RULINGS ? NO_RULINGS : { horizontal, vertical };
}

/** A run of dark pixels: on the row or column `at`, from `start` up to `end`. */
type Run = Ruling;

function runsAcross({ width, height, pixels, scale }: Picture): Run[] {
  const runs: Run[] = [];
  const least = SHORTEST * scale;
  for (let row = 0; row < height && runs.length < MOST_RUNS; row++) {
    let start = -1;
    let last = -1;
    for (let column = 0, at = row * width; column < width; column++, at++) {
      if (pixels[at]! >= DARK) continue;
      if (last < 0 || column - last > BREAK + 1) {
        if (last - start >= least) runs.push({ at: row, start, end: last });
        start = column;
      }
      last = column;
    }
    if (last - start >= least) runs.push({ at: row, start, end: last });
  }
  return runs;
}

/** All columns at once: the pixels of one are far from each other in memory. */
function runsDown({ width, height, pixels, scale }: Picture): Run[] {
  const runs: Run[] = [];
  const least = SHORTEST * scale;
  const starts = new Int32Array(width).fill(-1);
  const lasts = new Int32Array(width).fill(-1);
  const end = (column: number) => {
    if (lasts[column]! - starts[column]! >= least)
      runs.push({ at: column, start: starts[column]!, end: lasts[column]! });
  };
  for (let row = 0, at = 0; row < height && runs.length < MOST_RUNS; row++) {
    for (let column = 0; column < width; column++, at++) {
      if (pixels[at]! >= DARK) continue;
      if (lasts[column]! < 0 || row - lasts[column]! > BREAK + 1) {
        end(column);
        starts[column] = row;
      }
      lasts[column] = row;
    }
  }
  for (let column = 0; column < width; column++) end(column);
  return runs;
}

function toRulings(picture: Picture, runs: readonly Run[], across: boolean): Ruling[] {
  if (runs.length >= MOST_RUNS) return [];
  const { scale, width, height } = picture;
  const far = (across ? height : width) / scale;
  const lines = runs
    .filter((run) => isThin(picture, run, across))
    .map(({ at, start, end }) => ({ at: (at + 0.5) / scale, start: start / scale, end: (end + 1) / scale }))
    .filter(({ at }) => at > MARGIN && at < far - MARGIN);
  return joinRulings(lines);
}

/** Whether most of what is beside a run, on each side of it, is not dark. */
function isThin({ width, height, pixels, scale }: Picture, run: Run, across: boolean): boolean {
  const away = Math.ceil(THICKEST * scale);
  const isDark = (at: number, along: number): boolean => {
    const [x, y] = across ? [along, at] : [at, along];
    return x >= 0 && y >= 0 && x < width && y < height && pixels[y * width + x]! < DARK;
  };
  const darkAt = (at: number): number => {
    let count = 0;
    for (let probe = 1; probe <= PROBES; probe++) {
      if (isDark(at, Math.round(run.start + ((run.end - run.start) * probe) / (PROBES + 1)))) count++;
    }
    return count;
  };
  return darkAt(run.at - away) * 2 < PROBES && darkAt(run.at + away) * 2 < PROBES;
}
