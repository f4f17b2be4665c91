import type { Character } from './characters.ts';
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

/** The words that characters form, in their order. */
export function toWords(characters: readonly Character[]): Word[] {
  const words: Word[] = [];
  let current: Character[] = [];
  const end = () => {
    if (current.length > 0) words.push(toWord(current));
    current = [];
  };
  for (const character of characters) {
    const last = current.at(-1);
    if (character.blank) end();
    else if (last && isSame(last, character)) continue;
    else {
      if (last && !follows(last, character)) end();
      current.push(character);
    }
  }
  end();
  return words;
}

function toWord(characters: readonly Character[]): Word {
  let text = '';
  for (const character of characters) text += character.text;
  const { left, right, top, bottom } = around(characters);
  return { text: text.toWellFormed(), mark: characters[0]!.mark, left, right, top, bottom };
}

function isSame(a: Character, b: Character): boolean {
  const near = Math.min(a.bottom - a.top, a.right - a.left) * SAME_PLACE;
  return a.text === b.text && Math.abs(a.left - b.left) <= near && Math.abs(a.top - b.top) <= near;
}

function follows(last: Character, next: Character): boolean {
  const height = Math.max(last.bottom - last.top, next.bottom - next.top);
  const toLeft = next.left < last.left && RIGHT_TO_LEFT.test(next.text);
  const gap = toLeft ? last.left - next.right : next.left - last.right;
  const aside = Math.abs((next.top + next.bottom - last.top - last.bottom) / 2);
  return gap <= height * WORD_GAP && gap >= -height * STEP_BACK && aside <= height * STEP_ASIDE;
}

/** The lines that words stand on, from top to bottom; superscripts stand on the line of their word. */
export function toLines(words: readonly Word[]): Line[] {
  if (words.length === 1) return [toLine([...words])];
  const sorted = words.toSorted((a, b) => a.top + a.bottom - b.top - b.bottom);
  const lines: { words: Word[]; top: number; bottom: number }[] = [];
  for (const word of sorted) {
    const line = lines.at(-1);
    if (line && overlap(line, word) >= ON_LINE * Math.min(line.bottom - line.top, word.bottom - word.top)) {
      line.words.push(word);
      // The line keeps its first height: lines set close would otherwise grow together.
      if (word.bottom - word.top > line.bottom - line.top) [line.top, line.bottom] = [word.top, word.bottom];
    } else lines.push({ words: [word], top: word.top, bottom: word.bottom });
  }
  return lines.map(({ words }) => toLine(words));
}

function toLine(words: Word[]): Line {
  const { left, right, top, bottom } = around(words);
  return { words: words.sort((a, b) => a.left - b.left), left, right, top, bottom };
}

function overlap(a: { top: number; bottom: number }, b: { top: number; bottom: number }): number {
  return Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
}

/** The text of words on one line; words of a script that is written to the left come in that order. */
export function lineText(words: readonly Word[]): string {
  const toLeft = words.filter((word) => RIGHT_TO_LEFT.test(word.text)).length * 2 > words.length;
  return (toLeft ? words.toReversed() : words).map((word) => word.text).join(' ');
}

/** The text of words on any number of lines; a line break counts as a space. */
export function blockText(words: readonly Word[]): string {
  if (words.length === 1) return words[0]!.text;
  return toLines(words)
    .map((line) => lineText(line.words))
    .join(' ');
}
