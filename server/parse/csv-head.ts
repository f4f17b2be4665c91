import type { Reject } from '../core/batch.ts';
import { Problem } from '../core/problem.ts';
import { skipLine } from './csv-line.ts';
import { preambleReject } from './csv-rejects.ts';
import type { CsvWindow } from './csv-window.ts';
import { firstLineEnd } from './line-break.ts';

const LF = 0x0a;
const CR = 0x0d;
/** How far a first line is looked for before the dialect is guessed from a part of it. */
const FIRST_LINE_BYTES = 1024 * 1024;

/** Moves the window behind Excel's first line `sep=;`, and gives its separator; `null` when there is no such line. */
export function takeSeparatorLine(window: CsvWindow): string | null {
  const text = window.bytes.toString('utf8', window.start, Math.min(window.end, window.start + 32));
  const match = /^"?sep=([^"\r\n\ufffd])"?(?:\r\n|\r|\n)/iu.exec(text);
  if (!match) return null;
  window.start += Buffer.byteLength(match[0]);
  return match[1]!;
}

/** Moves the window behind `count` lines and gives them as rejects; `row` is the number of the line before them. */
export async function takeLines(window: CsvWindow, count: number, row: number): Promise<Reject[]> {
  const rejects: Reject[] = [];
  for (let taken = 1; taken <= count && !(window.isFinal && window.start === window.end); taken++) {
    rejects.push(preambleReject(row + taken, await skipLine(window, window.start)));
  }
  return rejects;
}

/**
 * Moves the window to the first byte that is no line break, and gives the number of lines skipped.
 * @throws Problem `not_a_table` when there is no such byte.
 */
export async function skipBlankLines(window: CsvWindow): Promise<number> {
  for (let lines = 0, before = 0; ; window.start++) {
    if (window.end - window.start < 2 && !window.isFinal) await window.fill();
    if (window.start === window.end)
      throw new Problem('not_a_table', 'The file is empty. Send one with a header or rows.');
    const byte = window.bytes[window.start]!;
    if (byte !== LF && byte !== CR) return lines;
    if (byte === CR || before !== CR) lines++;
    before = byte;
  }
}

/** Reads on until the window holds the whole first line, or 1 MiB of it: less would not show the dialect. */
export async function fillFirstLine(window: CsvWindow): Promise<void> {
  const isThere = () => firstLineEnd(window.bytes, window.start, window.end) !== null;
  while (!window.isFinal && window.end - window.start < FIRST_LINE_BYTES && !isThere()) await window.fill();
}
