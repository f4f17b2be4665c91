import { type Box, type Matrix, transformBox, uprightMatrix } from './geometry.ts';
import type { Pdfium } from './pdfium.ts';
import { addCharacter, endWord, startWords, type Word, type Words } from './words.ts';

/** What is written in one direction, in the coordinates of a page turned so that it runs to the right. */
export interface Run {
  /** Quarters to the left by which the text is turned; -1 for text at another angle. */
  readonly turn: number;
  /** In the order of the page's content. */
  readonly words: readonly Word[];
  /** How many characters there are, blank ones among them. */
  readonly characters: number;
  /** How many of them the document's fonts give no meaning: they are what their codes would mean. */
  readonly unknown: number;
}

const QUARTER = Math.PI / 2;
/** Text that is turned by less than this from a quarter is read as if it were straight, in quarters. */
const SLANT = 0.06;
const FAR = 1e5;
/** In sizes of the font. */
const TALLEST = 2;
const ASCENT = 0.9;
const DESCENT = 0.25;
const HYPHEN_AT_LINE_END = 0x02;
const LIGATURES = ['ff', 'fi', 'fl', 'ffi', 'ffl', 'ft', 'st'];
const REPLACEMENT = '\ufffd';

/** A run that is still being read. */
interface GrowingRun {
  readonly turn: number;
  readonly growing: Words;
  characters: number;
  unknown: number;
}

/**
 * The words of a text page, by direction. The direction is that of the line the text runs along, so that slanted
 * (skewed) letters are upright text. Code points that are none become U+FFFD, ligatures their letters.
 */
export function readRuns(pdfium: Pdfium, textPage: number, count: number, withMarks: boolean): Run[] {
  // Looking a function up among the library's takes as long as some of them do.
  const { FPDFText_GetUnicode: unicodeOf, FPDFText_GetTextObject: objectOf } = pdfium.call;
  const { FPDFText_GetLooseCharBox: boxOf, FPDFText_HasUnicodeMapError: hasMapError } = pdfium.call;
  const { scratch } = pdfium;
  const runs: GrowingRun[] = [];
  // A page has thousands of characters: none of them is an object.
  const box = { left: 0, right: 0, top: 0, bottom: 0 };
  let object = -1;
  let direction: Direction = STRAIGHT;
  let mark = -1;
  let run: GrowingRun | undefined;
  for (let index = 0; index < count; index++) {
    const code = unicodeOf(textPage, index) >>> 0;
    const owner = objectOf(textPage, index);
    // Characters that the library put in between belong to no object.
    if (owner !== 0 && owner !== object) {
      object = owner;
      direction = directionOf(pdfium, textPage, index, direction);
      if (withMarks) mark = pdfium.call.FPDFPageObj_GetMarkedContentID(owner);
    }
    const blank = isBlank(code);
    if (!blank && !(boxOf(textPage, index, scratch) && place(box, pdfium, textPage, index, direction))) continue;
    if (run?.turn !== direction.turn) run = runOf(runs, direction.turn);
    run.characters++;
    if (blank) endWord(run.growing);
    else {
      const text = textOf(code);
      addCharacter(run.growing, text, mark, box);
      if (text === REPLACEMENT || hasMapError(textPage, index) === 1) run.unknown++;
    }
  }
  return runs.map(({ turn, growing, characters, unknown }) => ({ turn, words: endWord(growing), characters, unknown }));
}

function runOf(runs: GrowingRun[], turn: number): GrowingRun {
  const known = runs.find((run) => run.turn === turn);
  if (known) return known;
  const run = { turn, growing: startWords(), characters: 0, unknown: 0 };
  runs.push(run);
  return run;
}

interface Direction {
  readonly turn: number;
  /** By how much the box around a turned letter is larger than the letter. */
  readonly swelling: number;
  readonly upright: Matrix;
  /** Height of the font, in points. */
  readonly size: number;
}

const straight = (turn: number, size: number): Direction => ({ turn, swelling: 1, upright: uprightMatrix(turn), size });
const STRAIGHT = straight(0, 0);

