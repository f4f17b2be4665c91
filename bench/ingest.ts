import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PARSER_FLAGS } from '../server/pipeline/parser-pool.ts';
import { writeBook } from './lib/book.ts';
import { runFresh, type Usage } from './lib/fresh.ts';
import { writePeople } from './lib/people.ts';
import type { Intake } from './lib/pipelines.ts';
import { median, printTable } from './lib/report.ts';

/**
 * Taking a file in with one of its 12 columns sealed, beside what one would otherwise write: a parser, node:crypto and
 * SQLite. Each run in a process of its own, in turn; CPU seconds of all threads and peak memory.
 *
 *   node bench/ingest.ts --format csv|xlsx [--rows 200000] [--rounds 3] [--only intakt,withCsvParse]
 */
const { values } = parseArgs({
  options: {
    format: { type: 'string', default: 'csv' },
    rows: { type: 'string', default: '200000' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
  },
});
const csv = values.format === 'csv';
const rows = Number(values.rows);
const ways = (values.only?.split(',') ?? [
  'intakt',
  ...(csv ? ['withCsvParse', 'withPapaparse'] : ['withExceljs', 'withExceljsWhole', 'withSheetjs']),
]) as string[];
const folder = mkdtempSync(join(tmpdir(), 'intakt-bench-'));
const path = join(folder, csv ? 'people.csv' : 'book.xlsx');
await (csv ? writePeople(path, { rows }) : writeBook(path, { rows, columns: 12 }));
const intake: Intake = { path, fileType: csv ? 'csv' : 'xlsx', sealed: csv ? 'aadhaar_number' : 'code' };

const runs = new Map<string, Usage<number>[]>(ways.map((way) => [way, []]));
for (let round = 0; round < Number(values.rounds); round++) {
  for (const way of ways) {
    const run = await runFresh<number>(
      new URL('./lib/pipelines.ts', import.meta.url).href,
      way,
      intake,
      way === 'intakt' ? PARSER_FLAGS : [],
    );
    if (run.result !== rows) throw new Error(`${way} took ${run.result} rows of ${rows}`);
    runs.get(way)!.push(run);
  }
}
const mb = statSync(path).size / 1e6;
rmSync(folder, { recursive: true });

const figures = ways.map((way) => {
  const of = runs.get(way)!;
  return {
    way,
    cpu: median(of.map((run) => run.cpuSeconds)),
    wall: median(of.map((run) => run.wallSeconds)),
    peak: median(of.map((run) => run.peakMb)),
  };
});
const ours = figures[0]!;
console.log(
  `${values.format}, ${rows} rows × 12 columns, ${mb.toFixed(1)} MB, one column sealed; median of ${values.rounds}; Node ${process.version}`,
);
printTable([
  ['', 'CPU s', 'wall s', 'peak MB', 'rows / CPU s', 'CPU ÷ ours', 'memory ÷ ours'],
  ...figures.map(({ way, cpu, wall, peak }) => [
    `${way.replace(/^with/, '').toLowerCase()} ${versionOf(way)}`,
    cpu.toFixed(2),
    wall.toFixed(2),
    peak.toFixed(0),
    Math.round(rows / cpu).toLocaleString('en'),
    (cpu / ours.cpu).toFixed(2),
    (peak / ours.peak).toFixed(2),
  ]),
]);

function versionOf(way: string): string {
  const name = {
    withCsvParse: 'csv-parse',
    withPapaparse: 'papaparse',
    withExceljs: 'exceljs',
    withExceljsWhole: 'exceljs',
    withSheetjs: '@e965/xlsx',
  }[way];
  if (!name) return '';
  return (
    JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8')) as {
      version: string;
    }
  ).version;
}
