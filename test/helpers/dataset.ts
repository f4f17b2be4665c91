import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { BATCH_ROWS, type Batch, type Cell } from '../../server/core/batch.ts';
import { packBatch } from '../../server/core/packed-batch.ts';
import type { DatasetRef } from '../../server/datasets/query.ts';
import { createDatasetWriter, type DatasetWriterOptions } from '../../server/datasets/write.ts';
import { verhoeffDigit } from '../../server/infer/detectors/verhoeff.ts';
import { createInference, type Detection } from '../../server/infer/infer.ts';
import { createSealer } from '../../server/seal/create.ts';

/** A folder that is removed after the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'intakt-dataset-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A table for a dataset: names, rows of cells, the raw text beside them where it differs, columns to seal. */
export interface SampleTable {
  readonly names: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  readonly raws?: readonly (readonly Cell[])[];
  readonly seal?: readonly string[];
  readonly detection?: Detection;
}

/** The batches of a table. */
export function batchesOf({ names, rows, raws }: SampleTable): Batch[] {
  const turned = (from: readonly (readonly Cell[])[]) => names.map((_, c) => from.map((row) => row[c] ?? null));
  const starts = Array.from({ length: Math.ceil(rows.length / BATCH_ROWS) }, (_, i) => i * BATCH_ROWS);
  return starts.map((start) => {
    const part = rows.slice(start, start + BATCH_ROWS);
    const batch = { length: part.length, columns: turned(part) };
    return raws ? { ...batch, raws: turned(raws.slice(start, start + BATCH_ROWS)) } : batch;
  });
}

/** What a dataset of this table is written from, in `folder`, with fresh keys. */
export function writerOptions(folder: string, table: SampleTable): DatasetWriterOptions & { fernetKey: Uint8Array } {
  const inference = createInference(table.names, { seal: table.seal ?? [], plain: [] }, table.detection);
  for (const batch of batchesOf(table)) inference.add(batch);
  const fernetKey = randomBytes(32);
  return {
    path: join(folder, `${randomBytes(6).toString('hex')}.dataset`),
    key: randomBytes(32),
    name: 'people',
    columns: inference.finish(),
    dialect: { delimiter: ',' },
    sealer: createSealer([fernetKey]),
    fernetKey,
    blindIndexKey: randomBytes(32),
    rowsExpected: table.rows.length,
    now: 1_700_000_000,
  };
}

/** Writes the table into a new dataset file of `folder`. */
export function writeDataset(folder: string, table: SampleTable): Required<Omit<DatasetRef, 'caller'>> {
  const { fernetKey, ...options } = writerOptions(folder, table);
  const writer = createDatasetWriter(options);
  for (const batch of batchesOf(table)) writer.add(packBatch(batch));
  writer.finish();
  return { path: options.path, key: options.key, fernetKeys: [fernetKey], blindIndexKey: options.blindIndexKey };
}

/** The made-up Aadhaar number with this index; a valid one, and always the same. */
export function aadhaarNumber(index: number): string {
  const body = String(20_000_000_000 + ((index * 7_919_933_167) % 79_999_999_999));
  return body + verhoeffDigit(body);
}
