import { type Box, type Matrix, transformBox, uprightMatrix } from './geometry.ts';
import type { Pdfium } from './pdfium.ts';

/** A character in the coordinates of a page turned so that its text runs to the right. */
export interface Character extends Box {
  readonly text: string;
  /** Nothing is drawn: a space, a line break, or one that the library put in. */
  readonly blank: boolean;
  /** The number of the marked content that it belongs to; -1 for none, and where nobody asks. */
  readonly mark: number;
}

/** Characters in the order of the page's content, all of one direction. */
export interface Run {
  /** Quarters to the left by which the text is turned; -1 for text at another angle. */
  readonly turn: number;
  readonly characters: Character[];
  /** How many of them the document's fonts give no meaning: they are what their codes would mean. */
  unknown: number;
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

/**
 * The characters of a text page, by direction. The direction is that of the line the text runs along, so that slanted
 * (skewed) letters are upright text. Code points that are none become U+FFFD, ligatures their letters.
 */
export function readCharacters(pdfium: Pdfium, textPage: number, count: number, withMarks: boolean): Run[] {
  // Looking a function up among the library's takes as long as some of them do.
  const { FPDFText_GetUnicode: unicodeOf, FPDFText_GetTextObject: objectOf } = pdfium.call;
  const { FPDFText_GetLooseCharBox: boxOf, FPDFText_HasUnicodeMapError: hasMapError } = pdfium.call;
  const runs = new Map<number, Run>();
  let object = -1;
  let direction: Direction = STRAIGHT;
  let mark = -1;
  let run: Run | undefined;
  for (let index = 0; index < count; index++) {
    const code = unicodeOf(textPage, index) >>> 0;
    const owner = objectOf(textPage, index);
    // Characters that the library put in between belong to no object.
    if (owner !== 0 && owner !== object) {
      object = owner;
      direction = directionOf(pdfium, textPage, index);
      if (withMarks) mark = pdfium.call.FPDFPageObj_GetMarkedContentID(owner);
    }
    const character = isBlank(code)
      ? BLANK
      : boxOf(textPage, index, pdfium.scratch)
        ? readCharacter(pdfium, textPage, index, code, direction, mark)
        : undefined;
    if (!character) continue;
    if (run?.turn !== direction.turn) {
      run = runs.get(direction.turn) ?? { turn: direction.turn, characters: [], unknown: 0 };
      runs.set(direction.turn, run);
    }
    run.characters.push(character);
    if (!character.blank && (character.text === REPLACEMENT || hasMapError(textPage, index) === 1)) run.unknown++;
  }
  return [...runs.values()];
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

function directionOf(pdfium: Pdfium, textPage: number, index: number): Direction {
  const { call, scratch, float } = pdfium;
  if (!call.FPDFText_GetMatrix(textPage, index, scratch)) return STRAIGHT;
  const angle = Math.atan2(float(scratch + 4), float(scratch));
  if (!Number.isFinite(angle)) return STRAIGHT;
  const size = call.FPDFText_GetFontSize(textPage, index) * Math.hypot(float(scratch + 8), float(scratch + 12));
  const quarters = angle / QUARTER;
  const turn = Math.round(quarters);
  if (Math.abs(quarters - turn) < SLANT) return straight((turn + 4) % 4, size);
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  const swelling = (Math.abs(sin) + Math.abs(cos)) ** 2;
  return { turn: -1, swelling, size, upright: [cos, sin, sin, -cos, 0, 0] };
}

const BLANK: Character = { text: ' ', blank: true, mark: -1, left: 0, right: 0, top: 0, bottom: 0 };

/** The character whose box the library has just put down. */
function readCharacter(
  pdfium: Pdfium,
  textPage: number,
  index: number,
  code: number,
  direction: Direction,
  mark: number,
): Character | undefined {
  const { scratch, float } = pdfium;
  const left = float(scratch);
  const top = float(scratch + 4);
  const right = float(scratch + 8);
  const bottom = float(scratch + 12);
  // Nearly all text is upright, and has many letters.
  const whole =
    direction.turn === 0 && left <= right && bottom <= top
      ? { left, right, top: -top, bottom: -bottom }
      : shrink(transformBox(direction.upright, left, top, right, bottom), direction.swelling);
  const box =
    whole.bottom - whole.top > TALLEST * direction.size ? onBaseline(whole, pdfium, textPage, index, direction) : whole;
  // Numbers that are none, too, fail this.
  if (!(Math.max(-box.left, -box.top, box.right, box.bottom) < FAR)) return undefined;
  return { text: textOf(code), blank: false, mark, left: box.left, right: box.right, top: box.top, bottom: box.bottom };
}

/** Some fonts say that their letters are many times as high as they are. */
function onBaseline(box: Box, pdfium: Pdfium, textPage: number, index: number, { upright, size }: Direction): Box {
  const { call, scratch, double } = pdfium;
  if (size <= 0 || !call.FPDFText_GetCharOrigin(textPage, index, scratch, scratch + 8)) return box;
  const baseline = upright[1] * double(scratch) + upright[3] * double(scratch + 8);
  return { ...box, top: baseline - ASCENT * size, bottom: baseline + DESCENT * size };
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
