import { clusterSpans, type Span, toPhrases } from './phrases.ts';
import { type Line, toLines, type Word } from './words.ts';

/** In heights of the text: at least so much space is between columns of prose. */
const GUTTER = 1;
const FEWEST_LINES = 4;
/** Characters in a line of a column of prose, on average; shorter ones are labels and their values. */
const PROSE = 20;

/** The lines of a page as they are read: from top to bottom, columns of prose one after the other. */
export function readingOrder(words: readonly Word[]): Line[] {
  const ordered: Line[] = [];
  let region: Line[] = [];
  let columns: Span[] = [];
  const end = () => {
    ordered.push(...orderRegion(region, columns));
    [region, columns] = [[], []];
  };
  for (const line of toLines(words)) {
    const own = spansOf(line);
    const joined = join([...columns, ...own], line);
    // A line across the columns ends them, and columns end the lines across.
    if (region.length > 0 && joined.length === 1 && (columns.length > 1 || own.length > 1)) end();
    columns = region.length === 0 ? own : joined;
    region.push(line);
  }
  end();
  return ordered;
}

function spansOf(line: Line): Span[] {
  return join(toPhrases(line), line);
}

/** Stretches with a gutter between them. */
function join(spans: readonly Span[], line: Line): Span[] {
  const half = (GUTTER * (line.bottom - line.top)) / 2;
  const wide = spans.map(({ left, right }) => ({ left: left - half, right: right + half }));
  return clusterSpans(wide).map(({ left, right }) => ({ left: left + half, right: right - half }));
}

function orderRegion(lines: readonly Line[], columns: readonly Span[]): readonly Line[] {
  if (columns.length < 2 || lines.length < FEWEST_LINES) return lines;
  const held: Word[][] = columns.map(() => []);
  for (const { words } of lines) {
    for (const word of words) held[columns.findLastIndex(({ left }) => left <= word.left + 1)]?.push(word);
  }
  const ordered = held.map(toLines);
  return ordered.every(isProse) ? ordered.flat() : lines;
}

function isProse(lines: readonly Line[]): boolean {
  const length = lines.reduce((sum, { words }) => words.reduce((all, { text }) => all + text.length, sum), 0);
  return lines.length >= FEWEST_LINES && length >= PROSE * lines.length;
}
