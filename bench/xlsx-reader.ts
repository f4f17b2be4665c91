/**
 * The XLSX reader alone beside exceljs (its stream reader and `load`) and SheetJS (`@e965/xlsx`), each in a process
 * of its own, reading every value of the same generated workbook; and beside the least that any reader must do: inflating
 * the sheet and passing over its bytes once, which finds tags and quotes and makes no value.
 *
 *     node bench/xlsx-reader.ts [rows=100000] [columns=12] [strings=shared|inline] [dimension=yes|no] [only=ours,…] [runs=1]
 *
 * CPU seconds and the peak of resident memory hold for the whole process, start included. Every reader runs once on a
 * tiny workbook before, so that its code comes out of Node's compile cache: what is compared is reading.
 */
import { execFileSync } from 'node:child_process';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { createInflateRaw } from 'node:zlib';
import type { Source } from '../server/core/source.ts';
import { xlsxFormat } from '../server/parse/xlsx.ts';
import { readDirectory } from '../server/parse/zip/directory.ts';
import { writeBook } from './lib/book.ts';

const load = createRequire(import.meta.url);

/** Rows and characters that a reader saw: proof that it read the values. */
interface Seen {
  rows: number;
  characters: number;
}

const readers: Record<string, (path: string) => Promise<Seen>> = {
  ours: readOurs,
  'inflate and scan': inflateAndScan,
  'exceljs stream': readExceljsStream,
  'exceljs load': readExceljs,
  '@e965/xlsx dense': readSheetJs,
};

const LIMITS = { columns: 1500, rows: 5_000_000, cells: 100_000_000, cellLength: 1 << 20, unpackedBytes: 4 * 2 ** 30 };

async function readOurs(path: string): Promise<Seen> {
  const seen = { rows: 0, characters: 0 };
  for await (const event of xlsxFormat.read(fileSource(path), path, { limits: LIMITS })) {
    if (event.type !== 'batch') continue;
    seen.rows += event.batch.length;
    for (const column of event.batch.columns) for (const cell of column) seen.characters += cell?.length ?? 0;
  }
  return seen;
}

function fileSource(path: string): Source {
  const { size } = statSync(path);
  return { size, stream: (start = 0, end = size) => createReadStream(path, { start, end: end - 1 }) };
}

const LT = 0x3c;
const GT = 0x3e;
const QUOTE = 0x22;

/** Counts tags as rows, and the characters between them and outside of quotes. */
async function inflateAndScan(path: string): Promise<Seen> {
  const source = fileSource(path);
  const sheet = (await readDirectory(source)).get('xl/worksheets/sheet1.xml')!;
  // The book is our own writer's: a header of 30 bytes, the name, nothing else before the data.
  const start = sheet.offset + 30 + sheet.nameBytes.length;
  const packed = Readable.from(source.stream(start, start + sheet.packed), { objectMode: false });
  const seen = { rows: 0, characters: 0 };
  let isText = false;
  let isQuoted = false;
  for await (const chunk of packed.pipe(createInflateRaw({ chunkSize: 64 << 10 })) as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at];
      if (byte === QUOTE) isQuoted = !isQuoted && !isText;
      else if (byte === GT && !isQuoted) isText = true;
      else if (byte === LT) {
        isText = false;
        seen.rows++;
      } else if (isText) seen.characters++;
    }
  }
  return seen;
}

async function readExceljsStream(path: string): Promise<Seen> {
  const { default: exceljs } = await import('exceljs');
  const options = {
    sharedStrings: 'cache',
    styles: 'cache',
    hyperlinks: 'ignore',
    worksheets: 'emit',
    entries: 'ignore',
  } as const;
  const seen = { rows: -1, characters: 0 };
  for await (const sheet of new exceljs.stream.xlsx.WorkbookReader(path, options)) {
    for await (const row of sheet) countRow(seen, row.values as unknown[]);
  }
  return seen;
}

