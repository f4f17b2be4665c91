import { randomBytes } from 'node:crypto';
import { closeSync, openSync, rmSync, writevSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import { Problem } from '../core/problem.ts';
import type { ReadEvent } from '../parse/format.ts';
import { createEncryptor } from '../seal/encrypt-stream.ts';
import { openStoredFile } from '../seal/stored-file.ts';

/** What a reader yielded, kept until it is known what its columns are. */
export interface Spool extends Disposable {
  /** Keeps an event; nothing may be added once it is read. @throws Problem `storage_failed`. */
  add(event: ReadEvent): void;
  /** The events again, in order, with the progress of this reading. May be called once. */
  read(): AsyncIterable<ReadEvent>;
}

/** Cells that are kept in memory before the spool goes to the disk: few enough for a process, and most files in whole. */
const KEPT_CELLS = 100_000;
const NAME = 'spool';

/**
 * A spool that is in memory while it is small, and otherwise in `path`, encrypted under a key that is nowhere but in
 * this process. Its file is removed when the spool is disposed of; after a crash nobody can read it.
 */
export function createSpool(path: string): Spool {
  const kept: ReadEvent[] = [];
  let cells = 0;
  let file: ReturnType<typeof createSpoolFile> | undefined;
  return {
    add(event) {
      if (!file && event.type === 'batch') cells += event.batch.length * event.batch.columns.length;
      if (!file && cells <= KEPT_CELLS) {
        kept.push(event);
        return;
      }
      file ??= createSpoolFile(path);
      for (const earlier of kept.splice(0)) file.add(earlier);
      file.add(event);
    },
    read: () => (file ? file.read() : fromMemory(kept)),
    [Symbol.dispose]: () => file?.remove(),
  };
}

async function* fromMemory(events: readonly ReadEvent[]): AsyncGenerator<ReadEvent> {
  yield* events;
}

/** Frames of a length (4 bytes, big-endian) and a serialized event, as one encrypted stream. */
function createSpoolFile(path: string) {
  const key = randomBytes(32);
  const encryptor = createEncryptor({ key, associatedData: NAME });
  const fd = guarded(() => openSync(path, 'wx', 0o600));
  const write = (parts: Uint8Array[]) => guarded(() => writeAll(fd, parts));
  return {
    add(event: ReadEvent) {
      const body = serialize(event);
      const head = Buffer.alloc(4);
      head.writeUInt32BE(body.length);
      write(encryptor.update(head));
      write(encryptor.update(body));
    },
    async *read(): AsyncGenerator<ReadEvent> {
      write(encryptor.final());
      closeSync(fd);
      const file = openStoredFile(path, key, NAME);
      let done = 0;
      for await (const frame of frames(file.stream())) {
        done += frame.length + 4;
        yield deserialize(frame) as ReadEvent;
        yield { type: 'progress', done: done / file.size };
      }
    },
    remove: () => rmSync(path, { force: true }),
  };
}

async function* frames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array = new Uint8Array(0);
  for await (const chunk of chunks) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    for (;;) {
      if (held.length < 4) break;
      const length = new DataView(held.buffer, held.byteOffset).getUint32(0);
      if (held.length < 4 + length) break;
      yield held.subarray(4, 4 + length);
      held = held.subarray(4 + length);
    }
  }
  if (held.length > 0) throw new Problem('data_corrupt', 'The spool of the file is cut off. Upload the file again.');
}

function writeAll(fd: number, parts: Uint8Array[]): void {
  const whole = parts.length === 0 ? 0 : parts.reduce((sum, { length }) => sum + length, 0);
  if (whole === 0) return;
  let written = writevSync(fd, parts);
  while (written < whole) written += writevSync(fd, [Buffer.concat(parts).subarray(written)]);
}

function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code = 'no code' } = error as NodeJS.ErrnoException;
    throw new Problem(
      'storage_failed',
      `The spool of the file cannot be written (${code}). Check the disk and try again.`,
      { cause: error },
    );
  }
}
