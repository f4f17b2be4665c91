import type { Source } from '../../core/source.ts';
import { corrupt } from '../xlsx/corrupt.ts';

/**
 * A source made of pieces of another one: the piece `places[i]` stands there at `(places[i] + skip) * bytes`. Pieces
 * behind one another are read in one go. Its size is the pieces', cut where `source` ends, or at most `size`.
 * Reading it throws Problem `workbook_corrupt` where a piece but the last is not there in whole.
 */
export function piecesOf(
  source: Source,
  places: readonly number[],
  bytes: number,
  { skip = 0, size = Number.POSITIVE_INFINITY } = {},
): Source {
  const offsetOf = (piece: number): number => (places[piece]! + skip) * bytes;
  const missing = places.length === 0 ? 0 : Math.max(0, offsetOf(places.length - 1) + bytes - source.size);
  const whole = Math.min(size, places.length * bytes - missing);
  return {
    size: whole,
    async *stream(start = 0, end = whole) {
      for (let at = start; at < end; ) {
        const first = Math.floor(at / bytes);
        let next = first + 1;
        while (next * bytes < end && places[next] === places[next - 1]! + 1) next++;
        const to = Math.min(end, next * bytes);
        const from = offsetOf(first) + (at % bytes);
        if (from + to - at > source.size) throw corrupt('the compound file has a chain of sectors that leaves it');
        yield* source.stream(from, from + to - at);
        at = to;
      }
    },
  };
}

/** Bytes in memory as a source. */
export function sourceOfBytes(bytes: Uint8Array): Source {
  return {
    size: bytes.length,
    async *stream(start = 0, end = bytes.length) {
      yield bytes.subarray(start, end);
    },
  };
}
