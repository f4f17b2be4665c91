import type { Span } from './spans.ts';

/** Letters and digits in one run, of which so many are digits. */
const RUN = /[\p{L}\p{M}\p{N}]{8,}/gu;
const FEWEST_DIGITS = 4;
/** Nine digits or more, with up to two separators between two of them; a date, which comes first, is left alone. */
const GROUPS =
  /(?<!\p{Nd})(?:\d{4}([-/.])\d\d\1\d\d|\d{1,2}([-/.])\d{1,2}\2\d{4})(?!\p{Nd})|(?<number>\p{Nd}(?:[\s\p{Pd}./\\_#]{0,2}\p{Nd}){8,})/gu;

/**
 * What could be an identifier in a text by nothing but its digits: written in a way that is not usual, with a wrong check
 * digit, or inside a path. `known` are those that were found otherwise; gives them and the others, in order.
 */
export function withLikelyCodes(text: string, known: readonly Span[]): Span[] {
  const runs = match(blank(text, known), RUN, ([run]) => digitsIn(run) >= FEWEST_DIGITS);
  const numbers = match(blank(text, [...known, ...runs]), GROUPS, ({ groups }) => groups?.number !== undefined);
  return [...known, ...runs, ...numbers].sort((a, b) => a.start - b.start);
}

function match(text: string, pattern: RegExp, isLikely: (match: RegExpExecArray) => boolean): Span[] {
  return [...text.matchAll(pattern)]
    .filter(isLikely)
    .map(({ 0: { length }, index }) => ({ kind: 'generic', start: index, end: index + length }));
}

function digitsIn(text: string): number {
  return text.match(/\p{Nd}/gu)?.length ?? 0;
}

/** The text with what was found already out of the way. */
function blank(text: string, spans: readonly Span[]): string {
  let kept = '';
  let at = 0;
  for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
    kept += text.slice(at, start) + '\0'.repeat(end - start);
    at = end;
  }
  return kept + text.slice(at);
}
