import { createReadStream, statSync } from 'node:fs';
import { parse as csvParse } from 'csv-parse';
import papaparse from 'papaparse';
import { inferSchema, initParser, type Parser } from 'udsv';
import type { Source } from '../../server/core/source.ts';

/** What one reading took, without the start of the process and the loading of the reader. */
export interface Reading {
  /** Rows below the header. */
  readonly rows: number;
  /** UTF-16 units in the column `address`, which shows that cells were read alike. */
  readonly units: number;
  /** User and system time of all threads, for the first reading of the process and for the third, which is warm. */
  readonly cold: number;
  readonly warm: number;
}

const ADDRESS = 7;
/** The same for all; the default of 64 KiB spends a fifth of the time on the stream itself. */
const CHUNK_BYTES = 256 * 1024;

/** Intakt's reader, detection of encoding and dialect included. */
export async function intakt(path: string): Promise<Reading> {
  const { csvFormat } = await import('../../server/parse/csv.ts');
  const limits = { columns: 1000, rows: 1e9, cells: 1e10, cellLength: 1e6, unpackedBytes: 1e12 };
  return measure(async (row) => {
    for await (const event of csvFormat.read(fileSource(path), 'people.csv', { limits })) {
      if (event.type === 'batch') event.batch.columns[ADDRESS]!.forEach(row);
    }
  });
}

/** uDSV, fed pieces of text as its README shows. */
export function udsv(path: string): Promise<Reading> {
  return measure(async (row) => {
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
  return measure(async (row) => {
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
  return measure(async (row) => {
    for await (const cells of createReadStream(path, { highWaterMark: CHUNK_BYTES }).pipe(csvParse({ from: 2 })))
      row(cells[ADDRESS]);
  });
}

type OnAddress = (address: string | null) => void;

async function measure(read: (onAddress: OnAddress) => Promise<void>): Promise<Reading> {
  const seconds: number[] = [];
  let rows = 0;
  let units = 0;
  for (let i = 0; i < 3; i++) {
    rows = 0;
    units = 0;
    const start = process.cpuUsage();
    await read((address) => {
      rows++;
      units += address?.length ?? 0;
    });
    const { user, system } = process.cpuUsage(start);
    seconds.push((user + system) / 1e6);
  }
  return { rows, units, cold: seconds[0]!, warm: seconds[2]! };
}

function fileSource(path: string): Source {
  return {
    size: statSync(path).size,
    stream: (start = 0, end = Number.POSITIVE_INFINITY) =>
      createReadStream(path, { start, end: end - 1, highWaterMark: CHUNK_BYTES }),
  };
}
