/** Straight lines along one axis: at `at` on the other axis, from `start` to `end`. */
export interface Ruling {
  readonly at: number;
  readonly start: number;
  readonly end: number;
}

/** The lines drawn on a page. */
export interface Rulings {
  readonly horizontal: readonly Ruling[];
  readonly vertical: readonly Ruling[];
}

/** Lines this near to each other, in points, are one. */
const SAME_LINE = 1.5;
const GAP = 3;
/** Shorter ones, in points, are parts of letters and drawings. */
const SHORTEST = 4;

/** Lines drawn in pieces, or twice, as one each. */
export function joinRulings(pieces: readonly Ruling[]): Ruling[] {
  const sorted = pieces.toSorted((a, b) => a.at - b.at);
  const joined: Ruling[] = [];
  for (let from = 0; from < sorted.length; ) {
    let to = from + 1;
    while (to < sorted.length && sorted[to]!.at - sorted[from]!.at <= SAME_LINE) to++;
    if (to === from + 1) joined.push(sorted[from]!);
    else joined.push(...joinOnLine(sorted.slice(from, to)));
    from = to;
  }
  return joined.filter(({ start, end }) => end - start >= SHORTEST);
}

function joinOnLine(pieces: readonly Ruling[]): Ruling[] {
  const at = pieces.reduce((sum, piece) => sum + piece.at, 0) / pieces.length;
  const joined: { at: number; start: number; end: number }[] = [];
  for (const { start, end } of pieces.toSorted((a, b) => a.start - b.start)) {
    const last = joined.at(-1);
    if (last && start - last.end <= GAP) last.end = Math.max(last.end, end);
    else joined.push({ at, start, end });
  }
  return joined;
}
