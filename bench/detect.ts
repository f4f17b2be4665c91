/**
 * What looking for sensitive columns costs: nanoseconds a value for columns of every kind, below a name that says nothing
 * and below one that helps; and, on a generated file of people (12 columns), the CPU time of inference and its parts beside
 * that of the CSV reader that feeds it, and that of reading, sealing and storing the file.
 *
 *     node bench/detect.ts [rows of people, default 200000] [rounds, default 5]
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BATCH_ROWS } from '../server/core/batch.ts';
import { packBatch } from '../server/core/packed-batch.ts';
import type { Source } from '../server/core/source.ts';
import { createDatasetWriter } from '../server/datasets/write.ts';
import { createInference, type Inference } from '../server/infer/infer.ts';
import { createScreen, type Screen } from '../server/infer/sensitive.ts';
import { createTyper, type Typer } from '../server/infer/types.ts';
import { csvFormat } from '../server/parse/csv.ts';
import { createSealer } from '../server/seal/create.ts';
import { KINDS } from '../test/helpers/columns/kinds.ts';
import { OTHERS } from '../test/helpers/columns/others.ts';
import { createRandom } from '../test/helpers/columns/random.ts';
import { peopleCsv } from './lib/people.ts';
import { cpuSeconds, median, printTable } from './lib/report.ts';

const [rows, rounds] = [Number(process.argv[2] ?? 200_000), Number(process.argv[3] ?? 5)];
const BATCHES = 100;
const LIMITS = { columns: 1000, rows: 1e9, cells: 1e10, cellLength: 1e6, unpackedBytes: 1e12 };
const OTHER_NAMES = ['id', 'order_no', 'amount', 'date', 'updated', 'uuid', 'city', 'description', 'IMEI'];

console.log(`Node ${process.versions.node}; median of ${rounds} rounds, CPU time\n`);
await reportPeople();
reportKinds();

async function reportPeople(): Promise<void> {
  const file = Buffer.from([...peopleCsv({ rows })].join(''));
  const readings: Reading[] = [];
  // The first round warms up the compilers and is not counted.
  for (let round = 0; round <= rounds; round++) readings.push(await readPeople(file));
  const micros = (of: (reading: Reading) => number) => (median(readings.slice(1).map(of)) * 1e6) / rows;
  const parse = micros((r) => r.parse);
  const stored = micros((r) => r.parse + r.infer + r.write);
  const line = (name: string, of: (reading: Reading) => number) => {
    const share = (whole: number) => `${((micros(of) / whole) * 100).toFixed(0)} %`;
    return [name, micros(of).toFixed(2), share(parse), share(stored)];
  };
  printTable([
    ['people.csv, 12 columns', 'µs a row', 'of the reader', 'of all'],
    line('reading the CSV', (r) => r.parse),
    line('inference', (r) => r.infer),
    line('of it types', (r) => r.types),
    line('of it whole values', (r) => r.screens),
    line('of it inside texts', (r) => r.infer - r.types - r.screens),
    line('sealing and storing', (r) => r.write),
  ]);
}

/** CPU seconds. */
interface Reading {
  readonly parse: number;
  readonly infer: number;
  readonly types: number;
  readonly screens: number;
  readonly write: number;
}

/** Reads the file as the pipeline does; each batch goes to the inference while it is new, and is stored at the end. */
async function readPeople(file: Buffer): Promise<Reading> {
  let [infer, types, screening] = [0, 0, 0];
  let inference = createInference([], { seal: [], plain: [] });
  let typers: Typer[] = [];
  let screens: Screen[] = [];
  const start = process.cpuUsage();
  for await (const event of csvFormat.read(inMemory(file), 'people.csv', { limits: LIMITS })) {
    if (event.type === 'table') {
      inference = createInference(event.columns, { seal: [], plain: [] });
      typers = event.columns.map(() => createTyper());
      screens = event.columns.map((name) => createScreen(name));
    }
    if (event.type !== 'batch') continue;
    const { batch } = event;
    infer += cpuSeconds(() => inference.add(batch));
    types += cpuSeconds(() => {
      for (const [c, typer] of typers.entries()) typer.add(batch.columns[c]!, batch.glances?.[c]);
    });
    screening += cpuSeconds(() => {
      for (const [c, screen] of screens.entries()) screen.add(batch.columns[c]!);
    });
  }
  const { user, system } = process.cpuUsage(start);
  const parse = (user + system) / 1e6 - infer - types - screening;
  return { parse, infer, types, screens: screening, write: await store(file, inference) };
}

/** Reads the file again and stores it; what the storing alone takes. */
async function store(file: Buffer, inference: Inference): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'intakt-bench-'));
  const writer = createDatasetWriter({
    ...{ path: join(folder, 'people'), key: randomBytes(32), name: 'people', columns: inference.finish(), dialect: {} },
    ...{ sealer: createSealer([randomBytes(32)]), blindIndexKey: randomBytes(32), rowsExpected: rows, now: 0 },
  });
  let seconds = 0;
  for await (const event of csvFormat.read(inMemory(file), 'people.csv', { limits: LIMITS })) {
    if (event.type === 'batch') seconds += cpuSeconds(() => writer.add(packBatch(event.batch)));
  }
  seconds += cpuSeconds(() => writer.finish());
  rmSync(folder, { recursive: true });
  return seconds;
}

function inMemory(file: Buffer): Source {
  return {
    size: file.length,
    async *stream(start = 0, end = file.length) {
      for (let at = start; at < end; at += 262_144) yield file.subarray(at, Math.min(end, at + 262_144));
    },
  };
}

function reportKinds(): void {
  const random = createRandom(1);
  const others = OTHERS.filter(({ name }) => OTHER_NAMES.includes(name));
  const columns = [
    ...KINDS.map(({ kind, helpful, value }) => ({ name: kind as string, header: helpful[0]!, value })),
    ...others.map(({ name, header, value }) => ({ name, header, value })),
  ].map(({ name, header, value }) => {
    const cells = Array.from({ length: BATCH_ROWS * 4 }, (_, row) => value(random, row));
    return { name, header, batches: [0, 1, 2, 3].map((i) => cells.slice(i * BATCH_ROWS, (i + 1) * BATCH_ROWS)) };
  });
  // A round over all columns before the next one: the tests are as mixed as they are in a table.
  const neutral = columns.map(() => [] as number[]);
  const named = columns.map(() => [] as number[]);
  for (let round = 0; round <= rounds; round++) {
    for (const [i, { header, batches }] of columns.entries()) {
      neutral[i]!.push(nanoseconds('column_7', batches));
      named[i]!.push(nanoseconds(header, batches));
    }
  }
  const cost = (figures: readonly number[]) => median(figures.slice(1)).toFixed(0);
  const lines = columns.map(({ name, header }, i) => [name, cost(neutral[i]!), cost(named[i]!), header]);
  console.log('');
  printTable([['ns a value', 'column_7', 'named', 'as'], ...lines]);
}

function nanoseconds(header: string, batches: readonly (readonly string[])[]): number {
  const screen = createScreen(header);
  const seconds = cpuSeconds(() => {
    for (let i = 0; i < BATCHES; i++) screen.add(batches[i % batches.length]!);
  });
  return (seconds * 1e9) / (BATCHES * BATCH_ROWS);
}
