import type { Cell } from '../core/batch.ts';
import { growTo, instantiate, newMemory, PAGE, type ScannerMemory } from './scanner-module.ts';

/** Why the row at `Scan.consumed` cannot be read. */
export type RowFailure = 'cell_too_large' | 'quote_unterminated' | 'row_too_large';

/** A row that cannot be read. Its line is taken to end at the first line break at or behind `cellStart`. */
export interface Failure {
  readonly reason: RowFailure;
  /** The byte at which the cell at fault starts. */
  readonly cellStart: number;
  /** Its column, from 0. */
  readonly column: number;
}

/**
 * The rows found by one scan. All of it is overwritten by the next scan.
 *
 * Row `i` stands in four words of `rows` from `4 * i`: its number of cells (0 for a blank line), the byte behind it,
 * the UTF-16 unit behind it counted from the scan's start, and 1 if a cell behind the last column holds something.
 * The kept cells of all rows follow each other in `cells`, two words each: first unit, and unit behind the last with
 * the cell's kind in the two high bits; `cellText` reads them. What they are at a glance stands in `glances`, a byte each.
 */
export interface Scan {
  readonly rowCount: number;
  readonly rows: Int32Array;
  readonly cells: Int32Array;
  /** Of `GLANCES`. */
  readonly glances: Uint8Array;
  /** The byte behind the last row that was found; the rest is the start of a row, or one that failed. */
  readonly consumed: number;
  /** The tables were full: scan again from `consumed`. */
  readonly full: boolean;
  /** Whether a byte above 0x7F was seen. */
  readonly nonAscii: boolean;
  /** Set when the row at `consumed` cannot be read. */
  readonly failure: Failure | null;
  readonly restore: Restore;
  /** The quote it was made with. */
  readonly quote: string | null;
}

/** Gives what a cell says in which quotes are doubled or the escaping is used; `isQuoted` if it stood in quotes. */
export type Restore = (inner: string, isQuoted: boolean) => string;

/** The characters by which cells are told apart. */
export interface Syntax {
  /** One character; `null` when every line is one cell. */
  readonly delimiter: string | null;
  /** One ASCII character that encloses cells; `null` when nothing does. */
  readonly quote: string | null;
  /**
   * One ASCII character that makes a quote, itself, and outside of quotes a delimiter part of the cell; `null` when
   * quotes are doubled only. Before any other character it is text.
   */
  readonly escaping: string | null;
  /** Whether one blank behind a delimiter belongs to it. */
  readonly padded: boolean;
}

/**
 * Finds rows and cells in UTF-8 bytes: RFC 4180, with LF, CR and CRLF in any mixture, and quotes only where a cell
 * begins with one. A quoted cell with text behind its closing quote is taken as it stands, quotes included, unless it
 * ends with a quote and one quote between the two has no partner (`"10" pipe"`): then that one is text. Bytes that are
 * not valid UTF-8 are passed over as text.
 */
export interface Scanner {
  /** What the next scans look for, and how many cells of a row they keep. */
  use(syntax: Syntax, columns: number): void;
  /** The bytes to scan, at least `size` long. Growing replaces it by a longer one with the same content. */
  input(size: number): Buffer;
  /**
   * The rows in the input from byte `from`, where a row starts, up to `to`. `isFinal` says that nothing follows `to`,
   * so that the last row needs no line break.
   */
  scan(from: number, to: number, isFinal: boolean): Scan;
}

/** The cell at `cells[index]` in `text`, which starts where the scan did: `null` when empty and not quoted. */
export function cellText(text: string, { cells, quote, restore }: Scan, index: number): Cell {
  const start = cells[index]!;
  const end = cells[index + 1]!;
  if (end >= 0) return start === end ? null : text.substring(start, end);
  const inner = text.substring(start, end & UNITS);
  // The byte before tells whether quotes enclose it: a delimiter is no quote.
  return end & ESCAPED ? restore(inner, text[start - 1] === quote) : inner;
}

/** The texts of `count` cells from number `first` on; see `cellText`. */
export function cellsOf(scan: Scan, text: string, first: number, count: number): Cell[] {
  return Array.from({ length: count }, (_, index) => cellText(text, scan, 2 * (first + index)));
}

/** The function that unescapes cells of `syntax`. */
export function restoreBy({ quote, escaping, delimiter }: Syntax): Restore {
  if (escaping === null) return (inner) => inner.replaceAll(`${quote}${quote}`, quote ?? '');
  const both = [quote && escaping + quote, escaping + escaping];
  const inQuotes = anyOf([quote && quote + quote, ...both]);
  const plain = anyOf([delimiter && escaping + delimiter, ...both]);
  return (inner, isQuoted) => inner.replace(isQuoted ? inQuotes : plain, (pair) => pair.slice(1));
}

function anyOf(texts: readonly (string | null)[]): RegExp {
  const literal = (text: string) => [...text].map((one) => `\\u{${one.codePointAt(0)!.toString(16)}}`).join('');
  return new RegExp(texts.flatMap((text) => (text ? [literal(text)] : [])).join('|'), 'gu');
}

