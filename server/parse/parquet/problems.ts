import { Problem } from '../../core/problem.ts';

/** The `parquet_corrupt` for `what` (a whole clause: "a page ends too early"). */
export function corrupt(what: string, cause?: unknown): Problem {
  return new Problem('parquet_corrupt', `In the Parquet file, ${what}. Write it again and upload that copy.`, {
    cause,
  });
}

/** `unpacked_too_large` for `what` (a whole clause) that is beyond what is held in memory at once. */
export function tooLarge(what: string): Problem {
  return new Problem('unpacked_too_large', `In the Parquet file, ${what}. Write it in smaller pages and row groups.`);
}

/** `value`, which the description says is an integer, as one that is not negative. @throws Problem `parquet_corrupt`. */
export function countOf(value: unknown, what: string): number {
  const number = typeof value === 'number' || typeof value === 'bigint' ? Number(value) : -1;
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw corrupt(`${what} is no possible number`);
}

/**
 * What `work`, which is the library's, gives; what it throws about the bytes it was given, as a problem.
 * @throws Problem `unsupported_format`, `parquet_corrupt`.
 */
export function fromLibrary<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Problem) throw error;
    const unsupported = error instanceof Error && /unsupported|not supported|unhandled/.test(error.message);
    if (!unsupported) throw corrupt(`${what} cannot be read`, error);
    const detail = `In the Parquet file, ${what} is written in a way that cannot be read. Write it with usual settings.`;
    throw new Problem('unsupported_format', detail, { cause: error });
  }
}
