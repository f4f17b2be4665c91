import { BATCH_ROWS, type Cell } from '../core/batch.ts';
import { createBudget } from './budget.ts';
import { skipLine } from './csv-line.ts';
import { failedReject, invalidTextReject } from './csv-rejects.ts';
import { type SampleRow, sampleRows } from './csv-sample.ts';
import { cellText, type Scan, type Scanner, type Syntax } from './csv-scanner.ts';
import { decodeScan } from './csv-text.ts';
import type { CsvWindow } from './csv-window.ts';
import type { ReadEvent, ReadLimits } from './format.ts';
import { isNamed, shapeOf } from './header.ts';

/** How the lines of a text are read. */
export interface TextSettings {
  readonly limits: ReadLimits;
  /** The name of the file's encoding, for messages. */
  readonly encoding: string;
  /** Lines of the file that were taken before. */
  readonly linesBefore: number;
  /** Called each time bytes were taken from the source; an event it gives is passed on. */
  readonly progress: () => ReadEvent | null;
}

/** The columns of a text: a line's number in the file, from 1, and what it says. */
export const TEXT_COLUMNS = ['line', 'text'] as const;

/** A text has so many words between two commas; a cell has fewer. */
const WORDS_OF_PROSE = 2.5;
const LINES: Syntax = { delimiter: null, quote: null, escaping: null, padded: false };

/**
 * Whether what stands in the window is a text rather than a table, by the syntax that was found in it: nothing separates
 * cells and no header shows; or what does is the punctuation of sentences, with a blank behind it and several words
 * between, or at the end of lines alone. The scanner's use is changed.
 */
export function isText(scanner: Scanner, window: CsvWindow, syntax: Syntax, columnLimit: number): boolean {
  const rows = sampleRows(scanner, window, syntax, columnLimit).filter(({ count }) => count > 0);
  if (isNamed(rows.map(({ cells }) => cells))) return false;
  return syntax.delimiter === null || isProse(rows, syntax) || rows.every(isEnded);
}

function isProse(rows: readonly SampleRow[], { padded }: Syntax): boolean {
  const cells = rows.flatMap((row) => row.cells.filter((cell) => cell !== null));
  const words = cells.reduce((sum, cell) => sum + cell.trim().split(/\s+/).length, 0);
  const typed = cells.filter((cell) => shapeOf(cell) !== 'text').length;
  return padded && words >= WORDS_OF_PROSE * cells.length && typed < 0.1 * cells.length;
}

/** A line with nothing behind its only separator. */
function isEnded({ count, cells }: SampleRow): boolean {
  return count === 1 || (count === 2 && cells[1] === null);
}

/**
 * The batches, rejects and progress of a text from the window's start on: a row for each line that is not blank. The
 * scanner's use is changed.
 * @throws Problem `too_many_rows`, `too_many_cells`, and what the source throws.
 */
export async function* readText(
  scanner: Scanner,
  window: CsvWindow,
  settings: TextSettings,
): AsyncGenerator<ReadEvent, void> {
  scanner.use(LINES, 1);
  const lines = createLines(settings);
  for (;;) {
    const scan = scanner.scan(window.start, window.end, window.isFinal);
    yield* lines.take(scan, window.bytes, window.start);
    window.start = scan.consumed;
    if (scan.failure) yield lines.fail(scan, await skipLine(window, scan.failure.cellStart));
    else if (!scan.full && window.isFinal) break;
    else if (!scan.full) await window.fill();
    const progress = settings.progress();
    if (progress) yield progress;
  }
  yield* lines.end();
}

/** Turns the lines of one scan after another into events. */
function createLines({ limits, encoding, linesBefore }: TextSettings) {
  const budget = createBudget(limits);
  const context = { columns: 1, header: false, ragged: 'reject', limits } as const;
  let line = linesBefore;
  let columns: [Cell[], Cell[]] = [[], []];

  function* take(scan: Scan, bytes: Buffer, from: number): Generator<ReadEvent, void> {
    const { text, invalidRows } = decodeScan(scan, bytes, from);
    for (let i = 0, cell = 0, start = from; i < scan.rowCount; i++) {
      line++;
      const end = scan.rows[4 * i + 1]!;
      if (invalidRows?.has(i)) {
        yield { type: 'reject', reject: invalidTextReject(line, bytes.subarray(start, end), encoding) };
      } else if (scan.rows[4 * i]! > 0) {
        columns[0].push(String(line));
        columns[1].push(cellText(text, scan, 2 * cell));
        budget.addRows(1);
        budget.addCells(2);
      }
      cell += scan.rows[4 * i]!;
      start = end;
      if (columns[0].length === BATCH_ROWS) yield* flush();
    }
  }
  function* flush(): Generator<ReadEvent, void> {
    if (columns[0].length === 0) return;
    yield { type: 'batch', batch: { length: columns[0].length, columns } };
    columns = [[], []];
  }
  const fail = (scan: Scan, raw: Buffer): ReadEvent => ({
    type: 'reject',
    reject: failedReject(++line, scan.failure!, raw, context),
  });
  return { take, fail, end: flush };
}
