import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { Problem } from '../server/core/problem.ts';
import { csvFormat } from '../server/parse/csv.ts';
import type { ReadOptions } from '../server/parse/format.ts';
import { readTables } from './helpers/read-tables.ts';

/**
 * Each folder of `test/corpus/csv` is a trap: `input.csv`, why it is one (`why.md`), options where they matter, the file's
 * name among them (`options.json`), and what the reader makes of it (`expected.json`), refreshed by `UPDATE=1` only.
 */
const folder = join(import.meta.dirname, 'corpus/csv');

for (const name of readdirSync(folder).sort()) {
  const path = (file: string) => join(folder, name, file);
  test(`csv corpus: ${name}: ${readFileSync(path('why.md'), 'utf8').split('\n')[0]}`, async () => {
    const result = await outcome(readFileSync(path('input.csv')), optionsIn(path('options.json')));
    if (process.env.UPDATE === '1') update(path('expected.json'), result);
    assert.deepEqual(result, JSON.parse(readFileSync(path('expected.json'), 'utf8')));
  });
}

async function outcome(bytes: Buffer, options: Partial<ReadOptions>): Promise<object> {
  try {
    const read = await readTables(csvFormat, bytes, options);
    const tables = read.map(({ columns, dialect, rows, rejects }) => ({ columns, dialect, rows, rejects }));
    return tables.length === 1 ? tables[0]! : { tables };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { code: error.code, detail: error.detail };
  }
}

function optionsIn(path: string): Partial<ReadOptions> {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

/** Leaves a file that says the same as it is written. */
function update(path: string, result: object): void {
  if (existsSync(path) && isDeepStrictEqual(JSON.parse(readFileSync(path, 'utf8')), result)) return;
  writeFileSync(path, `${JSON.stringify(result, null, 2)}\n`);
}
