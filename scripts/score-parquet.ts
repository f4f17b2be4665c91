/**
 * What the Parquet reader makes of apache/parquet-testing: how many of its files are read, why others are not, and
 * whether the values are those of the tables that come with some of them (`*_expect.csv`).
 *
 *     node scripts/score-parquet.ts FOLDER
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../server/core/problem.ts';
import { csvFormat } from '../server/parse/csv.ts';
import { parquetFormat } from '../server/parse/parquet.ts';
import { type ReadTable, readTables } from '../test/helpers/read-tables.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined || !existsSync(folder)) {
  console.log('No such folder: nothing is scored. Give a copy of apache/parquet-testing.');
  process.exit(folder === undefined ? 1 : 0);
}

const names = readdirSync(folder, { recursive: true }).map(String);
const outcomes = new Map<string, number>();
for (const name of names.filter((one) => /\.parquet(?:\.encrypted)?$/.test(one)).sort()) {
  const outcome = await read(name);
  const kind = typeof outcome === 'string' ? outcome : 'read';
  outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
  if (typeof outcome === 'string') console.log(`${outcome}: ${name}`);
  else await compare(name, outcome);
}
console.log(JSON.stringify(Object.fromEntries(outcomes)));

async function read(name: string): Promise<ReadTable | string> {
  try {
    return (await readTables(parquetFormat, readFileSync(join(folder!, name)), { name }))[0]!;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return error.code;
  }
}

async function compare(name: string, { rows }: ReadTable): Promise<void> {
  const path = join(folder!, name.replace('.parquet', '_expect.csv'));
  if (!existsSync(path)) return;
  const [expected] = await readTables(csvFormat, readFileSync(path), { header: 'present', name: 'expected.csv' });
  const cells = expected!.rows.flatMap((row, r) => row.map((cell, c) => [cell ?? '', rows[r]?.[c] ?? ''] as const));
  const other = cells.filter(([a, b]) => a !== b && (a === '' || b === '' || Number(a) !== Number(b)));
  console.log(`${name}: ${cells.length - other.length} of ${cells.length} values as expected`);
  if (other.length > 0 || expected!.rows.length !== rows.length) process.exitCode = 1;
}
