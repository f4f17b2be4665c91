import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Problem } from '../server/core/problem.ts';
import type { ReadOptions } from '../server/parse/format.ts';
import { jsonFormat } from '../server/parse/json.ts';
import { readTables } from './helpers/read-tables.ts';

/**
 * Each folder of `test/corpus/json` is a trap: `input.json` (or .ndjson, .jsonl), why it is one (`why.md`), options where
 * they matter (`options.json`), and what the reader makes of it (`expected.json`), refreshed by `UPDATE=1` only.
 */
const folder = join(import.meta.dirname, 'corpus/json');

for (const name of readdirSync(folder).sort()) {
  const path = (file: string) => join(folder, name, file);
  test(`json corpus: ${name}: ${readFileSync(path('why.md'), 'utf8').split('\n')[0]}`, async () => {
    const input = readdirSync(join(folder, name)).find((file) => file.startsWith('input.'))!;
    const result = await outcome(readFileSync(path(input)), { name: input, ...optionsIn(path('options.json')) });
    if (process.env.UPDATE === '1') writeFileSync(path('expected.json'), `${JSON.stringify(result, null, 2)}\n`);
    assert.deepEqual(result, JSON.parse(readFileSync(path('expected.json'), 'utf8')));
  });
}

async function outcome(bytes: Buffer, options: Partial<ReadOptions> & { name: string }): Promise<object> {
  try {
    const tables = await readTables(jsonFormat, bytes, options);
    // Raw texts are rare; most tables have none.
    return tables.map(({ raws, ...table }) => (raws.flat().some((raw) => raw !== null) ? { ...table, raws } : table));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { code: error.code, detail: error.detail };
  }
}

function optionsIn(path: string): Partial<ReadOptions> {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
}
