/**
 * Scanned pages, recognised, beside the same pages as text: pages per CPU-second, peak memory, and how much is right.
 *
 *     node bench/pdf-ocr.ts [pages=12] [runs=3]
 *
 * The pages are generated: half of them a heading, a paragraph and a table of 25 rows × 4 columns, drawn or set with spaces,
 * half of them prose of 40 lines. They are scanned at 200 dots to the inch, on paper that is not white, with noise and
 * askew by up to a degree. CPU seconds and peak memory hold for the whole process, start included; the middle of the runs.
 * Words count as right where they were recognised as written, cells where they hold what was written but for spaces
 * between figures.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pdfFormat } from '../server/parse/pdf.ts';
import { PARSER_FLAGS } from '../server/pipeline/parser-pool.ts';
import { type PdfPage, ruledTable, spacedTable, text, writePdf } from '../test/helpers/pdf-writer.ts';
import { type ReadTable, readTables } from '../test/helpers/read-tables.ts';
import { scanned } from '../test/helpers/scan.ts';
import { runFresh } from './lib/fresh.ts';
import { median, printTable } from './lib/report.ts';

/** How much of what was written was read, from 0 to 1. */
interface Shares {
  readonly words: number;
  readonly cells: number;
}

interface Read {
  readonly words: readonly string[];
  readonly rows: ReadonlyMap<string, readonly (readonly (string | null)[])[]>;
}

const OCR = { languages: ['eng'], pages: 10_000, seconds: 36_000 };
const ROWS = 25;
const CITIES = ['Pune', 'Delhi', 'Agra', 'Nagpur', 'Kochi'];
const STREETS = ['Long Lane', 'Station Road', 'Gandhi Marg', 'Lake View'];
const WORDS =
  'the society met in the old library as it has done every year since it was founded and those who had come told of a late monsoon nobody spoke against this when it was agreed that members shall pay before the end of quarter'.split(
    ' ',
  );

/** Reads every value of the document at `path`, which has so many of the generated pages, and compares it. */
export async function readAll([path, pages]: readonly [string, number]): Promise<Shares> {
  const tables = await readTables(pdfFormat, readFileSync(path), { ocr: OCR });
  const held = tables.filter(({ name }) => name === 'text' || name.includes('table'));
  const cells = held.flatMap((table) => [...(table.dialect.header ? table.columns : []), ...cellsOf(table)]);
  const read = {
    words: cells.flatMap((cell) => cell.split(' ')),
    rows: new Map(held.map(({ name, rows }) => [name, rows])),
  };
  const written = Array.from({ length: pages }, (_, index) => write(index));
  return { words: shareOfWords(written, read), cells: shareOfCells(written, read) };
}

function cellsOf({ name, rows }: ReadTable): string[] {
  return rows.flatMap((row) => (name === 'text' ? [row[2] ?? ''] : row.map((cell) => cell ?? '')));
}

const HEADER = ['Name', 'Aadhaar number', 'Address', 'Amount'];
const digits = (number: number, count: number) => String(number % 10 ** count).padStart(count, '0');

function rowsOf(page: number): string[][] {
  return Array.from({ length: ROWS }, (_, row) => {
    const id = page * ROWS + row + 1;
    const number = `${2000 + ((id * 37) % 8000)} ${digits(id * 7919, 4)} ${digits(id * 104_729, 4)}`;
    return [`Person ${id * 7}`, number, `${id % 90} ${STREETS[id % 4]}, ${CITIES[id % 5]}`, `${id * 37}.50`];
  });
}

function lineOf(page: number, line: number, length: number): string {
  const words = Array.from({ length: 30 }, (_, n) => WORDS[(page * 13 + line * 7 + n * n) % WORDS.length]!);
  let written = '';
  for (const word of words) if (written.length + word.length < length) written += `${written && ' '}${word}`;
  return written;
}

interface Written {
  readonly page: PdfPage;
  readonly words: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

function write(number: number): Written {
  const count = number % 2 ? 40 : 3;
  const lines = Array.from({ length: count }, (_, line) => lineOf(number, line, 85));
  const prose = lines.map((line, n) => text(60, 770 - n * 17, line)).join('');
  const words = lines.flatMap((line) => line.split(' '));
  if (number % 2) return { page: { content: prose }, words, rows: [] };
  const rows = rowsOf(number);
  const table = number % 4 ? ruledTable : spacedTable;
  const content = prose + table([HEADER, ...rows], { x: 60, y: 690, widths: [90, 120, 180, 80] });
  return { page: { content }, words: [...words, ...[HEADER, ...rows].flat().flatMap((cell) => cell.split(' '))], rows };
}

/** Scanned one by one, so that each lies in its own way. */
async function scanAll(pages: readonly PdfPage[]): Promise<Buffer> {
  const scans = [];
  for (const [index, page] of pages.entries()) {
    const slope = (((index * 7) % 11) - 5) * 0.0035;
    scans.push(await scanned([page], { dpi: 200, noise: 50, slope }));
  }
  const shown = scans.map(({ pages: [page] }, index) => ({
    ...page!,
    resources: `/XObject << /Im ${4 + index} 0 R >>`,
  }));
  return writePdf(shown, { objects: scans.flatMap(({ objects }) => objects) });
}

function shareOfWords(written: readonly Written[], read: Read): number {
  const left = Map.groupBy(read.words, (word) => word);
  const words = written.flatMap((page) => page.words);
  return words.filter((word) => left.get(word)?.pop() !== undefined).length / words.length;
}

function shareOfCells(written: readonly Written[], { rows }: Read): number {
  const bare = (cell: string | null | undefined) => (cell ?? '').replaceAll(' ', '');
  const pages = written.flatMap((page, index) => page.rows.map((cells, row) => ({ cells, row, index })));
  const right = pages.flatMap(({ cells, row, index }) => {
    const found = rows.get(`page ${index + 1} table 1`)?.[row];
    return cells.filter((cell, column) => bare(found?.[column]) === bare(cell));
  });
  return right.length / (pages.length * HEADER.length);
}

async function compare(pages: number, runs: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'intakt-bench-'));
  try {
    const sheets = Array.from({ length: pages }, (_, index) => write(index).page);
    const results: string[][] = [['', 'pages/CPU-s', 'CPU s', 'peak MB', 'words right', 'cells right']];
    for (const [name, pdf] of [
      ['as text', writePdf(sheets)],
      ['scanned', await scanAll(sheets)],
    ] as const) {
      const path = join(folder, `${name}.pdf`);
      writeFileSync(path, pdf);
      const used = [];
      for (let run = 0; run < runs; run++) {
        used.push(await runFresh<Shares>(import.meta.url, 'readAll', [path, pages], PARSER_FLAGS));
      }
      const cpu = median(used.map(({ cpuSeconds }) => cpuSeconds));
      const peak = median(used.map(({ peakMb }) => peakMb));
      const { words, cells } = used[0]!.result;
      const shares = [words, cells].map((share) => `${(share * 100).toFixed(2)} %`);
      results.push([name, (pages / cpu).toFixed(2), cpu.toFixed(1), peak.toFixed(0), ...shares]);
    }
    console.log(`node ${process.version}, ${pages} pages, ${runs} runs`);
    printTable(results);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (import.meta.main) {
  const settings = Object.fromEntries(process.argv.slice(2).map((argument) => argument.split('=')));
  await compare(Number(settings.pages ?? 12), Number(settings.runs ?? 3));
  process.exit();
}
