import { around, type Box } from './geometry.ts';

/** Characters without a gap. */
export interface Word extends Box {
  readonly text: string;
  /** The number of the marked content that it begins in; -1 for none. */
  readonly mark: number;
}

/** Words on one line, from left to right. */
export interface Line extends Box {
  readonly words: readonly Word[];
}

/** In heights of the text: a wider gap ends a word, and so does a step back or to another height. */
const WORD_GAP = 0.28;
const STEP_BACK = 0.6;
const STEP_ASIDE = 0.45;
/** Letters that are painted twice to look bold lie on each other but for this, in heights or widths of the letter. */
const SAME_PLACE = 0.2;
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/u;
/** Share of its height with which a word stands on a line. */
const ON_LINE = 0.5;

/** Words that characters form one by one, and the last of them, to which characters may still come. */
export interface Words {
  readonly ended: Word[];
  /** '' when there is none to go on with. */
  text: string;
  mark: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
  /** The last character, and where it stands: all numbers in one object, which costs nothing to change. */
  lastText: string;
  lastLeft: number;
  lastRight: number;
  lastTop: number;
  lastBottom: number;
}

/** No words yet. */
export function startWords(): Words {
  return {
    ...{ ended: [], text: '', mark: -1, left: 0, right: 0, top: 0, bottom: 0 },
    ...{ lastText: '', lastLeft: 0, lastRight: 0, lastTop: 0, lastBottom: 0 },
  };
}

/** Goes on with a character that is drawn at `box`: the last word, or the next one. */
export function addCharacter(words: Words, text: string, mark: number, box: Box): void {
  const { left, right, top, bottom } = box;
  if (words.text !== '') {
    if (isSame(words, text, box)) return;
    if (!follows(words, text, box)) endWord(words);
  }
  if (words.text === '') {
    words.text = text;
    words.mark = mark;
    words.left = left;
    words.right = right;
    words.top = top;
    words.bottom = bottom;
  } else {
    words.text += text;
    words.left = Math.min(words.left, left);
    words.right = Math.max(words.right, right);
    words.top = Math.min(words.top, top);
    words.bottom = Math.max(words.bottom, bottom);
  }
  words.lastText = text;
  words.lastLeft = left;
  words.lastRight = right;
  words.lastTop = top;
  words.lastBottom = bottom;
}

/** Ends the last word, as a space does. Gives all words. */
export function endWord(words: Words): readonly Word[] {
  const { ended, text, mark, left, right, top, bottom } = words;
  if (text !== '') ended.push({ text: text.toWellFormed(), mark, left, right, top, bottom });
  words.text = '';
  return ended;
}

function isSame(
  { lastText, lastLeft, lastRight, lastTop, lastBottom }: Words,
  text: string,
  { left, top }: Box,
): boolean {
  if (text !== lastText) return false;
  const near = Math.min(lastBottom - lastTop, lastRight - lastLeft) * SAME_PLACE;
  return Math.abs(lastLeft - left) <= near && Math.abs(lastTop - top) <= near;
}

function follows({ lastLeft, lastRight, lastTop, lastBottom }: Words, text: string, next: Box): boolean {
  const height = Math.max(lastBottom - lastTop, next.bottom - next.top);
  const toLeft = next.left < lastLeft && RIGHT_TO_LEFT.test(text);
  const gap = toLeft ? lastLeft - next.right : next.left - lastRight;
  const aside = Math.abs((next.top + next.bottom - lastTop - lastBottom) / 2);
  return gap <= height * WORD_GAP && gap >= -height * STEP_BACK && aside <= height * STEP_ASIDE;
}

/** The lines that words stand on, from top to bottom; superscripts stand on the line of their word. */
export function toLines(words: readonly Word[]): Line[] {
  const sorted = inOrder(words, (a, b) => a.top + a.bottom - b.top - b.bottom);
  const lines: Line[] = [];
  for (let from = 0; from < sorted.length; ) {
    const to = endOfLine(sorted, from);
    lines.push(toLine(sorted.slice(from, to)));
    from = to;
  }
  return lines;
}

/** Behind the last of the words from `from` on that stand on its line. */
function endOfLine(sorted: readonly Word[], from: number): number {
  let { top, bottom } = sorted[from]!;
  let to = from + 1;
  for (; to < sorted.length; to++) {
    const word = sorted[to]!;
    const height = word.bottom - word.top;
    if (!(Math.min(bottom, word.bottom) - Math.max(top, word.top) >= ON_LINE * Math.min(bottom - top, height))) break;
    // The line keeps its first height: lines set close would otherwise grow together.
    if (height > bottom - top) ({ top, bottom } = word);
  }
  return to;
}

function toLine(words: readonly Word[]): Line {
  const { left, right, top, bottom } = words.length === 1 ? words[0]! : around(words);
  return { words: inOrder(words, (a, b) => a.left - b.left), left, right, top, bottom };
}

/** Sorted words. Most stand in order already: then they are no others than those given. */
function inOrder(words: readonly Word[], compare: (a: Word, b: Word) => number): readonly Word[] {
  for (let at = 1; at < words.length; at++) {
    if (compare(words[at]!, words[at - 1]!) < 0) return words.toSorted(compare);
  }
  return words;
}

/** The text of words on one line; words of a script that is written to the left come in that order. */
export function lineText(words: readonly Word[]): string {
  let toLeft = 0;
  for (const { text } of words) if (RIGHT_TO_LEFT.test(text)) toLeft++;
  return joined(toLeft * 2 > words.length ? words.toReversed() : words, ({ text }) => text);
}

/** The text of words on any number of lines; a line break counts as a space. */
export function blockText(words: readonly Word[]): string {
  if (words.length === 1) return words[0]!.text;
  return joined(toLines(words), (line) => lineText(line.words));
}

function joined<T>(parts: readonly T[], textOf: (part: T) => string): string {
  const [first, second] = parts;
  if (parts.length > 2) return parts.map(textOf).join(' ');
  return second === undefined ? textOf(first!) : `${textOf(first!)} ${textOf(second)}`;
}
