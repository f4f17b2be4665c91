import type { CsvWindow } from './csv-window.ts';
import { firstLineEnd } from './line-break.ts';
import { RAW_BYTES } from './reject-text.ts';

/**
 * Moves the window, which stands at the start of a line or of a row that failed, behind the first line break at or behind
 * byte `from`, however far that is: for a row, where the cell at fault starts. Gives a copy of the bytes, or of the first
 * ones if there are more than a reject keeps.
 */
export async function skipLine(window: CsvWindow, from: number): Promise<Buffer> {
  const offset = from - window.start;
  // More than is kept, so that where the text is cut does not depend on where the window ends.
  const enough = RAW_BYTES + 4;
  const lineEnd = () => firstLineEnd(window.bytes, window.start + offset, window.end);
  while (lineEnd() === null && !window.isFinal && window.end - window.start < enough) await window.fill();
  const end = lineEnd() ?? window.end;
  const line = Buffer.from(window.bytes.subarray(window.start, Math.min(end, window.start + enough)));
  if (lineEnd() === null) await skipRest(window);
  else window.start = end;
  return line;
}

/** Drops everything up to the end of the line that reaches behind the window. */
async function skipRest(window: CsvWindow): Promise<void> {
  for (;;) {
    if (window.isFinal) {
      window.start = window.end;
      return;
    }
    // The last byte stays: it may be a CR that an LF follows.
    window.start = window.end - 1;
    await window.fill();
    const end = firstLineEnd(window.bytes, window.start, window.end);
    if (end === null) continue;
    window.start = end;
    return;
  }
}
