import { type FileHandle, open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Upload } from './upload.ts';

const CHUNK = 256 * 1024;

/**
 * The file at a path, to be uploaded: read from the disk as it is sent, so that memory does not grow with it.
 * @throws Error of Node (`ENOENT`, `EACCES`, `EISDIR`) when there is no such file to read.
 */
export async function fileAt(path: string): Promise<Exclude<Upload, Blob>> {
  const stats = await stat(path);
  if (stats.isDirectory()) throw Object.assign(new Error(`EISDIR: ${path} is a folder`), { code: 'EISDIR', path });
  return { name: basename(path), size: stats.size, content: () => streamOf(path) };
}

/** `Readable.toWeb` reads ahead of its reader without a limit in some versions of Node; this reads what is asked for. */
function streamOf(path: string): ReadableStream<Uint8Array> {
  let file: FileHandle;
  return new ReadableStream<Uint8Array>(
    {
      async start() {
        file = await open(path);
      },
      async pull(controller) {
        const { bytesRead, buffer } = await file.read({ buffer: new Uint8Array(CHUNK) });
        if (bytesRead > 0) return controller.enqueue(buffer.subarray(0, bytesRead));
        await file.close();
        controller.close();
      },
      cancel: () => file.close(),
    },
    { highWaterMark: 1 },
  );
}
