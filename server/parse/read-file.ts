import type { Source } from '../core/source.ts';
import { readArchive } from './container/files.ts';
import { unpack } from './container/unpack.ts';
import { packingOf, readHead } from './content.ts';
import { detectType, unpackedName } from './detect.ts';
import type { FileType, ReadEvent, ReadOptions } from './format.ts';
import { formatFor } from './formats.ts';

/** Keeps a content as long as it is read, so that its size is known and any range of it can be read. */
export type Hold = (content: AsyncIterable<Uint8Array>) => Promise<Source & Disposable>;

/** What it takes to read a file that may be packed. */
export interface Reading {
  /** The kinds that the operator allows, for what is found in archives. */
  readonly allowed: readonly string[];
  /** One content at a time is held. */
  readonly hold: Hold;
}

/**
 * Reads a received file: one packed with gzip or zstd is unpacked first, a ZIP archive is read file by file
 * (`readArchive`), everything else goes to the reader of its kind.
 * @throws Problem as the readers; `archive_corrupt`, `unpacked_too_large`, `content_mismatch`, `unsupported_format`.
 */
export async function* readFile(
  source: Source,
  { name, fileType }: { readonly name: string; readonly fileType: FileType },
  options: ReadOptions,
  reading: Reading,
): AsyncGenerator<ReadEvent> {
  if (fileType === 'zip') {
    yield* readArchive(source, name, options, reading);
    return;
  }
  const packing = packingOf(await readHead(source));
  if (!packing) {
    const format = await formatFor(fileType);
    yield* format.read(source, name, options);
    return;
  }
  using held = await reading.hold(unpack(source.stream(), packing, options.limits.unpackedBytes));
  // Only now all of its first bytes can be seen.
  detectType(
    { filename: unpackedName(name), mediaType: '', head: await readHead(held), as: fileType },
    reading.allowed,
  );
  const format = await formatFor(fileType);
  yield* format.read(held, unpackedName(name), options);
}
