import { ALPHABETS, IDEOGRAPHS, type Language } from './encoding-languages.ts';

/** A legacy encoding by the statistics of its characters. */
export interface Guess {
  /** The WHATWG name. */
  readonly label: string;
  /** How far it is ahead of any encoding that would give another text: 0 (not at all) to 1. */
  readonly confidence: number;
}

/**
 * What it takes to decide against Windows-1252: letters, which must be most of what is not ASCII, some of them different,
 * the score, and how far it is ahead of that encoding.
 */
const LEAST = { letters: 6, different: 3, score: 0.3, lead: 0.12 };
/** Of so many letters a smaller lead is enough. */
const MANY = { letters: 20, lead: 0.06 };
/** What stands in texts of any language, and between letters only where the second line says so. */
const SIGNS = new Set('€“”„‘’‚–—…°§©®£«»½²³·•™µ¹ºª\u00a0№');
const SIGNS_IN_WORDS = new Set('’‘·–—');
const DEFAULT = 'windows-1252';

/**
 * The encoding in which `words`, the words of a text that hold bytes above 0x7F, are most like those of some language: of
 * the legacy encodings of the WHATWG standard, but for ISO 2022. Where nothing speaks clearly for another, it is
 * `windows-1252`, in which every byte has a meaning.
 */
export function guessEncoding(words: Buffer): Guess {
  const scores = new Map<string, { score: number; text: string }>();
  for (const language of IDEOGRAPHS) note(scores, words, language, scoreIdeographs);
  for (const language of ALPHABETS) note(scores, words, language, scoreAlphabet);
  const fallback = scores.get(DEFAULT) ?? { score: 0, text: '' };
  const [best] = [...scores].sort(([, a], [, b]) => b.score - a.score);
  if (!best) return { label: DEFAULT, confidence: 0 };
  const [label, { score, text }] = best;
  const isClear = isSeen(text) && score >= LEAST.score && score - fallback.score >= leastLead(text);
  const chosen = isClear ? { label, score, text } : { label: DEFAULT, ...fallback };
  const others = [...scores.values()].filter((other) => other.text !== chosen.text).map((other) => other.score);
  const lead = chosen.score - Math.max(0, ...others);
  return { label: chosen.label, confidence: Math.round(100 * Math.min(1, Math.max(0, lead))) / 100 };
}

type Scores = Map<string, { score: number; text: string }>;

/** Notes the score of a language for each of its encodings, unless another language's is higher. */
function note(
  scores: Scores,
  words: Buffer,
  language: Language,
  scoreOf: (text: string, ranks: ReadonlyMap<string, number>) => number,
): void {
  const letters = [...language.letters];
  const ranks = new Map(letters.map((letter, index) => [letter, index / letters.length]));
  for (const label of language.encodings) {
    const text = scores.get(label)?.text ?? decode(words, label);
    const score = text === null ? -1 : scoreOf(text, ranks) * (language.weight ?? 1);
    if (text !== null && score > (scores.get(label)?.score ?? -Infinity)) scores.set(label, { score, text });
  }
}

function decode(words: Buffer, label: string): string | null {
  try {
    return new TextDecoder(label, { fatal: true }).decode(words);
  } catch {
    return null;
  }
}

function isSeen(text: string): boolean {
  const letters = lettersOf(text);
  return (
    letters.length >= LEAST.letters &&
    new Set(letters).size >= LEAST.different &&
    2 * letters.length > foreign(text).length
  );
}

function leastLead(text: string): number {
  return lettersOf(text).length >= MANY.letters ? MANY.lead : LEAST.lead;
}

function lettersOf(text: string): string[] {
  return text.match(/(?![ªº])[^\0-\x7f\P{L}]/gu) ?? [];
}

function foreign(text: string): string[] {
  return text.match(/[^\0-\x7f]/gu) ?? [];
}

/** The share of frequent characters, kana included: a text of rare ones alone was not meant. */
function scoreIdeographs(text: string, ranks: ReadonlyMap<string, number>): number {
  const isJapanese = ranks.has('円');
  const isKorean = ranks.has('이');
  const weightOf = (character: string): number => {
    if (ranks.has(character)) return 1;
    if (isJapanese && /[\u3041-\u30ff]/.test(character)) return 1;
    if (isKorean && /[가-힣]/.test(character)) return 0.4;
    if (/[\u3000-\u3011\uff01-\uff5e]/.test(character)) return 0.5;
    // Katakana of half the width are what single bytes of other encodings look like.
    return /[\uff61-\uff9f]/.test(character) ? 0.2 : 0;
  };
  return mean(foreign(text).map(weightOf));
}

/** How well the letters are those of the language, frequent ones before rare ones, and where letters may stand. */
function scoreAlphabet(text: string, ranks: ReadonlyMap<string, number>): number {
  const isLatin = [...ranks.keys()].some((letter) => /\p{Script=Latin}/u.test(letter));
  const rareness = isLatin ? 0.4 : 0.9;
  const scores: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character <= '\x7f') continue;
    const before = text[at - 1] ?? ' ';
    const after = text[at + 1] ?? ' ';
    const rank = ranks.get(character) ?? ranks.get(character.toLowerCase());
    if (rank === undefined) scores.push(scoreOther(character, before, after));
    else if (isMisplaced(character, before, after, isLatin)) scores.push(-1);
    else scores.push(1 - rareness * rank);
  }
  return mean(scores);
}

function scoreOther(character: string, before: string, after: string): number {
  if (character <= '\x9f') return -3;
  if (!SIGNS.has(character)) return /\p{L}/u.test(character) ? -0.5 : -1;
  const isInWord = /\p{L}/u.test(before) && /\p{L}/u.test(after);
  return isInWord && !SIGNS_IN_WORDS.has(character) ? -1 : 0.5;
}

/** A capital behind a small letter, or a letter of another script beside a Latin one. */
function isMisplaced(character: string, before: string, after: string, isLatin: boolean): boolean {
  if (/\p{Lu}/u.test(character) && /\p{Ll}/u.test(before)) return true;
  return !isLatin && (/[A-Za-z]/.test(before) || /[A-Za-z]/.test(after));
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
