import { isNumericOrAbsent } from './numeric.ts';
import { clusterSpans, type Phrase, type Span } from './phrases.ts';
import type { Line, Word } from './words.ts';

/** A line and the phrases that stand on it. */
export interface PhraseLine {
  readonly line: Line;
  readonly phrases: readonly Phrase[];
}

/** One line in so many may reach over two columns. */
const SPANNING = 6;
/** Lines with fewer phrases than this share of what full lines have are headings, titles and notes. */
const RICH = 0.6;
/** In heights of the text: a gap that many lines share parts columns, even if it is too narrow to part two phrases. */
const SHARED_GAP = 0.6;
/** Between numbers a narrower one does. */
const NUMBER_GAP = 0.35;
/** Share of the words of a column of numbers. */
const NUMBERS = 0.8;
const MANY_LINES = 8;

/** Where most full lines have text, and, between, where text of few lines stands alone; from left to right. */
export function findColumns(lines: readonly PhraseLine[]): Span[] {
  const divided = lines.filter(({ phrases }) => phrases.length > 1);
  const counts = divided.map(({ phrases }) => phrases.length).sort((a, b) => a - b);
  const full = counts[Math.floor(counts.length * 0.75)] ?? 0;
  const rich = divided.filter(({ phrases }) => phrases.length >= full * RICH);
  const most = Math.max(rich.length >= 4 ? 1 : 0, Math.floor(rich.length / SPANNING));
  const columns = rich.length < MANY_LINES ? covered(spansOf(rich), most) : wordColumns(rich, most);
  const apart = spansOf(divided).filter(
    (span) => !columns.some((column) => span.left < column.right && span.right > column.left),
  );
  return [...columns, ...clusterSpans(apart)].sort((a, b) => a.left - b.left);
}

const spansOf = (lines: readonly PhraseLine[]): Span[] => lines.flatMap(({ phrases }) => phrases);

function wordColumns(lines: readonly PhraseLine[], most: number): Span[] {
  const words = lines.flatMap(({ phrases }) => phrases.flatMap((phrase) => phrase.words));
  const heights = lines.map(({ line }) => line.bottom - line.top).sort((a, b) => a - b);
  const height = heights[heights.length >> 1]!;
  const columns: Span[] = [];
  for (const span of covered(words, most)) {
    const last = columns.at(-1);
    const gap = last ? span.left - last.right : Number.POSITIVE_INFINITY;
    const isApart = gap >= SHARED_GAP * height || (gap >= NUMBER_GAP * height && areNumbers(words, [last!, span]));
    if (isApart) columns.push({ ...span });
    else last!.right = span.right;
  }
  return columns;
}

/** Whether nearly all words in each of the stretches are numbers. */
function areNumbers(words: readonly Word[], spans: readonly Span[]): boolean {
  return spans.every(({ left, right }) => {
    const inside = words.filter((word) => word.left < right && word.right > left);
    return inside.filter(({ text }) => isNumericOrAbsent(text)).length >= NUMBERS * inside.length;
  });
}

/** The stretches that more than `most` spans lie over. Where one ends and another begins, the one begins first. */
function covered(spans: readonly { readonly left: number; readonly right: number }[], most: number): Span[] {
  const begins = new Float64Array(spans.length);
  const ends = new Float64Array(spans.length);
  for (let at = 0; at < spans.length; at++) {
    begins[at] = spans[at]!.left;
    ends[at] = spans[at]!.right;
  }
  begins.sort();
  ends.sort();
  const found: Span[] = [];
  for (let begun = 0, ended = 0; ended < ends.length; ) {
    const begin = begins[begun];
    const end = ends[ended]!;
    if (begin !== undefined && begin <= end) {
      if (begun - ended === most) found.push({ left: begin, right: begin });
      begun++;
    } else {
      if (begun - ended === most + 1) found.at(-1)!.right = end;
      ended++;
    }
  }
  return found;
}
