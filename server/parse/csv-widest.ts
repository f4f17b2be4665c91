import type { Source } from '../core/source.ts';
import { skipLine } from './csv-line.ts';
import { createScanner, type Syntax } from './csv-scanner.ts';
import { openWindow } from './csv-window.ts';
import type { Encoding } from './encoding.ts';
import { openUtf8 } from './utf8-stream.ts';

/** What rows are counted by. */
export interface Widest {
  readonly encoding: Encoding;
  readonly syntax: Syntax;
  readonly cellLength: number;
  /** The character that begins a line which is a comment. */
  readonly comment: string | null;
  /** Rows that are passed over, blank ones counted. */
  readonly rowsBefore: number;
}

/** The most cells that a row of the file has. Reads all of it in the memory of one row. */
export async function widestRow(source: Source, widest: Widest): Promise<number> {
  const { encoding, syntax, cellLength, comment, rowsBefore } = widest;
  const scanner = createScanner(0, cellLength);
  scanner.use(syntax, 0);
  const stream = openUtf8(source, encoding);
  const window = openWindow(scanner, stream);
  let most = 0;
  let row = 0;
  try {
    for (;;) {
      const scan = scanner.scan(window.start, window.end, window.isFinal);
      for (let i = 0, start = window.start; i < scan.rowCount; start = scan.rows[4 * i + 1]!, i++) {
        const isComment = comment !== null && window.bytes[start] === comment.charCodeAt(0);
        if (++row > rowsBefore && !isComment) most = Math.max(most, scan.rows[4 * i]!);
      }
      window.start = scan.consumed;
      if (scan.failure) {
        row++;
        await skipLine(window, scan.failure.cellStart);
      } else if (!scan.full && window.isFinal) return most;
      else if (!scan.full) await window.fill();
    }
  } finally {
    await stream.close();
  }
}
