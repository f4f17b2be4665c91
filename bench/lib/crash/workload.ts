import { createHash } from 'node:crypto';
import { writeXlsx } from '../../../test/helpers/xlsx-writer.ts';
import { verhoeffDigit } from '../verhoeff.ts';

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export type Random = () => number;

/** A file to send, and what must become of it. */
export interface Planned {
  /** Different for every upload, so that one whose answer was lost is found again. */
  readonly name: string;
  readonly bytes: Buffer;
  readonly sha256: string;
  readonly tables: readonly PlannedTable[];
}

/** A dataset that must come out: its rows, and the checksum of all of them. */
export interface PlannedTable {
  readonly rows: number;
  readonly checksum: string;
}

/** The numbers of a seed. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A tiny CSV, a larger one (every third is read twice), or a workbook of two sheets, all of invented people. */
export function planUpload(name: string, random: Random): Planned {
  const kind = random();
  if (kind < 0.4) return plan(`${name}.csv`, [people(1 + Math.floor(random() * 5), random)], toCsv);
  if (kind < 0.8) return plan(`${name}.csv`, [people(3000 + Math.floor(random() * 36_000), random)], toCsv);
  const sheets = [people(200 + Math.floor(random() * 1500), random), people(1 + Math.floor(random() * 300), random)];
  return plan(`${name}.xlsx`, sheets, toXlsx);
}

/** The checksum of rows as text, in their order. */
export function checksumOf(rows: Iterable<readonly string[]>): string {
  const hash = createHash('sha256');
  for (const row of rows) hash.update(`${JSON.stringify(row)}\n`);
  return hash.digest('hex');
}

/** The columns of every table. */
export const COLUMNS = ['name', 'city', 'aadhaar'];
type Rows = string[][];

function plan(name: string, tables: readonly Rows[], write: (tables: readonly Rows[]) => Buffer): Planned {
  const bytes = write(tables);
  return {
    name,
    bytes,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    tables: tables.map((rows) => ({ rows: rows.length, checksum: checksumOf(rows) })),
  };
}

function people(count: number, random: Random): Rows {
  return Array.from({ length: count }, (_, row) => {
    const body = String(2e10 + Math.floor(random() * 7e10));
    return [`Person ${row} of ${count}`, `City ${Math.floor(random() * 50)}`, body + verhoeffDigit(body)];
  });
}

const toCsv = ([rows]: readonly Rows[]): Buffer =>
  Buffer.from(`${[COLUMNS, ...rows!].map((row) => row.join(',')).join('\n')}\n`);

function toXlsx(tables: readonly Rows[]): Buffer {
  const cell = (text: string) => `<c t="inlineStr"><is><t>${text}</t></is></c>`;
  const sheets = tables.map((rows) => ({
    rows: [COLUMNS, ...rows].map((row) => `<row>${row.map(cell).join('')}</row>`).join(''),
  }));
  return writeXlsx({ sheets });
}
