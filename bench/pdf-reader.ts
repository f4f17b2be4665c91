/**
 * The PDF reader alone beside `pdftotext -layout` (poppler-utils, when it is installed), which finds no tables.
 *
 *     node bench/pdf-reader.ts [pages=200] [runs=3]
 *     node bench/pdf-reader.ts folder=FOLDER
 *
 * With a folder, every PDF below it is read in a process of its own instead: what became of them, the slowest, and the one
 * that took the most memory.
 *
 * The document is generated: each page has a heading, a paragraph, a table of 40 rows × 6 columns that goes on over all
 * pages, drawn in one document and set with spaces in another, and a footer. CPU seconds and the peak of resident memory hold
 * for the whole process, start included; the middle of the runs. Ours runs with the flags of the parser processes. They have
 * started when a file comes, so Node is given what it compiled of our programs in a run before.
 */
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Problem } from '../server/core/problem.ts';
import { pdfFormat } from '../server/parse/pdf.ts';
import { PARSER_FLAGS } from '../server/pipeline/parser-pool.ts';
import { ruledTable, spacedTable, text, writePdf } from '../test/helpers/pdf-writer.ts';
import { sourceOf } from '../test/helpers/read-tables.ts';
import { runFresh } from './lib/fresh.ts';
import { median, printTable } from './lib/report.ts';

/** What was read: proof that it was. */
interface Seen {
  tables: number;
  rows: number;
  characters: number;
}

const LIMITS = { columns: 1500, rows: 5_000_000, cells: 100_000_000, cellLength: 1 << 20, unpackedBytes: 4 * 2 ** 30 };
const ROWS = 40;

/** Reads every value of the document at `path`. */
export async function readOurs(path: string): Promise<Seen> {
  const seen = { tables: 0, rows: 0, characters: 0 };
  for await (const event of pdfFormat.read(sourceOf(readFileSync(path)), path, { limits: LIMITS })) {
    if (event.type === 'table') seen.tables++;
    if (event.type !== 'batch') continue;
    seen.rows += event.batch.length;
    for (const column of event.batch.columns) for (const cell of column) seen.characters += cell?.length ?? 0;
  }
  return seen;
}

/** What becomes of the document at `path`: `read`, or the code of its problem. @throws what is no problem. */
export async function readAny(path: string): Promise<string> {
  try {
    await readOurs(path);
    return 'read';
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
}

async function readFolder(folder: string): Promise<void> {
  const outcomes = new Map<string, number>();
  let slowest = { seconds: 0, path: '' };
  let largest = { megabytes: 0, path: '' };
  for (const path of globSync('**/*.pdf', { cwd: folder }).sort()) {
    const { result, wallSeconds, peakMb } = await runFresh<string>(import.meta.url, 'readAny', join(folder, path));
    outcomes.set(result, (outcomes.get(result) ?? 0) + 1);
    if (wallSeconds > slowest.seconds) slowest = { seconds: wallSeconds, path };
    if (peakMb > largest.megabytes) largest = { megabytes: peakMb, path };
  }
  printTable([['outcome', 'documents'], ...[...outcomes].map(([outcome, count]) => [outcome, `${count}`])]);
  console.log(
    `slowest ${slowest.seconds.toFixed(1)} s (${slowest.path}), most memory ${largest.megabytes.toFixed(0)} MB (${largest.path})`,
  );
}

function writeDocument(pages: number, table: typeof ruledTable): Buffer {
  const header = ['No.', 'Name', 'City', 'Account', 'Date', 'Amount'];
  const prose = 'The figures below are made up and stand for nobody who lives, in this city or in any other one.';
  const page = (number: number) => {
    const rows = Array.from({ length: ROWS }, (_, row) => {
      const id = (number - 1) * ROWS + row + 1;
      return [`${id}`, `Person ${id * 7}`, `City ${id % 50}`, `${4_000_000 + id * 13}`, '2026-11-21', `${id % 997}.50`];
    });
    const body = table([header, ...rows], { x: 50, y: 720, widths: [50, 110, 90, 90, 80, 70], rowHeight: 15 });
    const around = text(50, 800, `Report of members`, 14) + text(50, 760, prose) + text(50, 745, prose);
    return { content: around + body + text(50, 40, `Page ${number} of ${pages}`, 8) };
  };
  return writePdf(Array.from({ length: pages }, (_, index) => page(index + 1)));
}

/** CPU seconds and peak MB of a program, as the system counts them for ended children. */
function measureProgram(program: readonly string[]): { cpuSeconds: number; peakMb: number } | undefined {
  const script =
    'import resource,subprocess,sys; subprocess.run(sys.argv[1:],check=True); u=resource.getrusage(resource.RUSAGE_CHILDREN); print(u.ru_utime+u.ru_stime,u.ru_maxrss/1024)';
  const { status, stdout } = spawnSync('python3', ['-c', script, ...program], { encoding: 'utf8' });
  if (status !== 0) return undefined;
  const [cpuSeconds = 0, peakMb = 0] = stdout.trim().split(' ').map(Number);
  return { cpuSeconds, peakMb };
}

async function compare(pages: number, runs: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'intakt-bench-'));
  try {
    process.env.NODE_COMPILE_CACHE = folder;
    const results: string[][] = [['', 'pages/CPU-s', 'CPU s', 'peak MB']];
    for (const [kind, table] of [
      ['drawn', ruledTable],
      ['spaced', spacedTable],
    ] as const) {
      const path = join(folder, `${kind}.pdf`);
      writeFileSync(path, writeDocument(pages, table));
      const ours = [];
      for (let run = 0; run <= runs; run++) {
        ours.push(await runFresh<Seen>(import.meta.url, 'readOurs', path, PARSER_FLAGS));
      }
      ours.shift();
      console.log(`${kind}: ${JSON.stringify(ours[0]!.result)}`);
      results.push(row(`ours, ${kind}`, pages, ours));
      const others = Array.from({ length: runs }, () =>
        measureProgram(['pdftotext', '-layout', path, join(folder, 'out.txt')]),
      );
      const measured = others.filter((other) => other !== undefined);
      if (measured.length > 0) results.push(row(`pdftotext -layout, ${kind}`, pages, measured));
    }
    console.log(`node ${process.version}, ${pages} pages, ${runs} runs`);
    printTable(results);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function row(name: string, pages: number, runs: readonly { cpuSeconds: number; peakMb: number }[]): string[] {
  const cpu = median(runs.map(({ cpuSeconds }) => cpuSeconds));
  const peak = median(runs.map(({ peakMb }) => peakMb));
  return [name, (pages / cpu).toFixed(0), cpu.toFixed(2), peak.toFixed(0)];
}

if (import.meta.main) {
  const settings = Object.fromEntries(process.argv.slice(2).map((argument) => argument.split('=')));
  if (settings.folder) await readFolder(settings.folder);
  else await compare(Number(settings.pages ?? 200), Number(settings.runs ?? 3));
  process.exit();
}
