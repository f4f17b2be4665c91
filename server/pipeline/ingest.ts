import { Problem } from '../core/problem.ts';
import { createDatasetWriter, type DatasetWriter } from '../datasets/write.ts';
import { createInference, type Inference } from '../infer/infer.ts';
import { createNameFinder } from '../infer/names.ts';
import type { ColumnProfile } from '../infer/profile.ts';
import type { TableStart } from '../parse/format.ts';
import { readFile } from '../parse/read-file.ts';
import { createSealer } from '../seal/create.ts';
import type { Sealer } from '../seal/sealer.ts';
import { openStoredFile } from '../seal/stored-file.ts';
import { withHiddenNames } from './hidden-names.ts';
import type { DatasetPlace, ParseTask, WrittenDataset } from './protocol.ts';
import { createSpool, type Spool, type SpooledEvent } from './spool.ts';
import { holdAt } from './unpacked.ts';

/** What `ingest` needs of the process around it. */
export interface IngestPort {
  /** `done` is the share of the phase, 0–1. */
  progress(phase: 'parsing' | 'sealing', done: number): void;
  /** Asks for a place and keys for each of `count` datasets. */
  places(count: number): Promise<readonly DatasetPlace[]>;
}

/** A table whose columns are known. */
interface Table extends TableStart {
  readonly profiles: readonly ColumnProfile[];
  readonly rows: number;
}

/**
 * The whole story of a file: read it and learn what its columns are, then seal and store what was read. What a column
 * is becomes known only at its end, so what was read waits in a spool.
 * @throws Problem with a code of "why a file failed".
 */
export async function ingest(task: ParseTask, port: IngestPort): Promise<WrittenDataset[]> {
  using spool = createSpool(task.spoolPath);
  const tables = await learn(task, spool, port);
  return await store(spool, tables, await port.places(tables.length), createSealer([task.fernetKey]), port);
}

async function learn(task: ParseTask, spool: Spool, port: IngestPort): Promise<Table[]> {
  const source = openStoredFile(task.path, task.fileKey, task.associatedData);
  const learning: { start: TableStart; inference: Inference; rows: number }[] = [];
  const reading = { allowed: task.allowed, hold: holdAt(task.unpackedPath) };
  const findInName = createNameFinder(task.detection);
  const options = { ...task.options, isIdentifier: (text: string) => findInName(text).length > 0 };
  const events = readFile(source, task, options, reading);
  for await (const event of withHiddenNames(events, task.name, findInName)) {
    if (event.type === 'progress') {
      port.progress('parsing', event.done);
      continue;
    }
    if (event.type === 'table') {
      learning.push({ start: event, inference: createInference(event.columns, task, task.detection), rows: 0 });
    } else if (event.type === 'batch') {
      const table = learning.at(-1)!;
      table.inference.add(event.batch);
      table.rows += event.batch.length;
    }
    spool.add(event);
  }
  refuseUnmatched(task, new Set(learning.flatMap(({ inference }) => [...inference.matched])));
  return learning.map(({ start, inference, rows }) => ({ ...start, profiles: inference.finish(), rows }));
}

function refuseUnmatched({ seal, plain }: ParseTask, matched: ReadonlySet<string>): void {
  const unmatched = [...seal, ...plain].filter((name) => !matched.has(name));
  if (unmatched.length === 0) return;
  const names = unmatched.map((name) => `"${name}"`).join(', ');
  throw new Problem(
    'column_unknown',
    `The file has no column called ${names}. Check the names given in seal and plain.`,
  );
}

async function store(
  spool: Spool,
  tables: readonly Table[],
  places: readonly DatasetPlace[],
  sealer: Sealer,
  port: IngestPort,
): Promise<WrittenDataset[]> {
  const written: WrittenDataset[] = [];
  let writer: DatasetWriter | undefined;
  const finish = () => {
    if (!writer) return;
    const { name, profiles, dialect } = tables[written.length]!;
    written.push({ name, columns: profiles, dialect, ...writer.finish() });
  };
  try {
    for await (const event of spool.read()) {
      if (event.type === 'table') {
        finish();
        writer = startWriter(tables[written.length]!, places[written.length]!, sealer);
      } else take(event, writer!, port);
    }
    finish();
    return written;
  } finally {
    writer?.abort();
  }
}

function take(event: Exclude<SpooledEvent, TableStart>, writer: DatasetWriter, port: IngestPort): void {
  if (event.type === 'batch') writer.add(event.batch);
  else if (event.type === 'reject') writer.reject(event.reject);
  else port.progress('sealing', event.done);
}

function startWriter({ name, profiles, dialect, rows }: Table, place: DatasetPlace, sealer: Sealer): DatasetWriter {
  const { path, rowsKey, blindIndexKey } = place;
  const now = Math.floor(Date.now() / 1000);
  return createDatasetWriter({
    path,
    key: rowsKey,
    name,
    columns: profiles,
    dialect,
    sealer,
    blindIndexKey,
    rowsExpected: rows,
    now,
  });
}
