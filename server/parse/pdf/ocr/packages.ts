import { createRequire } from 'node:module';

/** Where the packages of text recognition are on this machine. */
export interface OcrPackages {
  /** The program that drives the WebAssembly module, and the module. */
  readonly program: string;
  readonly wasm: string;
  /** What is known of each language, gzipped. */
  readonly languages: readonly { readonly language: string; readonly data: string }[];
}

/** Finds a file of a package; throws where it is not installed. */
export type Resolve = (file: string) => string;

const CORE = 'tesseract.js-core';
/** The build for processors with SIMD, which WebAssembly has in every Node that this runs on; for the models of `dataFile` alone. */
const BUILD = `${CORE}/tesseract-core-simd-lstm`;
const resolveHere: Resolve = createRequire(import.meta.url).resolve;

const packageOf = (language: string) => `@tesseract.js-data/${language}`;
/** The best model with whole numbers for weights: as good as the one with fractions, at a third of its size. */
const dataFile = (language: string) => `${packageOf(language)}/4.0.0_best_int/${language}.traineddata.gz`;

/** The packages that recognise text in these languages, or the names of those that are not installed. */
export function findOcrPackages(
  languages: readonly string[],
  resolve: Resolve = resolveHere,
): OcrPackages | { readonly missing: readonly string[] } {
  const find = (file: string): string | undefined => {
    try {
      return resolve(file);
    } catch {
      return undefined;
    }
  };
  const program = find(`${BUILD}.js`);
  const wasm = find(`${BUILD}.wasm`);
  const found = languages.map((language) => ({ language, data: find(dataFile(language)) }));
  const missing = found.flatMap(({ language, data }) => (data ? [] : [packageOf(language)]));
  if (!program || !wasm) return { missing: [CORE, ...missing] };
  if (missing.length > 0) return { missing };
  return { program, wasm, languages: found.map(({ language, data }) => ({ language, data: data! })) };
}
