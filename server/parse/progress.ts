import type { ReadEvent } from './format.ts';

/** The least that is worth an event, in bytes. */
const STEP_BYTES = 1024 * 1024;

/**
 * A function that gives a progress event each time another hundredth of `size` bytes, and at least 1 MiB, was consumed,
 * and `null` otherwise. It never says that all is done.
 */
export function createProgress(size: number, consumed: () => number): () => ReadEvent | null {
  const step = Math.max(STEP_BYTES, size / 100);
  let next = step;
  return () => {
    const now = consumed();
    if (now < next || now >= size) return null;
    next = now + step;
    return { type: 'progress', done: now / size };
  };
}
