import type { Scanner } from './csv-scanner.ts';
import type { Utf8Stream } from './utf8-stream.ts';

/** Bytes that are looked at together: small enough that the strings cut out of them die young. */
export const WINDOW_BYTES = 65_536;

/**
 * The part of a stream that is being looked at: bytes `start` up to `end` of the scanner's input. It moves on by
 * `start` being set, and by `fill`.
 */
export interface CsvWindow {
  /** The first byte not yet taken. */
  start: number;
  /** The byte behind the last one read. */
  readonly end: number;
  /** Whether the file ends at `end`. */
  readonly isFinal: boolean;
  /** The scanner's input; positions in it change with `fill`. */
  readonly bytes: Buffer;
  /** Moves what is left to the front and reads on: one window's bytes, or as much again as is left if that is more. */
  fill(): Promise<void>;
}

/** An empty window of `size` bytes at the start of `stream`; nothing is read before the first `fill`. */
export function openWindow(
  scanner: Pick<Scanner, 'input'>,
  stream: Pick<Utf8Stream, 'read'>,
  size = WINDOW_BYTES,
): CsvWindow {
  const window = { start: 0, end: 0, isFinal: false, bytes: scanner.input(0), fill };

  async function fill(): Promise<void> {
    window.bytes.copyWithin(0, window.start, window.end);
    window.end -= window.start;
    window.start = 0;
    // Doubling keeps the work linear when a row is longer than the window and is scanned again from its start.
    const end = window.end + Math.max(size, window.end);
    window.bytes = scanner.input(end);
    window.end += await stream.read(window.bytes, window.end, end);
    window.isFinal = window.end < end;
  }
  return window;
}
