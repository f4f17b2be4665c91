import { Problem } from '../../core/problem.ts';
import type { Source } from '../../core/source.ts';

/**
 * The bytes of `source` from `start` up to but not including `end`, in memory of their own.
 * @throws Problem `data_corrupt` when the source gives fewer or more.
 */
export async function readRange(source: Source, start: number, end: number): Promise<Buffer> {
  const bytes = Buffer.alloc(end - start);
  let filled = 0;
  for await (const chunk of source.stream(start, end)) {
    if (filled + chunk.length > bytes.length) break;
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  if (filled === bytes.length) return bytes;
  throw new Problem('data_corrupt', `The stored file ends before byte ${end}. Upload the file again.`);
}
