import type { Source } from '../../core/source.ts';
import { readRange } from '../zip/range.ts';
import { corrupt } from './problems.ts';

/** Bytes of a source that are read from front to back, some ahead. */
export interface Window {
  /** The place of the next byte. */
  at: number;
  /** The next `count` bytes, or fewer at `end`; they stay valid until the next call. The place does not move. */
  peek(count: number): Promise<Uint8Array>;
  /** The next `count` bytes, behind which the place moves. @throws Problem `parquet_corrupt` when there are fewer. */
  take(count: number): Promise<Uint8Array>;
}

/** A window over `source` from `start` up to `end`, which reads `ahead` bytes at once, or more if they are asked for. */
export function openWindow(source: Source, start: number, end: number, ahead: number): Window {
  let held: Buffer = Buffer.alloc(0);
  let heldAt = start;
  const window: Window = {
    at: start,
    async peek(count) {
      const to = Math.min(end, window.at + count);
      if (window.at < heldAt || to > heldAt + held.length) {
        heldAt = window.at;
        held = await readRange(source, heldAt, Math.max(to, Math.min(end, heldAt + ahead)));
      }
      return held.subarray(window.at - heldAt, to - heldAt);
    },
    async take(count) {
      const bytes = await window.peek(count);
      if (bytes.length < count) throw corrupt('a page reaches beyond the data');
      window.at += count;
      return bytes;
    },
  };
  return window;
}
