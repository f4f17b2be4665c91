import { growTo, instantiate, newMemory, PAGE, type ScannerMemory } from '../scanner-module.ts';

/** What one scan took. It is the same object each time, and overwritten by the next scan. */
export interface Taken {
  /** The byte of the window behind what was taken. */
  end: number;
  /**
   * What was found, in the first `words` words. Of rows and cells four each: a tag, and what it says. The tag's low three
   * bits tell the kind, for a cell as `sheet.ts` numbers them, or `ROW_START` with the row's number, or `ROW_END`; the marks
   * `PLAIN_TEXT` and `EXACT_NUMBER` follow, and from bit 8 on a cell's column. A shared string's number stands in the second
   * word. Of any other cell there stand its text's start and end, in `texts` if it is plain and else in the window, and its
   * style. A cell without a text is left out, unless it is an empty string. Of shared strings there is one word each, the
   * end of its text in `texts`, where they follow each other.
   */
  records: Int32Array;
  words: number;
  texts: Buffer;
  /** How much of `texts` is filled. */
  textBytes: number;
  /** The column of the last cell, from 0. */
  column: number;
}

/** The words of a record of a row or cell. */
export const RECORD_WORDS = 4;
/** The kind of a record that begins a row. */
export const ROW_START = 5;
/** The kind of a record that ends a row. */
export const ROW_END = 6;
/** The bits of a tag that are its kind. */
export const KIND = 7;
/** The text is ASCII without references and line ends to be changed. */
export const PLAIN_TEXT = 8;
/** The text is a number in its final form, as `isPlainNumber` tells. */
export const EXACT_NUMBER = 16;
/** Where the column begins in a tag. */
export const COLUMN_SHIFT = 8;

/**
 * Finds rows, cells and shared strings in the bytes of a part where they are written as spreadsheet programs write them.
 * It stops before anything else, be it wrong, cut off or merely unusual, which is then the tokenizer's; what it takes is
 * what the tokenizer would have told. One part at a time uses it.
 */
export interface Scanner {
  /**
   * The bytes to scan: at least `size`, and the same as before where there were fewer. Behind those of the part must
   * stand a `<` and a 0.
   */
  window(size: number): Buffer;
  /** Names are prefixed as this one is (`x:sheetData`). False when the prefix is too long to be looked for. */
  usePrefixOf(name: Uint8Array): boolean;
  /** Takes whole rows from byte `from` on; `lastRow` is the number of the one before. */
  rows(from: number, lastRow: number): Taken;
  /** Takes cells within a row; `lastColumn` is the column of the one before, or -1. */
  cells(from: number, lastColumn: number): Taken;
  /** Takes shared strings of one plain text each, which hold no escape, and no more than `longest` bytes. */
  strings(from: number, longest: number): Taken;
}

/** Lends scanners. */
export interface ScannerPool {
  /** Reads with a scanner that nobody else uses until it has ended: a sheet may be read anew while its reading waits. */
  lend(read: (scanner: Scanner) => AsyncGenerator<void>): AsyncGenerator<void>;
}

/** A pool that keeps its scanners, because each takes a large part of the address space. */
export function createScannerPool(): ScannerPool {
  const idle: Scanner[] = [];
  return {
    async *lend(read) {
      const scanner = idle.pop() ?? createScanner();
      try {
        yield* read(scanner);
      } finally {
        idle.push(scanner);
      }
    },
  };
}

/** A scanner with a small window. */
export function createScanner(): Scanner {
  const memory = newMemory(INPUT / PAGE);
  const run = instantiate<Exports>('xlsx', memory);
  let views = viewsOf(memory);
  const taken = { end: 0, words: 0, textBytes: 0, column: 0, records: views.records, texts: views.texts };

  function tell(): Taken {
    const { results, records, texts } = views;
    taken.end = results[0]!;
    taken.words = results[1]!;
    taken.textBytes = results[2]!;
    taken.column = results[3]!;
    taken.records = records;
    taken.texts = texts;
    return taken;
  }

  return {
    window(size) {
      if (growTo(memory, INPUT + size + OVERREAD)) views = viewsOf(memory);
      return views.window;
    },
    usePrefixOf(name) {
      const length = name.lastIndexOf(COLON) + 1;
      if (length > PREFIX_BYTES) return false;
      views.prefix.fill(0).set(name.subarray(0, length));
      views.prefix[PREFIX_BYTES] = length;
      return true;
    },
    rows(from, lastRow) {
      run.rows(INPUT + from, lastRow);
      return tell();
    },
    cells(from, lastColumn) {
      run.cells(INPUT + from, lastColumn);
      return tell();
    },
    strings(from, longest) {
      run.strings(INPUT + from, longest);
      return tell();
    },
  };
}

interface Exports {
  rows(from: number, lastRow: number): void;
  cells(from: number, lastColumn: number): void;
  strings(from: number, longest: number): void;
}

interface Views {
  readonly prefix: Uint8Array;
  readonly results: Int32Array;
  readonly records: Int32Array;
  readonly texts: Buffer;
  readonly window: Buffer;
}

const COLON = 0x3a;
/** Where things stand in the scanner's memory, in bytes. The source of the addresses is `wasm/xlsx-scanner.as`. */
const PREFIX_BYTES = 8;
const RESULTS = 64;
const RECORDS = 1024;
const TEXTS = RECORDS + PAGE;
const INPUT = 3 * PAGE;
/** The scanner looks at blocks of 16 bytes, the last one included. */
const OVERREAD = 16;

/** The views are made anew when the memory grows, which detaches the old ones. */
function viewsOf({ buffer }: ScannerMemory): Views {
  return {
    prefix: new Uint8Array(buffer, 0, PREFIX_BYTES + 4),
    results: new Int32Array(buffer, RESULTS, 4),
    records: new Int32Array(buffer, RECORDS, (TEXTS - RECORDS) / 4),
    texts: Buffer.from(buffer, TEXTS, INPUT - TEXTS),
    window: Buffer.from(buffer, INPUT, buffer.byteLength - INPUT - OVERREAD),
  };
}
