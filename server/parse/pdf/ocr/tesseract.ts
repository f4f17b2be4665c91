import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { OCR_LANGUAGE_BYTES, OCR_MEMORY_BYTES, OCR_PAGE_SECONDS } from '../caps.ts';
import type { Box } from '../geometry.ts';
import type { OcrPackages } from './packages.ts';
import type { Picture } from './picture.ts';

/** A word in a picture; its box, in pixels, leaves its letters the room that their font gives them. */
export interface SeenWord extends Box {
  readonly text: string;
  /** Whether it is one of letters that stand on their sides. */
  readonly onSide: boolean;
  /** From 0 to 100, how sure it is. */
  readonly confidence: number;
}

/** One instance of Tesseract. After it has thrown, it must not be used again; take a new one. */
export interface Tesseract {
  /** Looks at a picture, and says how far its lines fall to the right. @throws when it takes too much time or memory. */
  look(picture: Picture): number;
  /** The words of the picture that was looked at last. @throws as `look`. */
  read(): SeenWord[];
}

/** The part of WebAssembly's interface used here: Node has it, the types for ES2024 do not. */
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<object>;
  instantiate(module: object, imports: object): Promise<{ readonly exports: Readonly<Record<string, unknown>> }>;
  Memory: new () => Memory;
};

interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** What Emscripten makes of Tesseract's classes (baseapi.h), as far as it is used. */
interface Module {
  readonly FS: { writeFile(path: string, bytes: Uint8Array): void; unlink(path: string): void };
  readonly TessBaseAPI: new () => Api;
}

interface Api {
  Init(folder: null, languages: string, engine: number): number;
  SetVariable(name: string, value: string): void;
  SetPageSegMode(mode: number): void;
  /** Takes the picture at `/input`; 0 says that it could. */
  SetImageFile(orientation: number, angle: number): number;
  FindLines(): number;
  GetGradient(): number;
  Recognize(monitor: null): number;
  GetJSONText(page: number): string;
}

type Create = (options: object) => Promise<Module>;

const PAGE_BYTES = 65_536;
/** publictypes.h: the recogniser of lines, not the one of single letters; pages with any layout. */
const LINES = 1;
const ANY_LAYOUT = 3;
const AS_IT_LIES = 1;
const INPUT = '/input';
const unpack = promisify(gunzip);
let compiled: Promise<object> | undefined;

/**
 * A new instance with at most 256 MiB of memory of its own, in this thread, and so many seconds of processor time for a
 * picture. The program is compiled once for the process. It is given all that it needs, and reads no file and no network.
 */
export async function createTesseract(packages: OcrPackages, seconds = OCR_PAGE_SECONDS): Promise<Tesseract> {
  compiled ??= readFile(packages.wasm).then((bytes) => WebAssembly.compile(bytes));
  const create = createRequire(import.meta.url)(packages.program) as Create;
  const budget = createBudget(seconds);
  const module = await start(create, await compiled, budget.check);
  for (const { language, data } of packages.languages) {
    const known = await unpack(await readFile(data), { maxOutputLength: OCR_LANGUAGE_BYTES });
    module.FS.writeFile(`${language}.traineddata`, known);
  }
  const api = new module.TessBaseAPI();
  const names = packages.languages.map(({ language }) => language).join('+');
  if (api.Init(null, names, LINES) !== 0) throw new Error('Tesseract did not take the data of its languages');
  return access(module, api, budget.renew);
}

/** Processor time for one picture: Tesseract asks at every word whether it may go on. */
function createBudget(seconds: number) {
  const now = () => process.cpuUsage().user / 1e6;
  let end = Number.POSITIVE_INFINITY;
  const check = () => {
    if (now() > end) throw new RangeError('Tesseract took more time than it may have');
  };
  const renew = () => {
    end = now() + seconds;
  };
  return { check, renew };
}

async function start(create: Create, compiledModule: object, onProgress: () => void): Promise<Module> {
  const { promise: failed, reject } = Promise.withResolvers<never>();
  const instantiateWasm = (imports: object, receive: (instance: object) => void) => {
    WebAssembly.instantiate(compiledModule, imports).then((instance) => {
      capMemory(instance.exports);
      receive(instance);
    }, reject);
    return {};
  };
  const silent = () => undefined;
  const options = { instantiateWasm, print: silent, printErr: silent, TesseractProgress: onProgress };
  return Promise.race([create(options), failed]);
}

