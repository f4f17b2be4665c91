import { deserialize, serialize } from 'node:v8';
import { Problem } from '../core/problem.ts';
import type { ReadEvent } from '../parse/format.ts';
import { type PackedBatch, packBatch, unpackBatch } from './packed-batch.ts';
import { createTemporaryFile } from './temporary-file.ts';

/** What a reader yielded, kept until it is known what its columns are. */
export interface Spool extends Disposable {
  /** Keeps an event; nothing may be added once it is read. @throws Problem `storage_failed`. */
  add(event: ReadEvent): void;
  /** The events again, in order, with the progress of this reading. May be called once. */
  read(): AsyncIterable<ReadEvent>;
}

/** Cells that are kept in memory before the spool goes to the disk: few enough for a process, and most files in whole. */
const KEPT_CELLS = 100_000;

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

type BatchEvent = Extract<ReadEvent, { type: 'batch' }>;

/** Frames of a length (4 bytes, big-endian) and a serialized event or packed batch. */
function createSpoolFile(path: string) {
  const file = createTemporaryFile(path, 'spool');
  return {
    add(event: ReadEvent) {
      const body = serialize(event.type === 'batch' ? packBatch(event.batch) : event);
      const head = Buffer.alloc(4);
      head.writeUInt32BE(body.length);
      file.write(head);
      file.write(body);
    },
    async *read(): AsyncGenerator<ReadEvent> {
      const source = file.finish();
      let done = 0;
      for await (const frame of frames(source.stream())) {
        done += frame.length + 4;
        const kept = deserialize(frame) as PackedBatch | Exclude<ReadEvent, BatchEvent>;
        yield 'type' in kept ? kept : { type: 'batch', batch: unpackBatch(kept) };
        yield { type: 'progress', done: done / source.size };
      }
    },
    remove: () => file[Symbol.dispose](),
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
