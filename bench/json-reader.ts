/**
 * The JSON reader beside JSON.parse on a generated file of people (objects of 12 members): MB per CPU-second and peak
 * memory, each in a fresh process, rounds alternating. The reader checks the file and gives all cells as text, a piece
 * of the file at a time; JSON.parse needs all of it, or a line. Each reads the file three times: cold is the first
 * reading, compilers and caches included, warm the third.
 *
 *     node bench/json-reader.ts [MB of CSV that the file is made from, default 30] [array | indented | lines]
 *         [ascii | any: letters of the names] [rounds, default 3]
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runFresh, type Usage } from './lib/fresh.ts';
import { type JsonLayout, writePeopleJson } from './lib/people-json.ts';
import type { Reading } from './lib/reading.ts';
import { median, printTable } from './lib/report.ts';

const [megabytes = '30', layout = 'array', letters = 'ascii', rounds = '3'] = process.argv.slice(2);
const MODULE = import.meta.resolve('./lib/json-readers.ts');
const READERS: readonly (readonly [name: string, run: string])[] = [
  ['intakt', 'intakt'],
  layout === 'lines' ? ['JSON.parse, line by line', 'parseLines'] : ['JSON.parse, all at once', 'parseWhole'],
];

const folder = mkdtempSync(join(tmpdir(), 'intakt-bench-'));
try {
  const path = join(folder, 'people.json');
  const options = { bytes: Number(megabytes) * 1e6, letters: letters === 'any' ? 'any' : 'ascii' } as const;
  await writePeopleJson(path, layout as JsonLayout, options);
  const usages = READERS.map(() => [] as Usage<Reading>[]);
  for (let round = 0; round < Number(rounds); round++) {
    for (const [i, [, run]] of READERS.entries()) usages[i]!.push(await runFresh<Reading>(MODULE, run, path));
  }
  const readings = usages.map(([first]) => [first!.result.rows, first!.result.units]);
  for (const reading of readings) assert.deepEqual(reading, readings[0], 'the readers do not read the same');
  report(statSync(path).size / 1e6, readings[0]![0]!, usages);
} finally {
  rmSync(folder, { recursive: true });
}

function report(size: number, rows: number, usages: readonly Usage<Reading>[][]): void {
  const speed = (i: number, state: 'cold' | 'warm') => size / median(usages[i]!.map(({ result }) => result[state]));
  const ratio = (i: number, state: 'cold' | 'warm') => (speed(0, state) / speed(i, state)).toFixed(2);
  console.log(`Node ${process.versions.node}; ${size.toFixed(0)} MB, ${rows} rows, ${layout}, letters: ${letters}`);
  console.log(`MB per CPU-second, median of ${rounds} rounds; ratio: Intakt's speed to this reader's\n`);
  printTable([
    ['', 'cold', 'ratio', 'warm', 'ratio', 'peak MB'],
    ...READERS.map(([name], i) => [
      name,
      ...[speed(i, 'cold').toFixed(0), ratio(i, 'cold'), speed(i, 'warm').toFixed(0), ratio(i, 'warm')],
      median(usages[i]!.map(({ peakMb }) => peakMb)).toFixed(0),
    ]),
  ]);
}