function capMemory(exports: Readonly<Record<string, unknown>>): void {
  const memory = Object.values(exports).find((value) => value instanceof WebAssembly.Memory) as Memory;
  const grow = memory.grow.bind(memory);
  memory.grow = (pages) => {
    if (memory.buffer.byteLength + pages * PAGE_BYTES <= OCR_MEMORY_BYTES) return grow(pages);
    throw new RangeError('Tesseract asked for more memory than it may have');
  };
}

function access({ FS }: Module, api: Api, renew: () => void): Tesseract {
  return {
    look({ width, height, pixels, scale }) {
      renew();
      const head = Buffer.from(`P5\n${width} ${height}\n255\n`);
      FS.writeFile(INPUT, Buffer.concat([head, pixels]));
      api.SetVariable('user_defined_dpi', String(Math.max(70, Math.round(scale * 72))));
      api.SetPageSegMode(ANY_LAYOUT);
      const taken = api.SetImageFile(AS_IT_LIES, 0);
      FS.unlink(INPUT);
      if (taken !== 0) throw new Error('Tesseract did not take the picture');
      api.FindLines();
      // It counts y upwards.
      return -api.GetGradient();
    },
    read() {
      api.Recognize(null);
      const { blocks = [] } = JSON.parse(api.GetJSONText(0)) as { readonly blocks?: readonly SeenBlock[] };
      return blocks.flatMap(({ paragraphs = [] }) =>
        paragraphs.flatMap(({ lines = [] }) => lines.flatMap((line) => line.words.flatMap((word) => seen(word, line)))),
      );
    },
  };
}

interface SeenBox {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

interface RawWord {
  readonly text: string;
  readonly confidence: number;
  readonly bbox: SeenBox;
}

interface RawLine {
  readonly words: readonly RawWord[];
  readonly rowAttributes: { readonly rowHeight: number; readonly descenders: number };
  readonly baseline: SeenBox;
}

interface SeenBlock {
  readonly paragraphs?: readonly { readonly lines?: readonly RawLine[] }[];
}

/** What fonts leave free above and below their letters, and beside them, in heights of those. */
const AIR = 0.1;
const AIR_BESIDE = 0.05;
/** A word of so many letters is wider than high. */
const LETTERS = 3;
/** A line that is said to be so many times as high as a word of it was seen wrongly. */
const TOO_HIGH = 3;

/** Lines of tables are drawn, but come as words of strokes or of nothing. */
const STROKES = /^[|¦_—–\-\s]*$/;
const SINGLE_DASH = /^[—–-]$/;

function seen({ text, confidence, bbox }: RawWord, line: RawLine): SeenWord[] {
  if (STROKES.test(text) && !SINGLE_DASH.test(text)) return [];
  const [width, height] = [bbox.x1 - bbox.x0, bbox.y1 - bbox.y0];
  const onSide = text.length >= LETTERS && height > width;
  const { top, bottom } = heightOf(bbox, line);
  const beside = AIR_BESIDE * (bottom - top);
  const box = { left: bbox.x0 - beside, right: bbox.x1 + beside, top, bottom };
  return [{ text: text.toWellFormed(), confidence, onSide, ...box }];
}

/** Words are compared by their heights, which are those of a font, not of the letters that happen to be in a word. */
function heightOf({ x0, y0, x1, y1 }: SeenBox, { rowAttributes, baseline }: RawLine): { top: number; bottom: number } {
  const { rowHeight, descenders } = rowAttributes;
  const run = baseline.x1 - baseline.x0;
  const base = baseline.y0 + (run > 0 ? ((baseline.y1 - baseline.y0) * ((x0 + x1) / 2 - baseline.x0)) / run : 0);
  const bottom = base + Math.abs(descenders) + AIR * rowHeight;
  const top = bottom - rowHeight * (1 + 2 * AIR);
  const isOff = rowHeight > TOO_HIGH * (y1 - y0) || top > y1 || bottom < y0;
  return isOff ? { top: y0, bottom: y1 } : { top: Math.min(top, y0), bottom: Math.max(bottom, y1) };
}
