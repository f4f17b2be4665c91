import { Problem } from '../core/problem.ts';
import { createDatasetWriter } from '../datasets/write.ts';
import { type ColumnProfile, createInference } from '../infer/infer.ts';
import type { ReadEvent, TableStart } from '../parse/format.ts';
import { formatFor } from '../parse/formats.ts';
import { createSealer } from '../seal/create.ts';
import { openStoredFile } from '../seal/stored-file.ts';
import type { DatasetPlace, ParseTask, WrittenDataset } from './protocol.ts';

/** What `ingest` needs of the process around it. */
export interface IngestPort {
  progress(phase: 'parsing' | 'sealing', done: number): void;
  /** Asks for a place and keys for each of `count` datasets. */
  places(count: number): Promise<readonly DatasetPlace[]>;
}

/** A file of up to this many cells is kept in memory between the two readings. */
const KEPT_CELLS = 100_000;

interface Table extends TableStart {
  readonly profiles: readonly ColumnProfile[];
  readonly rows: number;
}

/**
 * The whole story of a file: read it once to learn what its columns are, read it again to seal and store. What a
 * column is becomes known only at its end; a file small enough is not read twice but kept.
 * @throws Problem with a code of "why a file failed".
 */
export async function ingest(task: ParseTask, port: IngestPort): Promise<WrittenDataset[]> {
  const source = openStoredFile(task.path, task.fileKey, task.associatedData);
  const read = () => formatFor(task.fileType).read(source, task.name, task.options);
  const { tables, kept } = await learn(read(), task, port);
  refuseUnknownColumns(task, tables);
  const places = await port.places(tables.length);
  return store(kept ?? read(), tables, places, task, port);
}

async function learn(events: AsyncIterable<ReadEvent>, task: ParseTask, port: IngestPort) {
  const tables: Table[] = [];
  let kept: ReadEvent[] | null = [];
  let cells = 0;
  let rows = 0;
  let inference: ReturnType<typeof createInference> | undefined;
  let start: TableStart | undefined;
  const finish = () => {
    if (start && inference) tables.push({ ...start, profiles: inference.finish(), rows });
    rows = 0;
  };
  for await (const event of events) {
    if (event.type === 'progress') {
      port.progress('parsing', event.done);
      continue;
    }
    if (event.type === 'table') {
      finish();
      start = event;
      inference = createInference(event.columns, task);
    } else if (event.type === 'batch') {
      inference!.add(event.batch);
      rows += event.batch.length;
      cells += event.batch.length * event.batch.columns.length;
      if (cells > KEPT_CELLS) kept = null;
    }
    kept?.push(event);
  }
  finish();
  return { tables, kept };
}

function refuseUnknownColumns({ seal, plain }: ParseTask, tables: readonly Table[]): void {
  const known = new Set(tables.flatMap(({ columns }) => columns.map((name) => name.trim().toLowerCase())));
  const unknown = [...seal, ...plain].filter((name) => !known.has(name.trim().toLowerCase()));
  if (unknown.length === 0) return;
  throw new Problem(
    'column_unknown',
    `The file has no column called ${unknown.map((name) => `"${name}"`).join(', ')}. Check the names given in seal and plain.`,
  );
}

async function store(
  events: AsyncIterable<ReadEvent> | Iterable<ReadEvent>,
  tables: readonly Table[],
  places: readonly DatasetPlace[],
  task: ParseTask,
  port: IngestPort,
): Promise<WrittenDataset[]> {
  const written: WrittenDataset[] = [];
  const sealer = createSealer([task.fernetKey]);
  let writer: ReturnType<typeof createDatasetWriter> | undefined;
  const finish = () => {
    if (!writer) return;
    const { name, profiles, dialect } = tables[written.length]!;
    written.push({ name, columns: profiles, dialect, ...writer.finish() });
  };
  const begin = () => {
    const { name, profiles: columns, dialect, rows: rowsExpected } = tables[written.length]!;
    const { path, rowsKey: key, blindIndexKey } = places[written.length]!;
    const now = Math.floor(Date.now() / 1000);
    return createDatasetWriter({ path, key, name, columns, dialect, sealer, blindIndexKey, rowsExpected, now });
  };
  try {
    for await (const event of events) {
      if (event.type === 'progress') port.progress('sealing', event.done);
      else if (event.type === 'batch') writer!.add(event.batch);
      else if (event.type === 'reject') writer!.reject(event.reject);
      else {
        finish();
        writer = begin();
      }
    }
    finish();
    return written;
  } catch (error) {
    // The process lives on for other files and must not hold the rows of this one.
    writer?.abort();
    throw error;
  }
}
