import { setImmediate } from 'node:timers/promises';
import type { OcrOptions } from '../../format.ts';
import { OCR_FAILURES } from '../caps.ts';
import { collectGarbage } from '../collect-garbage.ts';
import { type Box, holds, transformBox, uprightMatrix } from '../geometry.ts';
import type { Page } from '../page.ts';
import type { PageReader } from '../page-reader.ts';
import type { Ruling, Rulings } from '../rulings.ts';
import type { Word } from '../words.ts';
import { findOcrPackages, type OcrPackages, type Resolve } from './packages.ts';
import { type Picture, paintPage } from './picture.ts';
import { findRulings } from './picture-rulings.ts';
import { createTesseract, type SeenWord, type Tesseract } from './tesseract.ts';

/** A page whose words were recognised in its picture. */
export interface RecognisedPage extends Page {
  /** How sure that is, on average over the words, from 0 to 100. */
  readonly confidence: number;
}

/** Why a page was not recognised. */
export type Unrecognised =
  | { readonly reason: 'off' | 'enough' | 'failed' | 'nothing' }
  | { readonly reason: 'not_installed'; readonly missing: readonly string[] };

/** Recognises the text of scanned pages. */
export interface Recogniser {
  /** What is seen on the page with this index, from 0, which was read as `page`. @throws Problem as `PageReader.read`. */
  recognise(page: Page, index: number): Promise<RecognisedPage | Unrecognised>;
}

/** Smaller pages, in points, hold no text. */
const SMALLEST = 8;
/** With less confidence, the page may lie on its side or stand on its head. */
const UPRIGHT = 60;
/** Quarters to the right by which pages are turned to be upright. */
const SIDES = [0, 1, 3, 2];
/** Lines that fall by less, as a share of their length, are straight. */
const STRAIGHT = 0.0015;
/** Lines that fall by more are none. */
const STEEPEST = 0.3;

/** A recogniser for one document; packages are looked for at the first page that needs them. */
export function createRecogniser(pages: PageReader, options?: OcrOptions, resolve?: Resolve): Recogniser {
  let packages: ReturnType<typeof findOcrPackages> | undefined;
  let tesseract: Tesseract | undefined;
  let recognised = 0;
  let failures = 0;
  /** How the last page lay: the next one mostly lies as it did. */
  let side = 0;
  let began = 0;

  async function recognise(page: Page, index: number): Promise<RecognisedPage | Unrecognised> {
    if (!options || options.pages === 0 || options.languages.length === 0) return { reason: 'off' };
    packages ??= findOcrPackages(options.languages, resolve);
    if ('missing' in packages) return { reason: 'not_installed', missing: packages.missing };
    began ||= performance.now();
    const isLate = performance.now() - began > options.seconds * 1000;
    if (recognised >= options.pages || isLate) return { reason: 'enough' };
    if (failures >= OCR_FAILURES) return { reason: 'failed' };
    if (!(Math.min(page.width, page.height) >= SMALLEST)) return { reason: 'nothing' };
    recognised++;
    const seen = await see(packages, index);
    if (!seen) return { reason: 'failed' };
    return seen.words.length === 0 ? { reason: 'nothing' } : withWords(page, seen);
  }

  async function see(found: OcrPackages, index: number): Promise<Seen | undefined> {
    const paint: Paint = async (quarters, slope) => {
      const picture = await pages.ask((document) => paintPage(document, index, quarters, slope));
      if (!picture) throw new Error('The page could not be painted');
      return picture;
    };
    try {
      tesseract ??= await createAnew(found);
      const seen = await seeUpright(tesseract, paint, side);
      if (confidenceOf(seen) >= UPRIGHT) side = seen.quarters;
      return seen;
    } catch {
      // What an aborted instance holds is in no order any more.
      tesseract = undefined;
      failures++;
      return undefined;
    }
  }

  async function createAnew(found: OcrPackages): Promise<Tesseract> {
    // In a turn of its own: this one still has the old instance on its stack.
    await setImmediate();
    if (failures > 0) collectGarbage();
    return createTesseract(found);
  }

  return { recognise };
}

/** What is seen in a picture. */
interface Seen {
  readonly quarters: number;
  readonly picture: Picture;
  readonly words: readonly SeenWord[];
}

type Paint = (quarters: number, slope: number) => Promise<Picture>;

/** What is seen in the page as it lies, `first` by so many quarters to the right, or turned in another way if that is more. */
async function seeUpright(tesseract: Tesseract, paint: Paint, first: number): Promise<Seen> {
  let best = await seeStraight(tesseract, paint, first);
  for (const quarters of SIDES) {
    // A page without any word is a photograph, or blank.
    if (best.words.length === 0 || confidenceOf(best) >= UPRIGHT) break;
    if (quarters === first) continue;
    const other = await seeStraight(tesseract, paint, quarters);
    if (weight(other) > weight(best)) best = other;
  }
  return best;
}

async function seeStraight(tesseract: Tesseract, paint: Paint, quarters: number): Promise<Seen> {
  let picture = await paint(quarters, 0);
  const slope = tesseract.look(picture);
  if (Math.abs(slope) > STRAIGHT && Math.abs(slope) < STEEPEST) {
    picture = await paint(quarters, slope);
    tesseract.look(picture);
  }
  return { quarters, picture, words: tesseract.read() };
}

/** On average over the words; those on their sides count as not seen, however sure they are. */
function confidenceOf({ words }: Seen): number {
  return sumOf(words, ({ confidence }) => confidence) / (words.length || 1);
}

/** How much was seen, and how surely: few words may look sure by chance. */
function weight({ words }: Seen): number {
  return sumOf(words, ({ confidence, text }) => confidence * text.length);
}

function sumOf(words: readonly SeenWord[], of: (word: SeenWord) => number): number {
  return words.reduce((sum, word) => sum + (word.onSide ? 0 : of(word)), 0);
}

/** The page with what was seen on it. Words that it had besides the picture are sure, and stay instead of what was seen of them. */
function withWords(page: Page, seen: Seen): RecognisedPage {
  const { picture } = seen;
  const { turn, scale } = picture;
  const own = page.words.map((word) => ({ ...word, ...turnTo(word, page.turn, turn) }));
  const words = seen.words.map((word): Word => ({ text: word.text, mark: -1, ...onPage(word, picture) }));
  const size = { width: picture.width / scale, height: picture.height / scale };
  return {
    ...{ ...page, ...size, turn, unknown: 0, tagged: [] },
    words: [...own, ...words.filter((word) => !own.some((sure) => holds(sure, word)))],
    rulings: rulingsOf(picture),
    confidence: Math.round(confidenceOf(seen)),
  };
}

function turnTo({ left, right, top, bottom }: Box, from: number, to: number): Box {
  // Turning the page upright and back again are the same matrix.
  const box = transformBox(uprightMatrix(from), left, top, right, bottom);
  return transformBox(uprightMatrix(to), box.left, box.top, box.right, box.bottom);
}

function onPage(box: Box, { scale, left, top }: Picture): Box {
  return {
    left: left + box.left / scale,
    right: left + box.right / scale,
    top: top + box.top / scale,
    bottom: top + box.bottom / scale,
  };
}

function rulingsOf(picture: Picture): Rulings {
  const { horizontal, vertical } = findRulings(picture);
  const move = (rulings: readonly Ruling[], along: number, across: number) =>
    rulings.map(({ at, start, end }) => ({ at: at + across, start: start + along, end: end + along }));
  return {
    horizontal: move(horizontal, picture.left, picture.top),
    vertical: move(vertical, picture.top, picture.left),
  };
}
