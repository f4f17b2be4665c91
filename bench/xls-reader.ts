/**
 * The .xls reader beside Python's xlrd, each in a process of its own, reading every value of the same workbook that
 * Python's xlwt wrote: texts and numbers in turn.
 *
 *     node bench/xls-reader.ts [rows=40000] [columns=12]
 *
 * CPU seconds and the peak of resident memory hold for the whole process, start included; ours runs under the flags of
 * a parser process. Needs python3-xlwt and python3-xlrd.
 */
import { execFileSync } from 'node:child_process';
import { createReadStream, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { xlsFormat } from '../server/parse/xls.ts';
import { PARSER_FLAGS } from '../server/pipeline/parser-pool.ts';
import { runFresh } from './lib/fresh.ts';
import { printTable } from './lib/report.ts';

const PYTHON = '/usr/bin/python3';
const LIMITS = { columns: 1500, rows: 5_000_000, cells: 100_000_000, cellLength: 1 << 20, unpackedBytes: 2 ** 30 };

const WRITE = `
import sys, xlwt
rows, columns, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
book = xlwt.Workbook()
sheet = book.add_sheet('one')
for c in range(columns): sheet.write(0, c, 'column %d' % c)
for r in range(1, rows):
    for c in range(columns): sheet.write(r, c, 'text %d %d' % (r, c) if c % 2 else r * 7.25 + c)
    if r % 500 == 0: sheet.flush_row_data()
book.save(path)
`;

const READ = `
import sys, json, resource, xlrd
book = xlrd.open_workbook(sys.argv[1])
cells = sum(1 for s in book.sheets() for r in range(1, s.nrows) for v in s.row_values(r) if v != '')
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({'cells': cells, 'cpuSeconds': used.ru_utime + used.ru_stime, 'peakMb': used.ru_maxrss / 1024}))
`;

/** The cells that hold something, header left out, as our reader sees them. */
export async function readOurs(path: string): Promise<number> {
  const { size } = statSync(path);
  const stream = (start = 0, end = size) => createReadStream(path, { start, end: end - 1 });
  let cells = 0;
  for await (const event of xlsFormat.read({ size, stream }, path, { limits: LIMITS })) {
    if (event.type !== 'batch') continue;
    for (const column of event.batch.columns) for (const cell of column) if (cell !== null) cells++;
  }
  return cells;
}

async function main(): Promise<void> {
  const given = Object.fromEntries(process.argv.slice(2).map((word) => word.split('=')));
  const { rows = '40000', columns = '12' } = given;
  const folder = await mkdtemp(join(tmpdir(), 'intakt-bench-xls-'));
  try {
    const path = join(folder, 'book.xls');
    execFileSync(PYTHON, ['-c', WRITE, rows, columns, path]);
    const ours = await runFresh<number>(import.meta.url, 'readOurs', path, PARSER_FLAGS);
    const theirs = JSON.parse(execFileSync(PYTHON, ['-c', READ, path], { encoding: 'utf8' }));
    console.log(`${rows} rows × ${columns}, ${(statSync(path).size / 2 ** 20).toFixed(1)} MB, Node ${process.version}`);
    printTable([
      ['reader', 'cells', 'CPU s', 'peak MB'],
      ['ours', String(ours.result), ours.cpuSeconds.toFixed(2), ours.peakMb.toFixed(0)],
      ['xlrd', String(theirs.cells), theirs.cpuSeconds.toFixed(2), theirs.peakMb.toFixed(0)],
    ]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

if (import.meta.main) await main();
