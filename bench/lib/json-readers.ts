import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Source } from '../../server/core/source.ts';
import { type Reading, readThrice } from './reading.ts';

const CHUNK_BYTES = 256 * 1024;

interface Person {
  readonly address: string;
}

/** Intakt's reader, detection of the encoding and both of its readings included. */
export async function intakt(path: string): Promise<Reading> {
  const { jsonFormat } = await import('../../server/parse/json.ts');
  const limits = { columns: 1000, rows: 1e9, cells: 1e10, cellLength: 1e6, unpackedBytes: 1e12 };
  return readThrice(async (row) => {
    let address = -1;
    for await (const event of jsonFormat.read(fileSource(path), 'people.json', { limits })) {
      if (event.type === 'table') address = event.columns.indexOf('address');
      if (event.type === 'batch') event.batch.columns[address]!.forEach(row);
    }
  });
}

/** JSON.parse of the whole text, which is in memory then with all that it holds. */
export function parseWhole(path: string): Promise<Reading> {
  return readThrice(async (row) => {
    for (const { address } of JSON.parse(readFileSync(path, 'utf8')) as Person[]) row(address);
  });
}

/** JSON.parse of one line after another. */
export function parseLines(path: string): Promise<Reading> {
  return readThrice(async (row) => {
    const input = createReadStream(path, { highWaterMark: CHUNK_BYTES });
    for await (const line of createInterface({ input })) row((JSON.parse(line) as Person).address);
  });
}

function fileSource(path: string): Source {
  return {
    size: statSync(path).size,
    stream: (start = 0, end = Number.POSITIVE_INFINITY) =>
      createReadStream(path, { start, end: end - 1, highWaterMark: CHUNK_BYTES }),
  };
}
