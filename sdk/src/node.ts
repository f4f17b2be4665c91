import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import type { Upload } from './upload.ts';

const CHUNK = 256 * 1024;

/**
 * The file at a path, to be uploaded: read from the disk as it is sent, so that memory does not grow with it.
 * @throws Error of Node (`ENOENT`, `EACCES`, `EISDIR`) when there is no such file to read.
 */
export async function fileAt(path: string): Promise<Exclude<Upload, Blob>> {
  const stats = await stat(path);
  if (stats.isDirectory()) throw Object.assign(new Error(`EISDIR: ${path} is a folder`), { code: 'EISDIR', path });
  const content = () =>
    Readable.toWeb(createReadStream(path, { highWaterMark: CHUNK })) as unknown as ReadableStream<Uint8Array>;
  return { name: basename(path), size: stats.size, content };
}
