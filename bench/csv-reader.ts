/**
 * CSV readers beside each other on a generated file of people (12 columns, quoted commas): MB per CPU-second and peak
 * memory, each in a fresh process, rounds alternating. Every reader gives all cells as text, a piece of the file at a
 * time, and reads the file three times: cold is the first reading, compilers and caches included, warm the third.
 *
 *     node bench/csv-reader.ts [MB, default 30] [ascii | any: letters of the names] [rounds, default 3]
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runFresh, type Usage } from './lib/fresh.ts';
import { writePeople } from './lib/people.ts';
import type { Reading } from './lib/reading.ts';
import { median, printTable } from './lib/report.ts';

const [megabytes = '30', letters = 'ascii', rounds = '3'] = process.argv.slice(2);
const MODULE = import.meta.resolve('./lib/csv-readers.ts');
const READERS: readonly (readonly [name: string, run: string, packageName?: string])[] = [
  ['intakt', 'intakt'],
  ['intakt, types found and a column sealed', 'intaktSealed'],
  ['udsv', 'udsv', 'udsv'],
  ['papaparse, in chunks', 'papaChunks', 'papaparse'],
  ['csv-parse, as a stream', 'csvParseStream', 'csv-parse'],
];

const folder = mkdtempSync(join(tmpdir(), 'intakt-bench-'));
try {
  const path = join(folder, 'people.csv');
  await writePeople(path, { bytes: Number(megabytes) * 1e6, letters: letters === 'any' ? 'any' : 'ascii' });
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
  console.log(`Node ${process.versions.node}; ${size.toFixed(0)} MB, ${rows} rows, letters: ${letters}`);
  console.log(`MB per CPU-second, median of ${rounds} rounds; ratio: Intakt's speed to this reader's\n`);
  printTable([
    ['', 'version', 'cold', 'ratio', 'warm', 'ratio', 'peak MB'],
    ...READERS.map(([name, , packageName], i) => [
      ...[name, packageName ? versionOf(packageName) : ''],
      ...[speed(i, 'cold').toFixed(0), ratio(i, 'cold'), speed(i, 'warm').toFixed(0), ratio(i, 'warm')],
      median(usages[i]!.map(({ peakMb }) => peakMb)).toFixed(0),
    ]),
  ]);
}

/** The version of an installed package; its package.json need not be exported. */
function versionOf(packageName: string): string {
  const entry = createRequire(import.meta.url).resolve(packageName);
  const root = entry.slice(0, entry.lastIndexOf(`${packageName}/`) + packageName.length);
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
}
