import type { Archive } from '../zip/archive.ts';
import type { ZipEntry } from '../zip/directory.ts';
import { toUtf8 } from './utf8.ts';
import { createXmlParser, type XmlHandler } from './xml.ts';

/**
 * Feeds an XML part of `archive` to `handler`, and yields after each chunk, so that the caller can pass on what has
 * gathered. A tag or text may take `tokenBytes`.
 * @throws Problem as `Archive.read`, `toUtf8`, `XmlParser`, and the handler.
 */
export async function* feedPart(
  archive: Archive,
  entry: ZipEntry,
  tokenBytes: number,
  handler: XmlHandler,
): AsyncGenerator<void> {
  const parser = createXmlParser(entry.name, tokenBytes, handler);
  for await (const chunk of toUtf8(archive.read(entry), entry.name)) {
    parser.write(chunk);
    yield;
  }
  parser.end();
  yield;
}

/** Feeds a whole small part to `handler`: one without rows or texts. @throws Problem as `feedPart`. */
export async function readPart(archive: Archive, entry: ZipEntry, handler: XmlHandler): Promise<void> {
  for await (const _ of feedPart(archive, entry, SMALL_TOKEN_BYTES, handler));
}

const SMALL_TOKEN_BYTES = 1 << 20;

/** A handler that is told of every opening tag, wherever it stands. */
export function onOpen(open: XmlHandler['open']): XmlHandler {
  return { open, text() {}, close() {} };
}