async function readExceljs(path: string): Promise<Seen> {
  const { default: exceljs } = await import('exceljs');
  const book = new exceljs.Workbook();
  await book.xlsx.readFile(path);
  const seen = { rows: -1, characters: 0 };
  for (const sheet of book.worksheets) sheet.eachRow((row) => countRow(seen, row.values as unknown[]));
  return seen;
}

async function readSheetJs(path: string): Promise<Seen> {
  const sheetJs = load('@e965/xlsx') as typeof import('@e965/xlsx');
  const book = sheetJs.read(await readFile(path), { dense: true, cellNF: true, cellDates: false, WTF: true });
  const seen = { rows: -1, characters: 0 };
  for (const sheet of Object.values(book.Sheets)) {
    for (const row of (sheet as { '!data'?: ({ v?: unknown } | undefined)[][] })['!data'] ?? []) {
      countRow(
        seen,
        row.map((cell) => cell?.v),
      );
    }
  }
  return seen;
}

function countRow(seen: Seen, values: readonly unknown[]): void {
  seen.rows++;
  for (const value of values) {
    // A date's own text would cost more than reading it.
    if (value !== undefined && value !== null) seen.characters += value instanceof Date ? 10 : String(value).length;
  }
}

async function measure(name: string, path: string): Promise<void> {
  const seen = await readers[name]!(path);
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  console.log(JSON.stringify({ name, ...seen, cpu: (userCPUTime + systemCPUTime) / 1e6, megabytes: maxRSS / 1024 }));
}

interface Result extends Seen {
  readonly name: string;
  readonly cpu: number;
  readonly megabytes: number;
}

async function compare(settings: Record<string, string>): Promise<void> {
  const { rows = '100000', columns = '12', strings = 'shared', dimension = 'yes', only, runs = '1' } = settings;
  const folder = await mkdtemp(join(tmpdir(), 'intakt-bench-'));
  try {
    const path = join(folder, 'book.xlsx');
    const tiny = join(folder, 'tiny.xlsx');
    const options = { columns: Number(columns), dimension: dimension === 'yes' };
    const texts = strings === 'inline' ? 'inline' : 'shared';
    await writeBook(path, { ...options, rows: Number(rows), strings: texts });
    await writeBook(tiny, { ...options, rows: 10, strings: texts });
    console.log(`node ${process.version}, exceljs ${version('exceljs')}, @e965/xlsx ${version('@e965/xlsx')}`);
    console.log(`${rows} rows × ${columns}, ${texts} strings, dimension ${dimension}, ${statSync(path).size} bytes`);
    const names = Object.keys(readers).filter((name) => !only || only.split(',').includes(name));
    for (const name of names) run(name, tiny, folder);
    report(names.map((name) => leastOf(Array.from({ length: Number(runs) }, () => run(name, path, folder)))));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function run(name: string, path: string, cache: string): Result {
  const args = ['--max-old-space-size=8192', fileURLToPath(import.meta.url), `measure=${name}`, `path=${path}`];
  return JSON.parse(
    execFileSync(process.execPath, args, { encoding: 'utf8', env: { ...process.env, NODE_COMPILE_CACHE: cache } })
      .trim()
      .split('\n')
      .at(-1)!,
  ) as Result;
}

/** The run that others on the machine disturbed least. */
function leastOf(results: readonly Result[]): Result {
  return results.toSorted((a, b) => a.cpu - b.cpu)[0]!;
}

function report(results: readonly Result[]): void {
  const [ours] = results;
  for (const { name, rows, characters, cpu, megabytes } of results) {
    const times = `${(cpu / ours!.cpu).toFixed(1)} × CPU, ${(megabytes / ours!.megabytes).toFixed(1)} × memory`;
    console.log(
      `${name.padEnd(18)} ${cpu.toFixed(2)} CPU-s  ${megabytes.toFixed(0)} MB  ${rows} rows, ${characters} characters  (${times} of ${results[0]!.name})`,
    );
  }
}

function version(name: string): string {
  const path = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}

const settings = Object.fromEntries(
  process.argv.slice(2).map((argument) => argument.split('=', 2) as [string, string]),
);
if (settings.measure && settings.path) await measure(settings.measure, settings.path);
else await compare(settings);