/** The direction of a character; it is `before`, that of the text before it, more often than not. */
function directionOf(pdfium: Pdfium, textPage: number, index: number, before: Direction): Direction {
  const { call, scratch } = pdfium;
  if (!call.FPDFText_GetMatrix(textPage, index, scratch)) return STRAIGHT;
  const floats = pdfium.floats();
  const at = scratch >> 2;
  const [cosine, sine] = [floats[at]!, floats[at + 1]!];
  const stretch = Math.hypot(floats[at + 2]!, floats[at + 3]!);
  const size = call.FPDFText_GetFontSize(textPage, index) * stretch;
  const angle = Math.atan2(sine, cosine);
  if (!Number.isFinite(angle)) return STRAIGHT;
  const quarters = angle / QUARTER;
  const turn = Math.round(quarters);
  if (Math.abs(quarters - turn) < SLANT) {
    const straightened = (turn + 4) % 4;
    return before.turn === straightened && before.size === size ? before : straight(straightened, size);
  }
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  const swelling = (Math.abs(sin) + Math.abs(cos)) ** 2;
  return { turn: -1, swelling, size, upright: [cos, sin, sin, -cos, 0, 0] };
}

/** Says in `box` where the character stands whose box the library has just put down; false when that is nowhere. */
function place(box: Mutable<Box>, pdfium: Pdfium, textPage: number, index: number, direction: Direction): boolean {
  const floats = pdfium.floats();
  const at = pdfium.scratch >> 2;
  const left = floats[at]!;
  const top = floats[at + 1]!;
  const right = floats[at + 2]!;
  const bottom = floats[at + 3]!;
  // Nearly all text is upright, and has many letters.
  if (direction.turn === 0 && left <= right && bottom <= top) {
    box.left = left;
    box.right = right;
    box.top = -top;
    box.bottom = -bottom;
  } else Object.assign(box, shrink(transformBox(direction.upright, left, top, right, bottom), direction.swelling));
  if (box.bottom - box.top > TALLEST * direction.size) standOnBaseline(box, pdfium, textPage, index, direction);
  // Numbers that are none, too, fail this.
  return Math.max(-box.left, -box.top, box.right, box.bottom) < FAR;
}

type Mutable<T> = { -readonly [key in keyof T]: T[key] };

/** Some fonts say that their letters are many times as high as they are. */
function standOnBaseline(
  box: Mutable<Box>,
  pdfium: Pdfium,
  textPage: number,
  index: number,
  { upright, size }: Direction,
): void {
  const { call, scratch, double } = pdfium;
  if (size <= 0 || !call.FPDFText_GetCharOrigin(textPage, index, scratch, scratch + 8)) return;
  const baseline = upright[1] * double(scratch) + upright[3] * double(scratch + 8);
  box.top = baseline - ASCENT * size;
  box.bottom = baseline + DESCENT * size;
}

function shrink(box: Box, times: number): Box {
  if (times === 1) return box;
  const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
  const [half, up] = [(box.right - box.left) / 2 / times, (box.bottom - box.top) / 2 / times];
  return { left: x - half, right: x + half, top: y - up, bottom: y + up };
}

function isBlank(code: number): boolean {
  if (code > 0x20 && code < 0xa0) return false;
  if (code === HYPHEN_AT_LINE_END || code === 0) return false;
  return code <= 0x20 || code === 0xa0 || code === 0x3000 || (code >= 0x2000 && code <= 0x200b) || code === 0xfeff;
}

function textOf(code: number): string {
  if (code === HYPHEN_AT_LINE_END || code === 0xad) return '-';
  if (code >= 0xfb00 && code <= 0xfb06) return LIGATURES[code - 0xfb00]!;
  // Halves of a pair come one by one; a word is made well-formed as a whole.
  if (code === 0 || code > 0x10ffff || (code & 0xfffe) === 0xfffe) return REPLACEMENT;
  return code < 0x10000 ? String.fromCharCode(code) : String.fromCodePoint(code);
}
