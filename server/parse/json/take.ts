import { RAW_BYTES } from '../reject-text.ts';
import type { JsonText } from './text.ts';

/** The text of a value or record, or its start when all of it is too long to be held. */
export interface Taken {
  /** A copy. When the text is too long, more than a reject keeps. */
  readonly bytes: Buffer;
  readonly isWhole: boolean;
}

/** Enough of a text for a reject, so that where it is cut does not depend on where the window ends. */
const KEPT_BYTES = RAW_BYTES + 4;

/**
 * Takes the value at which the window stands; the window is moved behind it. Of one longer than `text.longest` only the
 * start is kept, but all of it is checked.
 * @throws Problem `json_invalid`, `json_too_deep`.
 */
export async function takeValue(text: JsonText): Promise<Taken> {
  const { scanner, window } = text;
  const taking = startTaking(text);
  scanner.startSkip();
  for (let at = window.start; ; ) {
    const { status, consumed, fault, position } = scanner.skip(at, window.end, window.isFinal);
    if (status === 'invalid') throw await text.problem(fault, position);
    if (status === 'end') return taking.end(consumed);
    at = await taking.fill(consumed);
  }
}

/** Takes what stands up to the next `byte`, which `isIncluded` or not; up to the end of the file if there is none. */
export async function takeUntil(text: JsonText, byte: number, isIncluded: boolean): Promise<Taken> {
  const { window } = text;
  const taking = startTaking(text);
  for (let at = window.start; ; ) {
    const found = window.bytes.subarray(0, window.end).indexOf(byte, at);
    if (found >= 0) return taking.end(found + (isIncluded ? 1 : 0));
    if (window.isFinal) return taking.end(window.end);
    at = await taking.fill(window.end);
  }
}

/** Holds what is taken in the window as long as it is not too long. */
function startTaking({ window, longest }: JsonText) {
  let head: Buffer | undefined;
  const copy = (end: number) => Buffer.from(window.bytes.subarray(window.start, end));
  return {
    /** Reads on; gives where byte `looked`, up to which all was looked at, is then. */
    async fill(looked: number): Promise<number> {
      if (window.end - window.start > longest) head ??= copy(Math.min(looked, window.start + KEPT_BYTES));
      if (head) window.start = looked;
      const ahead = looked - window.start;
      await window.fill();
      return window.start + ahead;
    },
    end(end: number): Taken {
      const isWhole = head === undefined && end - window.start <= longest;
      const bytes = head ?? copy(isWhole ? end : window.start + KEPT_BYTES);
      window.start = end;
      return { bytes, isWhole };
    },
  };
}
