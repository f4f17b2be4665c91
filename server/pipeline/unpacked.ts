import { Problem } from '../core/problem.ts';
import type { Hold } from '../parse/read-file.ts';
import { createTemporaryFile, type TemporaryFile } from './temporary-file.ts';

/** Content up to this size is kept in memory. */
const KEPT_BYTES = 4 << 20;

/**
 * Keeps what a file unpacks to as long as it is read: in memory while it is small, otherwise in an encrypted file at
 * `path`, which one content may have at a time.
 */
export function holdAt(path: string): Hold {
  return async (content) => {
    const kept: Buffer[] = [];
    let size = 0;
    let file: TemporaryFile | undefined;
    try {
      for await (const chunk of content) {
        size += chunk.length;
        if (!file && size > KEPT_BYTES) {
          file = createTemporaryFile(path, 'unpacked content');
          for (const bytes of kept.splice(0)) file.write(bytes);
        }
        if (file) file.write(chunk);
        else kept.push(Buffer.from(chunk));
      }
      const remove = () => file?.[Symbol.dispose]();
      return { ...(file ? file.finish() : inMemory(Buffer.concat(kept))), [Symbol.dispose]: remove };
    } catch (error) {
      file?.[Symbol.dispose]();
      throw error;
    }
  };
}

function inMemory(bytes: Buffer) {
  return {
    size: bytes.length,
    async *stream(start = 0, end = bytes.length) {
      if (end > bytes.length) throw new Problem('data_corrupt', `The content ends before byte ${end}.`);
      if (start < end) yield Buffer.from(bytes.subarray(start, end));
    },
  };
}