/** Bytes from a row's start to the start of its last cell. Beyond that a row fails, so that memory is bounded. */
export const ROW_BYTES = 16 * 1024 * 1024;

/**
 * A scanner that keeps at most `columns` cells of a row and gives up cells of more than `cellLength` UTF-16 units. Its
 * memory grows with the longest row, and is freed with the scanner.
 */
export function createScanner(columns: number, cellLength: number): Scanner {
  const memory = newMemory(1);
  const { scan: run } = instantiate<{ scan: Run }>('csv', memory);
  const layout = layOut(columns);
  let views = grow(memory, layout, 0);
  let quote: string | null = null;
  let restore: Restore = (inner) => inner;
  return {
    use(syntax, kept) {
      writeSettings(memory, layout, syntax, kept, cellLength);
      quote = syntax.quote;
      restore = restoreBy(syntax);
    },
    input(size) {
      if (size + OVERREAD > views.input.length) views = grow(memory, layout, size);
      return views.input;
    },
    scan(from, to, isFinal) {
      const status = run(layout.input + from, layout.input + to, isFinal ? 1 : 0);
      return scanOf(status, views, quote, restore);
    },
  };
}

type Run = (from: number, to: number, isFinal: number) => number;

/** Where things stand in the scanner's memory, in bytes. The source of the addresses is `wasm/csv-scanner.as`. */
interface Layout {
  readonly cells: number;
  readonly rows: number;
  readonly glances: number;
  readonly input: number;
}

interface Views {
  readonly results: Int32Array;
  readonly cells: Int32Array;
  readonly rows: Int32Array;
  readonly glances: Uint8Array;
  readonly input: Buffer;
}

/** Bits of a cell's end: it is to be unescaped, and the unit itself. The sign says that one of the two is not plain. */
const ESCAPED = 1 << 30;
const UNITS = ESCAPED - 1;
const RESULTS = 128;
const TABLES = 1024;
const ROWS = 8192;
const CELLS = 65_536;
/** The scanner looks at blocks of 64 bytes, the last one included. */
const OVERREAD = 64;
const [FULL, FAILED] = [1, 2];
const FAILURES: readonly RowFailure[] = ['cell_too_large', 'quote_unterminated', 'row_too_large'];

function layOut(columns: number): Layout {
  const rows = TABLES + 8 * (CELLS + columns);
  const glances = rows + 16 * ROWS;
  return { cells: TABLES, rows, glances, input: Math.ceil((glances + CELLS + columns) / PAGE) * PAGE };
}

/** Makes room for `size` bytes of input. All views of the memory are new then, because growing detaches the old ones. */
function grow(memory: ScannerMemory, layout: Layout, size: number): Views {
  growTo(memory, layout.input + size + OVERREAD);
  const { buffer } = memory;
  return {
    results: new Int32Array(buffer, RESULTS, 7),
    cells: new Int32Array(buffer, layout.cells, (layout.rows - layout.cells) / 4),
    rows: new Int32Array(buffer, layout.rows, 4 * ROWS),
    glances: new Uint8Array(buffer, layout.glances, layout.input - layout.glances),
    input: Buffer.from(buffer, layout.input),
  };
}

function writeSettings(
  memory: ScannerMemory,
  layout: Layout,
  { delimiter, quote, escaping, padded }: Syntax,
  columns: number,
  cellLength: number,
): void {
  // A line break ends the row before anyone asks whether it is a delimiter.
  const bytes = Buffer.from(delimiter ?? '\n').reverse();
  const word = bytes.reduce((sum, byte, index) => sum + byte * 256 ** index, 0);
  new Uint32Array(memory.buffer, 0, 17).set([
    ...[bytes[0]!, bytes.length, delimiter?.length ?? 1, word, columns, Math.min(cellLength, UNITS)],
    ...[ROW_BYTES, layout.rows, layout.rows + 16 * ROWS, layout.cells, layout.input],
    ...[codeOf(quote), codeOf(quote) & 0xff, codeOf(escaping), codeOf(escaping) & 0xff, padded ? 1 : 0, layout.glances],
  ]);
}

/** The character's byte. For none, one that the scanner looks for anyway, marked as nothing to be compared with. */
function codeOf(character: string | null): number {
  return character === null ? 0x100 | 0x0a : character.charCodeAt(0);
}

function scanOf(
  status: number,
  { results, rows, cells, glances }: Views,
  quote: string | null,
  restore: Restore,
): Scan {
  const [, rowCount = 0, consumed = 0, nonAscii, reason = 0, cellStart = 0, column = 0] = results;
  const failure = { reason: FAILURES[reason - 1]!, cellStart, column };
  return {
    rowCount,
    rows,
    cells,
    glances,
    consumed,
    full: status === FULL,
    nonAscii: nonAscii === 1,
    failure: status === FAILED ? failure : null,
    restore,
    quote,
  };
}
