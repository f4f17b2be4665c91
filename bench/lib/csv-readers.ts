import { randomBytes } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { parse as csvParse } from 'csv-parse';
import papaparse from 'papaparse';
import { inferSchema, initParser, type Parser } from 'udsv';
import type { Source } from '../../server/core/source.ts';
import { type Reading, readThrice } from './reading.ts';

const AADHAAR = 3;
const ADDRESS = 7;
/** The same for all; the default of 64 KiB spends a fifth of the time on the stream itself. */
const CHUNK_BYTES = 256 * 1024;

const LIMITS = { columns: 1000, rows: 1e9, cells: 1e10, cellLength: 1e6, unpackedBytes: 1e12 };

/** Intakt's reader, detection of encoding and dialect included. */
export async function intakt(path: string): Promise<Reading> {
  const { csvFormat } = await import('../../server/parse/csv.ts');
  return readThrice(async (row) => {
    for await (const event of csvFormat.read(fileSource(path), 'people.csv', { limits: LIMITS })) {
      if (event.type === 'batch') event.batch.columns[ADDRESS]!.forEach(row);
    }
  });
}

/** The same, with the types and the identifiers of all columns found, and one column sealed, masked and indexed. */
export async function intaktSealed(path: string): Promise<Reading> {
  const { csvFormat } = await import('../../server/parse/csv.ts');
  const { createInference } = await import('../../server/infer/infer.ts');
  const { packBatch } = await import('../../server/core/packed-batch.ts');
  const { createEncoder } = await import('../../server/datasets/encode.ts');
  const { createSealer } = await import('../../server/seal/create.ts');
  const { bitsFor } = await import('../../server/seal/blind-index.ts');
  const sealing = { sealer: createSealer([randomBytes(32)]), blindIndexKey: randomBytes(32), indexBits: bitsFor(1e6) };
  const encode = createEncoder(await sealedProfile(), 0, { ...sealing, now: 0 });
  return readThrice(async (row) => {
    let inference = createInference([], { seal: [], plain: [] });
    for await (const event of csvFormat.read(fileSource(path), 'people.csv', { limits: LIMITS })) {
      if (event.type === 'table') inference = createInference(event.columns, { seal: [], plain: [] });
      if (event.type !== 'batch') continue;
      inference.add(event.batch);
      encode(packBatch({ length: event.batch.length, columns: [event.batch.columns[AADHAAR]!] }), 0);
      event.batch.columns[ADDRESS]!.forEach(row);
    }
    if (!inference.finish()[AADHAAR]!.sealed) throw new Error('the column is not found to be sensitive');
  });

  /** What is known of the sealed column, from a few rows. */
  async function sealedProfile() {
    const cells = Array.from({ length: 100 }, () => '234123412346');
    const inference = createInference(['aadhaar_number'], { seal: [], plain: [] });
    inference.add({ length: cells.length, columns: [cells] });
    return inference.finish()[0]!;
  }
}

/** uDSV, fed pieces of text as its README shows. */
export function udsv(path: string): Promise<Reading> {
  return readThrice(async (row) => {
    let parser: Parser | undefined;
    for await (const piece of createReadStream(path, { encoding: 'utf8', highWaterMark: CHUNK_BYTES })) {
      parser ??= initParser(inferSchema(piece));
      parser.chunk<string[]>(piece, parser.stringArrs, (cells) => row(cells[ADDRESS]!));
    }
    parser?.end();
  });
}

/** papaparse on a stream, a piece at a time. */
export function papaChunks(path: string): Promise<Reading> {
  return readThrice(async (row) => {
    let first = true;
    await new Promise<void>((resolve, reject) => {
      papaparse.parse<string[]>(createReadStream(path, { encoding: 'utf8', highWaterMark: CHUNK_BYTES }), {
        skipEmptyLines: true,
        chunk({ data }) {
          for (const cells of first ? data.slice(1) : data) row(cells[ADDRESS]!);
          first = false;
        },
        complete: () => resolve(),
        error: reject,
      });
    });
  });
}

/** csv-parse as a stream of rows. */
export function csvParseStream(path: string): Promise<Reading> {
  return readThrice(async (row) => {
    for await (const cells of createReadStream(path, { highWaterMark: CHUNK_BYTES }).pipe(csvParse({ from: 2 })))
      row(cells[ADDRESS]);
  });
}

function fileSource(path: string): Source {
  return {
    size: statSync(path).size,
    stream: (start = 0, end = Number.POSITIVE_INFINITY) =>
      createReadStream(path, { start, end: end - 1, highWaterMark: CHUNK_BYTES }),
  };
}
