/**
 * What looking for sensitive columns costs: nanoseconds a value for columns of every kind, below a name that says nothing
 * and below one that helps; and, on a generated file of people (12 columns), the CPU time of inference beside that of the
 * CSV reader that feeds it.
 *
 *     node bench/detect.ts [rows of people, default 200000] [rounds, default 5]
 */
import { BATCH_ROWS } from '../server/core/batch.ts';
import type { Source } from '../server/core/source.ts';
import { createInference } from '../server/infer/infer.ts';
import { createScreen } from '../server/infer/sensitive.ts';
import { csvFormat } from '../server/parse/csv.ts';
import { KINDS } from '../test/helpers/columns/kinds.ts';
import { OTHERS } from '../test/helpers/columns/others.ts';
import { createRandom } from '../test/helpers/columns/random.ts';
import { peopleCsv } from './lib/people.ts';
import { cpuSeconds, median, printTable } from './lib/report.ts';

const [rows, rounds] = [Number(process.argv[2] ?? 200_000), Number(process.argv[3] ?? 5)];
const BATCHES = 100;
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
  const [parse, infer, screens] = [micros((r) => r.parse), micros((r) => r.infer), micros((r) => r.screens)];
  const line = (name: string, cost: number) => [name, cost.toFixed(2), `${((cost / parse) * 100).toFixed(0)} %`];
  printTable([
    ['people.csv, 12 columns', 'µs a row', 'of the reader'],
    line('reading the CSV', parse),
    line('inference, types included', infer),
    line('looking for sensitive columns alone', screens),
  ]);
}

/** CPU seconds. */
interface Reading {
  readonly parse: number;
  readonly infer: number;
  readonly screens: number;
}

/** Reads the file as the pipeline does; each batch goes to the inference while it is new. */
async function readPeople(file: Buffer): Promise<Reading> {
  const limits = { columns: 1000, rows: 1e9, cells: 1e10, cellLength: 1e6, unpackedBytes: 1e12 };
  let [infer, screening] = [0, 0];
  let names: readonly string[] = [];
  let inference = createInference([], { seal: [], plain: [] });
  const start = process.cpuUsage();
  let screens = names.map((name) => createScreen(name));
  for await (const event of csvFormat.read(inMemory(file), 'people.csv', { limits })) {
    if (event.type === 'table') {
      names = event.columns;
      inference = createInference(names, { seal: [], plain: [] });
      screens = names.map((name) => createScreen(name));
    }
    if (event.type !== 'batch') continue;
    infer += cpuSeconds(() => inference.add(event.batch));
    screening += cpuSeconds(() => {
      for (const [c, screen] of screens.entries()) screen.add(event.batch.columns[c]!);
    });
  }
  const { user, system } = process.cpuUsage(start);
  return { parse: (user + system) / 1e6 - infer - screening, infer, screens: screening };
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
