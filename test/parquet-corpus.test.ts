import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Problem } from '../server/core/problem.ts';
import { parquetFormat } from '../server/parse/parquet.ts';
import { readTables } from './helpers/read-tables.ts';

/**
 * Each folder of `test/corpus/parquet` is a file of another writer: `input.parquet` (from apache/parquet-testing, Apache
 * License 2.0), why it is a trap (`why.md`), and what the reader makes of its first rows (`expected.json`), refreshed by
 * `UPDATE=1` only.
 */
const folder = join(import.meta.dirname, 'corpus/parquet');
const ROWS = 40;

for (const { name } of readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
  const path = (file: string) => join(folder, name, file);
  test(`parquet corpus: ${name}: ${readFileSync(path('why.md'), 'utf8').split('\n')[0]}`, async () => {
    const result = await outcome(readFileSync(path('input.parquet')));
    if (process.env.UPDATE === '1') writeFileSync(path('expected.json'), `${JSON.stringify(result, null, 2)}\n`);
    assert.deepEqual(result, JSON.parse(readFileSync(path('expected.json'), 'utf8')));
  });
}

async function outcome(bytes: Buffer): Promise<object> {
  try {
    const [table] = await readTables(parquetFormat, bytes, { name: 'input.parquet' });
    const { columns, rows, rejects } = table!;
    return { columns, count: rows.length, rows: rows.slice(0, ROWS), rejects };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { code: error.code, detail: error.detail };
  }
}
