import { deserialize, serialize } from 'node:v8';
import { type PackedBatch, packBatch } from '../core/packed-batch.ts';
import { Problem } from '../core/problem.ts';
import type { ReadEvent } from '../parse/format.ts';
import { createTemporaryFile } from './temporary-file.ts';

type BatchEvent = Extract<ReadEvent, { type: 'batch' }>;

/** What a spool gives back of what a reader yielded. */
export type SpooledEvent = Exclude<ReadEvent, BatchEvent> | { readonly type: 'batch'; readonly batch: PackedBatch };

/** What a reader yielded, kept until it is known what its columns are. */
export interface Spool extends Disposable {
  /** Keeps an event; nothing may be added once it is read. @throws Problem `storage_failed`. */
  add(event: ReadEvent): void;
  /** The events again, in order, with the progress of this reading. May be called once. */
  read(): AsyncIterable<SpooledEvent>;
}

/** Cells, and UTF-16 units, that are kept in memory before the spool goes to the disk: few for a process, most files whole. */
const KEPT_CELLS = 100_000;
const KEPT_UNITS = 8 * 1024 * 1024;
/** The length before a frame. */
const HEAD_BYTES = 4;

/**
 * A spool that is in memory while it is small, and otherwise in `path`, encrypted under a key that is nowhere but in
 * this process. Its file is removed when the spool is disposed of; after a crash nobody can read it.
 */
export function createSpool(path: string): Spool {
  const kept: SpooledEvent[] = [];
  let cells = 0;
  let units = 0;
  let file: ReturnType<typeof createSpoolFile> | undefined;
  return {
    add(event) {
      const spooled: SpooledEvent = event.type === 'batch' ? { type: 'batch', batch: packBatch(event.batch) } : event;
      if (!file) {
        cells += cellsIn(spooled);
        units += unitsIn(spooled);
        if (cells <= KEPT_CELLS && units <= KEPT_UNITS) {
          kept.push(spooled);
          return;
        }
      }
      file ??= createSpoolFile(path);
      for (const earlier of kept.splice(0)) file.add(earlier);
      file.add(spooled);
    },
    read: () => (file ? file.read() : fromMemory(kept)),
    [Symbol.dispose]: () => file?.remove(),
  };
}

function cellsIn(event: SpooledEvent): number {
  return event.type === 'batch' ? event.batch.length * event.batch.columns.length : 0;
}

function unitsIn(event: SpooledEvent): number {
  if (event.type === 'reject') return event.reject.raw.length;
  return event.type === 'batch' ? event.batch.columns.reduce((sum, { text }) => sum + text.length, 0) : 0;
}

async function* fromMemory(events: readonly SpooledEvent[]): AsyncGenerator<SpooledEvent> {
  yield* events;
}

/** Frames of a length (4 bytes, big-endian) and a serialized event. */
function createSpoolFile(path: string) {
  const file = createTemporaryFile(path, 'spool');
  return {
    add(event: SpooledEvent) {
      const body = serialize(event);
      const head = Buffer.alloc(HEAD_BYTES);
      head.writeUInt32BE(body.length);
      file.write(head);
      file.write(body);
    },
    async *read(): AsyncGenerator<SpooledEvent> {
      const source = file.finish();
      let done = 0;
      for await (const frame of frames(source.stream())) {
        done += frame.length + HEAD_BYTES;
        yield deserialize(frame) as SpooledEvent;
        yield { type: 'progress', done: done / source.size };
      }
    },
    remove: () => file[Symbol.dispose](),
  };
}

/** How many bytes the first frame of `held` has, or its head as long as that is not whole. */
function frameBytes(held: Uint8Array): number {
  if (held.length < HEAD_BYTES) return HEAD_BYTES;
  return HEAD_BYTES + new DataView(held.buffer, held.byteOffset).getUint32(0);
}

async function* frames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let size = 0;
  // Joined only when a frame is whole, so that a long one is not copied with each of its chunks.
  let wanted = HEAD_BYTES;
  for await (const chunk of chunks) {
    parts.push(chunk);
    size += chunk.length;
    if (size < wanted) continue;
    let held = parts.length === 1 ? chunk : Buffer.concat(parts);
    for (wanted = frameBytes(held); held.length >= wanted; wanted = frameBytes(held)) {
      yield held.subarray(HEAD_BYTES, wanted);
      held = held.subarray(wanted);
    }
    parts = [held];
    size = held.length;
  }
  if (size > 0) throw new Problem('data_corrupt', 'The spool of the file is cut off. Upload the file again.');
}
