import { around, type Box } from './geometry.ts';
import { isNumericOrAbsent } from './numeric.ts';
import type { Line, Word } from './words.ts';

/** Words of one line that stand together: what may be a cell. */
export interface Phrase extends Box {
  readonly words: readonly Word[];
}

/** In heights of the text: a wider gap parts two cells, between numbers a narrower one. */
const CELL_GAP = 0.85;
const NUMBER_GAP = 0.4;
const LEADER = /^[.·…_‥]{3,}$/;

/** The phrases of a line, from left to right, without dotted leaders. */
export function toPhrases({ words }: Line): Phrase[] {
  const phrases: Phrase[] = [];
  let from = 0;
  const end = (to: number) => {
    if (from < to) phrases.push(toPhrase(words.slice(from, to)));
    from = to;
  };
  for (let at = 0; at < words.length; at++) {
    if (LEADER.test(words[at]!.text)) {
      end(at);
      from = at + 1;
    } else if (from < at && isGap(words[at - 1]!, words[at]!)) end(at);
  }
  end(words.length);
  return phrases;
}

function toPhrase(words: readonly Word[]): Phrase {
  const { left, right, top, bottom } = words.length === 1 ? words[0]! : around(words);
  return { words, left, right, top, bottom };
}

function isGap(last: Word, next: Word): boolean {
  const height = Math.min(last.bottom - last.top, next.bottom - next.top);
  const gap = next.left - last.right;
  // Most gaps are so wide, or so narrow, that it does not matter what stands beside them.
  if (gap > height * CELL_GAP || gap <= height * NUMBER_GAP) return gap > height * CELL_GAP;
  return isNumericOrAbsent(last.text) && isNumericOrAbsent(next.text);
}

/** A stretch of the x axis, in points. */
export interface Span {
  left: number;
  right: number;
}

/** The index of the column that most of a stretch lies over, or of the nearest. */
export function nearest(columns: readonly Readonly<Span>[], { left, right }: Readonly<Span>): number {
  let best = 0;
  let most = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < columns.length; index++) {
    const column = columns[index]!;
    const over = Math.min(right, column.right) - Math.max(left, column.left);
    if (over <= most) continue;
    best = index;
    most = over;
  }
  return best;
}

/** Stretches of the x axis with space between them, from left to right. */
export function clusterSpans(spans: readonly { readonly left: number; readonly right: number }[]): Span[] {
  const clusters: Span[] = [];
  for (const { left, right } of spans.toSorted((a, b) => a.left - b.left)) {
    const last = clusters.at(-1);
    if (last && left <= last.right) last.right = Math.max(last.right, right);
    else clusters.push({ left, right });
  }
  return clusters;
}
