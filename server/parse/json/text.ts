import type { Problem } from '../../core/problem.ts';
import type { Source } from '../../core/source.ts';
import { type CsvWindow, openWindow, WINDOW_BYTES } from '../csv-window.ts';
import type { Encoding } from '../encoding.ts';
import type { ReadLimits } from '../format.ts';
import { openUtf8 } from '../utf8-stream.ts';
import { faultProblem } from './fault.ts';
import { createScanner, type Scanner } from './scanner.ts';

/** Bytes of a row or value that may stand beside its longest cell. */
const ROW_BYTES = 16 * 1024 * 1024;
/** The most bytes that JSON needs for a UTF-16 unit: an escape. */
const BYTES_PER_UNIT = 6;
/** What JavaScript can hold in one string. */
const LONGEST_STRING = 500 * 1024 * 1024;

/** One reading of a file's text: where it is, and the scanner that looks at it. */
export interface JsonText {
  readonly scanner: Scanner;
  readonly window: CsvWindow;
  /** Bytes of one row or value that are held in memory. Longer ones cannot be taken. */
  readonly longest: number;
  /** Bytes of the source that were read. */
  consumed(): number;
  /** The problem of the fault at byte `at` of the window. */
  problem(fault: number, at: number): Promise<Problem>;
  /** How many bytes of text stand before byte `at` of the window. */
  offset(at: number): number;
  close(): Promise<void>;
}

/** The text of `source` from its start, of which `windowBytes` are looked at together; nothing is read yet. */
export function openText(source: Source, encoding: Encoding, limits: ReadLimits, windowBytes = WINDOW_BYTES): JsonText {
  const stream = openUtf8(source, encoding);
  const longest = Math.min(ROW_BYTES + BYTES_PER_UNIT * limits.cellLength, LONGEST_STRING);
  const scanner = createScanner(limits.columns, longest);
  let total = 0;
  const window = openWindow(
    scanner,
    {
      async read(target, at, end) {
        const count = await stream.read(target, at, end);
        total += count;
        return count;
      },
    },
    windowBytes,
  );
  const offset = (at: number) => total - window.end + at;
  return {
    ...{ scanner, window, longest, offset },
    consumed: stream.consumed,
    problem: (fault, at) => faultProblem(source, encoding, fault, offset(at)),
    close: stream.close,
  };
}

/** Moves the window to the next byte that is no white space, and gives it; -1 at the end of the text. */
export async function peek({ window }: JsonText): Promise<number> {
  for (;;) {
    for (; window.start < window.end; window.start++) {
      const byte = window.bytes[window.start]!;
      if (!isSpace(byte)) return byte;
    }
    if (window.isFinal) return -1;
    await window.fill();
  }
}

/** Whether a byte is white space between the tokens of JSON. */
export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
